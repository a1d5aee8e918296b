/* Rows for COPY BINARY (PostgreSQL, "COPY", file formats; src/backend/utils/adt for the types). */
#include "pgcopy.h"

#include <arpa/inet.h>
#include <math.h>

#include "utf8.h"

/* PostgreSQL counts from 2000-01-01. */
static const when EPOCH_2000 = 946684800 * WHEN_SECOND;

void
pgcopy_header(struct buf *b)
{
    buf_put(b, "PGCOPY\n\377\r\n\0", 11);
    buf_u32(b, 0);
    buf_u32(b, 0);
}

void
pgcopy_trailer(struct buf *b)
{
    buf_u16(b, 0xffff);
}

void
pgcopy_row(struct buf *b, int columns)
{
    buf_u16(b, (uint16_t)columns);
}

void
pgcopy_null(struct buf *b)
{
    buf_u32(b, 0xffffffff);
}

void
pgcopy_bytes(struct buf *b, str s)
{
    buf_u32(b, (uint32_t)s.n);
    buf_add(b, s);
}

/* Plain ASCII without NUL needs no look at single characters. */
static bool
is_plain(str s)
{
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t w;
        memcpy(&w, s.p + i, 8);
        if ((w & 0x8080808080808080u) || ((w - 0x0101010101010101u) & ~w & 0x8080808080808080u))
            return false;
    }
    for (; i < s.n; i++)
        if (s.p[i] <= 0)
            return false;
    return true;
}

void
pgcopy_text(struct buf *b, str s)
{
    if (is_plain(s)) {
        pgcopy_bytes(b, s);
        return;
    }
    struct arena a = { 0 };
    pgcopy_bytes(b, utf8_repair(&a, s, NULL));
    arena_free(&a);
}

void
pgcopy_some(struct buf *b, str s)
{
    if (s.n)
        pgcopy_text(b, s);
    else
        pgcopy_null(b);
}

str
pgcopy_cut(str s)
{
    enum { REPAIRED_BYTE = 3 }; /* U+FFFD for each */
    size_t n = PGCOPY_KEY_MAX;
    if (s.n <= n && (s.n * REPAIRED_BYTE <= n || is_plain(s)))
        return s;
    if (!is_plain(s))
        n /= REPAIRED_BYTE;
    if (s.n <= n)
        return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_head(s, n);
}

void
pgcopy_key(struct buf *b, str s)
{
    pgcopy_some(b, pgcopy_cut(s));
}

void
pgcopy_int8(struct buf *b, int64_t v)
{
    buf_u32(b, 8);
    buf_u64(b, (uint64_t)v);
}

void
pgcopy_int4(struct buf *b, int32_t v)
{
    buf_u32(b, 4);
    buf_u32(b, (uint32_t)v);
}

void
pgcopy_int2(struct buf *b, int16_t v)
{
    buf_u32(b, 2);
    buf_u16(b, (uint16_t)v);
}

void
pgcopy_bool(struct buf *b, bool v)
{
    buf_u32(b, 1);
    buf_char(b, v ? 1 : 0);
}

void
pgcopy_float8(struct buf *b, double v)
{
    uint64_t bits;
    if (isnan(v)) {
        pgcopy_null(b);
        return;
    }
    memcpy(&bits, &v, sizeof bits);
    buf_u32(b, 8);
    buf_u64(b, bits);
}

void
pgcopy_float4(struct buf *b, float v)
{
    uint32_t bits;
    if (isnan(v)) {
        pgcopy_null(b);
        return;
    }
    memcpy(&bits, &v, sizeof bits);
    buf_u32(b, 4);
    buf_u32(b, bits);
}

void
pgcopy_when(struct buf *b, when t)
{
    if (t == WHEN_NONE)
        pgcopy_null(b);
    else
        pgcopy_int8(b, t - EPOCH_2000);
}

void
pgcopy_inet(struct buf *b, str ip)
{
    enum { PGSQL_AF_INET = 2, PGSQL_AF_INET6 = 3 };
    char text[INET6_ADDRSTRLEN];
    unsigned char raw[16];
    if (str_istarts(ip, S("IPv6:")))
        ip = str_skip(ip, 5);
    ip = str_cut(ip, '%').head;
    if (ip.n == 0 || ip.n >= sizeof text) {
        pgcopy_null(b);
        return;
    }
    memcpy(text, ip.p, ip.n);
    text[ip.n] = '\0';
    bool v6 = memchr(text, ':', ip.n) != NULL;
    if (inet_pton(v6 ? AF_INET6 : AF_INET, text, raw) != 1) {
        pgcopy_null(b);
        return;
    }
    size_t n = v6 ? 16 : 4;
    buf_u32(b, (uint32_t)(4 + n));
    buf_char(b, v6 ? PGSQL_AF_INET6 : PGSQL_AF_INET);
    buf_char(b, v6 ? (char)128 : 32); /* a host, not a network */
    buf_char(b, 0);
    buf_char(b, (char)n);
    buf_put(b, raw, n);
}
