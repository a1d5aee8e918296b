/* Digests, keys, signatures; the owner of OpenSSL.
 *
 * SubjectPublicKeyInfo is read by hand: the library's decoder costs several
 * times what a verification does. */
#include "crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "diag.h"
#include "hash.h"

struct sha256 {
    EVP_MD_CTX *ctx, *copy;
};

/* Fetched once: a fetch costs more than hashing a short text. */
static const EVP_MD *
sha256_method(void)
{
    static EVP_MD *method;
    if (method == NULL)
        method = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (method == NULL)
        BUG("OpenSSL has no SHA-256");
    return method;
}

struct sha256 *
sha256_new(void)
{
    struct sha256 *s = xmalloc(sizeof *s);
    s->ctx = EVP_MD_CTX_new();
    s->copy = EVP_MD_CTX_new();
    if (s->ctx == NULL || s->copy == NULL || EVP_DigestInit_ex(s->ctx, sha256_method(), NULL) != 1)
        BUG("SHA-256 does not start");
    return s;
}

void
sha256_add(struct sha256 *s, str bytes)
{
    if (bytes.n && EVP_DigestUpdate(s->ctx, bytes.p, bytes.n) != 1)
        BUG("SHA-256 fails");
}

void
sha256_value(const struct sha256 *s, unsigned char out[32])
{
    if (EVP_MD_CTX_copy_ex(s->copy, s->ctx) != 1 || EVP_DigestFinal_ex(s->copy, out, NULL) != 1)
        BUG("SHA-256 fails");
}

void
sha256_free(struct sha256 *s)
{
    if (s == NULL)
        return;
    EVP_MD_CTX_free(s->ctx);
    EVP_MD_CTX_free(s->copy);
    free(s);
}

void
sha256_of(str bytes, unsigned char out[32])
{
    if (EVP_Digest(bytes.n ? bytes.p : "", bytes.n, out, NULL, sha256_method(), NULL) != 1)
        BUG("SHA-256 fails");
}

str
sha256_hex(struct arena *a, const unsigned char digest[32])
{
    return arena_hex(a, str_of((const char *)digest, 32));
}

static const EVP_MD *
sha1_method(void)
{
    static EVP_MD *method;
    if (method == NULL)
        method = EVP_MD_fetch(NULL, "SHA1", NULL);
    if (method == NULL)
        BUG("OpenSSL has no SHA-1");
    return method;
}

void
sha1_of(str bytes, unsigned char out[20])
{
    if (EVP_Digest(bytes.n ? bytes.p : "", bytes.n, out, NULL, sha1_method(), NULL) != 1)
        BUG("SHA-1 fails");
}

/* DER (X.690): cuts one value with that tag; p NULL where there is none. */
static str
der_cut(str *s, unsigned char tag)
{
    str none = { NULL, 0 };
    if (s->n < 2 || (unsigned char)s->p[0] != tag)
        return none;
    size_t length = (unsigned char)s->p[1], head = 2;
    if (length & 0x80) {
        size_t bytes = length & 0x7f;
        if (bytes == 0 || bytes > 3 || s->n < 2 + bytes)
            return none;
        length = 0;
        while (bytes--)
            length = length << 8 | (unsigned char)s->p[head++];
    }
    if (length > s->n - head)
        return none;
    str value = str_of(s->p + head, length);
    *s = str_skip(*s, head + length);
    return value;
}

enum { DER_INTEGER = 0x02, DER_BITS = 0x03, DER_OID = 0x06, DER_SEQUENCE = 0x30 };

/* The two numbers of an RSA key in either form. */
static bool
rsa_numbers(str der, str *modulus, str *exponent)
{
    str body = der_cut(&der, DER_SEQUENCE);
    if (body.n && body.p[0] == DER_SEQUENCE) {
        str algorithm = der_cut(&body, DER_SEQUENCE);
        if (!str_eq(der_cut(&algorithm, DER_OID), S("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")))
            return false;
        str bits = der_cut(&body, DER_BITS);
        if (bits.n == 0 || bits.p[0] != 0)
            return false;
        bits = str_skip(bits, 1);
        body = der_cut(&bits, DER_SEQUENCE);
    }
    *modulus = der_cut(&body, DER_INTEGER);
    *exponent = der_cut(&body, DER_INTEGER);
    return modulus->n && exponent->n && exponent->n <= 16 && (modulus->p[0] & 0x80) == 0 &&
           (exponent->p[0] & 0x80) == 0;
}

