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

enum { ROOM = 1024, LONG = 0xff, LENGTH = sizeof(uint64_t) }; /* LONG: eight bytes tell the length */

/* Where all texts are short and fit at once, which is usual: the bytes of them all; 0: they do not. */
static size_t
gather_short(unsigned char bytes[ROOM], const str *texts, size_t n)
{
    size_t total = n, longest = 0, used = 0;
    for (size_t i = 0; i < n; i++) {
        longest = texts[i].n > longest ? texts[i].n : longest;
        total += texts[i].n;
    }
    if (longest >= LONG || total > ROOM - LENGTH)
        return 0;
    for (size_t i = 0; i < n; i++) {
        bytes[used++] = (unsigned char)texts[i].n;
        if (texts[i].n)
            memcpy(bytes + used, texts[i].p, texts[i].n);
        used += texts[i].n;
    }
    return used;
}

/* Mostly all of it is hashed in one go: a call for each text would cost more than the texts. */
uint64_t
hash_more_texts(uint64_t so_far, const str *texts, size_t n)
{
    unsigned char bytes[ROOM];
    size_t used = gather_short(bytes, texts, n);
    if (used)
        return XXH3_64bits_withSeed(bytes, used, so_far);
    for (size_t i = 0; i < n; i++) {
        str s = texts[i];
        if (ROOM - used < s.n + 1 + LENGTH) {
            so_far = XXH3_64bits_withSeed(bytes, used, so_far);
            used = 0;
        }
        bytes[used++] = s.n < LONG ? (unsigned char)s.n : LONG;
        if (s.n == 0)
            continue;
        if (s.n >= LONG) {
            uint64_t length = htole64(s.n);
            memcpy(bytes + used, &length, LENGTH);
            used += LENGTH;
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
