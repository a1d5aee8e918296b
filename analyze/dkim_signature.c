/* Reads DKIM-Signature fields (RFC 6376 sections 3.5 and 6.1.1).
 *
 * What is wrong with one is noted, the first time, with the result that it
 * costs; the rest is read all the same, so that the bytes can be verified. */
#include "dkim_internal.h"

#include "idn.h"

static void
object(struct dkim_signature *s, enum auth_word problem, const char *reason)
{
    if (s->problem != AUTH_PASS)
        return;
    s->problem = problem;
    s->reason = reason;
}

static void
read_algorithm(struct dkim_signature *s, str a)
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
read_canonicalization(struct dkim_signature *s, struct dkim_result *r)
{
    bool there;
    str c = taglist_get(&s->tags, "c", &there);
    s->no_c = !there;
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
read_headers(struct arena *a, struct dkim_signature *s, struct dkim_result *r)
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
    for (size_t i = 0; s->kind == DKIM_OF_ARC && i < r->nsigned; i++)
        if (str_ieq(r->signed_headers[i], S("ARC-Seal")))
            object(s, AUTH_PERMERROR, "h= lists ARC-Seal (RFC 8617 section 4.1.2)");
    if (!from && s->kind == DKIM_OF_MESSAGE)
        object(s, AUTH_PERMERROR, "h= does not list From (RFC 6376 section 5.4)");
}

str
dkim_decode_qp(struct arena *a, str s)
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
read_identity(struct arena *a, struct dkim_signature *s, struct dkim_result *r)
{
    bool there;
    str identity = taglist_get(&s->tags, "i", &there), domain, name;
    r->identity = there ? dkim_decode_qp(a, identity) : arena_join(a, S("@"), S(""), r->domain);
    struct str_cut at = str_rcut(r->identity, '@');
    if (!at.found || !dns_name(a, idn_ascii(a, at.tail), &name) ||
        !dns_name(a, idn_ascii(a, r->domain), &domain) || !dns_is_below(name, domain))
        object(s, AUTH_PERMERROR, "i= does not lie below d= (RFC 6376 section 6.1.1)");
}

static when
read_seconds(struct dkim_signature *s, const char *tag)
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
read_times(const struct dkim_policy *policy, struct dkim_signature *s, struct dkim_result *r)
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
read_limit(struct dkim_signature *s)
{
    str l = taglist_get(&s->tags, "l", &s->limited);
    if (s->limited && (!str_digits(l) || !str_to_u64(l, &s->limit))) {
        object(s, AUTH_PERMERROR, "l= is no number");
        s->complete = false;
    }
}

void
dkim_read_signature(struct arena *a, const struct dkim_policy *policy, str value, struct dkim_signature *s,
                    struct dkim_result *r)
{
    static const char *const needed[] = { "a", "b", "bh", "d", "s", "h" };
    bool there, arc = s->kind == DKIM_OF_ARC;
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
        if (taglist_get(&s->tags, needed[i], &there).n == 0 &&
            !(arc && there && needed[i][0] == 'h')) { /* nothing signed but the body: fine for ARC */
            object(s, AUTH_PERMERROR, "a tag that must be there is missing (RFC 6376 section 3.5)");
            s->complete = false;
        }
    r->domain = taglist_get(&s->tags, "d", NULL);
    r->selector = taglist_get(&s->tags, "s", NULL);
    r->algorithm = taglist_get(&s->tags, "a", NULL);
    str v = taglist_get(&s->tags, "v", &there);
    if (!arc && (there ? !str_eq(v, S("1")) : !policy->legacy))
        object(s, AUTH_PERMERROR, "v= is not 1 (RFC 6376 section 3.5)");
    str q = taglist_get(&s->tags, "q", &there);
    if (there && !taglist_has(q, ':', "dns/txt"))
        object(s, AUTH_NEUTRAL, "q= names no way to the key that we know");
    read_algorithm(s, r->algorithm);
    read_canonicalization(s, r);
    read_headers(a, s, r);
    if (!arc)
        read_identity(a, s, r);
    read_times(policy, s, r);
    read_limit(s);
    if (!dkim_base64(a, taglist_get(&s->tags, "b", NULL), &s->bytes) ||
        !dkim_base64(a, taglist_get(&s->tags, "bh", NULL), &s->hash)) {
        object(s, AUTH_PERMERROR, "b= or bh= is not base64");
        s->complete = false;
    }
    s->complete = s->complete && s->method_known;
}
