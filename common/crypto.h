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

void sha1_of(str, unsigned char out[20]); /* for signatures of old; nothing else */

/* Public keys of signatures.  They are cached by their bytes: a pointer is good until the next call that asks
 * for a key in the same thread. */
enum { RSA_MIN_BITS = 384, RSA_MAX_BITS = 16384 };
struct public_key {
    int bits;            /* of the modulus; 256 for Ed25519 */
    const char *problem; /* why it is no key; NULL: usable */
    void *handle;
};

/* SubjectPublicKeyInfo with an RSA key (RFC 5280 4.1), or a bare RSAPublicKey (RFC 8017 A.1.1). */
const struct public_key *public_key_rsa(str der);
const struct public_key *public_key_ed25519(str raw); /* 32 bytes (RFC 8032) */

/* Whether signature holds for data: RSASSA-PKCS1-v1_5 over its digest, or Ed25519 over its SHA-256 (RFC 8463). */
enum signature_method { SIGNATURE_RSA_SHA1, SIGNATURE_RSA_SHA256, SIGNATURE_ED25519_SHA256 };
bool signature_verify(const struct public_key *, enum signature_method, str data, str signature);

#endif
