/* Digests and signatures; common/crypto.c is the owner of OpenSSL. */
#ifndef CRYPTO_H
#define CRYPTO_H

#include "arena.h"
#include "str.h"

/* SHA-256 over pieces.  A sha256 may be asked for its value at any point and go on. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *, str);
void sha256_value(const struct sha256 *, unsigned char out[32]); /* of all added so far */
void sha256_free(struct sha256 *);

void sha256_of(str, unsigned char out[32]);
str sha256_hex(struct arena *, const unsigned char digest[32]);

#endif
