/* DMARC verdicts.
 *
 * Every name is asked at most once a message.  A failure of the DNS on the way
 * up leaves organizational domains undetermined; only strict equality still
 * aligns then.  Reports are not sent or read here. */
#include "dmarc_policy.h"

#include "dmarc_record.h"
#include "idn.h"

/* What stands at one name. */
struct site {
    str name;
    enum dns_status status;
    struct dmarc_published record; /* is_dmarc false: none */
    str text;
};

struct dmarc {
    struct arena *arena;
    struct dns *dns;
    const struct dmarc_request *request;
    struct dmarc_result *out;
    struct site *sites;
    size_t n, room;
    enum dns_status hidden; /* the failure that hides an organizational domain; UNKNOWN before others */
    bool any_hidden;
    bool spf_unheard; /* nobody says for which domain SPF would have been asked */
};

/* The records found on the way up from a name, the longest name first. */
struct walk {
    const struct site *found[DMARC_MAX_WALK];
    size_t n;
    str org;                 /* "" if a failure hid it */
    enum dns_status failure; /* DNS_OK: none */
};

/* The answer for one name; good until the next call. */
static const struct site *
look_at(struct dmarc *d, str name)
{
    for (size_t i = 0; i < d->n; i++)
        if (str_eq(d->sites[i].name, name))
            return &d->sites[i];
    struct dns_answer answer;
    struct site site = { .name = name };
    dns_query(d->dns, d->arena, arena_join(d->arena, S("_dmarc."), S(""), name), DNS_TXT, &answer);
    d->out->queries++;
    site.status = answer.status;
    size_t found = 0;
    for (size_t i = 0; i < answer.n; i++) {
        struct dmarc_published p = dmarc_record_parse(answer.records[i].data);
        if (!p.is_dmarc)
            continue;
        site.record = p;
        site.text = answer.records[i].data;
        found++;
    }
    if (found > 1) { /* all are discarded */
        site.record = (struct dmarc_published){ 0 };
        d->out->several_records = true;
    }
    ARENA_PUSH(d->arena, d->sites, d->n, d->room) = site;
    return &d->sites[d->n - 1];
}

static bool
failed(enum dns_status s)
{
    return s == DNS_SERVFAIL || s == DNS_TIMEOUT || s == DNS_UNKNOWN;
}

/* Section 4.10: from the name up to the top, at most eight questions.  A record that says whether it is a public
 * suffix's ends it, at its start too. */
static void
walk_up(struct dmarc *d, str start, struct walk *w)
{
    *w = (struct walk){ .failure = DNS_OK };
    str name = start;
    for (int queries = 0; name.n && queries < DMARC_MAX_WALK; queries++) {
        struct site *site = ARENA_NEW(d->arena, struct site);
        *site = *look_at(d, name); /* a copy: the sites move as they grow */
        if (failed(site->status)) {
            w->failure = site->status;
            if (!d->any_hidden || site->status == DNS_UNKNOWN)
                d->hidden = site->status;
            d->any_hidden = true;
            return;
        }
        if (site->record.is_dmarc) {
            w->found[w->n++] = site;
            if (site->record.psd != 'u')
                break;
        }
        name =
            dns_labels(name) >= DMARC_MAX_WALK ? dns_last_labels(name, DMARC_MAX_WALK - 1) : dns_parent(name);
    }
}

/* Section 4.10.2. */
static void
choose_org(str start, struct walk *w)
{
    w->org = S("");
    if (w->failure != DNS_OK)
        return;
    w->org = start;
    for (size_t i = 0; i < w->n; i++) {
        const struct site *s = w->found[i];
        if (s->record.psd == 'n') {
            w->org = s->name;
            return;
        }
        if (s->record.psd == 'y' && !str_eq(s->name, start)) {
            w->org = dns_last_labels(start, dns_labels(s->name) + 1);
            return;
        }
    }
    if (w->n)
        w->org = w->found[w->n - 1]->name;
}

/* The organizational domain of a name; "" if it cannot be told. */
static str
org_of(struct dmarc *d, str name)
{
    if (d->request->method == 7489) {
        str org = d->request->psl ? psl_organizational(d->request->psl, d->arena, name) : S("");
        return org.n ? org : name;
    }
    struct walk w;
    walk_up(d, name, &w);
    choose_org(name, &w);
    return w.org;
}