static EVP_PKEY *
key_from(const char *algorithm, OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    if (ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void
make_rsa(struct public_key *k, str der)
{
    str modulus, exponent;
    if (!rsa_numbers(der, &modulus, &exponent)) {
        k->problem = "not an RSA public key";
        return;
    }
    if (modulus.n > RSA_MAX_BITS / 8 + 1) {
        k->problem = "an RSA key with numbers out of bounds";
        return;
    }
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.p, (int)modulus.n, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.p, (int)exponent.n, NULL);
    k->bits = n ? BN_num_bits(n) : 0;
    if (k->bits < RSA_MIN_BITS || k->bits > RSA_MAX_BITS || e == NULL || !BN_is_odd(e) || BN_is_one(e) ||
        !BN_is_odd(n)) {
        k->problem = "an RSA key with numbers out of bounds";
    } else {
        OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
        OSSL_PARAM *params = NULL;
        if (build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
            params = OSSL_PARAM_BLD_to_param(build);
        k->handle = key_from("RSA", params);
        OSSL_PARAM_free(params);
        OSSL_PARAM_BLD_free(build);
    }
    BN_free(n);
    BN_free(e);
}

static void
make_ed25519(struct public_key *k, str raw)
{
    k->bits = 256;
    if (raw.n != 32) {
        k->problem = "an Ed25519 key has 32 bytes";
        return;
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)raw.p, raw.n),
        OSSL_PARAM_construct_end(),
    };
    k->handle = key_from("ED25519", params);
}

/* Keys seen lately, one per slot; a newcomer drives out who sat there. */
enum { KEY_SLOTS = 256 };
struct key_slot {
    uint64_t hash;
    char *bytes;
    size_t n;
    void (*make)(struct public_key *, str);
    struct public_key key;
};

static const struct public_key *
key_cached(str bytes, void (*make)(struct public_key *, str))
{
    static _Thread_local struct key_slot slots[KEY_SLOTS];
    uint64_t hash = hash_bytes(bytes);
    struct key_slot *slot = &slots[hash % KEY_SLOTS];
    if (slot->bytes && slot->hash == hash && slot->make == make &&
        str_eq(str_of(slot->bytes, slot->n), bytes))
        return &slot->key;
    EVP_PKEY_free(slot->key.handle);
    free(slot->bytes);
    *slot = (struct key_slot){ .hash = hash, .bytes = xmalloc(bytes.n + 1), .n = bytes.n, .make = make };
    if (bytes.n)
        memcpy(slot->bytes, bytes.p, bytes.n);
    make(&slot->key, bytes);
    if (slot->key.handle == NULL && slot->key.problem == NULL)
        slot->key.problem = "the key is not accepted by the crypto library";
    ERR_clear_error();
    return &slot->key;
}

const struct public_key *
public_key_rsa(str der)
{
    return key_cached(der, make_rsa);
}

const struct public_key *
public_key_ed25519(str raw)
{
    return key_cached(raw, make_ed25519);
}

static bool
verify_rsa(EVP_PKEY *key, const EVP_MD *method, str digest, str signature)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool good = ctx && EVP_PKEY_verify_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(ctx, method) == 1 &&
                EVP_PKEY_verify(ctx, (const unsigned char *)signature.p, signature.n,
                                (const unsigned char *)digest.p, digest.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

static bool
verify_ed25519(EVP_PKEY *key, str digest, str signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
                                 (const unsigned char *)digest.p, digest.n) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

bool
signature_verify(const struct public_key *key, enum signature_method method, str data, str signature)
{
    unsigned char digest[32];
    if (key->problem || signature.n == 0)
        return false;
    size_t length = method == SIGNATURE_RSA_SHA1 ? 20 : 32;
    if (method == SIGNATURE_RSA_SHA1)
        sha1_of(data, digest);
    else
        sha256_of(data, digest);
    str d = str_of((const char *)digest, length);
    bool good = method == SIGNATURE_ED25519_SHA256
                    ? verify_ed25519(key->handle, d, signature)
                    : verify_rsa(key->handle, method == SIGNATURE_RSA_SHA1 ? sha1_method() : sha256_method(),
                                 d, signature);
    ERR_clear_error();
    return good;
}
