/* DMARC: records, the tree walk, alignment, policies. */
#include <stdio.h>

#include "dmarc_policy.h"
#include "dmarc_record.h"
#include "tap.h"

static const struct {
    const char *text;
    bool is_dmarc, usable;
    const char *p, *sp, *np;
    char psd;
} records[] = {
    { "v=DMARC1; p=reject", true, true, "reject", "", "", 'u' },
    { " v = DMARC1 ;p= REJECT ; sp=None;np=quarantine; psd=y", true, true, "reject", "none", "quarantine",
      'y' },
    { "v=DMARC1;p=none;p=reject;psd=n", true, true, "none", "", "", 'n' },
    { "v=DMARC1; rua=mailto:a@b.example", true, true, "none", "", "", 'u' },
    { "v=DMARC1; p=bogus; rua=mailto:a@b.example", true, true, "none", "", "", 'u' },
    { "v=DMARC1; p=reject; sp=bogus; rua=mailto:a@b.example", true, true, "none", "", "", 'u' },
    { "v=DMARC1", true, false, "none", "", "", 'u' },
    { "v=DMARC1; p=bogus", true, false, "none", "", "", 'u' },
    { "v=DMARC1; ; junk; p=reject; future=1", true, true, "reject", "", "", 'u' },
    { "V=DMARC1; p=reject", true, true, "reject", "", "", 'u' },
    { "v=dmarc1; p=reject", false, false, "", "", "", 'u' },
    { "p=reject; v=DMARC1", false, false, "", "", "", 'u' },
    { "v=DMARC12; p=reject", false, false, "", "", "", 'u' },
    { "v=spf1 -all", false, false, "", "", "", 'u' },
    { "", false, false, "", "", "", 'u' },
};

static void
test_records(void)
{
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct dmarc_published d = dmarc_record_parse(str_from(records[i].text));
        ok(d.is_dmarc == records[i].is_dmarc && d.usable == records[i].usable &&
               str_eq(dmarc_ask_word(d.p), str_from(records[i].p)) &&
               str_eq(dmarc_ask_word(d.sp), str_from(records[i].sp)) &&
               str_eq(dmarc_ask_word(d.np), str_from(records[i].np)) && d.psd == records[i].psd,
           "record: %s", records[i].text);
    }
}

