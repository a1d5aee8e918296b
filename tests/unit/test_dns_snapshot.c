/* Snapshots: what a file says, and what it leaves open. */
#include <stdio.h>

#include "dns.h"
#include "tap.h"

static const char zone[] = "$ORIGIN example.com.\n"
                           "$TTL 1h\n"
                           "@       IN SOA ns hostmaster ( 1 3600\n"
                           "          600 86400 60 ) ; serial and kin\n"
                           "        NS ns\n"
                           "        300 IN MX 20 backup\n"
                           "        IN 300 MX 10 mail.example.net.\n"
                           "txt     TXT \"one \" \"two\" three\n"
                           "esc     TXT \"a\\\"b\\\\c\\;d\\065\\000\"\n"
                           "semi    TXT \"v=DMARC1; p=none\" ; comment\n"
                           "paren   TXT ( \"a;b\"\n"
                           "  \"(c)\" )\n"
                           "a\\.b   A 192.0.2.1\n"
                           "sp\\032ace A 192.0.2.2\n"
                           "UPPER.Example.COM. 60 A 192.0.2.3\n"
                           "alias   CNAME upper\n"
                           "alias2  CNAME alias\n"
                           "loop    CNAME loop2\n"
                           "loop2   CNAME loop\n"
                           "dangle  CNAME nowhere.example.com.\n"
                           "v6      AAAA 2001:db8::1\n"
                           "*.wild  A 192.0.2.9\n"
                           "deep.er.ent A 192.0.2.4\n"
                           "_25._tcp TLSA 3 1 1 abcdef\n"
                           "other   TYPE65280 \\# 2 0102\n"
                           "caa     CAA 0 issue \"ca.example\"\n"
                           ";@ nxdomain gone.example.com.\n"
                           ";@ nodata semi A\n"
                           ";@ servfail broken.example.com.\n"
                           ";@ timeout half TXT\n"
                           "half    A 192.0.2.5\n"
                           ";@ valid 2026-01-01 2026-02-01T00:00:00Z\n"
                           "key     TXT \"january\"\n"
                           ";@ valid 2026-02-01T00:00:00Z 2026-03-01\n"
                           "key     TXT \"february\"\n"
                           ";@ nxdomain shy\n"
                           ";@ valid 2026-03-01 -\n"
                           "shy     TXT \"here\"\n"
                           ";@ valid - -\n"
                           ". NS a.root.\n";

