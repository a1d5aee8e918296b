/* Verification of DKIM signatures (RFC 6376 section 6).
 *
 * What a signature lacks is noted, and the cryptography tried all the same
 * where it can be: "verified" is about the bytes, "result" about the rules.
 * Signatures are read in dkim_signature.c, keys in dkim_key.c; canonical forms
 * are in dkim_canon.c, the bytes and their repairs in dkim_verify.c and dkim_mend.c, what was
 * done to a message that does not verify in dkim_change.c. */
#include "dkim_internal.h"

static bool
signature_fits_key(const struct dkim_signature *s, const struct dkim_key *k)
{
    return s->sha1 ? k->sha1 : k->sha256;
}

/* What remains to be said of a signature that passes. */
static void
remark(const struct dkim *d, const struct dkim_key *k, struct dkim_result *r)
{
    const struct dkim_policy *policy = d->policy;
    if (r->body_length < r->body_total)
        r->reason = arena_printf(d->arena, "only %llu of %llu bytes of the body are signed (l=)",
                                 (unsigned long long)r->body_length, (unsigned long long)r->body_total);
    else if (r->signed_at != WHEN_NONE && policy->received_at != WHEN_NONE &&
             r->signed_at > policy->received_at + DKIM_FUTURE_SLACK_S * WHEN_SECOND)
        r->reason = S("t= lies after the reception");
    else if (k->testing)
        r->reason = S("the key is in testing mode (t=y)");
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
    } else if (k->strict && s->kind == DKIM_OF_MESSAGE &&
               !str_ieq(str_rcut(r->identity, '@').tail, r->domain)) {
        r->result = AUTH_PERMERROR;
        r->reason = S("the key forbids i= below d= (t=s, RFC 6376 section 3.6.1)");
    } else if (!r->verified) {
        r->result = dkim_worked_too_hard(d) ? AUTH_POLICY : AUTH_FAIL;
    } else if (s->sha1 && (s->kind == DKIM_OF_ARC || !policy->allow_rsa_sha1)) {
        r->result = AUTH_POLICY;
        r->reason = S("it verifies, but rsa-sha1 must not count (RFC 8301 section 3.1)");
    } else if (k->rsa && r->key_bits < policy->min_rsa_bits) {
        r->result = AUTH_POLICY;
        r->reason = arena_printf(a, "it verifies, but a key of %d bits must not count (RFC 8301 section 3.2)",
                                 r->key_bits);
    } else {
        r->result = AUTH_PASS;
        remark(d, k, r);
    }
}

/* Without a key: what can be told all the same. */
static void
judge_keyless(struct dkim *d, const struct dkim_signature *s, enum auth_word result, str reason,
              struct dkim_result *r)
{
    r->result = s->problem != AUTH_PASS ? s->problem : result;
    r->reason = s->problem != AUTH_PASS ? str_from(s->reason) : reason;
    dkim_verify_body(d, s, r);
    dkim_explain(d, s, NULL, r);
}

static void
take_key_facts(const struct dkim_key *key, struct dkim_result *r)
{
    r->testing = key->testing;
    r->several_keys = key->several;
    r->no_key = key->missing;
    r->key_status = dns_status_word(key->status);
    r->old_key = key->old;
    r->key_from = key->from;
    r->key_until = key->until;
}

void
dkim_check_field(struct dkim *d, size_t header, enum dkim_kind kind, struct dkim_result *r)
{
    struct dkim_signature s = { .header = header, .kind = kind };
    struct dkim_key key;
    *r = (struct dkim_result){ .raw_index = header,
                               .signed_at = WHEN_NONE,
                               .expires_at = WHEN_NONE,
                               .key_from = WHEN_NONE,
                               .key_until = WHEN_NONE };
    dkim_read_signature(d->arena, d->policy, str_cut(dkim_field(d->message, header), ':').tail, &s, r);
    r->limited = s.limited;
    dkim_compare_copies(d, &s, r);
    if (!s.complete) {
        r->result = s.problem;
        r->reason = str_from(s.reason);
        return;
    }
    bool rsa = s.method != SIGNATURE_ED25519_SHA256;
    dkim_key_fetch(d->arena, d->dns, r->selector, r->domain, rsa, &key);
    take_key_facts(&key, r);
    if (key.error != AUTH_PASS) {
        judge_keyless(d, &s, key.error, key.reason, r);
        return;
    }
    const struct public_key *public = rsa ? public_key_rsa(key.bytes) : public_key_ed25519(key.bytes);
    if (public->problem) {
        judge_keyless(d, &s, AUTH_PERMERROR, str_from(public->problem), r);
        return;
    }
    r->key_bits = public->bits;
    dkim_verify(d, &s, public, r);
    if (!r->verified && kind == DKIM_OF_ARC && s.no_c) { /* sealers leave c= out and mean relaxed */
        s.relaxed_header = s.relaxed_body = true;
        dkim_verify(d, &s, public, r);
        if (r->verified)
            r->canonicalization = S("relaxed/relaxed");
    }
    if (!r->verified)
        dkim_try_quotes(d, &s, public, r);
    if (!r->verified)
        dkim_explain(d, &s, public, r);
    judge(d, &s, &key, r);
    if (!r->verified)
        dkim_try_mended(d, &s, r);
}

static size_t
check_all(struct dkim *d, str name, struct dkim_result **out)
{
    size_t n = 0, room = 0;
    *out = NULL;
    for (size_t i = 0; i < d->message->nheaders && n < DKIM_MAX_SIGNATURES; i++)
        if (str_ieq(d->message->headers[i].name, name))
            dkim_check_field(d, i, DKIM_OF_MESSAGE, &ARENA_PUSH(d->arena, *out, n, room));
    return n;
}

size_t
dkim_check(struct dkim *d, struct dkim_result **out)
{
    return check_all(d, S("DKIM-Signature"), out);
}

size_t
dkim_check_google(struct dkim *d, struct dkim_result **out)
{
    return check_all(d, S("X-Google-DKIM-Signature"), out);
}
