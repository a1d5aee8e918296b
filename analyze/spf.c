/* check_host() of RFC 7208.
 *
 * A record is read whole before any of it is evaluated, so that an error
 * anywhere in it counts (section 4.6).  What the DNS source does not know
 * ends in AUTH_UNKNOWN.  The grammar is in spf_terms.c, macros in
 * spf_macro.c; Received-SPF fields are not read here. */
#include "spf_internal.h"

#include <stdarg.h>
#include <stdio.h>

enum { SPF_MAX_TERMS = 1000 };

void
spf_stop(struct spf *spf, enum auth_word error, const char *format, ...)
{
    if (spf->error != AUTH_PASS)
        return;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    spf->error = error;
    spf->out->problem = arena_copy(spf->arena, str_from(text));
}

bool
spf_ask(struct spf *spf, str name, enum dns_type type, struct dns_answer *answer)
{
    if (when_now() - spf->started > SPF_MAX_SECONDS * WHEN_SECOND) {
        spf_stop(spf, AUTH_TEMPERROR, "it took more than %d s (RFC 7208 section 4.6.4)", SPF_MAX_SECONDS);
        return false;
    }
    dns_query(spf->dns, spf->arena, name, type, answer);
    str word = dns_type_word(spf->arena, type);
    switch (answer->status) {
    case DNS_SERVFAIL:
    case DNS_TIMEOUT:
        spf_stop(spf, AUTH_TEMPERROR, "%.*s of %.*s: %s", PRSTR(word), PRSTR(name),
                 answer->status == DNS_TIMEOUT ? "no answer in time" : "server failure");
        return false;
    case DNS_UNKNOWN:
        spf_stop(spf, AUTH_UNKNOWN, "the DNS source has no %.*s of %.*s", PRSTR(word), PRSTR(name));
        return false;
    default: return true;
    }
}

bool
spf_void(struct spf *spf, str name)
{
    if (++spf->out->void_lookups > spf->request->void_limit)
        spf_stop(spf, AUTH_PERMERROR,
                 "more than %d void look-ups, the last for %.*s (RFC 7208 section 4.6.4)",
                 spf->request->void_limit, PRSTR(name));
    return spf->error == AUTH_PASS;
}

static bool
count_lookup(struct spf *spf, const struct spf_term *t)
{
    if (++spf->out->lookups > SPF_MAX_LOOKUPS)
        spf_stop(spf, AUTH_PERMERROR,
                 "more than %d terms ask the DNS, the last is %.*s (RFC 7208 section 4.6.4)", SPF_MAX_LOOKUPS,
                 PRSTR(t->text));
    return spf->error == AUTH_PASS;
}

/* Whether the host has an address within bits of the client's.  Void only if it has none of either family. */
static bool
host_matches(struct spf *spf, str host, const struct spf_term *t)
{
    struct dns_answer answer, other;
    if (!spf_ask(spf, host, spf_address_type(spf), &answer))
        return false;
    if (answer.status == DNS_NODATA) {
        dns_query(spf->dns, spf->arena, host, spf->ip.family == 4 ? DNS_AAAA : DNS_A, &other);
        if (other.status == DNS_NODATA || other.status == DNS_NXDOMAIN) /* else it cannot be told */
            spf_void(spf, host);
    } else if (answer.status == DNS_NXDOMAIN) {
        spf_void(spf, host);
    }
    return spf_has_address(spf, &answer, spf->ip.family == 4 ? t->bits4 : t->bits6);
}

static bool
match_mx(struct spf *spf, str domain, const struct spf_term *t)
{
    struct dns_answer mx;
    if (!spf_ask(spf, domain, DNS_MX, &mx))
        return false;
    if (mx.status != DNS_OK) {
        spf_void(spf, domain);
        return false;
    }
    if (mx.n > SPF_MAX_MX) {
        spf_stop(spf, AUTH_PERMERROR, "%.*s has more than %d mail exchanges (RFC 7208 section 4.6.4)",
                 PRSTR(domain), SPF_MAX_MX);
        return false;
    }
    for (size_t i = 0; i < mx.n && spf->error == AUTH_PASS; i++)
        if (mx.records[i].data.n && host_matches(spf, mx.records[i].data, t))
            return true;
    return false;
}

static bool
match_ptr(struct spf *spf, str domain)
{
    str clean;
    enum dns_status status = spf_ask_names(spf);
    if (status == DNS_UNKNOWN)
        spf_stop(spf, AUTH_UNKNOWN, "the DNS source has no PTR of the client");
    else if (status == DNS_NXDOMAIN || status == DNS_NODATA)
        spf_void(spf, spf_reverse_name(spf));
    if (spf->error != AUTH_PASS || !dns_name(spf->arena, domain, &clean))
        return false;
    for (size_t i = 0; i < spf->nclient_names; i++)
        if (dns_is_below(spf->client_names[i], clean))
            return true;
    for (size_t i = 0; i < spf->nopen_names; i++)
        if (dns_is_below(spf->open_names[i], clean))
            spf_stop(spf, AUTH_UNKNOWN, "the DNS source has no address of %.*s, a name of the client",
                     PRSTR(spf->open_names[i]));
    return false;
}

