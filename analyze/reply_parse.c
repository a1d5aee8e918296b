/* Takes a reply apart: codes, the host that spoke, and the text in normal form.
 *
 * The codes are sought where the MTAs' wrappings put them: at the start, after
 * "said: ", "smtp; ", "<<< ", in "(#5.1.1)".  A number elsewhere (a size, a
 * port, part of an address) is not a code.  What the words mean is not decided
 * here: that is reply.c and its rules. */
#include "reply_parse.h"

#define HEAD_KEPT 3072 /* of a text that is too long: this much of its start, the rest from its end */

static bool
is_addr_char(char c)
{
    switch (c) {
    case '<':
    case '>':
    case '(':
    case ')':
    case '[':
    case ']':
    case '"':
    case '\'':
    case ',':
    case ';':
    case ':':
    case '=':
    case '\0': return false;
    default: return !str_is_space(c);
    }
}

/* Whether a basic code may stand at i, by the words before it. */
static bool
code_may_follow(str s, size_t i)
{
    static const str words[] = {
        S("said"), S("reply"),  S("code"), S("error"),  S("response"),
        S("smtp"), S("status"), S("with"), S("reject"),
    };
    if (i == 0)
        return true;
    char before = s.p[i - 1];
    if (before != ' ' && before != '_')
        return strchr(":;(#[\"'=\t", before) != NULL;
    str head = str_trim_right(str_head(s, i - 1));
    if (head.n == 0)
        return true;
    if (strchr(":;<>\"#", head.p[head.n - 1]))
        return true;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (head.n >= words[k].n && str_ieq(str_skip(head, head.n - words[k].n), words[k]))
            return true;
    return false;
}

static bool
is_code_at(str s, size_t i)
{
    if (s.n - i < 3 || s.p[i] < '2' || s.p[i] > '5' || s.p[i] == '3')
        return false;
    if (s.p[i + 1] < '0' || s.p[i + 1] > '5' || !str_is_digit(s.p[i + 2]))
        return false;
    if (s.n - i > 3) {
        char after = s.p[i + 3];
        bool free = i == 0 || s.p[i - 1] == ' ';
        if (after == ':' ? !free : strchr(" -_\t\r\n,;#\\", after) == NULL)
            return false;
    }
    return code_may_follow(s, i);
}

/* Index of the basic code, or STR_NONE. */
static size_t
find_code(str s)
{
    for (size_t i = 0; i + 3 <= s.n; i++)
        if (s.p[i] >= '2' && s.p[i] <= '5' && is_code_at(s, i))
            return i;
    return STR_NONE;
}

/* An enhanced code at the start of s, or an empty view.  beside: it stands where the protocol puts it, so that
 * "550 4.4.7" is one, though a text elsewhere that disagrees with the basic code is not. */
static str
enhanced_at(str s, struct reply_parts *parts, bool beside)
{
    struct str_number class = str_cut_number(s, 1);
    struct str_number subject = str_cut_number(str_after(class.rest, '.'), 2);
    struct str_number detail = str_cut_number(str_after(subject.rest, '.'), 3);
    if (!class.ok || !subject.ok || !detail.ok)
        return (str){ 0 };
    if ((class.value != 2 && class.value != 4 && class.value != 5))
        return (str){ 0 };
    bool mixed = parts->code != 0 && parts->code / 100 != (int)class.value;
    if (mixed && (!beside || class.value == 2 || parts->code < 400))
        return (str){ 0 };
    if (detail.rest.n > 0 &&
        (str_is_alpha(detail.rest.p[0]) ||
         (detail.rest.n > 1 && detail.rest.p[0] == '.' && str_is_digit(detail.rest.p[1]))))
        return (str){ 0 };
    parts->class = (int)class.value;
    parts->subject = (int)subject.value;
    parts->detail = (int)detail.value;
    return str_head(s, s.n - detail.rest.n);
}

#define SUBJECT_MAX 7 /* beyond it, a number in running text is more likely a version */
#define BESIDE_MAX  5 /* "550 " or "550 #" before it */

