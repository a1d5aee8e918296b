/* Verification of DKIM signatures (RFC 6376 section 6).
 *
 * What a signature lacks is noted, and the cryptography tried all the same
 * where it can be: "verified" is about the bytes, "result" about the rules.
 * Stored messages have often lost their CRLF and had ">" put before "From ":
 * the repairs are tried one after the other, and the one that verified is
 * named.  Signatures are read in dkim_signature.c, keys in dkim_key.c;
 * canonical forms are in dkim_canon.c. */
#include "dkim_internal.h"

enum { VARIANTS = 4 };

/* The canonical bodies of one message, made when first wanted, and their digests. */
struct body {
    bool made;
    struct buf canon;
    bool hashed[2]; /* of the whole: SHA-1, SHA-256 */
    unsigned char digest[2][32];
};

struct dkim {
    struct arena *arena;
    struct dns *dns;
    const struct message *message;
    const struct dkim_policy *policy;
    bool relevant[VARIANTS]; /* bit 0: crlf, bit 1: unquote */
    struct body bodies[VARIANTS][2];
};

static bool
signature_fits_key(const struct dkim_signature *s, const struct dkim_key *k)
{
    return s->sha1 ? k->sha1 : k->sha256;
}

static str
field_of(const struct message *m, size_t i)
{
    return str_of(m->raw.p + m->headers[i].offset, m->headers[i].length);
}

/* The field with the value of b= taken out; nothing else changes (section 3.7). */
static str
without_b(struct dkim *d, const struct dkim_signature *s, str field)
{
    for (size_t i = 0; i < s->tags.n; i++) {
        const struct tag *t = &s->tags.tags[i];
        if (!str_eq(t->name, S("b")))
            continue;
        size_t start = (size_t)(t->raw.p - field.p);
        char *p = arena_alloc(d->arena, field.n);
        memcpy(p, field.p, start);
        memcpy(p + start, t->raw.p + t->raw.n, field.n - start - t->raw.n);
        return str_of(p, field.n - t->raw.n);
    }
    return field;
}

/* The bytes that are signed: the fields of h=, from the bottom up, then the signature itself. */
static void
signed_bytes(struct dkim *d, const struct dkim_signature *s, const struct dkim_result *r, bool crlf,
             struct buf *out)
{
    const struct message *m = d->message;
    bool *used = ARENA_ARRAY(d->arena, bool, m->nheaders);
    used[s->header] = true;
    for (size_t i = 0; i < r->nsigned; i++)
        for (size_t j = m->nheaders; j-- > 0;)
            if (!used[j] && str_ieq(m->headers[j].name, r->signed_headers[i])) {
                used[j] = true;
                dkim_canon_header(out, field_of(m, j), s->relaxed_header, crlf);
                break;
            }
    dkim_canon_header(out, without_b(d, s, field_of(m, s->header)), s->relaxed_header, crlf);
    out->n -= 2; /* its own line end is not signed */
}

static struct body *
body_of(struct dkim *d, bool relaxed, int variant)
{
    struct body *b = &d->bodies[variant][relaxed];
    if (!b->made) {
        b->made = true;
        dkim_canon_body(&b->canon, str_skip(d->message->raw, d->message->body_offset), relaxed,
                        (struct dkim_variant){ .crlf = variant & 1, .unquote = variant & 2 });
    }
    return b;
}

static void
hash(bool sha1, str bytes, unsigned char out[32])
{
    if (sha1)
        sha1_of(bytes, out);
    else
        sha256_of(bytes, out);
}

static bool
body_matches(struct dkim *d, const struct dkim_signature *s, int variant, struct dkim_result *r)
{
    unsigned char limited[32];
    const unsigned char *digest = limited;
    struct body *b = body_of(d, s->relaxed_body, variant);
    str canon = buf_str(&b->canon);
    r->body_total = canon.n;
    r->body_length = s->limited && s->limit < canon.n ? s->limit : canon.n;
    if (s->limited && s->limit > canon.n)
        return false;
    if (r->body_length < canon.n) {
        hash(s->sha1, str_head(canon, r->body_length), limited);
    } else {
        if (!b->hashed[!s->sha1])
            hash(s->sha1, canon, b->digest[!s->sha1]);
        b->hashed[!s->sha1] = true;
        digest = b->digest[!s->sha1];
    }
    return str_eq(s->hash, str_of((const char *)digest, s->sha1 ? 20 : 32));
}

/* Tries the repairs that could make a difference; reason says what failed as stored. */
static void
verify(struct dkim *d, const struct dkim_signature *s, const struct public_key *key, struct dkim_result *r)
{
    static const char *const names[VARIANTS] = { "", "CRLF", ">From", "CRLF, >From" };
    enum { UNTRIED, BAD, GOOD } headers[2] = { UNTRIED, UNTRIED };
    bool any_body = false;
    for (int v = 0; v < VARIANTS; v++) {
        if (!d->relevant[v] || !body_matches(d, s, v, r))
            continue;
        any_body = true;
        if (headers[v & 1] == UNTRIED) {
            struct buf bytes = { 0 };
            signed_bytes(d, s, r, v & 1, &bytes);
            headers[v & 1] = signature_verify(key, s->method, buf_str(&bytes), s->bytes) ? GOOD : BAD;
            buf_free(&bytes);
        }
        if (headers[v & 1] == GOOD) {
            r->verified = true;
            r->variant = str_from(names[v]);
            return;
        }
    }
    r->reason = any_body ? S("the signature does not match the signed headers")
                : s->limited && s->limit > r->body_total ? S("l= is more than the body has")
                                                         : S("the body hash does not match");
}

