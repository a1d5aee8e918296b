/* 64-bit hashes of texts: message keys, row identities, hash tables.
 *
 * The values are stored in databases, so the function (XXH3, 64 bits, a fixed
 * seed) never changes.  It does not resist an attacker who looks for
 * collisions: what a key joins, the texts confirm. */
#ifndef HASH_H
#define HASH_H

#include "str.h"

uint64_t hash_bytes(str s);

/* Folds further parts into a hash; part borders count ("ab","c" is not "a","bc"). */
uint64_t hash_more(uint64_t so_far, str s);
uint64_t hash_more_int(uint64_t so_far, int64_t v);
/* Of each of several texts its length, and then the text. */
uint64_t hash_more_texts(uint64_t so_far, const str *texts, size_t n);

#endif
