/* SPF: the grammar of terms, macros, limits; the openspf suite has the rest. */
#include <stdio.h>

#include "spf_internal.h"
#include "tap.h"

static const struct {
    const char *text;
    bool valid;
    enum spf_kind kind;
    const char *spec;
    int bits4, bits6;
} terms[] = {
    { "all", true, SPF_ALL, "", 32, 128 },
    { "-ALL", true, SPF_ALL, "", 32, 128 },
    { "a", true, SPF_A, "", 32, 128 },
    { "a/24", true, SPF_A, "", 24, 128 },
    { "a//64", true, SPF_A, "", 32, 64 },
    { "?mx:example.com/8//0", true, SPF_MX, "example.com", 8, 0 },
    { "a:example.com//128", true, SPF_A, "example.com", 32, 128 },
    { "a:foo/bar.example", true, SPF_A, "foo/bar.example", 32, 128 },
    { "ip4:192.0.2.0/0", true, SPF_IP4, "", 0, 128 },
    { "ip6:2001:db8::/32", true, SPF_IP6, "", 32, 32 },
    { "ip6:::ffff:192.0.2.1/96", true, SPF_IP6, "", 32, 96 },
    { "exists:%{i}.%{d99999999999999999999r}.example.com", true, SPF_EXISTS,
      "%{i}.%{d99999999999999999999r}.example.com", 32, 128 },
    { "include:%{h}.%{ir+-,/_=}", true, SPF_INCLUDE, "%{h}.%{ir+-,/_=}", 32, 128 },
    { "redirect=_spf.example.com.", true, SPF_REDIRECT, "_spf.example.com.", 32, 128 },
    { "exp=%{d}", true, SPF_EXP, "%{d}", 32, 128 },
    { "future-1.x=any%{d}%_thing", true, SPF_OTHER, "any%{d}%_thing", 32, 128 },
    { "a:example.com%%", true, SPF_A, "example.com%%", 32, 128 },
    { "x-y=%{c}%{t}", true, SPF_OTHER, "%{c}%{t}", 32, 128 },
    /* broken ones */
    { "all:example.com", false, SPF_ALL, "", 0, 0 },
    { "all/8", false, SPF_ALL, "", 0, 0 },
    { "a:", false, SPF_A, "", 0, 0 },
    { "a/", false, SPF_A, "", 0, 0 },
    { "a/33", false, SPF_A, "", 0, 0 },
    { "a/08", false, SPF_A, "", 0, 0 },
    { "a//129", false, SPF_A, "", 0, 0 },
    { "a///64", false, SPF_A, "", 0, 0 },
    { "a:example", false, SPF_A, "", 0, 0 },
    { "a:example.123", false, SPF_A, "", 0, 0 },
    { "a:example.-com", false, SPF_A, "", 0, 0 },
    { "include", false, SPF_INCLUDE, "", 0, 0 },
    { "exists:%{c}.example.com", false, SPF_EXISTS, "", 0, 0 },
    { "exists:%{d0}.example.com", false, SPF_EXISTS, "", 0, 0 },
    { "exists:%{d.example.com", false, SPF_EXISTS, "", 0, 0 },
    { "exists:%example.com", false, SPF_EXISTS, "", 0, 0 },
    { "ip4", false, SPF_IP4, "", 0, 0 },
    { "ip4:192.0.2", false, SPF_IP4, "", 0, 0 },
    { "ip4:192.0.2.0/33", false, SPF_IP4, "", 0, 0 },
    { "ip6:2001:db8::/129", false, SPF_IP6, "", 0, 0 },
    { "ip6:192.0.2.1", false, SPF_IP6, "", 0, 0 },
    { "nosuch", false, SPF_ALL, "", 0, 0 },
    { "--all", false, SPF_ALL, "", 0, 0 },
    { "redirect=", false, SPF_REDIRECT, "", 0, 0 },
    { "1x=y", false, SPF_OTHER, "", 0, 0 },
    { "", false, SPF_ALL, "", 0, 0 },
};

static void
test_terms(void)
{
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        struct spf_term t;
        bool valid = spf_term_parse(str_from(terms[i].text), &t);
        ok(valid == terms[i].valid &&
               (!valid || (t.kind == terms[i].kind && str_eq(t.spec, str_from(terms[i].spec)) &&
                           t.bits4 == terms[i].bits4 && t.bits6 == terms[i].bits6)),
           "term \"%s\"", terms[i].text);
    }
}

