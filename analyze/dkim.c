/* Verification of DKIM signatures (RFC 6376 section 6).
 *
 * What a signature lacks is noted, and the cryptography tried all the same
 * where it can be: "verified" is about the bytes, "result" about the rules.
 * Stored messages have often lost their CRLF and had ">" put before "From ":
 * the repairs are tried one after the other, and the one that verified is
 * named.  Canonical forms are in dkim_canon.c, keys in dkim_key.c. */
#include "dkim_internal.h"

#include "idn.h"

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

/* One signature, read. */
struct signature {
    size_t header; /* its index */
    struct taglist tags;
    bool relaxed_header, relaxed_body;
    enum signature_method method;
    bool method_known, sha1;
    str hash, bytes; /* bh=, b=, decoded */
    bool limited;
    uint64_t limit;         /* l= */
    bool complete;          /* enough of it can be read to try the cryptography */
    enum auth_word problem; /* the result it gets even if it verifies; AUTH_PASS: none */
    const char *reason;
};

static void
object(struct signature *s, enum auth_word problem, const char *reason)
{
    if (s->problem != AUTH_PASS)
        return;
    s->problem = problem;
    s->reason = reason;
}

static void
read_algorithm(struct signature *s, str a)
{
    static const struct {
        const char *name;
        enum signature_method method;
    } methods[] = {
        { "rsa-sha256", SIGNATURE_RSA_SHA256 },
        { "ed25519-sha256", SIGNATURE_ED25519_SHA256 },
        { "rsa-sha1", SIGNATURE_RSA_SHA1 },
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_ieq(a, str_from(methods[i].name))) {
            s->method = methods[i].method;
            s->method_known = true;
        }
    s->sha1 = s->method_known && s->method == SIGNATURE_RSA_SHA1;
    if (!s->method_known)
        object(s, AUTH_PERMERROR, "a= names no known algorithm");
}

/* c= header[/body]; a missing body part is simple (section 3.5). */
static void
read_canonicalization(struct signature *s, struct dkim_result *r)
{
    bool there;
    str c = taglist_get(&s->tags, "c", &there);
    struct str_cut cut = str_cut(there ? c : S("simple/simple"), '/');
    str header = str_trim(cut.head), body = cut.found ? str_trim(cut.tail) : S("simple");
    s->relaxed_header = str_ieq(header, S("relaxed"));
    s->relaxed_body = str_ieq(body, S("relaxed"));
    if ((!s->relaxed_header && !str_ieq(header, S("simple"))) ||
        (!s->relaxed_body && !str_ieq(body, S("simple")))) {
        object(s, AUTH_PERMERROR, "c= names no known canonicalization");
        s->complete = false;
    }
    r->canonicalization = s->relaxed_header ? s->relaxed_body ? S("relaxed/relaxed") : S("relaxed/simple")
                          : s->relaxed_body ? S("simple/relaxed")
                                            : S("simple/simple");
}

/* h=: names; From must be among them (section 5.4). */
static void
read_headers(struct arena *a, struct signature *s, struct dkim_result *r)
{
    str list = taglist_get(&s->tags, "h", NULL), name;
    size_t room = 0;
    bool from = false;
    while (taglist_item(&list, ':', &name)) {
        if (name.n == 0)
            continue;
        if (r->nsigned == DKIM_MAX_SIGNED_HEADERS) {
            object(s, AUTH_PERMERROR, "h= lists too many fields");
            s->complete = false;
            return;
        }
        ARENA_PUSH(a, r->signed_headers, r->nsigned, room) = name;
        from |= str_ieq(name, S("From"));
    }
    if (!from)
        object(s, AUTH_PERMERROR, "h= does not list From (RFC 6376 section 5.4)");
}

/* dkim-quoted-printable (section 2.11): white space is ignored, "=XX" is a byte. */
static str
decode_qp(struct arena *a, str s)
{
    static const char hex[] = "0123456789ABCDEF";
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *high, *low;
        if (str_is_space(s.p[i]))
            continue;
        if (s.p[i] == '=' && i + 2 < s.n && s.p[i + 1] && s.p[i + 2] && (high = strchr(hex, s.p[i + 1])) &&
            (low = strchr(hex, s.p[i + 2]))) {
            p[n++] = (char)((high - hex) << 4 | (low - hex));
            i += 2;
        } else {
            p[n++] = s.p[i];
        }
    }
    return str_of(p, n);
}