static const struct {
    const char *name;
    enum dns_type type;
    const char *at;               /* NULL: mid January 2026 */
    enum dns_status open, closed; /* with default unknown, with default nxdomain */
    const char *data;             /* of the records, joined by "|" */
} rows[] = {
    { "example.com", DNS_MX, NULL, DNS_OK, DNS_OK, "mail.example.net|backup.example.com" },
    { "EXAMPLE.com.", DNS_NS, NULL, DNS_OK, DNS_OK, "ns.example.com" },
    { "example.com", DNS_SOA, NULL, DNS_OK, DNS_OK, "ns hostmaster 1 3600 600 86400 60" },
    { "txt.example.com", DNS_TXT, NULL, DNS_OK, DNS_OK, "one twothree" },
    { "esc.example.com", DNS_TXT, NULL, DNS_OK, DNS_OK, "a\"b\\c;dA" },
    { "semi.example.com", DNS_TXT, NULL, DNS_OK, DNS_OK, "v=DMARC1; p=none" },
    { "paren.example.com", DNS_TXT, NULL, DNS_OK, DNS_OK, "a;b(c)" },
    { "a\\.b.example.com", DNS_A, NULL, DNS_OK, DNS_OK, "\xC0" },
    { "sp ace.example.com", DNS_A, NULL, DNS_OK, DNS_OK, "\xC0" },
    { "upper.example.com", DNS_A, NULL, DNS_OK, DNS_OK, "\xC0" },
    { "alias2.example.com", DNS_A, NULL, DNS_OK, DNS_OK, "\xC0" },
    { "alias.example.com", DNS_CNAME, NULL, DNS_OK, DNS_OK, "upper.example.com" },
    { "loop.example.com", DNS_A, NULL, DNS_SERVFAIL, DNS_SERVFAIL, "" },
    { "dangle.example.com", DNS_A, NULL, DNS_UNKNOWN, DNS_NXDOMAIN, "" },
    { "x.y.wild.example.com", DNS_A, NULL, DNS_OK, DNS_OK, "\xC0" },
    { "_25._tcp.example.com", DNS_TLSA, NULL, DNS_OK, DNS_OK, "3 1 1 abcdef" },
    { "other.example.com", (enum dns_type)65280, NULL, DNS_OK, DNS_OK, "\\# 2 0102" },
    { "caa.example.com", (enum dns_type)257, NULL, DNS_OK, DNS_OK, "0 issue \"ca.example\"" },
    { ".", DNS_NS, NULL, DNS_NXDOMAIN, DNS_NXDOMAIN, "" }, /* the root cannot be asked for */
    /* not recorded is unknown, unless the file says it is complete */
    { "upper.example.com", DNS_TXT, NULL, DNS_UNKNOWN, DNS_NODATA, "" },
    { "er.ent.example.com", DNS_A, NULL, DNS_UNKNOWN, DNS_NODATA, "" },
    { "nothing.example.com", DNS_A, NULL, DNS_UNKNOWN, DNS_NXDOMAIN, "" },
    { "example.org", DNS_A, NULL, DNS_UNKNOWN, DNS_NXDOMAIN, "" },
    /* directives */
    { "gone.example.com", DNS_TXT, NULL, DNS_NXDOMAIN, DNS_NXDOMAIN, "" },
    { "below.gone.example.com", DNS_TXT, NULL, DNS_NXDOMAIN, DNS_NXDOMAIN, "" },
    { "semi.example.com", DNS_A, NULL, DNS_NODATA, DNS_NODATA, "" },
    { "broken.example.com", DNS_MX, NULL, DNS_SERVFAIL, DNS_SERVFAIL, "" },
    { "_dmarc.broken.example.com", DNS_TXT, NULL, DNS_SERVFAIL, DNS_SERVFAIL, "" },
    { "half.example.com", DNS_TXT, NULL, DNS_TIMEOUT, DNS_TIMEOUT, "" },
    { "half.example.com", DNS_A, NULL, DNS_OK, DNS_OK, "\xC0" },
    { "below.half.example.com", DNS_TXT, NULL, DNS_UNKNOWN, DNS_NXDOMAIN, "" },
    /* time */
    { "key.example.com", DNS_TXT, "2026-01-31T23:59:59Z", DNS_OK, DNS_OK, "january" },
    { "key.example.com", DNS_TXT, "2026-02-01T00:00:00Z", DNS_OK, DNS_OK, "february" },
    { "key.example.com", DNS_TXT, "2025-01-01T00:00:00Z", DNS_OK, DNS_OK, "january" },
    { "key.example.com", DNS_TXT, "2027-01-01T00:00:00Z", DNS_OK, DNS_OK, "february" },
    { "shy.example.com", DNS_TXT, "2026-02-10T00:00:00Z", DNS_NXDOMAIN, DNS_NXDOMAIN, "" },
    { "shy.example.com", DNS_TXT, "2026-04-10T00:00:00Z", DNS_OK, DNS_OK, "here" },
    /* names no message can carry */
    { "a..example.com", DNS_A, NULL, DNS_NXDOMAIN, DNS_NXDOMAIN, "" },
    { "", DNS_A, NULL, DNS_NXDOMAIN, DNS_NXDOMAIN, "" },
};

static str
joined(struct arena *a, enum dns_type type, const struct dns_answer *answer)
{
    str all = S("");
    for (size_t i = 0; i < answer->n; i++) {
        str data = answer->records[i].data;
        if (type == DNS_A || type == DNS_AAAA)
            data = str_head(data, 1);
        all = i ? arena_join(a, all, S("|"), data) : data;
    }
    size_t nul = str_find_char(all, '\0');
    return nul == STR_NONE ? all : str_head(all, nul);
}

