/* Reads rows of COPY BINARY. */
#include "pgread.h"

#include <arpa/inet.h>
#include <math.h>

static const when EPOCH_2000 = 946684800 * WHEN_SECOND;

static uint64_t
big_endian(const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)p[i];
    return v;
}

bool
pgread_begin(struct pgread *r, str row)
{
    static const char signature[] = "PGCOPY\n\377\r\n";
    *r = (struct pgread){ .row = row };
    if (row.n >= 19 && memcmp(row.p, signature, 11) == 0) {
        size_t extension = (size_t)big_endian(row.p + 15, 4);
        r->row = str_skip(row, 19 + extension);
    }
    if (r->row.n < 2 || big_endian(r->row.p, 2) == 0xffff)
        return false;
    r->row = str_skip(r->row, 2);
    return true;
}

static bool
field(struct pgread *r, str *out)
{
    *out = (str){ 0 };
    if (r->row.n < 4) {
        r->bad = true;
        return false;
    }
    uint64_t n = big_endian(r->row.p, 4);
    r->row = str_skip(r->row, 4);
    if (n == 0xffffffff)
        return false;
    if (n > r->row.n) {
        r->bad = true;
        return false;
    }
    *out = str_head(r->row, (size_t)n);
    r->row = str_skip(r->row, (size_t)n);
    return true;
}

str
pgread_text(struct pgread *r, bool *null)
{
    str s;
    bool there = field(r, &s);
    if (null)
        *null = !there;
    return s;
}

int64_t
pgread_int(struct pgread *r, int64_t if_null)
{
    str s;
    if (!field(r, &s) || s.n > 8)
        return if_null;
    uint64_t v = big_endian(s.p, s.n);
    switch (s.n) {
    case 2: return (int16_t)v;
    case 4: return (int32_t)v;
    default: return (int64_t)v;
    }
}

double
pgread_float(struct pgread *r)
{
    str s;
    if (!field(r, &s))
        return NAN;
    if (s.n == 4) {
        uint32_t bits = (uint32_t)big_endian(s.p, 4);
        float f;
        memcpy(&f, &bits, 4);
        return (double)f;
    }
    uint64_t bits = big_endian(s.p, s.n);
    double d;
    memcpy(&d, &bits, 8);
    return d;
}

when
pgread_when(struct pgread *r)
{
    str s;
    return field(r, &s) && s.n == 8 ? (when)big_endian(s.p, 8) + EPOCH_2000 : WHEN_NONE;
}

str
pgread_inet(struct pgread *r, struct arena *a)
{
    str s;
    char text[INET6_ADDRSTRLEN];
    if (!field(r, &s) || s.n < 8)
        return (str){ 0 };
    bool v6 = s.p[0] == 3;
    if ((v6 && s.n < 20) || inet_ntop(v6 ? AF_INET6 : AF_INET, s.p + 4, text, sizeof text) == NULL)
        return (str){ 0 };
    return arena_copy(a, str_from(text));
}
