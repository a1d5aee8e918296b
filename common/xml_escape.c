/* Text of a broken document as text of a sound one. */
#include "xml_escape.h"

#include "utf8.h"
#include "xml.h"

/* The names that HTML gives to U+00A0..U+00FF; writers of reports take them from web pages. */
static const char *const latin1[96] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",
    "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",
    "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12",
    "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil",
    "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde",
    "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",
    "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",
    "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",
    "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml",
};
static const char *const own[] = { "amp", "lt", "gt", "quot", "apos" };

enum { REFERENCE_MAX = 32 };

static bool
is_character(uint64_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* "#65" or "#x41" as a character XML allows. */
static bool
is_number(str s)
{
    bool hex = s.n > 1 && (s.p[1] == 'x' || s.p[1] == 'X');
    str digits = str_skip(s, hex ? 2 : 1);
    uint64_t value = 0;
    if (digits.n == 0 || digits.n > 8)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        char c = str_lower_char(digits.p[i]);
        bool letter = hex && c >= 'a' && c <= 'f';
        if (!letter && !str_is_digit(c))
            return false;
        value = value * (hex ? 16 : 10) + (uint64_t)(letter ? c - 'a' + 10 : c - '0');
    }
    return is_character(value);
}

/* The reference at the start of s: appends it, or its "&" as text; returns the bytes used up. */
static size_t
reference(struct buf *out, str s, unsigned *repairs)
{
    size_t n = str_find_char(str_head(s, REFERENCE_MAX), ';');
    str name = n == STR_NONE ? (str){ 0 } : str_of(s.p + 1, n - 1);
    if (name.n && name.p[0] == '#' && is_number(name)) {
        buf_printf(out, "&#%s%.*s;", name.p[1] == 'X' ? "x" : "",
                   PRSTR(str_skip(name, name.p[1] == 'X' ? 2 : 1)));
        return n + 1;
    }
    for (size_t i = 0; name.n && i < sizeof own / sizeof *own; i++) {
        if (str_eq(name, str_from(own[i]))) {
            buf_put(out, s.p, n + 1);
            return n + 1;
        }
    }
    for (size_t i = 0; name.n && i < sizeof latin1 / sizeof *latin1; i++) {
        if (str_eq(name, str_from(latin1[i]))) {
            utf8_put(out, (uint32_t)(0xa0 + i));
            *repairs |= XML_ENTITY;
            return n + 1;
        }
    }
    bool named = name.n > 0;
    for (size_t i = 0; i < name.n; i++)
        named &= str_is_alpha(name.p[i]) || str_is_digit(name.p[i]) || strchr("_.-#", name.p[i]) != NULL;
    *repairs |= named ? XML_ENTITY : XML_STRAY;
    buf_put(out, "&amp;", 5);
    return 1;
}

#define BIT(c) (UINT64_C(1) << (c))

/* What goes out as it is: ASCII without controls and without what markup uses. */
static inline bool
is_plain(unsigned char c)
{
    static const uint64_t low = (~UINT64_C(0) << 32 | BIT('\t') | BIT('\n') | BIT('\r')) &
                                ~(BIT('"') | BIT('&') | BIT('<') | BIT('>'));
    return c < 64 ? low >> c & 1 : c < 0x80;
}

/* Appends what is beyond ASCII; U+FFFE and U+FFFF are no characters of XML. */
static void
put_high(struct buf *out, enum xml_charset charset, str raw, unsigned *repairs)
{
    size_t from = out->n;
    if (xml_charset_is_wide(charset))
        charset = CHARSET_UTF8;
    if (!xml_charset_decode(out, charset, raw))
        *repairs |= XML_CHARSET;
    for (size_t i = from; i + 2 < out->n; i++)
        if (memcmp(out->p + i, "\xef\xbf\xbe", 3) == 0 || memcmp(out->p + i, "\xef\xbf\xbf", 3) == 0)
            out->p[i + 2] = '\xbd';
}

static unsigned
escape(struct buf *out, enum xml_charset charset, str s, bool references)
{
    unsigned repairs = 0;
    for (size_t i = 0; i < s.n;) {
        size_t n = 0;
        while (i + n < s.n && is_plain((unsigned char)s.p[i + n]))
            n++;
        buf_put(out, s.p + i, n);
        i += n;
        if (i == s.n)
            break;
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80) {
            for (n = 1; i + n < s.n && (s.p[i + n] & 0x80);)
                n++;
            put_high(out, charset, str_of(s.p + i, n), &repairs);
            i += n;
        } else if (c == '&' && references) {
            i += reference(out, str_skip(s, i), &repairs);
        } else {
            if (c < 0x20) {
                repairs |= XML_CONTROL;
                if (c == '\v' || c == '\f')
                    buf_char(out, ' ');
            } else {
                buf_add(out, c == '&'   ? S("&amp;")
                             : c == '<' ? S("&lt;")
                             : c == '>' ? S("&gt;")
                                        : S("&quot;"));
            }
            i++;
        }
    }
    return repairs;
}

/* Charsets with second bytes in ASCII (Shift_JIS, GBK) are decoded before the bytes are looked at. */
static unsigned
escape_raw(struct buf *out, enum xml_charset charset, str raw, bool references)
{
    if (charset < CHARSET_NAMED)
        return escape(out, charset, raw, references);
    struct buf decoded = { 0 };
    unsigned repairs = xml_charset_decode(&decoded, charset, raw) ? 0 : XML_CHARSET;
    repairs |= escape(out, CHARSET_UTF8, buf_str(&decoded), references);
    buf_free(&decoded);
    return repairs;
}

unsigned
xml_escape(struct buf *out, enum xml_charset charset, str raw)
{
    return escape_raw(out, charset, raw, true);
}

unsigned
xml_escape_literal(struct buf *out, enum xml_charset charset, str raw)
{
    return escape_raw(out, charset, raw, false);
}