/* The examples of RFC 7208 section 7.4, and some of ours. */
static const struct {
    const char *ip, *macro, *want;
} macros[] = {
    { "192.0.2.3", "%{s}", "strong-bad@email.example.com" },
    { "192.0.2.3", "%{o}", "email.example.com" },
    { "192.0.2.3", "%{d4}", "email.example.com" },
    { "192.0.2.3", "%{d2}", "example.com" },
    { "192.0.2.3", "%{dr}", "com.example.email" },
    { "192.0.2.3", "%{d2r}", "example.email" },
    { "192.0.2.3", "%{l}", "strong-bad" },
    { "192.0.2.3", "%{l-}", "strong.bad" },
    { "192.0.2.3", "%{lr-}", "bad.strong" },
    { "192.0.2.3", "%{l1r-}", "strong" },
    { "192.0.2.3", "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
    { "192.0.2.3", "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
    { "192.0.2.3", "%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net" },
    { "2001:db8::cb01", "%{ir}.%{v}._spf.%{d2}",
      "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com" },
    { "192.0.2.3", "%{d99999999999999999999}.x", "email.example.com.x" },
    { "192.0.2.3", "%{S}", "strong-bad%40email.example.com" },
    { "192.0.2.3", "a%%b%_c%-d", "a%b c%20d" },
    { "192.0.2.3", "%{p}.%{h}", "unknown.mx.example.org" },
};

static void
test_macros(void)
{
    struct arena a = { 0 };
    struct dns *dns = dns_snapshot("zone", S(";@ default nxdomain\n"), true, NULL);
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        struct spf_request request = { .ip = str_from(macros[i].ip), .helo = S("mx.example.org"), .now = 0 };
        struct spf_result result = { 0 };
        struct spf spf = {
            .arena = &a,
            .dns = dns,
            .request = &request,
            .out = &result,
            .ip = ip_parse(request.ip),
            .local = S("strong-bad"),
            .sender_domain = S("email.example.com"),
            .error = AUTH_PASS,
        };
        ok(spf_macro_valid(str_from(macros[i].macro), false), "macro %zu is valid", i);
        is_str(spf_expand(&spf, str_from(macros[i].macro), S("email.example.com"), false), macros[i].want,
               macros[i].macro);
    }
    dns_close(dns);
    arena_free(&a);
}

/* Whole evaluations: void look-ups, what is not recorded, limits. */
static const struct {
    const char *title, *zone, *ip;
    int void_limit;
    enum auth_word want;
    int lookups, voids;
} checks[] = {
    { "two voids are allowed", "d.example. TXT \"v=spf1 a:x.example a:y.example ?all\"\n", "192.0.2.1", 2,
      AUTH_NEUTRAL, 2, 2 },
    { "a third is not", "d.example. TXT \"v=spf1 a:x.example a:y.example a:z.example ?all\"\n", "192.0.2.1",
      2, AUTH_PERMERROR, 3, 3 },
    { "unless more are allowed", "d.example. TXT \"v=spf1 a:x.example a:y.example a:z.example ?all\"\n",
      "192.0.2.1", 3, AUTH_NEUTRAL, 3, 3 },
    { "hosts of the other family are no voids",
      "d.example. TXT \"v=spf1 mx -all\"\nd.example. MX 1 a.d.example.\nd.example. MX 2 b.d.example.\n"
      "d.example. MX 3 c.d.example.\na.d.example. A 192.0.2.1\nb.d.example. A 192.0.2.2\nc.d.example. A "
      "192.0.2.3\n",
      "2001:db8::1", 2, AUTH_FAIL, 1, 0 },
    { "a null MX matches nothing", "d.example. TXT \"v=spf1 mx -all\"\nd.example. MX 0 .\n", "192.0.2.1", 2,
      AUTH_FAIL, 1, 0 },
    { "what comes before the unknown decides",
      ";@ default unknown\nd.example. TXT \"v=spf1 ip4:192.0.2.0/24 include:x.example -all\"\n", "192.0.2.1",
      2, AUTH_PASS, 0, 0 },
    { "the unknown ends all else",
      ";@ default unknown\nd.example. TXT \"v=spf1 include:x.example ip4:192.0.2.0/24 -all\"\n", "192.0.2.1",
      2, AUTH_UNKNOWN, 1, 0 },
    { "nothing recorded is unknown", ";@ default unknown\nother.example. A 192.0.2.1\n", "192.0.2.1", 2,
      AUTH_UNKNOWN, 0, 0 },
    { "a loop of includes ends", "d.example. TXT \"v=spf1 include:d.example -all\"\n", "192.0.2.1", 2,
      AUTH_PERMERROR, 11, 0 },
    { "a mapped address is IPv4", "d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", "::ffff:192.0.2.1", 2,
      AUTH_PASS, 0, 0 },
    { "all of IPv6 is not all of IPv4", "d.example. TXT \"v=spf1 ip6:::/0 -all\"\n", "192.0.2.1", 2,
      AUTH_FAIL, 0, 0 },
    /* what a snapshot does not say, mechanism by mechanism */
    { "a: no address recorded", ";@ default unknown\nd.example. TXT \"v=spf1 a:x.example -all\"\n",
      "192.0.2.1", 2, AUTH_UNKNOWN, 1, 0 },
    { "a: the other family is not recorded: no void",
      ";@ default unknown\nd.example. TXT \"v=spf1 a:x.example -all\"\n;@ nodata x.example. A\n", "192.0.2.1",
      0, AUTH_FAIL, 1, 0 },
    { "mx: not recorded", ";@ default unknown\nd.example. TXT \"v=spf1 mx -all\"\n", "192.0.2.1", 2,
      AUTH_UNKNOWN, 1, 0 },
    { "mx: an exchange is not recorded",
      ";@ default unknown\nd.example. TXT \"v=spf1 mx -all\"\nd.example. MX 1 m.example.\n", "192.0.2.1", 2,
      AUTH_UNKNOWN, 1, 0 },
    { "exists: not recorded", ";@ default unknown\nd.example. TXT \"v=spf1 exists:x.example -all\"\n",
      "192.0.2.1", 2, AUTH_UNKNOWN, 1, 0 },
    { "redirect: not recorded", ";@ default unknown\nd.example. TXT \"v=spf1 redirect=x.example\"\n",
      "192.0.2.1", 2, AUTH_UNKNOWN, 1, 0 },
    { "ptr: not recorded", ";@ default unknown\nd.example. TXT \"v=spf1 ptr -all\"\n", "192.0.2.1", 2,
      AUTH_UNKNOWN, 1, 0 },
    { "ptr: a name's address is not recorded",
      ";@ default unknown\nd.example. TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa. PTR m.d.example.\n",
      "192.0.2.1", 2, AUTH_UNKNOWN, 1, 0 },
    { "ptr: nor matters that of another's name",
      ";@ default unknown\nd.example. TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa. PTR "
      "m.other.example.\n",
      "192.0.2.1", 2, AUTH_FAIL, 1, 0 },
    { "%{p}: not recorded", ";@ default unknown\nd.example. TXT \"v=spf1 exists:%{p}.x.example -all\"\n",
      "192.0.2.1", 2, AUTH_UNKNOWN, 1, 0 },
    { "%{p} in an explanation alone does not matter",
      ";@ default unknown\nd.example. TXT \"v=spf1 -all exp=e.example\"\ne.example. TXT \"%{p}\"\n",
      "192.0.2.1", 2, AUTH_FAIL, 0, 0 },
    { "no address known", "d.example. TXT \"v=spf1 -all\"\n", "", 2, AUTH_UNKNOWN, 0, 0 },
};

static void
test_checks(void)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct arena a = { 0 };
        struct spf_result r;
        str text = arena_join(&a, S(";@ default nxdomain\n"), S(""), str_from(checks[i].zone));
        struct dns *dns = dns_snapshot("zone", text, false, NULL);
        spf_check(&a, dns,
                  &(struct spf_request){ .ip = str_from(checks[i].ip),
                                         .helo = S("mx.example"),
                                         .mail_from = S("user@d.example"),
                                         .void_limit = checks[i].void_limit },
                  &r);
        if (!ok(r.result == checks[i].want && r.lookups == checks[i].lookups &&
                    r.void_lookups == checks[i].voids,
                "%s", checks[i].title))
            printf("# got %.*s, %d look-ups, %d void: %.*s\n", PRSTR(auth_word(r.result)), r.lookups,
                   r.void_lookups, PRSTR(r.problem));
        dns_close(dns);
        arena_free(&a);
    }
}