/* SPF and DKIM say pass for these domains, unless a "?" (temperror) stands before one. */
static const struct {
    const char *title, *zone, *from, *spf, *dkim;
    int method;
    enum auth_word result;
    const char *org, *record_domain, *policy, *disposition;
    int queries; /* 0: whatever */
} rows[] = {
    { "own record, DKIM equal", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com", "",
      "example.com", 9989, AUTH_PASS, "example.com", "example.com", "reject", "none", 2 },
    { "nothing passes", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com", "other.net",
      "other.net", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "no record anywhere", "x. A 192.0.2.1", "a.example.com", "", "example.com", 9989, AUTH_NONE,
      "a.example.com", "", "", "", 3 },
    { "walk up, sp", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; sp=quarantine\"", "a.b.example.com", "",
      "", 9989, AUTH_FAIL, "example.com", "example.com", "quarantine", "quarantine", 4 },
    { "np for a name that does not exist", "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=none; np=reject\"",
      "nope.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "np does not hit a name that exists",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\nyes.example.com. MX 10 m.",
      "yes.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "quarantine", "quarantine",
      0 },
    { "nor a dangling alias",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=quarantine; np=reject\"\nyes.example.com. CNAME "
      "gone.net.",
      "yes.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "quarantine", "quarantine",
      0 },
    { "relaxed alignment of siblings", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "a.example.com",
      "bounce.example.com", "", 9989, AUTH_PASS, "example.com", "example.com", "reject", "none", 0 },
    { "strict alignment of a subdomain fails",
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s; adkim=s\"", "example.com", "bounce.example.com",
      "mail.example.com", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "strict counts for each method alone", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s\"",
      "example.com", "bounce.example.com", "mail.example.com", 9989, AUTH_PASS, "example.com", "example.com",
      "reject", "none", 0 },
    { "psd=n is an organization",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.a.example.com. TXT \"v=DMARC1; p=reject; psd=n\"",
      "a.example.com", "", "example.com", 9989, AUTH_FAIL, "a.example.com", "a.example.com", "reject",
      "reject", 0 },
    { "psd=y: one label below", "_dmarc.gov.xx. TXT \"v=DMARC1; p=none; sp=reject; psd=y\"", "www.tax.gov.xx",
      "", "tax.gov.xx", 9989, AUTH_PASS, "tax.gov.xx", "gov.xx", "reject", "none", 3 },
    { "psd=y: other organizations do not align", "_dmarc.gov.xx. TXT \"v=DMARC1; p=none; sp=reject; psd=y\"",
      "tax.gov.xx", "", "police.gov.xx", 9989, AUTH_FAIL, "tax.gov.xx", "gov.xx", "reject", "reject", 0 },
    { "psd=y where the walk starts", "_dmarc.gov.xx. TXT \"v=DMARC1; p=reject; psd=y\"", "gov.xx", "",
      "gov.xx", 9989, AUTH_PASS, "gov.xx", "gov.xx", "reject", "none", 1 },
    { "psd=y where the walk starts ends it",
      "_dmarc.a.example.com. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"",
      "a.example.com", "", "b.example.com", 9989, AUTH_FAIL, "a.example.com", "a.example.com", "reject",
      "reject", 0 },
    { "whatever suffix is above",
      "_dmarc.gov.xx. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.xx. TXT \"v=DMARC1; p=none; psd=y\"",
      "gov.xx", "", "gov.xx", 9989, AUTH_PASS, "gov.xx", "gov.xx", "reject", "none", 0 },
    { "a suffix far above goes before a record between",
      "_dmarc.mail.example.xx. TXT \"v=DMARC1; p=reject\"\n_dmarc.xx. TXT \"v=DMARC1; p=quarantine; psd=y\"",
      "a.mail.example.xx", "", "", 9989, AUTH_FAIL, "example.xx", "xx", "quarantine", "quarantine", 0 },
    { "below a name that does not exist is nothing",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"\n;@ nxdomain gone.example.com.",
      "x.gone.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "eight labels: all of them, then seven", "_dmarc.a.b.c.d.e.f.example.com. TXT \"v=DMARC1; p=reject\"",
      "a.b.c.d.e.f.example.com", "", "", 9989, AUTH_FAIL, "a.b.c.d.e.f.example.com",
      "a.b.c.d.e.f.example.com", "reject", "reject", 8 },
    { "the fewest labels win",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.b.example.com. TXT \"v=DMARC1; p=reject\"",
      "a.b.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "none", "none", 0 },
    { "a long name jumps to seven labels", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"",
      "a.b.c.d.e.f.g.h.i.j.k.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "reject",
      "reject", 8 },
    { "several records are none, and the walk goes on",
      "_dmarc.a.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.a.example.com. TXT \"v=DMARC1; p=none\"\n"
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"",
      "a.example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "other TXT records do no harm",
      "_dmarc.example.com. TXT \"v=spf1 -all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"",
      "example.com", "", "", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "test mode lowers reject", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"", "example.com", "", "",
      9989, AUTH_FAIL, "example.com", "example.com", "reject", "quarantine", 0 },
    { "test mode lowers quarantine", "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; t=y\"", "example.com",
      "", "", 9989, AUTH_FAIL, "example.com", "example.com", "quarantine", "none", 0 },
    { "a failure above leaves the own record standing",
      "_dmarc.a.example.com. TXT \"v=DMARC1; p=reject\"\n;@ servfail _dmarc.example.com.", "a.example.com",
      "", "a.example.com", 9989, AUTH_PASS, "", "a.example.com", "reject", "none", 0 },
    { "but organizations cannot be told",
      "_dmarc.a.example.com. TXT \"v=DMARC1; p=reject\"\n;@ servfail _dmarc.example.com.", "a.example.com",
      "", "example.com", 9989, AUTH_TEMPERROR, "", "a.example.com", "reject", "none", 0 },
    { "a failure at the name", ";@ timeout _dmarc.example.com.", "example.com", "", "example.com", 9989,
      AUTH_TEMPERROR, "", "", "", "", 0 },
    { "an aligned method without a result", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com",
      "", "?example.com", 9989, AUTH_TEMPERROR, "example.com", "example.com", "reject", "none", 0 },
    { "a method without a result elsewhere does not matter", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"",
      "example.com", "", "?other.net", 9989, AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "no valid policy and no address", "_dmarc.example.com. TXT \"v=DMARC1; p=maybe\"", "example.com", "",
      "example.com", 9989, AUTH_NONE, "example.com", "example.com", "", "", 0 },
    { "not a domain", "x. A 192.0.2.1", "exa..mple", "", "", 9989, AUTH_PERMERROR, "", "", "", "", 0 },
    /* by list */
    { "list: the organization's record", "_dmarc.example.co.uk. TXT \"v=DMARC1; p=reject; sp=quarantine\"",
      "a.b.example.co.uk", "", "", 7489, AUTH_FAIL, "example.co.uk", "example.co.uk", "quarantine",
      "quarantine", 2 },
    { "list: alignment", "_dmarc.example.co.uk. TXT \"v=DMARC1; p=reject\"", "a.example.co.uk", "",
      "b.example.co.uk", 7489, AUTH_PASS, "example.co.uk", "example.co.uk", "reject", "none", 0 },
    { "list: neighbours below a suffix", "_dmarc.example.co.uk. TXT \"v=DMARC1; p=reject\"", "example.co.uk",
      "", "other.co.uk", 7489, AUTH_FAIL, "example.co.uk", "example.co.uk", "reject", "reject", 0 },
    { "list: no walk", "_dmarc.b.example.com. TXT \"v=DMARC1; p=reject\"", "a.b.example.com", "", "", 7489,
      AUTH_NONE, "example.com", "", "", "", 2 },
    { "list: pct=0 lowers reject", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; pct=0\"", "example.com", "",
      "", 7489, AUTH_FAIL, "example.com", "example.com", "reject", "quarantine", 0 },
    { "list: np, psd and t are not there",
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=none; psd=y; t=y\"", "a.example.com", "", "", 7489,
      AUTH_FAIL, "example.com", "example.com", "reject", "reject", 0 },
    { "list: several records end it",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"",
      "example.com", "", "", 7489, AUTH_NONE, "example.com", "", "", "", 0 },
};

static size_t
identifier(struct dmarc_identifier *id, const char *domain, bool dkim)
{
    bool open = domain[0] == '?';
    *id = (struct dmarc_identifier){ str_from(domain + open), open ? AUTH_TEMPERROR : AUTH_PASS, dkim };
    return id->domain.n != 0;
}

static void
test_rows(struct psl *psl)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = { 0 };
        struct dmarc_identifier ids[2];
        struct dmarc_result r;
        size_t n = identifier(&ids[0], rows[i].spf, false);
        n += identifier(&ids[n], rows[i].dkim, true);
        str text = arena_join(&a, S(";@ default nxdomain\n"), S(""), str_from(rows[i].zone));
        struct dns *dns = dns_snapshot("zone", text, false, NULL);
        dmarc_check(&a, dns, &(struct dmarc_request){ str_from(rows[i].from), ids, n, rows[i].method, psl },
                    &r);
        if (!ok(r.result == rows[i].result && str_eq(r.org_domain, str_from(rows[i].org)) &&
                    str_eq(r.record_domain, str_from(rows[i].record_domain)) &&
                    str_eq(r.policy, str_from(rows[i].policy)) &&
                    str_eq(r.disposition, str_from(rows[i].disposition)) &&
                    (rows[i].queries == 0 || r.queries == rows[i].queries),
                "%s", rows[i].title))
            printf("# got %.*s, org %.*s, record at %.*s, %.*s, %.*s, %d queries: %.*s\n",
                   PRSTR(auth_word(r.result)), PRSTR(r.org_domain), PRSTR(r.record_domain), PRSTR(r.policy),
                   PRSTR(r.disposition), r.queries, PRSTR(r.reason));
        dns_close(dns);
        arena_free(&a);
    }
}

