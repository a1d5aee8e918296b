/* What receivers recorded against what is computed here, and what explains a difference.
 *
 * Only trusted results are compared, or, where none are, those that nobody
 * forged.  An explanation is what is known, not what is likely: another client
 * or sender was looked at, the key is gone, the message was changed, records
 * are of another time.  Where nothing explains it, that is said. */
#include "auth_findings.h"

#include "ip.h"

enum { MAX_DIFFERENCES = 20 };

struct compare {
    struct auth_notes *notes;
    const struct message *m;
    const struct auth_verdict *v;
    const struct auth_results *field;
    bool spf_differs, dkim_differs;
    int n;
};

static str
property(const struct auth_recorded *r, const char *name)
{
    for (size_t i = 0; i < r->nproperties; i++)
        if (str_eq(r->properties[i].name, str_from(name)))
            return r->properties[i].value;
    return S("");
}

static str
domain_of(str address)
{
    struct str_cut at = str_rcut(address, '@');
    return at.found ? at.tail : address;
}

/* RFC 8601's word for what is written. */
static str
word_of(str result)
{
    static const struct {
        const char *written, *means;
    } words[] = {
        { "hardfail", "fail" },       { "error", "temperror" },    { "unknown", "permerror" },
        { "bestguesspass", "none" },  { "invalid", "permerror" },  { "timeout", "temperror" },
        { "test", "neutral" },        { "discard", "fail" },       { "perm_fail", "permerror" },
        { "temp_fail", "temperror" }, { "permfail", "permerror" }, { "tempfail", "temperror" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(result, str_from(words[i].written)))
            return str_from(words[i].means);
    return result;
}

static void
differ(struct compare *c, const char *code, str method, str theirs, enum auth_word ours, str about, str why)
{
    struct arena *a = c->notes->arena;
    str who = c->field->authserv_id.n ? c->field->authserv_id : S("a server without a name");
    if (c->n++ >= MAX_DIFFERENCES)
        return;
    str text = arena_printf(a, "%.*s recorded %.*s=%.*s%s%.*s, we find %.*s: %.*s", PRSTR(who), PRSTR(method),
                            PRSTR(str_head(theirs, 40)), about.n ? " for " : "", PRSTR(str_head(about, 255)),
                            PRSTR(auth_word(ours)), PRSTR(why));
    auth_note(c->notes, "note", code, text);
}

/* The client's address that a result speaks of, in a property or in the words of its comment. */
static struct ip
client_of(const struct compare *c, const struct auth_recorded *r)
{
    static const char *const names[] = { "client-ip", "smtp.remote-ip", "smtp.client-ip",
                                         "policy.client-ip" };
    static const char *const words[] = { "sender IP is ", "sender ip is ", "designates ", "designate ",
                                         "client-ip=" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ip ip = ip_parse(property(r, names[i]));
        if (ip.family)
            return ip;
    }
    str raw = c->m->headers[c->field->raw_index].value;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t at = str_find(raw, str_from(words[i]));
        if (at == STR_NONE)
            continue;
        str s = str_trim_left(str_skip(raw, at + strlen(words[i])));
        size_t n = 0;
        while (n < s.n && !str_is_space(s.p[n]) && !memchr(");,", s.p[n], 3))
            n++;
        struct ip ip = ip_parse(str_head(s, n));
        if (ip.family)
            return ip;
    }
    return (struct ip){ 0 };
}

static bool
same_ip(struct ip a, struct ip b)
{
    return a.family == b.family && memcmp(a.byte, b.byte, a.family == 4 ? 4 : 16) == 0;
}