static str
find_enhanced(str s, struct reply_parts *parts)
{
    for (size_t i = 0; i + 5 <= s.n; i++) {
        if (s.p[i + 1] != '.' || (s.p[i] != '5' && s.p[i] != '4' && s.p[i] != '2'))
            continue;
        if (i > 0 && strchr(" #([-_:;=\"\t", s.p[i - 1]) == NULL)
            continue;
        str found = enhanced_at(str_skip(s, i), parts, i <= BESIDE_MAX);
        if (found.n > 0 && parts->subject <= SUBJECT_MAX)
            return found;
        parts->class = parts->subject = parts->detail = 0;
    }
    return (str){ 0 };
}

/* The host that the wrapping names, before its address in brackets: Postfix ("host H[ip] said:",
 * "connect to H[ip]:25: ..."), Exim ("host H [ip]:"); or Sendmail ("while talking to H.:"). */
static str
find_host(str s)
{
    static const str words[] = {
        S("host "),      S("server "), S("connect to "), S("connection with "), S("conversation with "),
        S("talking to ")
    };
    bool brackets = str_find_char(s, '[') != STR_NONE;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (!brackets && words[k].p[0] != 't')
            continue;
        size_t at = str_find(s, words[k]);
        if (at == STR_NONE || (at > 0 && !str_is_space(s.p[at - 1])))
            continue;
        str rest = str_skip(s, at + words[k].n);
        size_t n = 0;
        while (n < rest.n && rest.p[n] != '[' && is_addr_char(rest.p[n]))
            n++;
        str name = str_head(rest, n), after = str_trim_left(str_skip(rest, n));
        bool ends = after.n > 0 && (after.p[0] == '[' || (after.p[0] == ':' && words[k].p[0] == 't'));
        if (ends && str_find_char(name, '.') != STR_NONE)
            return name;
    }
    return (str){ 0 };
}

struct reply_parts
reply_split(const struct reply_context *c)
{
    struct reply_parts parts = { .host = c->host, .code = c->code };
    str text = str_trim(str_head(c->text, REPLY_TEXT_MAX));

    if (parts.host.n == 0)
        parts.host = find_host(text);
    size_t at = find_code(text);
    if (at != STR_NONE && parts.code == 0)
        parts.code = (text.p[at] - '0') * 100 + (text.p[at + 1] - '0') * 10 + (text.p[at + 2] - '0');
    if (c->enhanced.n > 0) {
        struct reply_parts free = { 0 };
        if (enhanced_at(c->enhanced, &free, true).n == c->enhanced.n) {
            parts.class = free.class, parts.subject = free.subject, parts.detail = free.detail;
            parts.enhanced = c->enhanced;
            return parts;
        }
    }
    parts.enhanced = find_enhanced(at == STR_NONE ? text : str_skip(text, at), &parts);
    return parts;
}

/* A token that only repeats the codes at the start of a continued line: how much of it to drop. */
static size_t
continuation(str token, str code, str enhanced, bool *drop_enhanced)
{
    size_t n = 0;
    if (code.n == 3 && str_starts(token, code) && (token.n == 3 || token.p[3] == '-' || token.p[3] == ' ')) {
        n = token.n > 3 ? 4 : 3;
        *drop_enhanced = true;
    } else if (!*drop_enhanced) {
        return 0;
    }
    str rest = str_skip(token, n);
    if (enhanced.n > 0 && str_starts(rest, enhanced) && (rest.n == enhanced.n || rest.p[enhanced.n] == '-')) {
        n += rest.n == enhanced.n ? enhanced.n : enhanced.n + 1;
        *drop_enhanced = false;
    } else if (rest.n > 0) {
        *drop_enhanced = false;
    }
    return n;
}

/* Letters of two bytes in UTF-8 into lower case, in place: Latin with accents, Greek, Cyrillic.  The
 * length stays; what is no such letter, or no UTF-8, stays too. */
static void
lower_utf8(unsigned char *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned char *lead = &p[i], *last = &p[i + 1];
        if (*lead < 0xc3 || *lead > 0xd0 || *last < 0x80 || *last > 0xbf)
            continue;
        unsigned letter = (*lead & 0x1fu) << 6 | (*last & 0x3fu);
        if ((letter >= 0xc0 && letter <= 0xde && letter != 0xd7) || (letter >= 0x391 && letter <= 0x3a9) ||
            (letter >= 0x410 && letter <= 0x42f))
            letter += 0x20;
        else if (letter >= 0x400 && letter <= 0x40f)
            letter += 0x50;
        else if ((letter >= 0x100 && letter <= 0x12f) || (letter >= 0x132 && letter <= 0x137) ||
                 (letter >= 0x14a && letter <= 0x177))
            letter |= 1;
        else if ((letter >= 0x139 && letter <= 0x148) || (letter >= 0x179 && letter <= 0x17e))
            letter += letter & 1;
        *lead = (unsigned char)(0xc0 | letter >> 6);
        *last = (unsigned char)(0x80 | (letter & 0x3f));
        i++;
    }
}

