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

/* Mostly all of it is hashed in one go: a call for each text would cost more than the texts. */
uint64_t
hash_more_texts(uint64_t so_far, const str *texts, size_t n)
{
    enum { ROOM = 1024, LONG = 0xff };
    unsigned char bytes[ROOM];
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        str s = texts[i];
        if (ROOM - used < s.n + 1 + sizeof(uint64_t)) {
            so_far = XXH3_64bits_withSeed(bytes, used, so_far);
            used = 0;
        }
        bytes[used++] = s.n < LONG ? (unsigned char)s.n : LONG;
        if (s.n == 0)
            continue;
        if (s.n >= LONG) {
            uint64_t length = htole64(s.n);
            memcpy(bytes + used, &length, sizeof length);
            used += sizeof length;
        }
        if (s.n > ROOM - used) {
            so_far = hash_more(XXH3_64bits_withSeed(bytes, used, so_far), s);
            used = 0;
            continue;
        }
        memcpy(bytes + used, s.p, s.n);
        used += s.n;
    }
    return XXH3_64bits_withSeed(bytes, used, so_far);
}