static void
test_rows(bool closed)
{
    struct arena a = { 0 };
    size_t bad;
    str text = closed ? arena_join(&a, S(";@ default nxdomain\n"), S(""), str_from(zone)) : str_from(zone);
    struct dns *dns = dns_snapshot("zone", text, true, &bad);
    is_int((long long)bad, 0, "every line can be read");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dns_answer answer;
        dns->at = when_rfc3339(str_from(rows[i].at ? rows[i].at : "2026-01-15T00:00:00Z")).at;
        dns_query(dns, &a, str_from(rows[i].name), rows[i].type, &answer);
        enum dns_status want = closed ? rows[i].closed : rows[i].open;
        str data = joined(&a, rows[i].type, &answer);
        if (!ok(answer.status == want && str_eq(data, str_from(rows[i].data)), "%s type %d at %s%s",
                rows[i].name, rows[i].type, rows[i].at ? rows[i].at : "January", closed ? ", complete" : ""))
            printf("# got %.*s \"%.*s\"\n", PRSTR(dns_status_word(answer.status)), PRSTR(data));
    }
    dns_close(dns);
    arena_free(&a);
}

static void
test_flags(void)
{
    struct arena a = { 0 };
    struct dns_answer answer;
    struct dns *dns = dns_snapshot("zone", str_from(zone), true, NULL);
    dns->at = when_rfc3339(S("2025-01-01T00:00:00Z")).at;
    dns_query(dns, &a, S("key.example.com"), DNS_TXT, &answer);
    ok(answer.nearest, "an answer from another time says so");
    dns_query(dns, &a, S("dangle.example.com"), DNS_A, &answer);
    ok(answer.aliased, "a dangling alias exists");
    dns_query(dns, &a, S("a\\.b.example.com"), DNS_A, &answer);
    ok(!answer.nearest && answer.valid_from == WHEN_NONE, "what has no time is always valid");
    dns_close(dns);
    arena_free(&a);
}

static const char *const bad_lines[] = {
    "\tA 192.0.2.1\n",
    "x.example. A 192.0.2.300\n",
    "x.example. AAAA 192.0.2.1\n",
    "x.example. MX mail.example.\n",
    "x.example. TXT\n",
    "x.example. TXT \"open\n",
    "x.example. TXT \"\\300\"\n",
    "x.example. NOSUCH 1\n",
    "x.example. A ( 192.0.2.1\n",
    "x.example. A 192.0.2.1 )\n",
    "$INCLUDE other\n",
    "x..example. A 192.0.2.1\n",
    ";@ nodata x.example.\n",
    ";@ valid yesterday today\n",
    ";@ valid 2027-01-01 2026-01-01\n",
    ";@ default maybe\n",
    ";@ flood x.example.\n",
    ";@\n",
    "x.example.\n",
    ";@ nxdomain x.example. A extra\n",
};

static void
test_bad_lines(void)
{
    for (size_t i = 0; i < sizeof bad_lines / sizeof *bad_lines; i++) {
        struct arena a = { 0 };
        struct dns_answer answer;
        size_t bad;
        str text = arena_join(&a, str_from(bad_lines[i]), S(""), S("good.example. A 192.0.2.1\n"));
        struct dns *dns = dns_snapshot("zone", text, true, &bad);
        dns_query(dns, &a, S("good.example"), DNS_A, &answer);
        bool open = strstr(bad_lines[i], "( ") != NULL; /* an open parenthesis swallows what follows */
        ok(bad == 1 && (open || answer.status == DNS_OK), "one bad line costs no other: %.*s",
           (int)strcspn(bad_lines[i], "\n"), bad_lines[i]);
        dns_close(dns);
        arena_free(&a);
    }
}

int
main(void)
{
    test_rows(false);
    test_rows(true);
    test_flags();
    test_bad_lines();
    return done_testing();
}