/* Snapshots that do not say all: what is missing is unknown, never none and never an error of the DNS. */
static const struct {
    const char *title, *zone, *from, *dkim;
    enum auth_word result;
    const char *policy, *disposition;
} open_rows[] = {
    { "no record", "example.com. A 192.0.2.1", "example.com", "", AUTH_UNKNOWN, "", "" },
    { "a record above is missing", ";@ nodata _dmarc.a.example.com. TXT", "a.example.com", "", AUTH_UNKNOWN,
      "", "" },
    { "an own record, DKIM equal", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com",
      "example.com", AUTH_PASS, "reject", "none" },
    { "an own record, and nothing known of the organizations",
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"", "example.com", "a.example.com", AUTH_UNKNOWN,
      "reject", "unknown" },
    { "and all known of them",
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n;@ nxdomain _dmarc.com.\n;@ nxdomain "
      "_dmarc.a.example.com.",
      "example.com", "a.example.com", AUTH_PASS, "reject", "none" },
    { "strict alignment needs no organization", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; adkim=s\"",
      "example.com", "a.example.com", AUTH_FAIL, "reject", "reject" },
    { "np, and nothing known of the name",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"\n;@ nxdomain _dmarc.com.\n"
      ";@ nxdomain _dmarc.a.example.com.",
      "a.example.com", "", AUTH_FAIL, "", "unknown" },
    { "np, and another type known of the name",
      "_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"\n;@ nxdomain _dmarc.com.\n"
      ";@ nxdomain _dmarc.a.example.com.\na.example.com. MX 1 m.example.",
      "a.example.com", "", AUTH_FAIL, "none", "none" },
    { "np that is as sp",
      "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=reject\"\n;@ nxdomain _dmarc.com.\n"
      ";@ nxdomain _dmarc.a.example.com.",
      "a.example.com", "", AUTH_FAIL, "reject", "reject" },
};