static bool
match_exists(struct spf *spf, str domain)
{
    struct dns_answer answer;
    if (!spf_ask(spf, domain, DNS_A, &answer))
        return false;
    if (answer.status != DNS_OK)
        spf_void(spf, domain);
    return answer.status == DNS_OK;
}

static enum auth_word check_domain(struct spf *, str domain, bool outermost);

/* Section 5.2: only pass matches; fail, softfail and neutral do not; everything else is an error. */
static bool
match_include(struct spf *spf, str domain)
{
    struct spf_result *out = spf->out;
    str mechanism = out->mechanism;
    enum auth_word r = check_domain(spf, domain, false);
    out->mechanism = mechanism;
    if (r == AUTH_NONE)
        spf_stop(spf, AUTH_PERMERROR, "include of %.*s, which has no SPF record (RFC 7208 section 5.2)",
                 PRSTR(domain));
    return r == AUTH_PASS && spf->error == AUTH_PASS;
}

/* RFC 8616 section 4: a term with the local part in it matches nothing where that is not of ASCII. */
static bool
is_beyond_dns(const struct spf *spf, const struct spf_term *t)
{
    bool ascii = true;
    for (size_t i = 0; i < spf->local.n; i++)
        ascii &= (unsigned char)spf->local.p[i] < 0x80;
    return !ascii && spf_macro_has_local(t->spec);
}

static bool
match(struct spf *spf, const struct spf_term *t, str domain)
{
    switch (t->kind) {
    case SPF_ALL: return true;
    case SPF_IP4: return ip_match(spf->ip, t->net, t->bits4);
    case SPF_IP6: return ip_match(spf->ip, t->net, t->bits6);
    default: break;
    }
    if (!count_lookup(spf, t) || is_beyond_dns(spf, t))
        return false;
    str target = t->spec.n ? spf_expand(spf, t->spec, domain, false) : domain;
    if (spf->error != AUTH_PASS)
        return false;
    switch (t->kind) {
    case SPF_INCLUDE: return match_include(spf, target);
    case SPF_A: return host_matches(spf, target, t);
    case SPF_MX: return match_mx(spf, target, t);
    case SPF_PTR: return match_ptr(spf, target);
    default: return match_exists(spf, target);
    }
}

/* Section 4.5: the one record of the domain. AUTH_PASS and *record, or the result that there is without. */
static enum auth_word
select_record(struct spf *spf, str domain, str *record)
{
    struct dns_answer answer;
    size_t found = 0;
    if (!spf_ask(spf, domain, DNS_TXT, &answer))
        return spf->error;
    for (size_t i = 0; i < answer.n; i++) {
        str s = answer.records[i].data;
        if (str_istarts(s, S("v=spf1")) && (s.n == 6 || s.p[6] == ' ')) {
            *record = s;
            found++;
        }
    }
    if (found == 1)
        return AUTH_PASS;
    if (found > 1) {
        spf_stop(spf, AUTH_PERMERROR, "%.*s has %zu SPF records (RFC 7208 section 4.5)", PRSTR(domain),
                 found);
        return AUTH_PERMERROR;
    }
    return AUTH_NONE;
}

/* A record's terms; its two modifiers stand apart. */
struct policy {
    struct spf_term *terms;
    size_t n, room;
    struct spf_term redirect, exp; /* text.n 0: none */
};

static bool
add_term(struct spf *spf, struct policy *p, str text)
{
    struct spf_term t;
    if (!spf_term_parse(text, &t))
        return false;
    if (t.kind == SPF_REDIRECT || t.kind == SPF_EXP) {
        struct spf_term *only = t.kind == SPF_REDIRECT ? &p->redirect : &p->exp;
        if (only->text.n)
            return false; /* section 6: each at most once */
        *only = t;
    } else if (t.kind != SPF_OTHER) {
        ARENA_PUSH(spf->arena, p->terms, p->n, p->room) = t;
    }
    return true;
}

static bool
parse_record(struct spf *spf, str domain, str record, struct policy *p)
{
    *p = (struct policy){ 0 };
    str rest = str_skip(record, 6);
    size_t terms = 0;
    if (record.n > SPF_MAX_RECORD) {
        spf_stop(spf, AUTH_PERMERROR, "%.*s: an SPF record of more than %d bytes", PRSTR(domain),
                 SPF_MAX_RECORD);
        return false;
    }
    while (rest.n) {
        struct str_cut cut = str_cut(rest, ' ');
        rest = cut.tail;
        if (cut.head.n == 0)
            continue;
        if (++terms > SPF_MAX_TERMS) {
            spf_stop(spf, AUTH_PERMERROR, "%.*s: more than %d terms in its SPF record", PRSTR(domain),
                     SPF_MAX_TERMS);
            return false;
        }
        if (!add_term(spf, p, cut.head)) {
            spf_stop(spf, AUTH_PERMERROR, "%.*s: bad term %.*s (RFC 7208 section 4.6.1)", PRSTR(domain),
                     PRSTR(str_head(cut.head, 100)));
            return false;
        }
    }
    return true;
}

