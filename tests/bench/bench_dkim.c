/* DKIM of one message again and again, and the bare cryptography of the same bytes beside it.
 *
 * usage: bench_dkim ZONE MESSAGE...
 * A line each: name, messages a second, bare verifications a second, ratio.  Bare is one signature over the signed
 * bytes plus SHA-256 of the body; waybill reads the message, its signature, and the key's record anew each time. */
#include <stdio.h>
#include <time.h>

#include "dkim_internal.h"
#include "message_read.h"
#include "source.h"

enum { ROUND_MS = 700 };

static double
now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct dkim_policy policy = { .min_rsa_bits = 1024, .received_at = WHEN_NONE };

static double
whole(struct dns *dns, str raw)
{
    struct arena a = { 0 };
    double start = now_s(), spent = 0;
    long n = 0;
    for (; spent < ROUND_MS / 1000.0; spent = now_s() - start) {
        for (int i = 0; i < 16; i++, n++) {
            struct message m;
            struct dkim_result *results;
            message_parse(&m, &a, raw);
            struct dkim *d = dkim_open(&a, dns, &m, &policy);
            if (dkim_check(d, &results) != 1 || results[0].result != AUTH_PASS)
                die(EXIT_INTERNAL, "the signature does not verify");
            dkim_close(d);
            arena_reset(&a);
        }
    }
    arena_free(&a);
    return (double)n / spent;
}

static double
bare(struct dns *dns, str raw)
{
    struct arena a = { 0 };
    struct message m;
    struct dkim_result r = { 0 };
    struct dkim_signature s = { 0 };
    struct dkim_key key;
    struct buf bytes = { 0 };
    unsigned char digest[32];
    message_parse(&m, &a, raw);
    struct dkim *d = dkim_open(&a, dns, &m, &policy);
    while (!str_ieq(m.headers[s.header].name, S("DKIM-Signature")))
        s.header++;
    dkim_read_signature(&a, &policy, str_cut(dkim_field(&m, s.header), ':').tail, &s, &r);
    bool rsa = s.method != SIGNATURE_ED25519_SHA256;
    dkim_key_fetch(&a, dns, r.selector, r.domain, rsa, &key);
    const struct public_key *k = rsa ? public_key_rsa(key.bytes) : public_key_ed25519(key.bytes);
    dkim_signed_bytes(d, &s, &r, 0, NULL, 0, &bytes);
    str body = str_skip(raw, m.body_offset);
    double start = now_s(), spent = 0;
    long n = 0;
    for (; spent < ROUND_MS / 1000.0; spent = now_s() - start)
        for (int i = 0; i < 16; i++, n++) {
            sha256_of(body, digest);
            if (!signature_verify(k, s.method, buf_str(&bytes), s.bytes))
                die(EXIT_INTERNAL, "the bare signature does not verify");
        }
    buf_free(&bytes);
    dkim_close(d);
    arena_free(&a);
    return (double)n / spent;
}

int
main(int argc, char **argv)
{
    struct diag diag = { 0 };
    struct dns *dns = argc > 2 ? dns_open(argv[1], &diag) : NULL;
    if (dns == NULL)
        die(EXIT_USAGE, "usage: bench_dkim ZONE MESSAGE...");
    for (int i = 2; i < argc; i++) {
        struct source source;
        if (!source_open(&source, argv[i], &diag) || !source_slurp(&source, MESSAGE_MAX_BYTES, &diag))
            die_diag(&diag);
        double all = whole(dns, source.window), crypto = bare(dns, source.window);
        const char *slash = strrchr(argv[i], '/');
        printf("%s %.0f %.0f %.2f\n", slash ? slash + 1 : argv[i], all, crypto, crypto / all);
        source_close(&source);
    }
    dns_close(dns);
    return 0;
}
