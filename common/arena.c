/* Memory that is given back all at once: a chain of growing blocks. */
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "diag.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGN = 16 };

struct arena_block {
    struct arena_block *older;
    size_t size; /* bytes of data[] */
    _Alignas(ALIGN) char data[];
};

void *
xmalloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (p == NULL)
        die(EXIT_INTERNAL, "out of memory (%zu bytes wanted)", n);
    return p;
}

void *
xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (p == NULL)
        die(EXIT_INTERNAL, "out of memory (%zu times %zu bytes wanted)", n, size);
    return p;
}

void *
xrealloc(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (p == NULL)
        die(EXIT_INTERNAL, "out of memory (%zu bytes wanted)", n);
    return p;
}

static void
arena_add_block(struct arena *a, size_t at_least)
{
    size_t size = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < at_least)
        size = at_least;
    struct arena_block *b = xmalloc(sizeof *b + size);
    b->older = a->blocks;
    b->size = size;
    a->blocks = b;
    a->at = b->data;
    a->end = b->data + size;
    a->total += size;
}

static char *
arena_take(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 2)
        die(EXIT_INTERNAL, "out of memory (%zu bytes wanted)", n);
    size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((size_t)(a->end - a->at) < need)
        arena_add_block(a, need);
    char *p = a->at;
    a->at += need;
    return p;
}

void *
arena_bytes(struct arena *a, size_t n)
{
    return arena_take(a, n);
}

char *
arena_room(struct arena *a, size_t most)
{
    char *p = arena_take(a, most);
    a->at = p;
    return p;
}

str
arena_taken(struct arena *a, size_t n)
{
    return str_of(arena_take(a, n), n);
}

void *
arena_alloc(struct arena *a, size_t n)
{
    char *p = arena_take(a, n);
    memset(p, 0, n);
    return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / 2 / size)
        die(EXIT_INTERNAL, "out of memory (%zu times %zu bytes wanted)", n, size);
    return arena_alloc(a, n * size);
}

str
arena_copy(struct arena *a, str s)
{
    char *p = arena_take(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return str_of(p, s.n);
}

str
arena_lower(struct arena *a, str s)
{
    char *p = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = str_lower_char(s.p[i]);
    p[s.n] = '\0';
    return str_of(p, s.n);
}

const char *
arena_z(struct arena *a, str s)
{
    return arena_copy(a, s).p;
}

str
arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        BUG("bad format %s", format);
    char *p = arena_take(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return str_of(p, (size_t)n);
}

str
arena_decimal(struct arena *a, uint64_t n, unsigned places)
{
    char digits[64];
    size_t at = sizeof digits;
    for (unsigned i = 0; n || i <= places; i++, n /= 10) {
        if (i == places && i > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + n % 10);
    }
    return arena_copy(a, str_of(digits + at, sizeof digits - at));
}

str
arena_join(struct arena *a, str x, str between, str y)
{
    const str parts[] = { x, between, y }; /* NUL is a byte as others: names of hostile messages hold it */
    char *p = arena_take(a, x.n + between.n + y.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n)
            memcpy(p + n, parts[i].p, parts[i].n);
        n += parts[i].n;
    }
    p[n] = '\0';
    return str_of(p, n);
}

void *
arena_grow(struct arena *a, void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return items;
    size_t more = *room ? *room * 2 : 8;
    void *grown = arena_array(a, more, size);
    if (n)
        memcpy(grown, items, n * size);
    *room = more;
    return grown;
}

void
arena_reset(struct arena *a)
{
    struct arena_block *keep = a->blocks;
    if (keep == NULL)
        return;
    for (struct arena_block *b = keep->older, *older; b; b = older) {
        older = b->older;
        a->total -= b->size;
        free(b);
    }
    keep->older = NULL;
    a->at = keep->data;
    a->end = keep->data + keep->size;
}

void
arena_free(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    *a = (struct arena){ 0 };
}

str
arena_hex(struct arena *a, str bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *p = arena_alloc(a, 2 * bytes.n + 1);
    for (size_t i = 0; i < bytes.n; i++) {
        p[2 * i] = digits[(unsigned char)bytes.p[i] >> 4];
        p[2 * i + 1] = digits[bytes.p[i] & 15];
    }
    return str_of(p, 2 * bytes.n);
}

str
arena_unhex(struct arena *a, str hex)
{
    char *p = arena_alloc(a, hex.n / 2 + 1);
    return str_of(p, str_unhex(hex, p, hex.n / 2));
}
