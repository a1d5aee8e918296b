/* Memory that is given back all at once.
 *
 * An arena grows by blocks; what it hands out stays where it is until
 * arena_reset (keeps one block for reuse) or arena_free.  Running out of
 * memory ends the program: no caller checks for NULL.  All zero is an empty
 * arena, ready for use. */
#ifndef ARENA_H
#define ARENA_H

#include "str.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    char *at, *end;             /* the free part of the newest */
    size_t total;               /* bytes of all blocks */
};

void *arena_alloc(struct arena *, size_t n); /* aligned for any type, zeroed */
void *arena_bytes(struct arena *, size_t n); /* the same, not zeroed */
/* Room for a text whose length turns out as it is written: afterwards n bytes of it are taken. */
char *arena_room(struct arena *, size_t most);
str arena_taken(struct arena *, size_t n);
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
void *arena_array(struct arena *, size_t n, size_t size); /* refuses an overflow */

str arena_copy(struct arena *, str);      /* its own bytes, NUL behind them */
str arena_lower(struct arena *, str);     /* the same in lower case (ASCII) */
str arena_hex(struct arena *, str bytes); /* two lower-case digits a byte */
str arena_unhex(struct arena *, str hex); /* the bytes of str_unhex */
const char *arena_z(struct arena *, str); /* the same as a C string */
str arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));
str arena_decimal(struct arena *, uint64_t n, unsigned places); /* 1234 with 3 places: "1.234" */
str arena_join(struct arena *, str a, str between, str b);

void arena_reset(struct arena *);
void arena_free(struct arena *);

/* A growing array in an arena: items keep their order, the array may move as it grows.
 * Usage: ARENA_PUSH(a, list.items, list.n, list.room) = value; */
void *arena_grow(struct arena *, void *items, size_t n, size_t *room, size_t size);
#define ARENA_PUSH(a, items, n, room) \
    ((items) = arena_grow((a), (items), (n), &(room), sizeof *(items)), (items) + (n)++)[0]

/* malloc, realloc that end the program when memory is gone. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);

#endif