/* RFC 8616 section 4: no term matches by a local part that is not of ASCII. */
static void
test_local_part(void)
{
    static const struct {
        const char *sender;
        enum auth_word want;
    } rows[] = { { "j@d.example", AUTH_PASS }, { "j\xc3\xb6@d.example", AUTH_FAIL } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = { 0 };
        struct spf_result r;
        struct dns *dns = dns_snapshot("zone",
                                       S(";@ default nxdomain\nd.example. TXT \"v=spf1 exists:%{l}.x.example "
                                         "-all\"\n*.x.example. A 127.0.0.1\n"),
                                       false, NULL);
        spf_check(&a, dns,
                  &(struct spf_request){
                      .ip = S("192.0.2.1"), .mail_from = str_from(rows[i].sender), .void_limit = 2 },
                  &r);
        is_str(auth_word(r.result), auth_word(rows[i].want).p, rows[i].sender);
        dns_close(dns);
        arena_free(&a);
    }
    ok(spf_macro_has_local(S("a%%%{d}.%{Lr}")) && spf_macro_has_local(S("%{S}")) &&
           !spf_macro_has_local(S("%%{l}%_l")),
       "local parts in macros");
}

int
main(void)
{
    test_terms();
    test_local_part();
    test_macros();
    test_checks();
    return done_testing();
}
