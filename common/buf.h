/* A growing run of bytes that owns its memory.
 *
 * All zero is an empty buf.  Integers go in network byte order, as COPY BINARY
 * and DNS want them.  Memory running out ends the program. */
#ifndef BUF_H
#define BUF_H

#include "str.h"

struct buf {
    char *p;
    size_t n, room;
};

void buf_reserve(struct buf *, size_t more); /* afterwards n + more <= room */
void buf_free(struct buf *);

static inline str
buf_str(const struct buf *b)
{
    return str_of(b->p, b->n);
}

static inline void
buf_put(struct buf *b, const void *p, size_t n)
{
    if (b->room - b->n < n)
        buf_reserve(b, n);
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
}

static inline void
buf_char(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

static inline void
buf_add(struct buf *b, str s)
{
    buf_put(b, s.p, s.n);
}

static inline void
buf_u16(struct buf *b, uint16_t v)
{
    v = __builtin_bswap16(v);
    buf_put(b, &v, sizeof v);
}

static inline void
buf_u32(struct buf *b, uint32_t v)
{
    v = __builtin_bswap32(v);
    buf_put(b, &v, sizeof v);
}

static inline void
buf_u64(struct buf *b, uint64_t v)
{
    v = __builtin_bswap64(v);
    buf_put(b, &v, sizeof v);
}

void buf_printf(struct buf *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_i64(struct buf *, int64_t); /* in decimal digits */
const char *buf_z(struct buf *);     /* its bytes as a C string, valid until the next change */

#endif