/* The record that applies (sections 4.10.1; RFC 7489 section 6.6.3), or NULL with *status why. */
static const struct site *
discover(struct dmarc *d, str domain, enum dns_status *status)
{
    struct dmarc_result *out = d->out;
    struct site *own = ARENA_NEW(d->arena, struct site);
    *own = *look_at(d, domain);
    *status = own->status;
    out->org_domain = org_of(d, domain);
    if (own->record.is_dmarc)
        return own;
    if (failed(own->status))
        return NULL;
    if (d->request->method == 7489) {
        if (out->several_records || str_eq(out->org_domain, domain))
            return NULL;
        *own = *look_at(d, out->org_domain);
        *status = own->status;
        return own->record.is_dmarc ? own : NULL;
    }
    struct walk w;
    walk_up(d, domain, &w);
    *status = w.failure;
    if (w.failure != DNS_OK)
        return NULL;
    for (size_t i = 0; i < w.n; i++)
        if (str_eq(w.found[i]->name, out->org_domain))
            return w.found[i];
    return w.n && w.found[w.n - 1]->record.psd == 'y' ? w.found[w.n - 1] : NULL;
}

/* Whether there is such a name: NXDOMAIN says no, whatever was asked for; an alias exists.  DNS_UNKNOWN, or another
 * failure, where no question is answered. */
static enum dns_status
existence(struct dmarc *d, str domain)
{
    static const enum dns_type types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_AAAA };
    struct dns_answer answer = { .status = DNS_UNKNOWN };
    for (size_t i = 0; i < sizeof types / sizeof *types && failed(answer.status); i++) {
        dns_query(d->dns, d->arena, domain, types[i], &answer);
        d->out->queries++;
    }
    return answer.status == DNS_NXDOMAIN && answer.aliased ? DNS_OK : answer.status;
}

/* p for the name itself; below it sp, or np for names that do not exist.  ABSENT with a reason where it cannot be
 * told which. */
static enum dmarc_ask
ask_of(struct dmarc *d, const struct site *site, str domain)
{
    const struct dmarc_published *p = &site->record;
    enum dmarc_ask below = p->sp != DMARC_ASK_ABSENT ? p->sp : p->p;
    if (str_eq(site->name, domain))
        return p->p;
    if (p->np == DMARC_ASK_ABSENT || p->np == below || d->request->method != 9989)
        return below;
    enum dns_status there = existence(d, domain);
    if (failed(there))
        d->out->reason = S("whether the author's domain exists (np or sp) cannot be told for want of DNS");
    return failed(there) ? DMARC_ASK_ABSENT : there == DNS_NXDOMAIN ? p->np : below;
}

enum alignment { NOT_ALIGNED, ALIGNED, ALIGNMENT_UNKNOWN };

static enum alignment
aligned(struct dmarc *d, const struct dmarc_identifier *id, const struct dmarc_published *p, str domain)
{
    str name;
    if (!dns_name(d->arena, idn_ascii(d->arena, id->domain), &name))
        return NOT_ALIGNED;
    if (str_eq(name, domain))
        return ALIGNED;
    if (id->dkim ? p->strict_dkim : p->strict_spf)
        return NOT_ALIGNED;
    str top = dns_last_labels(domain, 1);
    if (!str_eq(dns_last_labels(name, 1), top))
        return NOT_ALIGNED; /* organizational domains lie below their names' top */
    str org = org_of(d, name);
    if (org.n == 0 || d->out->org_domain.n == 0)
        return ALIGNMENT_UNKNOWN;
    return str_eq(org, d->out->org_domain) ? ALIGNED : NOT_ALIGNED;
}

