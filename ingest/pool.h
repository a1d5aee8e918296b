/* Small blocks that many short-lived owners share.
 *
 * Each owner holds a chain of blocks and gives them all back at once; blocks
 * are recycled, so that a steady stream of messages needs no allocation. */
#ifndef POOL_H
#define POOL_H

#include "arena.h"
#include "buf.h"

struct pool_block;

struct pool {
    struct arena arena; /* of blocks of the common size */
    struct pool_block *spare;
    size_t bytes; /* of blocks that have an owner */
};

struct pool_chain {
    struct pool_block *blocks;
    size_t used; /* of the newest block */
};

void *pool_take(struct pool *, struct pool_chain *, size_t n); /* aligned, not zeroed */
str pool_copy(struct pool *, struct pool_chain *, str);        /* empty in, empty out */
/* Appends to a run that lives in the chain and is never freed by itself; it may move. */
void pool_append(struct pool *, struct pool_chain *, struct buf *run, const void *, size_t n);
void pool_release(struct pool *, struct pool_chain *);
void pool_free(struct pool *);

static inline size_t
pool_bytes(const struct pool *p)
{
    return p->bytes;
}

#endif
