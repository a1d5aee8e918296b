/* DKIM key records: fetched, chosen, read (RFC 6376 section 3.6). */
#include "dkim_internal.h"

#include "idn.h"
#include "transfer.h"

bool
dkim_base64(struct arena *a, str text, str *out)
{
    char *p = arena_alloc(a, text.n + 1);
    size_t n = 0, digits = 0, pads = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (str_is_space(c))
            continue;
        if (c == '=') {
            pads++;
            continue;
        }
        int d = transfer_base64_digit(c);
        if (d < 0 || pads)
            return false;
        bits = bits << 6 | (uint32_t)d;
        if (++digits % 4 == 0)
            for (int shift = 16; shift >= 0; shift -= 8)
                p[n++] = (char)(bits >> shift);
    }
    size_t left = digits % 4;
    if (left == 1 || pads > 2 || (pads && (left + pads) % 4 != 0))
        return false;
    if (left == 2)
        p[n++] = (char)(bits >> 4);
    if (left == 3) {
        p[n++] = (char)(bits >> 10);
        p[n++] = (char)(bits >> 2);
    }
    *out = str_of(p, n);
    return true;
}

static void
refuse(struct dkim_key *k, enum auth_word error, str reason)
{
    k->error = error;
    k->reason = reason;
}

/* Reads one record. Sets error and reason where it is no key for a signature by mail. */
static void
read_record(struct arena *a, str record, bool rsa, struct dkim_key *k)
{
    struct taglist tags;
    bool there;
    if (record.n > DKIM_MAX_KEY_RECORD) {
        refuse(k, AUTH_PERMERROR, S("the key record is too long"));
        return;
    }
    taglist_parse(&tags, record);
    str v = taglist_get(&tags, "v", &there);
    if (there && (!str_eq(v, S("DKIM1")) || !str_eq(tags.tags[0].name, S("v")))) {
        refuse(k, AUTH_PERMERROR,
               S("the key record's v= is not DKIM1, or not first (RFC 6376 section 3.6.1)"));
        return;
    }
    str type = taglist_get(&tags, "k", &there);
    k->rsa = !there || str_ieq(type, S("rsa"));
    str hashes = taglist_get(&tags, "h", &there);
    k->sha1 = !there || taglist_has(hashes, ':', "sha1");
    k->sha256 = !there || taglist_has(hashes, ':', "sha256");
    str services = taglist_get(&tags, "s", &there);
    bool email = !there || taglist_has(services, ':', "*") || taglist_has(services, ':', "email");
    str flags = taglist_get(&tags, "t", NULL);
    k->testing = taglist_has(flags, ':', "y");
    k->strict = taglist_has(flags, ':', "s");
    str p = taglist_get(&tags, "p", &there);
    k->missing = there && p.n == 0;
    if (tags.problem || tags.duplicate)
        refuse(k, AUTH_PERMERROR, S("the key record breaks the grammar (RFC 6376 section 3.2)"));
    else if (!there)
        refuse(k, AUTH_PERMERROR, S("the key record has no p="));
    else if (p.n == 0)
        refuse(k, AUTH_PERMERROR, S("the key is revoked (RFC 6376 section 3.6.1)"));
    else if (!email)
        refuse(k, AUTH_PERMERROR, S("the key is not for mail (RFC 6376 section 3.6.1)"));
    else if (there && !dkim_base64(a, p, &k->bytes))
        refuse(k, AUTH_PERMERROR, S("the key record's p= is not base64"));
    else if (k->rsa != rsa || (!k->rsa && !str_ieq(type, S("ed25519"))))
        refuse(k, AUTH_PERMERROR, S("the key is of another type than a= (RFC 6376 section 6.1.2)"));
}

/* Several records are undefined (section 3.6.2.2): the first that serves is taken, and it is told. */
static void
choose(struct arena *a, const struct dns_answer *answer, bool rsa, struct dkim_key *k)
{
    struct dkim_key worst = { 0 };
    bool named = false; /* worst is a record that at least has a p= */
    for (size_t i = 0; i < answer->n; i++) {
        str record = answer->records[i].data;
        *k = (struct dkim_key){ .error = AUTH_PASS };
        read_record(a, record, rsa, k);
        if (k->error == AUTH_PASS)
            break;
        if (i == 0 || (!named && str_has(record, S("p="))))
            worst = *k;
        named |= str_has(record, S("p="));
    }
    if (k->error != AUTH_PASS)
        *k = worst;
    k->several = answer->n > 1;
}

void
dkim_key_fetch(struct arena *a, struct dns *dns, str selector, str domain, bool rsa, struct dkim_key *k)
{
    struct dns_answer answer;
    *k = (struct dkim_key){ .error = AUTH_PASS, .from = WHEN_NONE, .until = WHEN_NONE };
    str name = arena_join(a, idn_ascii(a, selector), S("._domainkey."), idn_ascii(a, domain));
    dns_query(dns, a, name, DNS_TXT, &answer);
    if (answer.status == DNS_OK)
        choose(a, &answer, rsa, k);
    k->status = answer.status;
    k->old = answer.nearest;
    k->from = answer.valid_from;
    k->until = answer.valid_until;
    switch (answer.status) {
    case DNS_OK: return;
    case DNS_NXDOMAIN:
    case DNS_NODATA:
        k->missing = true;
        refuse(k, AUTH_PERMERROR, arena_join(a, S("no key at "), S(""), name));
        return;
    case DNS_UNKNOWN:
        refuse(k, AUTH_UNKNOWN, arena_join(a, S("the DNS source has no TXT of "), S(""), name));
        return;
    case DNS_TIMEOUT:
        refuse(k, AUTH_TEMPERROR, arena_join(a, S("no answer in time for "), S(""), name));
        return;
    default: refuse(k, AUTH_TEMPERROR, arena_join(a, S("server failure for "), S(""), name)); return;
    }
}