/* Looks at passes first; what is temperror or unknown can only excuse the lack of one. */
static void
align_all(struct dmarc *d, const struct dmarc_published *p, str domain)
{
    struct dmarc_result *out = d->out;
    enum auth_word excuse = AUTH_FAIL;
    size_t n = d->request->nidentifiers;
    if (n > DMARC_MAX_IDENTIFIERS)
        n = DMARC_MAX_IDENTIFIERS;
    for (size_t i = 0; i < n; i++) {
        const struct dmarc_identifier *id = &d->request->identifiers[i];
        bool open = id->result == AUTH_TEMPERROR || id->result == AUTH_UNKNOWN;
        if (id->result != AUTH_PASS && !open)
            continue;
        d->spf_unheard |= open && !id->dkim && id->domain.n == 0;
        enum alignment a = aligned(d, id, p, domain);
        if (a == ALIGNED && !open) {
            out->spf_aligned |= !id->dkim;
            out->dkim_aligned |= id->dkim;
            out->aligned |= UINT32_C(1) << i;
        } else if (a != NOT_ALIGNED && excuse != AUTH_UNKNOWN) {
            excuse = open ? id->result : d->hidden == DNS_UNKNOWN ? AUTH_UNKNOWN : AUTH_TEMPERROR;
            out->reason = open ? S("an aligned method has no result for want of DNS")
                               : S("organizational domains cannot be told for want of DNS");
        }
    }
    out->result = out->spf_aligned || out->dkim_aligned ? AUTH_PASS : excuse;
    if (out->result == AUTH_PASS)
        out->reason = S("");
}

static str
disposition(const struct dmarc_published *p, enum dmarc_ask ask, int method)
{
    bool lowered = method == 9989 ? p->testing : p->pct == 0; /* RFC 7489 section 6.6.4 */
    if (ask == DMARC_ASK_ABSENT)
        return S("unknown");
    if (lowered)
        ask = ask == DMARC_ASK_REJECT ? DMARC_ASK_QUARANTINE : DMARC_ASK_NONE;
    return dmarc_ask_word(ask);
}

static void
no_record(struct dmarc_result *out, enum dns_status status)
{
    out->result = status == DNS_UNKNOWN ? AUTH_UNKNOWN : failed(status) ? AUTH_TEMPERROR : AUTH_NONE;
    out->reason = status == DNS_UNKNOWN  ? S("the DNS source does not know the record")
                  : failed(status)       ? S("the DNS failed while looking for the record")
                  : out->several_records ? S("several DMARC records at one name: all are ignored")
                                         : S("no DMARC record");
}

/* out->reason, where ask_of had something to say, comes last. */
static void
why_it_fails(struct dmarc *d, const struct dmarc_published *p, enum dmarc_ask ask)
{
    str more = S(""), before = d->out->reason;
    if (ask == DMARC_ASK_ABSENT)
        more = before;
    else if (d->request->method == 7489 && p->pct < 100)
        more = arena_printf(d->arena, "the policy asks for %d%% of such mail", p->pct);
    else if (d->request->method == 9989 && p->testing)
        more = S("test mode lowers the policy (t=y)");
    else if (d->spf_unheard)
        more = S("the envelope sender, which SPF would need, is not known");
    d->out->reason = S("neither SPF nor DKIM passed in alignment");
    if (more.n)
        d->out->reason = arena_join(d->arena, d->out->reason, S("; "), more);
}

/* Letters, digits, hyphens, underscores: what else a From may hold behind its @ is no domain, and asking for it
 * could only mislead. */
static bool
is_domain(str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!str_is_alpha(name.p[i]) && !str_is_digit(name.p[i]) && !memchr("-_.", name.p[i], 3))
            return false;
    return true;
}

void
dmarc_check(struct arena *a, struct dns *dns, const struct dmarc_request *request, struct dmarc_result *out)
{
    struct dmarc d = { .arena = a, .dns = dns, .request = request, .out = out };
    enum dns_status status;
    str domain;
    *out = (struct dmarc_result){ .domain = request->domain };
    if (!dns_name(a, idn_ascii(a, request->domain), &domain) || !is_domain(domain)) {
        out->result = AUTH_PERMERROR;
        out->reason = S("the author's address has no valid domain");
        return;
    }
    out->domain = domain;
    const struct site *site = discover(&d, domain, &status);
    if (site == NULL) {
        no_record(out, status);
        return;
    }
    out->record_domain = site->name;
    out->record = site->text;
    if (!site->record.usable) {
        out->result = AUTH_NONE;
        out->reason = S("the record has neither a valid policy nor a report address");
        return;
    }
    enum dmarc_ask ask = ask_of(&d, site, domain);
    out->policy = dmarc_ask_word(ask);
    align_all(&d, &site->record, domain);
    out->disposition = out->result == AUTH_FAIL ? disposition(&site->record, ask, request->method)
                       : out->result == AUTH_UNKNOWN && ask != DMARC_ASK_NONE ? S("unknown")
                                                                              : S("none");
    if (out->result == AUTH_FAIL)
        why_it_fails(&d, &site->record, ask);
}
