/* The charset of an XML document. */
#include "xml_charset.h"

#include <iconv.h>

#include "utf8.h"

/* Declared names that iconv turns into UTF-8.  All keep "<", ">" and "&" where ASCII has them, also
 * as second bytes; stateful ones (ISO-2022) do not and are left out. */
static const char *const named[] = {
    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",
    "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-11",  "iso-8859-13",  "iso-8859-14",
    "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-1258", "koi8-r",       "koi8-u",
    "gb2312",       "gbk",          "gb18030",      "big5",         "shift_jis",    "euc-jp",
    "euc-kr",
};
enum { NNAMED = sizeof named / sizeof *named, DECLARATION_MAX = 512, BLANKS_MAX = 64 << 10 };

static enum xml_charset
by_name(str name)
{
    if (str_ieq(name, S("iso-8859-1")) || str_ieq(name, S("latin1")) || str_ieq(name, S("windows-1252")) ||
        str_ieq(name, S("cp1252")) || str_ieq(name, S("latin-1")))
        return CHARSET_CP1252;
    for (size_t i = 0; i < NNAMED; i++)
        if (str_ieq(name, str_from(named[i])))
            return (enum xml_charset)(CHARSET_NAMED + i);
    return CHARSET_UTF8;
}

/* The value of encoding="..." in a declaration. */
static str
declared(str declaration)
{
    size_t at = str_ifind(declaration, S("encoding"));
    if (at == STR_NONE)
        return (str){ 0 };
    str rest = str_trim_left(str_after(str_trim_left(str_skip(declaration, at + 8)), '='));
    if (rest.n == 0 || (rest.p[0] != '"' && rest.p[0] != '\''))
        return (str){ 0 };
    struct str_cut value = str_cut(str_skip(rest, 1), rest.p[0]);
    return value.found ? str_trim(value.head) : (str){ 0 };
}

struct xml_charset_result
xml_charset_find(str head, bool last)
{
    struct xml_charset_result r = { .charset = CHARSET_UTF8, .ok = true };
    if (head.n < 4 && !last)
        return (struct xml_charset_result){ 0 };
    if (str_starts(head, S("\xef\xbb\xbf"))) {
        r.skip = 3;
        return r;
    }
    static const char le_mark[] = "\xff\xfe\0", be_mark[] = "\0\0\xfe\xff", le[] = "<\0\0", be[] = "\0\0\0<";
    bool marked = str_starts(head, str_of(le_mark, 4)) || str_starts(head, str_of(be_mark, 4));
    if (marked || str_starts(head, str_of(le, 4)) || str_starts(head, str_of(be, 4))) {
        r.charset = head.p[0] == '\0' ? CHARSET_UTF32BE : CHARSET_UTF32LE;
        r.skip = marked ? 4 : 0;
        return r;
    }
    if (str_starts(head, S("\xff\xfe")) || str_starts(head, S("\xfe\xff"))) {
        r.charset = head.p[0] == '\xff' ? CHARSET_UTF16LE : CHARSET_UTF16BE;
        r.skip = 2;
        return r;
    }
    if (head.n >= 2 && (head.p[0] == '\0') != (head.p[1] == '\0')) {
        r.charset = head.p[0] == '\0' ? CHARSET_UTF16BE : CHARSET_UTF16LE;
        return r;
    }
    str text = str_head(str_trim_left(str_head(head, BLANKS_MAX)), DECLARATION_MAX);
    if (text.n < 5 ? str_istarts(S("<?xml"), text) : str_istarts(text, S("<?xml"))) {
        size_t end = str_find(text, S("?>"));
        if (end == STR_NONE && !last && text.n < DECLARATION_MAX && head.n < BLANKS_MAX)
            return (struct xml_charset_result){ 0 };
        r.charset = by_name(declared(str_head(text, end)));
    }
    return r;
}

static bool
decode_iconv(struct buf *out, const char *name, str text)
{
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1)
        return xml_charset_decode(out, CHARSET_CP1252, text) && false;
    bool good = true;
    char *in = (char *)(uintptr_t)text.p;
    size_t left = text.n;
    while (left > 0) {
        char piece[512];
        char *to = piece;
        size_t room = sizeof piece;
        size_t rc = iconv(cd, &in, &left, &to, &room);
        buf_put(out, piece, sizeof piece - room);
        if (rc == (size_t)-1 && left > 0 && room > 16) {
            utf8_put(out, utf8_from_cp1252((unsigned char)*in));
            in++;
            left--;
            good = false;
        }
    }
    iconv_close(cd);
    return good;
}

bool
xml_charset_decode(struct buf *out, enum xml_charset charset, str text)
{
    if (charset >= CHARSET_NAMED)
        return decode_iconv(out, named[charset - CHARSET_NAMED], text);
    bool good = true;
    for (size_t i = 0; i < text.n;) {
        struct utf8_result u = { .length = 1 };
        if (charset != CHARSET_CP1252)
            u = utf8_cut(str_skip(text, i));
        if (u.ok) {
            buf_put(out, text.p + i, u.length);
        } else {
            utf8_put(out, utf8_from_cp1252((unsigned char)text.p[i]));
            good &= charset == CHARSET_CP1252;
        }
        i += u.length;
    }
    return good;
}

static size_t
decode_utf32(struct buf *out, enum xml_charset charset, str bytes, bool last, bool *good)
{
    size_t i = 0;
    for (; i + 4 <= bytes.n; i += 4) {
        uint32_t code = 0;
        for (size_t k = 0; k < 4; k++)
            code = code << 8 | (unsigned char)bytes.p[i + (charset == CHARSET_UTF32BE ? k : 3 - k)];
        bool fits = code < 0xd800 || (code > 0xdfff && code < 0x110000);
        utf8_put(out, fits ? code : 0xfffd);
        *good &= fits;
    }
    return last ? bytes.n : i;
}

size_t
xml_charset_decode_wide(struct buf *out, enum xml_charset charset, str bytes, bool last, bool *good)
{
    if (charset >= CHARSET_UTF32LE) {
        *good = true;
        return decode_utf32(out, charset, bytes, last, good);
    }
    size_t high = charset == CHARSET_UTF16BE ? 0 : 1, i = 0;
    *good = true;
    while (i + 2 <= bytes.n) {
        const unsigned char *p = (const unsigned char *)bytes.p + i;
        uint32_t unit = (uint32_t)p[high] << 8 | p[1 - high];
        i += 2;
        if (unit < 0xd800 || unit > 0xdfff) {
            utf8_put(out, unit);
            continue;
        }
        if (i + 2 > bytes.n && !last)
            return i - 2;
        uint32_t low = i + 2 <= bytes.n ? (uint32_t)p[2 + high] << 8 | p[3 - high] : 0;
        if (unit <= 0xdbff && low >= 0xdc00 && low <= 0xdfff) {
            utf8_put(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            i += 2;
        } else {
            utf8_put(out, 0xfffd);
            *good = false;
        }
    }
    return last ? bytes.n : i;
}

uint64_t
xml_charset_width(enum xml_charset charset, str decoded)
{
    if (!xml_charset_is_wide(charset))
        return decoded.n;
    uint64_t width = 0;
    for (size_t i = 0; i < decoded.n;) {
        struct utf8_result u = utf8_cut(str_skip(decoded, i));
        width += u.length == 4 || charset >= CHARSET_UTF32LE ? 4 : 2;
        i += u.length;
    }
    return width;
}