static void
judge(const struct dkim *d, const struct dkim_signature *s, const struct dkim_key *k, struct dkim_result *r)
{
    struct arena *a = d->arena;
    const struct dkim_policy *policy = d->policy;
    if (s->problem != AUTH_PASS) {
        r->result = s->problem;
        r->reason = str_from(s->reason);
    } else if (!signature_fits_key(s, k)) {
        r->result = AUTH_PERMERROR;
        r->reason = S("the key does not allow the hash of a= (RFC 6376 section 6.1.2)");
    } else if (k->strict && !str_ieq(str_rcut(r->identity, '@').tail, r->domain)) {
        r->result = AUTH_PERMERROR;
        r->reason = S("the key forbids i= below d= (t=s, RFC 6376 section 3.6.1)");
    } else if (!r->verified) {
        r->result = AUTH_FAIL;
    } else if (s->sha1 && !policy->allow_rsa_sha1) {
        r->result = AUTH_POLICY;
        r->reason = S("it verifies, but rsa-sha1 must not count (RFC 8301 section 3.1)");
    } else if (k->rsa && r->key_bits < policy->min_rsa_bits) {
        r->result = AUTH_POLICY;
        r->reason = arena_printf(a, "it verifies, but a key of %d bits must not count (RFC 8301 section 3.2)",
                                 r->key_bits);
    } else {
        r->result = AUTH_PASS;
        if (r->body_length < r->body_total)
            r->reason = arena_printf(a, "only %llu of %llu bytes of the body are signed (l=)",
                                     (unsigned long long)r->body_length, (unsigned long long)r->body_total);
        else if (r->signed_at != WHEN_NONE && policy->received_at != WHEN_NONE &&
                 r->signed_at > policy->received_at + DKIM_FUTURE_SLACK_S * WHEN_SECOND)
            r->reason = S("t= lies after the reception");
        else if (k->testing)
            r->reason = S("the key is in testing mode (t=y)");
    }
}

static void
check_one(struct dkim *d, size_t header, struct dkim_result *r)
{
    struct dkim_signature s = { .header = header };
    struct dkim_key key;
    *r = (struct dkim_result){ .raw_index = header, .signed_at = WHEN_NONE, .expires_at = WHEN_NONE };
    dkim_read_signature(d->arena, d->policy, str_cut(field_of(d->message, header), ':').tail, &s, r);
    r->limited = s.limited;
    if (!s.complete) {
        r->result = s.problem;
        r->reason = str_from(s.reason);
        return;
    }
    bool rsa = s.method != SIGNATURE_ED25519_SHA256;
    dkim_key_fetch(d->arena, d->dns, r->selector, r->domain, rsa, &key);
    r->testing = key.testing;
    r->several_keys = key.several;
    if (key.error != AUTH_PASS) {
        r->result = s.problem != AUTH_PASS ? s.problem : key.error;
        r->reason = s.problem != AUTH_PASS ? str_from(s.reason) : key.reason;
        return;
    }
    const struct public_key *public = rsa ? public_key_rsa(key.bytes) : public_key_ed25519(key.bytes);
    if (public->problem) {
        r->result = s.problem != AUTH_PASS ? s.problem : AUTH_PERMERROR;
        r->reason = str_from(s.problem != AUTH_PASS ? s.reason : public->problem);
        return;
    }
    r->key_bits = public->bits;
    verify(d, &s, public, r);
    judge(d, &s, &key, r);
}

/* Which repairs could change anything: bit 0 where bare LFs end lines, bit 1 where "From " was quoted. */
static void
find_variants(struct dkim *d)
{
    str raw = d->message->raw, body = str_skip(raw, d->message->body_offset);
    bool bare = false, whole = false;
    for (size_t i = 0; i < raw.n && !(bare && whole);) {
        const char *lf = memchr(raw.p + i, '\n', raw.n - i);
        if (lf == NULL)
            break;
        bool after_cr = lf > raw.p && lf[-1] == '\r';
        whole |= after_cr;
        bare |= !after_cr;
        i = (size_t)(lf - raw.p) + 1;
    }
    bool quoted = str_find(body, S("\n>From ")) != STR_NONE || str_find(body, S("\n>>From ")) != STR_NONE ||
                  str_starts(body, S(">From "));
    d->relevant[0] = whole || !bare;
    d->relevant[1] = bare;
    d->relevant[2] = quoted && d->relevant[0];
    d->relevant[3] = quoted && bare;
}

size_t
dkim_check(struct arena *a, struct dns *dns, const struct message *m, const struct dkim_policy *policy,
           struct dkim_result **out)
{
    struct dkim d = { .arena = a, .dns = dns, .message = m, .policy = policy };
    size_t n = 0, room = 0;
    *out = NULL;
    find_variants(&d);
    for (size_t i = 0; i < m->nheaders && n < DKIM_MAX_SIGNATURES; i++)
        if (str_ieq(m->headers[i].name, S("DKIM-Signature")))
            check_one(&d, i, &ARENA_PUSH(a, *out, n, room));
    for (int v = 0; v < VARIANTS; v++)
        for (int relaxed = 0; relaxed < 2; relaxed++)
            buf_free(&d.bodies[v][relaxed].canon);
    return n;
}