/* Section 6.2; a broken explanation is none, and so is one that cannot be told for want of DNS. */
static void
explain(struct spf *spf, const struct policy *p, str domain)
{
    struct dns_answer answer;
    if (p->exp.text.n == 0)
        return;
    str name = spf_expand(spf, p->exp.spec, domain, false);
    dns_query(spf->dns, spf->arena, name, DNS_TXT, &answer);
    if (answer.status != DNS_OK || answer.n != 1 || !spf_macro_valid(answer.records[0].data, true))
        return;
    str text = spf_expand(spf, answer.records[0].data, domain, true);
    if (text.n <= SPF_MAX_EXPLANATION && spf->error == AUTH_PASS)
        spf->out->explanation = text;
}

static enum auth_word
redirect(struct spf *spf, const struct spf_term *t, str domain, bool outermost)
{
    if (!count_lookup(spf, t))
        return spf->error;
    str target = spf_expand(spf, t->spec, domain, false);
    if (spf->error != AUTH_PASS)
        return spf->error;
    enum auth_word r = check_domain(spf, target, outermost);
    if (r == AUTH_NONE) {
        spf_stop(spf, AUTH_PERMERROR, "redirect to %.*s, which has no SPF record (RFC 7208 section 6.1)",
                 PRSTR(target));
        return AUTH_PERMERROR;
    }
    return r;
}

/* Recursion ends with the limit of look-ups: every include and redirect counts. */
static enum auth_word
check_domain(struct spf *spf, str domain, bool outermost)
{
    struct policy p;
    str record = S("");
    enum auth_word r = select_record(spf, domain, &record);
    if (r != AUTH_PASS)
        return r;
    if (!parse_record(spf, domain, record, &p))
        return AUTH_PERMERROR;
    for (size_t i = 0; i < p.n; i++) {
        bool hit = match(spf, &p.terms[i], domain);
        if (spf->error != AUTH_PASS || hit)
            spf->out->mechanism = p.terms[i].text;
        if (spf->error != AUTH_PASS)
            return spf->error;
        if (!hit)
            continue;
        if (p.terms[i].qualifier == AUTH_FAIL && outermost) {
            explain(spf, &p, domain);
            spf->error = AUTH_PASS; /* its macros may have wanted what the source does not know */
            spf->out->problem = S("");
        }
        return p.terms[i].qualifier;
    }
    if (p.redirect.text.n)
        return redirect(spf, &p.redirect, domain, outermost);
    return AUTH_NEUTRAL;
}

/* Section 4.3: the name must be one that could be asked for, of two labels at least. */
static const char *
initial_problem(struct arena *a, str domain)
{
    str clean;
    if (domain.n == 0)
        return "no domain to check";
    if (domain.p[0] == '[')
        return "an address literal has no SPF record (RFC 7208 section 4.3)";
    if (!dns_name(a, domain, &clean))
        return "not a domain name (RFC 7208 section 4.3)";
    if (dns_labels(clean) < 2)
        return "a single label is no domain to check (RFC 7208 section 4.3)";
    return NULL;
}

void
spf_check(struct arena *a, struct dns *dns, const struct spf_request *request, struct spf_result *out)
{
    bool helo = request->helo_identity || request->mail_from.n == 0;
    struct str_cut at = str_rcut(request->mail_from, '@');
    str domain = helo ? request->helo : at.found ? at.tail : request->mail_from;
    *out = (struct spf_result){
        .domain = str_head(domain, SPF_MAX_IDENTITY),
        .identity = helo ? S("helo") : S("mailfrom"),
        .ip = request->ip,
        .helo = request->helo,
    };
    struct spf spf = {
        .arena = a,
        .dns = dns,
        .request = request,
        .out = out,
        .ip = ip_parse(request->ip),
        .local = !helo && at.found && at.head.n ? str_head(at.head, SPF_MAX_IDENTITY) : S("postmaster"),
        .sender_domain = domain,
        .started = when_now(),
        .error = AUTH_PASS,
    };
    const char *problem = initial_problem(a, domain);
    if (problem) {
        out->result = AUTH_NONE;
        out->problem = str_from(problem);
        return;
    }
    if (spf.ip.family == 0) {
        out->result = AUTH_UNKNOWN;
        out->problem = S("the client's address is not known");
        return;
    }
    enum auth_word r = check_domain(&spf, domain, true);
    out->result = spf.error != AUTH_PASS ? spf.error : r;
    if (r == AUTH_NONE && out->problem.n == 0)
        out->problem = S("the domain has no SPF record");
}