static void
test_unknown(void)
{
    for (size_t i = 0; i < sizeof open_rows / sizeof *open_rows; i++) {
        struct arena a = { 0 };
        struct dmarc_result r;
        struct dmarc_identifier id;
        size_t n = identifier(&id, open_rows[i].dkim, true);
        struct dns *dns = dns_snapshot("zone", str_from(open_rows[i].zone), false, NULL);
        dmarc_check(&a, dns,
                    &(struct dmarc_request){ .domain = str_from(open_rows[i].from),
                                             .identifiers = &id,
                                             .nidentifiers = n,
                                             .method = 9989 },
                    &r);
        if (!ok(r.result == open_rows[i].result && str_eq(r.policy, str_from(open_rows[i].policy)) &&
                    str_eq(r.disposition, str_from(open_rows[i].disposition)),
                "not all known: %s", open_rows[i].title))
            printf("# got %.*s, %.*s, %.*s: %.*s\n", PRSTR(auth_word(r.result)), PRSTR(r.policy),
                   PRSTR(r.disposition), PRSTR(r.reason));
        dns_close(dns);
        arena_free(&a);
    }
}

int
main(void)
{
    struct diag diag = { 0 };
    struct psl *psl = psl_open(NULL, &diag);
    ok(psl != NULL, "the system has a Public Suffix List");
    test_records();
    test_rows(psl);
    test_unknown();
    psl_close(psl);
    return done_testing();
}