static void
compare_spf(struct compare *c, const struct auth_recorded *r)
{
    struct arena *a = c->notes->arena;
    str sender = property(r, "smtp.mailfrom"), helo = property(r, "smtp.helo"), said = word_of(r->result);
    if (sender.n == 0)
        sender = property(r, "smtp.mfrom");
    bool of_helo = sender.n == 0 && helo.n && c->v->helo.domain.n;
    const struct spf_result *ours = of_helo ? &c->v->helo : &c->v->spf;
    if (ours->result == AUTH_UNKNOWN || str_ieq(said, auth_word(ours->result)))
        return;
    struct ip theirs = client_of(c, r), mine = ip_parse(ours->ip);
    str domain = domain_of(of_helo ? helo : sender), why;
    if (theirs.family && mine.family && !same_ip(theirs, mine))
        why = arena_printf(a, "it saw the client %.*s, we look at %.*s (forwarded, or another hop)",
                           PRSTR(ip_format(a, theirs)), PRSTR(ours->ip));
    else if (domain.n && !str_ieq(domain, ours->domain))
        why = arena_printf(a, "it asked %.*s, we ask %.*s (the sender was rewritten)", PRSTR(domain),
                           PRSTR(ours->domain));
    else if (c->v->spf_age)
        why = arena_printf(a, "our records are %.*s away from the reception",
                           PRSTR(auth_age(a, c->v->spf_age)));
    else if (ours->result == AUTH_NONE)
        why = S("the record is gone since");
    else if (ours->result == AUTH_PERMERROR || ours->result == AUTH_TEMPERROR)
        why = ours->problem;
    else
        why = S("the same client and domain: the records have changed since, or it follows other rules");
    c->spf_differs = true;
    differ(c, "spf_differs", S("spf"), r->result, ours->result, ours->domain, why);
}

static str
why_dkim(const struct compare *c, const struct dkim_result *ours, bool they_passed, str they_said)
{
    struct arena *a = c->notes->arena;
    if (they_passed && ours->no_key)
        return S("the key is gone since");
    if (they_passed && ours->result == AUTH_POLICY)
        return S("it counts what we do not (the signature verifies)");
    if (they_passed && ours->change.n)
        return arena_printf(a, "changed since: %.*s", PRSTR(ours->change));
    if (they_passed && ours->body == DKIM_BODY_CHANGED)
        return S("the body was changed since");
    if (they_passed && !ours->verified && ours->result == AUTH_FAIL)
        return ours->reason.n && ours->body == DKIM_BODY_SAME ? S("signed fields were changed since")
                                                              : ours->reason;
    if (they_passed)
        return ours->reason.n ? ours->reason : S("nothing here explains it");
    if (ours->result == AUTH_PASS && str_ifind(they_said, S("key not found")) != STR_NONE)
        return arena_printf(a, "it found no key (%.*s)", PRSTR(they_said));
    if (ours->result == AUTH_PASS && ours->variant.n)
        return arena_printf(a, "it holds once what storing did is undone (%.*s)", PRSTR(ours->variant));
    if (ours->result == AUTH_PASS)
        return S("the signature holds: it had no key at hand, or judged by other rules");
    return S("both reject it, in other words");
}

/* The signature that a result speaks of; of several with one domain, one with the same result if there is. */
static const struct dkim_result *
signature_of(const struct compare *c, const struct auth_recorded *r, str domain)
{
    str selector = property(r, "header.s"), said = word_of(r->result);
    const struct dkim_result *found = NULL;
    for (size_t i = 0; i < c->v->ndkim; i++) {
        const struct dkim_result *d = &c->v->dkim[i];
        if (!str_ieq(d->domain, domain) || (selector.n && !str_ieq(selector, d->selector)))
            continue;
        if (found == NULL || str_ieq(auth_word(d->result), said))
            found = d;
    }
    return found;
}

static void
compare_dkim(struct compare *c, const struct auth_recorded *r)
{
    str said = word_of(r->result), domain = property(r, "header.d");
    if (domain.n == 0)
        domain = domain_of(property(r, "header.i"));
    if (domain.n == 0 || str_ieq(domain, S("none")))
        return;
    const struct dkim_result *ours = signature_of(c, r, domain);
    bool they_passed = str_ieq(said, S("pass"));
    if (ours == NULL) {
        if (they_passed)
            differ(c, "dkim_differs", S("dkim"), r->result, AUTH_NONE, domain,
                   S("the message has no such signature (any more)"));
        return;
    }
    if (ours->result == AUTH_UNKNOWN || they_passed == (ours->result == AUTH_PASS))
        return;
    c->dkim_differs = true;
    differ(c, "dkim_differs", S("dkim"), r->result, ours->result, domain,
           why_dkim(c, ours, they_passed, r->reason));
}

