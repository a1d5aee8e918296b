/* Small blocks that many short-lived owners share. */
#include "pool.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 480, ALIGNMENT = 8 };

struct pool_block {
    struct pool_block *next;
    size_t size;
    _Alignas(16) char data[];
};

static struct pool_block *
take_block(struct pool *p, size_t n)
{
    struct pool_block *b = p->spare;
    if (n <= BLOCK_BYTES && b) {
        p->spare = b->next;
        p->bytes += b->size;
        return b;
    }
    size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    b = n > BLOCK_BYTES ? xmalloc(sizeof *b + size) : arena_bytes(&p->arena, sizeof *b + size);
    b->size = size;
    p->bytes += size;
    return b;
}

void *
pool_take(struct pool *p, struct pool_chain *c, size_t n)
{
    size_t need = (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (c->blocks == NULL || c->blocks->size - c->used < need) {
        struct pool_block *b = take_block(p, need);
        b->next = c->blocks;
        c->blocks = b;
        c->used = 0;
    }
    void *at = c->blocks->data + c->used;
    c->used += need;
    return at;
}

str
pool_copy(struct pool *p, struct pool_chain *c, str s)
{
    if (s.n == 0)
        return (str){ 0 };
    char *at = pool_take(p, c, s.n);
    memcpy(at, s.p, s.n);
    return str_of(at, s.n);
}

void
pool_append(struct pool *p, struct pool_chain *c, struct buf *run, const void *bytes, size_t n)
{
    enum { RUN_BYTES = 32 };
    if (run->room - run->n < n) {
        size_t room = run->room ? run->room * 2 : RUN_BYTES;
        while (room - run->n < n)
            room *= 2;
        char *moved = pool_take(p, c, room);
        if (run->n)
            memcpy(moved, run->p, run->n);
        run->p = moved;
        run->room = room;
    }
    memcpy(run->p + run->n, bytes, n);
    run->n += n;
}

void
pool_release(struct pool *p, struct pool_chain *c)
{
    for (struct pool_block *b = c->blocks, *next; b; b = next) {
        next = b->next;
        p->bytes -= b->size;
        if (b->size == BLOCK_BYTES) {
            b->next = p->spare;
            p->spare = b;
        } else {
            free(b);
        }
    }
    *c = (struct pool_chain){ 0 };
}

void
pool_free(struct pool *p)
{
    arena_free(&p->arena);
    *p = (struct pool){ 0 };
}
