/* 64-bit hashes of texts; the owner of xxhash. */
#include "hash.h"

#include <endian.h>

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
    if (s.n == 0) /* so common that the compiler may make a shorter function of it */
        return XXH3_64bits_withSeed("", 0, so_far);
    return XXH3_64bits_withSeed(s.p, s.n, so_far);
}

uint64_t
hash_more_int(uint64_t so_far, int64_t v)
{
    uint64_t bytes = htole64((uint64_t)v);
    return XXH3_64bits_withSeed(&bytes, sizeof bytes, so_far);
}

uint64_t
hash_more_texts(uint64_t so_far, const str *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        so_far = hash_more(hash_more_int(so_far, (int64_t)texts[i].n), texts[i]);
    return so_far;
}
