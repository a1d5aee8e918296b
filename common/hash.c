/* 64-bit hashes of texts; the owner of xxhash. */
#include "hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SEED = 0x77617962 }; /* never change: the values are stored */

uint64_t
hash_bytes(str s)
{
    return XXH3_64bits_withSeed(s.p ? s.p : "", s.n, SEED);
}

uint64_t
hash_more(uint64_t so_far, str s)
{
    return XXH3_64bits_withSeed(s.p ? s.p : "", s.n, so_far);
}

uint64_t
hash_more_int(uint64_t so_far, int64_t v)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)v >> (8 * i));
    return XXH3_64bits_withSeed(bytes, sizeof bytes, so_far);
}
