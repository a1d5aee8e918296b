/* A text that a source reads in pieces of a size. */
#ifndef PIECES_H
#define PIECES_H

#include <string.h>
#include <sys/types.h>

#include "str.h"

struct pieces {
    str left;
    size_t size;
};

static inline ssize_t
read_piece(void *ctx, char *p, size_t n)
{
    struct pieces *from = ctx;
    n = n < from->size ? n : from->size;
    n = n < from->left.n ? n : from->left.n;
    if (n)
        memcpy(p, from->left.p, n);
    from->left = str_skip(from->left, n);
    return (ssize_t)n;
}

#endif
