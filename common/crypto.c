/* Digests; the owner of OpenSSL. */
#include "crypto.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "diag.h"

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
    struct sha256 *s = sha256_new();
    sha256_add(s, bytes);
    sha256_value(s, out);
    sha256_free(s);
}

str
sha256_hex(struct arena *a, const unsigned char digest[32])
{
    static const char hex[] = "0123456789abcdef";
    char *p = arena_alloc(a, 65);
    for (int i = 0; i < 32; i++) {
        p[2 * i] = hex[digest[i] >> 4];
        p[2 * i + 1] = hex[digest[i] & 15];
    }
    return str_of(p, 64);
}