/* Copies a token in lower case; a run with @ in it becomes "@" alone. */
static size_t
put_token(str token, char *out)
{
    size_t n = 0;
    bool ascii = true;
    bool masked = memchr(token.p, '@', token.n) != NULL;
    for (size_t i = 0; i < token.n;) {
        size_t run = i, sign = STR_NONE;
        while (masked && run < token.n && is_addr_char(token.p[run])) {
            if (token.p[run] == '@')
                sign = run;
            run++;
        }
        if (sign != STR_NONE) {
            out[n++] = '@';
            i = run;
            continue;
        }
        do {
            ascii = ascii && (unsigned char)token.p[i] < 0x80;
            out[n++] = str_lower_char(token.p[i++]);
        } while (i < run);
    }
    if (!ascii)
        lower_utf8((unsigned char *)out, n);
    return n;
}

/* qmail writes blanks as underscores. */
static bool
underscored(str s)
{
    size_t blanks = 0, lines = 0;
    for (size_t i = 0; i < s.n; i++) {
        blanks += s.p[i] == ' ';
        lines += s.p[i] == '_';
    }
    return blanks == 0 && lines > 1;
}

/* Line breaks as syslog ("#012") and JSON ("\r\n") write them: bytes to skip, or 0. */
static size_t
escaped_break(str s)
{
    if (s.n >= 4 && s.p[0] == '#' && s.p[1] == '0' && s.p[2] == '1' &&
        (s.p[3] == '2' || s.p[3] == '5' || s.p[3] == '1'))
        return 4;
    if (s.n >= 2 && s.p[0] == '\\' && (s.p[1] == 'n' || s.p[1] == 'r'))
        return 2;
    return 0;
}

str
reply_normal(str text, const struct reply_parts *parts, char out[REPLY_TEXT_MAX])
{
    char joined[REPLY_TEXT_MAX], digits[4] = { 0 };
    if (text.n > REPLY_TEXT_MAX) {
        memcpy(joined, text.p, HEAD_KEPT);
        memcpy(joined + HEAD_KEPT, text.p + text.n - (REPLY_TEXT_MAX - HEAD_KEPT),
               REPLY_TEXT_MAX - HEAD_KEPT);
        text = str_of(joined, sizeof joined);
    }
    if (parts->code >= 100 && parts->code <= 999) {
        digits[0] = (char)('0' + parts->code / 100);
        digits[1] = (char)('0' + parts->code / 10 % 10);
        digits[2] = (char)('0' + parts->code % 10);
    }
    bool lines = underscored(text), first = true, drop_enhanced = false;
    size_t n = 0, i = 0;
    while (i < text.n) {
        size_t skip = escaped_break(str_skip(text, i));
        if (skip > 0 || str_is_space(text.p[i]) || text.p[i] == '\0' || (lines && text.p[i] == '_')) {
            i += skip > 0 ? skip : 1;
            continue;
        }
        size_t end = i;
        while (end < text.n && !str_is_space(text.p[end]) && text.p[end] != '\0' &&
               !(lines && text.p[end] == '_') &&
               ((text.p[end] != '#' && text.p[end] != '\\') || escaped_break(str_skip(text, end)) == 0))
            end++;
        str token = str_of(text.p + i, end - i);
        i = end;
        if (!first)
            token = str_skip(token, continuation(token, str_from(digits), parts->enhanced, &drop_enhanced));
        bool opens = first && digits[0] != 0 && token.n > 4 && token.p[3] == '-' &&
                     str_starts(token, str_from(digits)); /* "550-Mailbox": a word begins behind the code */
        first = first && (digits[0] == 0 || !str_has(token, str_from(digits)));
        if (token.n == 0)
            continue;
        if (n > 0)
            out[n++] = ' ';
        if (opens) {
            n += put_token(str_head(token, 3), out + n);
            out[n++] = ' ';
            token = str_skip(token, 4);
        }
        n += put_token(token, out + n);
    }
    return str_of(out, n);
}