/* i= must lie at or below d= (section 6.1.1). */
static void
read_identity(struct arena *a, struct signature *s, struct dkim_result *r)
{
    bool there;
    str identity = taglist_get(&s->tags, "i", &there), domain, name;
    r->identity = there ? decode_qp(a, identity) : arena_join(a, S("@"), S(""), r->domain);
    struct str_cut at = str_rcut(r->identity, '@');
    if (!at.found || !dns_name(a, idn_ascii(a, at.tail), &name) ||
        !dns_name(a, idn_ascii(a, r->domain), &domain) || !dns_is_below(name, domain))
        object(s, AUTH_PERMERROR, "i= does not lie below d= (RFC 6376 section 6.1.1)");
}

static when
read_seconds(struct signature *s, const char *tag)
{
    bool there;
    uint64_t v;
    str text = taglist_get(&s->tags, tag, &there);
    if (!there)
        return WHEN_NONE;
    if (!str_digits(text) || text.n > 12 || !str_to_u64(text, &v)) {
        if (!str_digits(text))
            object(s, AUTH_PERMERROR, "t= or x= is no number");
        return WHEN_NONE; /* 13 digits and more: beyond any clock */
    }
    return (when)v * WHEN_SECOND;
}

static void
read_times(const struct dkim_policy *policy, struct signature *s, struct dkim_result *r)
{
    r->signed_at = read_seconds(s, "t");
    r->expires_at = read_seconds(s, "x");
    if (r->expires_at == WHEN_NONE)
        return;
    if (r->signed_at != WHEN_NONE && r->expires_at <= r->signed_at)
        object(s, AUTH_PERMERROR, "x= is not after t= (RFC 6376 section 3.5)");
    else if (policy->received_at != WHEN_NONE && policy->received_at > r->expires_at)
        object(s, AUTH_FAIL, "the signature had expired when the message was received");
}

static void
read_limit(struct signature *s)
{
    str l = taglist_get(&s->tags, "l", &s->limited);
    if (s->limited && (!str_digits(l) || !str_to_u64(l, &s->limit))) {
        object(s, AUTH_PERMERROR, "l= is no number");
        s->complete = false;
    }
}

static void
read_signature(struct dkim *d, struct signature *s, str value, struct dkim_result *r)
{
    static const char *const needed[] = { "a", "b", "bh", "d", "h", "s" };
    struct arena *a = d->arena;
    bool there;
    s->problem = AUTH_PASS;
    s->complete = value.n <= DKIM_MAX_FIELD;
    if (!s->complete) {
        object(s, AUTH_PERMERROR, "the field is too long");
        return;
    }
    taglist_parse(&s->tags, value);
    if (s->tags.problem || s->tags.duplicate)
        object(s, AUTH_PERMERROR, "the field is no list of tags (RFC 6376 section 3.2)");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (taglist_get(&s->tags, needed[i], &there).n == 0) {
            object(s, AUTH_PERMERROR, "a tag that must be there is missing (RFC 6376 section 3.5)");
            s->complete = false;
        }
    r->domain = taglist_get(&s->tags, "d", NULL);
    r->selector = taglist_get(&s->tags, "s", NULL);
    r->algorithm = taglist_get(&s->tags, "a", NULL);
    str v = taglist_get(&s->tags, "v", &there);
    if (there ? !str_eq(v, S("1")) : !d->policy->legacy)
        object(s, AUTH_PERMERROR, "v= is not 1 (RFC 6376 section 3.5)");
    str q = taglist_get(&s->tags, "q", &there);
    if (there && !taglist_has(q, ':', "dns/txt"))
        object(s, AUTH_NEUTRAL, "q= names no way to the key that we know");
    read_algorithm(s, r->algorithm);
    read_canonicalization(s, r);
    read_headers(a, s, r);
    read_identity(a, s, r);
    read_times(d->policy, s, r);
    read_limit(s);
    if (!dkim_base64(a, taglist_get(&s->tags, "b", NULL), &s->bytes) ||
        !dkim_base64(a, taglist_get(&s->tags, "bh", NULL), &s->hash)) {
        object(s, AUTH_PERMERROR, "b= or bh= is not base64");
        s->complete = false;
    }
    s->complete = s->complete && s->method_known;
}

static bool
signature_fits_key(const struct signature *s, const struct dkim_key *k)
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
without_b(struct dkim *d, const struct signature *s, str field)
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
signed_bytes(struct dkim *d, const struct signature *s, const struct dkim_result *r, bool crlf,
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
body_matches(struct dkim *d, const struct signature *s, int variant, struct dkim_result *r)
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
verify(struct dkim *d, const struct signature *s, const struct public_key *key, struct dkim_result *r)
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
judge(const struct dkim *d, const struct signature *s, const struct dkim_key *k, struct dkim_result *r)
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
    struct signature s = { .header = header };
    struct dkim_key key;
    *r = (struct dkim_result){ .raw_index = header, .signed_at = WHEN_NONE, .expires_at = WHEN_NONE };
    read_signature(d, &s, str_cut(field_of(d->message, header), ':').tail, r);
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