static void
compare_dmarc(struct compare *c, const struct auth_recorded *r)
{
    const struct dmarc_result *ours = &c->v->dmarc;
    str said = word_of(r->result), from = domain_of(property(r, "header.from")), why;
    if (ours->result == AUTH_UNKNOWN || str_ieq(said, auth_word(ours->result)))
        return;
    if (from.n && ours->domain.n && !str_ieq(from, ours->domain))
        why = arena_printf(c->notes->arena,
                           "it judged %.*s, we judge %.*s: From was rewritten, or can be read "
                           "in two ways",
                           PRSTR(from), PRSTR(ours->domain));
    else if (c->spf_differs || c->dkim_differs)
        why = c->spf_differs && c->dkim_differs ? S("SPF and DKIM differ, see there")
              : c->spf_differs                  ? S("SPF differs, see there")
                                                : S("DKIM differs, see there");
    else if (c->v->dmarc_age)
        why = arena_printf(c->notes->arena, "our record is %.*s away from the reception",
                           PRSTR(auth_age(c->notes->arena, c->v->dmarc_age)));
    else if (ours->result == AUTH_NONE)
        why = S("there is no record (any more)");
    else if (str_ieq(said, S("none")))
        why = S("it found no record: published since, or found by the other RFC's way");
    else
        why = ours->reason.n ? ours->reason
                             : S("the organizational domain or the alignment was judged otherwise");
    differ(c, "dmarc_differs", S("dmarc"), r->result, ours->result, from.n ? from : ours->domain, why);
}

static void
compare_arc(struct compare *c, const struct auth_recorded *r)
{
    const struct arc_result *ours = &c->v->arc;
    if (ours->result == AUTH_UNKNOWN || str_ieq(word_of(r->result), auth_word(ours->result)))
        return;
    bool grown = c->field->raw_index != SIZE_MAX && ours->instances > 0 && str_ieq(r->result, S("none"));
    if (grown)
        return; /* sealed after that server looked */
    differ(c, "arc_differs", S("arc"), r->result, ours->result, S(""),
           ours->reason.n ? ours->reason : S("the chain was longer or shorter then"));
}

static const struct {
    const char *method;
    void (*compare)(struct compare *, const struct auth_recorded *);
} methods[] = {
    { "spf", compare_spf },
    { "dkim", compare_dkim },
    { "dmarc", compare_dmarc },
    { "arc", compare_arc },
};

void
auth_compare(struct auth_notes *notes, const struct message *m, const struct auth_verdict *v)
{
    struct compare c = { .notes = notes, .m = m, .v = v };
    bool any_trusted = false;
    for (size_t i = 0; i < m->nrecorded; i++)
        any_trusted |= m->recorded[i].trusted;
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) /* DMARC after what it rests on */
        for (size_t i = 0; i < m->nrecorded; i++) {
            c.field = &m->recorded[i];
            if (c.field->instance || c.field->forged || (any_trusted && !c.field->trusted))
                continue;
            for (size_t j = 0; j < c.field->nresults; j++)
                if (str_eq(c.field->results[j].method, str_from(methods[k].method)))
                    methods[k].compare(&c, &c.field->results[j]);
        }
    for (size_t i = 0; i < m->nrecorded; i++)
        if (m->recorded[i].forged)
            auth_note(notes, "degradation", "forged_results",
                      arena_printf(notes->arena,
                                   "%.*s in the name of %.*s stands below where we took the message: it came "
                                   "with it and proves nothing (RFC 8601 section 5)",
                                   PRSTR(m->recorded[i].header), PRSTR(m->recorded[i].authserv_id)));
}
