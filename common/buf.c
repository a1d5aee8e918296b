/* A growing run of bytes that owns its memory. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "diag.h"

void
buf_reserve(struct buf *b, size_t more)
{
    if (b->room - b->n >= more)
        return;
    if (more > SIZE_MAX / 4 - b->n)
        die(EXIT_INTERNAL, "out of memory (%zu bytes wanted)", more);
    size_t room = b->room ? b->room : 256;
    while (room - b->n < more)
        room *= 2;
    b->p = xrealloc(b->p, room);
    b->room = room;
}

void
buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){ 0 };
}

void
buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        BUG("bad format %s", format);
    buf_reserve(b, (size_t)n + 1);
    vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
    va_end(again);
    b->n += (size_t)n;
}

void
buf_i64(struct buf *b, int64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (v < 0)
        digits[--at] = '-';
    buf_put(b, digits + at, sizeof digits - at);
}

const char *
buf_z(struct buf *b)
{
    buf_reserve(b, 1);
    b->p[b->n] = '\0';
    return b->p;
}
