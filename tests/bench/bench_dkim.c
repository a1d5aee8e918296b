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

enum { ROUND_MS = 1500, BLOCK = 32 };

static double
now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct dkim_policy policy = { .min_rsa_bits = 1024, .received_at = WHEN_NONE };

/* One message, and what its verification needs at least. */
struct subject {
    struct dns *dns;
    struct arena arena;
    str raw, body;
    struct buf bytes; /* signed */
    struct dkim_signature signature;
    const struct public_key *key;
};

static void
prepare(struct subject *t)
{
    struct message *m = ARENA_NEW(&t->arena, struct message);
    struct dkim_result r = { 0 };
    struct dkim_signature *s = &t->signature;
    struct dkim_key key;
    message_parse(m, &t->arena, t->raw);
    struct dkim *d = dkim_open(&t->arena, t->dns, m, &policy);
    while (!str_ieq(m->headers[s->header].name, S("DKIM-Signature")))
        s->header++;
    dkim_read_signature(&t->arena, &policy, str_cut(dkim_field(m, s->header), ':').tail, s, &r);
    bool rsa = s->method != SIGNATURE_ED25519_SHA256;
    dkim_key_fetch(&t->arena, t->dns, r.selector, r.domain, rsa, &key);
    t->key = rsa ? public_key_rsa(key.bytes) : public_key_ed25519(key.bytes);
    dkim_signed_bytes(d, s, &r, 0, NULL, 0, &t->bytes);
    t->body = str_skip(t->raw, m->body_offset);
    dkim_close(d);
}

static void
whole(struct subject *t)
{
    struct arena a = { 0 };
    for (int i = 0; i < BLOCK; i++) {
        struct message m;
        struct dkim_result *results;
        message_parse(&m, &a, t->raw);
        struct dkim *d = dkim_open(&a, t->dns, &m, &policy);
        if (dkim_check(d, &results) != 1 || results[0].result != AUTH_PASS)
            die(EXIT_INTERNAL, "the signature does not verify");
        dkim_close(d);
        arena_reset(&a);
    }
    arena_free(&a);
}

static void
bare(struct subject *t)
{
    unsigned char digest[32];
    for (int i = 0; i < BLOCK; i++) {
        sha256_of(t->body, digest);
        if (!signature_verify(t->key, t->signature.method, buf_str(&t->bytes), t->signature.bytes))
            die(EXIT_INTERNAL, "the bare signature does not verify");
    }
}

/* Both in turn, so that what else the machine does weighs on both; the fastest block of each counts. */
static void
compare(struct subject *t, double *ours, double *theirs)
{
    *ours = *theirs = 1e9;
    for (double start = now_s(); now_s() - start < ROUND_MS / 1000.0;) {
        double a = now_s();
        whole(t);
        double b = now_s();
        bare(t);
        double c = now_s();
        *ours = b - a < *ours ? b - a : *ours;
        *theirs = c - b < *theirs ? c - b : *theirs;
    }
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
        double ours, theirs;
        struct subject t = { .dns = dns, .raw = source.window };
        prepare(&t);
        compare(&t, &ours, &theirs);
        const char *slash = strrchr(argv[i], '/');
        printf("%s %.0f %.0f %.2f\n", slash ? slash + 1 : argv[i], BLOCK / ours, BLOCK / theirs,
               ours / theirs);
        buf_free(&t.bytes);
        arena_free(&t.arena);
        source_close(&source);
    }
    dns_close(dns);
    return 0;
}
