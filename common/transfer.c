/* Transfer encodings, decoded.  It does not encode. */
#include "transfer.h"

int
transfer_base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648 5: "-" and "_" for "+" and "/", which then do not occur. */
static bool
is_base64url(str s)
{
    return (str_find_char(s, '-') != STR_NONE || str_find_char(s, '_') != STR_NONE) &&
           str_find_char(s, '+') == STR_NONE && str_find_char(s, '/') == STR_NONE;
}

str
transfer_base64(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    unsigned bits = 0, held = 0; /* held: digits since the last whole group */
    bool url = is_base64url(s);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '=')
            held = 0; /* what follows a padding is a new text */
        int digit = transfer_base64_digit(s.p[i]);
        if (url && digit < 0)
            digit = s.p[i] == '-' ? 62 : s.p[i] == '_' ? 63 : -1;
        if (digit < 0)
            continue;
        bits = bits << 6 | (unsigned)digit;
        held = held % 4 + 1;
        if (held > 1)
            out[n++] = (char)(bits >> (8 - 2 * held) & 0xff);
    }
    return str_of(out, n);
}

/* "=41" at the start of s: its byte, or -1. */
static int
hex_byte(str s)
{
    if (s.n < 3 || s.p[0] != '=' || str_hex_digit(s.p[1]) < 0 || str_hex_digit(s.p[2]) < 0)
        return -1;
    return str_hex_digit(s.p[1]) * 16 + str_hex_digit(s.p[2]);
}

str
transfer_q(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int byte = hex_byte(str_skip(s, i));
        if (byte >= 0)
            i += 2;
        out[n++] = byte >= 0 ? (char)byte : s.p[i] == '_' ? ' ' : s.p[i];
    }
    return str_of(out, n);
}

str
transfer_quoted_printable(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0, kept = 0; /* out up to kept does not end in blanks that transport may have added */
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int byte = c == '=' ? hex_byte(str_skip(s, i)) : -1;
        if (byte >= 0) {
            out[n++] = (char)byte;
            i += 2;
            kept = n;
            continue;
        }
        if (c == '=') {
            size_t end = i + 1;
            while (end < s.n && (s.p[end] == ' ' || s.p[end] == '\t' || s.p[end] == '\r'))
                end++;
            if (end == s.n || s.p[end] == '\n') { /* soft line break */
                i = end;
                kept = n;
                continue;
            }
        }
        bool ends_line = c == '\n' || (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n');
        if (ends_line && !(c == '\n' && n > 0 && out[n - 1] == '\r'))
            n = kept;
        out[n++] = c;
        if (c != ' ' && c != '\t')
            kept = n;
    }
    return str_of(out, n);
}

/* One line of uuencoded text; the first character tells its number of bytes.  Blanks at its end, which stand for
 * zeros, may have been lost on the way. */
static size_t
uu_line(str line, char *out, size_t room)
{
    size_t n = 0, want = (size_t)((line.p[0] - ' ') & 0x3f);
    unsigned bits = 0, held = 0;
    for (size_t i = 1; n < want && n < room; i++) {
        bits = bits << 6 | ((unsigned)((i < line.n ? line.p[i] : ' ') - ' ') & 0x3f);
        held = held % 4 + 1;
        if (held > 1)
            out[n++] = (char)(bits >> (8 - 2 * held) & 0xff);
    }
    return n;
}

str
transfer_uuencode(struct arena *a, str s)
{
    size_t n = 0, room = s.n; /* what is encoded is shorter */
    char *out = arena_alloc(a, room + 1);
    bool inside = false;
    while (s.n > 0) {
        struct str_cut c = str_cut(s, '\n');
        str line = str_trim_right(c.head);
        s = c.tail;
        if (!inside)
            inside = str_starts(line, S("begin "));
        else if (str_eq(line, S("end")))
            break;
        else if (line.n > 0)
            n += uu_line(line, out + n, room - n);
    }
    return str_of(out, n);
}

str
transfer_yenc(struct arena *a, str s)
{
    enum { SHIFT = 42, ESCAPED = 64 };
    size_t n = 0;
    char *out = arena_alloc(a, s.n + 1);
    bool inside = false;
    while (s.n > 0) {
        struct str_cut c = str_cut(s, '\n');
        str line = str_ends(c.head, S("\r")) ? str_head(c.head, c.head.n - 1) : c.head;
        s = c.tail;
        if (str_starts(line, S("=yend")) && inside)
            break;
        bool control =
            str_starts(line, S("=y")); /* "=ybegin", "=ypart"; "=y" encodes nothing that needs it */
        inside |= control;
        for (size_t i = 0; i < line.n && inside && !control; i++) {
            bool escape = line.p[i] == '=' && i + 1 < line.n;
            i += escape;
            out[n++] = (char)(unsigned char)((unsigned char)line.p[i] - (escape ? SHIFT + ESCAPED : SHIFT));
        }
    }
    return str_of(out, n);
}

/* What says base64 and stands there as it is. */
static bool
is_bare(str body)
{
    static const str marks[] = { S("\x1f\x8b\x08"), S("PK\3\4") };
    str text = str_trim_left(str_skip_mark(body));
    return str_starts_any(body, marks, sizeof marks / sizeof *marks) ||
           (text.n > 0 && (text.p[0] == '<' || text.p[0] == '{'));
}

str
transfer_decode(struct arena *a, str body, str encoding)
{
    static const struct {
        const char *name;
        str (*decode)(struct arena *, str);
    } encodings[] = {
        { "base64", transfer_base64 },
        { "base64url", transfer_base64 },
        { "quoted-printable", transfer_quoted_printable },
        { "x-uuencode", transfer_uuencode },
        { "x-uue", transfer_uuencode },
        { "uuencode", transfer_uuencode },
        { "x-yenc", transfer_yenc },
    };
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (str_ieq(encoding, str_from(encodings[i].name)))
            return encodings[i].decode == transfer_base64 && is_bare(body) ? body
                                                                           : encodings[i].decode(a, body);
    return body;
}
