/* UTF-8 (RFC 3629): checking and repairing. */
#include "utf8.h"

struct utf8_result
utf8_cut(str s)
{
    struct utf8_result bad = { .length = 1 };
    unsigned char c = (unsigned char)s.p[0];
    if (c < 0x80)
        return (struct utf8_result){ .length = 1, .code = c, .ok = true };
    size_t n = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (n == 0 || s.n < n)
        return bad;
    uint32_t code = (uint32_t)(c & (0xff >> (n + 1)));
    for (size_t i = 1; i < n; i++) {
        unsigned char d = (unsigned char)s.p[i];
        if ((d & 0xc0) != 0x80)
            return bad;
        code = code << 6 | (d & 0x3f);
    }
    if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return bad;
    return (struct utf8_result){ .length = n, .code = code, .ok = true };
}

bool
utf8_valid(str s)
{
    for (size_t i = 0; i < s.n;) {
        if ((unsigned char)s.p[i] < 0x80) {
            i++;
            continue;
        }
        struct utf8_result u = utf8_cut(str_skip(s, i));
        if (!u.ok)
            return false;
        i += u.length;
    }
    return true;
}

size_t
utf8_encode(char *p, uint32_t c)
{
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        p[0] = (char)(0xc0 | c >> 6);
        p[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        p[0] = (char)(0xe0 | c >> 12);
        p[1] = (char)(0x80 | (c >> 6 & 0x3f));
        p[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    p[0] = (char)(0xf0 | c >> 18);
    p[1] = (char)(0x80 | (c >> 12 & 0x3f));
    p[2] = (char)(0x80 | (c >> 6 & 0x3f));
    p[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

void
utf8_put(struct buf *b, uint32_t c)
{
    char bytes[4];
    buf_add(b, str_of(bytes, utf8_encode(bytes, c)));
}

/* Windows-1252's own characters; 0 where it has none. */
static const uint16_t cp1252[32] = { 0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                     0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                     0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                     0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178 };

uint32_t
utf8_from_cp1252(unsigned char c)
{
    if (c < 0x80 || c >= 0xa0)
        return c;
    return cp1252[c - 0x80] ? cp1252[c - 0x80] : 0xfffd;
}

static bool
is_clean(str s)
{
    return (s.n == 0 || memchr(s.p, '\0', s.n) == NULL) && utf8_valid(s);
}

str
utf8_repair(struct arena *a, str s, bool *repaired)
{
    bool clean = is_clean(s);
    if (repaired)
        *repaired = !clean;
    if (clean)
        return s;
    struct buf b = { 0 };
    for (size_t i = 0; i < s.n;) {
        struct utf8_result u = utf8_cut(str_skip(s, i));
        unsigned char c = (unsigned char)s.p[i];
        if (u.ok && u.code != 0)
            buf_put(&b, s.p + i, u.length);
        else if (!u.ok)
            utf8_put(&b, utf8_from_cp1252(c));
        i += u.length;
    }
    str out = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return out;
}
