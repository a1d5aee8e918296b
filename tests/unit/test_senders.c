/* Whose an address is: facts in, standing out; lists that are wrong. */
#include "senders.h"
#include "tap.h"

static const char services[] =
    "# a comment\n"
    "acme marketing \"Acme Mail\" domain=esp.example network=198.51.100.0/25 # more\n"
    "deep crm \"Deep\" name=crm.esp.example dkim=*.crm.esp.example\n"
    "grid own \"Our Grid\" network=198.51.100.128/25\n"
    "fwd forwarder \"Forward\" name=forward.example\n"
    "rent cloud \"Rent\" name=rent.example\n";
static const char own[] =
    "network 192.0.2.0/24\nnetwork 2001:db8:1::/48\nname mail.example.com\ndkim example.com s1\n";

static const struct {
    const char *name, *ip, *ptr;
    bool confirmed;
    const char *dkim, *selector, *spf;
    bool both, forwarded, relayed;
    const char *standing, *known_by, *mark, *service;
} rows[] = {
    { "own network", "192.0.2.9", "", 0, "", "", "", 0, 0, 0, "own", "network", "192.0.2.0/24", "" },
    { "own network, IPv6", "2001:db8:1::5", "", 0, "", "", "", 0, 0, 0, "own", "network", "2001:db8:1::/48",
      "" },
    { "own name", "203.0.113.1", "a.mail.example.com", 1, "", "", "", 0, 0, 0, "own", "name",
      "mail.example.com", "" },
    { "own name that does not lead back", "203.0.113.1", "mail.example.com", 0, "", "", "", 0, 0, 0,
      "unknown", "", "", "" },
    { "own signature, straight", "203.0.113.1", "", 0, "example.com", "s1", "", 1, 0, 0, "own", "dkim",
      "example.com", "" },
    { "own signature, another selector", "203.0.113.1", "", 0, "example.com", "s2", "", 1, 0, 0, "unknown",
      "", "", "" },
    { "own signature that was forwarded", "203.0.113.1", "", 0, "example.com", "s1", "", 0, 0, 1, "forwarder",
      "relayed", "", "" },
    { "a service of the user's that is own", "198.51.100.200", "", 0, "", "", "", 0, 0, 0, "own", "network",
      "198.51.100.128/25", "grid" },
    { "network of a service", "198.51.100.1", "", 0, "", "", "", 0, 0, 0, "known", "network",
      "198.51.100.0/25", "acme" },
    { "confirmed name", "203.0.113.1", "o1.esp.example", 1, "", "", "", 0, 0, 0, "known", "name",
      "esp.example", "acme" },
    { "the longest name", "203.0.113.1", "x.crm.esp.example", 1, "", "", "", 0, 0, 0, "known", "name",
      "crm.esp.example", "deep" },
    { "no part of a label", "203.0.113.1", "notesp.example", 1, "", "", "", 0, 0, 0, "unknown", "", "", "" },
    { "SPF of a service", "203.0.113.1", "", 0, "", "", "b.esp.example", 0, 0, 0, "known", "spf",
      "esp.example", "acme" },
    { "signature of a service", "203.0.113.1", "", 0, "esp.example", "k", "", 0, 0, 0, "known", "dkim",
      "esp.example", "acme" },
    { "signature of a service, forwarded", "203.0.113.1", "", 0, "esp.example", "k", "", 0, 1, 0, "forwarder",
      "reports", "", "" },
    { "forwarder", "203.0.113.1", "m.forward.example", 1, "", "", "", 0, 0, 0, "forwarder", "name",
      "forward.example", "fwd" },
    { "a rented machine", "203.0.113.1", "vm1.rent.example", 1, "", "", "", 0, 0, 0, "unknown", "name",
      "rent.example", "rent" },
    { "a rented machine of a service", "203.0.113.1", "vm1.rent.example", 1, "", "", "esp.example", 0, 0, 0,
      "known", "spf", "esp.example", "acme" },
    { "a rented machine that forwards", "203.0.113.1", "vm1.rent.example", 1, "", "", "", 0, 0, 1,
      "forwarder", "relayed", "rent.example", "rent" },
    { "built-in, by SPF", "203.0.113.1", "", 0, "", "", "em7.sendgrid.net", 0, 0, 0, "known", "spf",
      "sendgrid.net", "sendgrid" },
    { "built-in, by signature", "203.0.113.1", "", 0, "amazonses.com", "x", "", 0, 0, 0, "known", "dkim",
      "amazonses.com", "amazonses" },
    { "built-in, by name", "203.0.113.1", "mail-x.outbound.protection.outlook.com", 1, "", "", "", 0, 0, 0,
      "known", "name", "protection.outlook.com", "microsoft365" },
    { "nothing", "203.0.113.1", "", 0, "", "", "", 0, 0, 0, "unknown", "", "", "" },
};

static const struct {
    const char *text, *want;
    bool own;
} wrongs[] = {
    { "x", "f:1: \"\" is no kind", false },
    { "\n\nX crm \"X\" name=a.example", "f:3: \"X\" is no id", false },
    { "x crm \"X\" name=", "f:1: name= says nothing", false },
    { "x crm \"X\" name=a.example,", "f:1: \"\" is no domain name", false },
    { "x crm \"X name=a.example", "f:1: a title has 1 to 120 bytes", false },
    { "x crm \"X\" network=192.0.2.0/x", "f:1: \"192.0.2.0/x\" is no network", false },
    { "x crm \"X\" network=::/0", "f:1: \"::/0\" holds every address", false },
    { "network", "f:1: network says nothing", true },
    { "dkim example.com a b", "f:1: too many words behind dkim", true },
    { "host example.com", "f:1: a line reads", true },
};

int
main(void)
{
    struct senders *s = senders_new();
    struct diag d = { 0 };
    ok(senders_count(s) >= 150, "the built-in list has %zu services", senders_count(s));
    uint64_t before = senders_digest(s);
    ok(senders_add(s, str_from(services), "services", &d) && senders_add_own(s, str_from(own), "own", &d),
       "lists: %s", d.text);
    ok(senders_digest(s) != before, "the digest tells that something was added");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        str dkim = str_from(rows[i].dkim), selector = str_from(rows[i].selector), spf = str_from(rows[i].spf);
        struct sender_facts f = { .ip = ip_parse(str_from(rows[i].ip)),
                                  .ptr = str_from(rows[i].ptr),
                                  .confirmed = rows[i].confirmed,
                                  .dkim = &dkim,
                                  .selectors = &selector,
                                  .ndkim = dkim.n > 0,
                                  .spf = &spf,
                                  .nspf = spf.n > 0,
                                  .both = rows[i].both,
                                  .forwarded = rows[i].forwarded,
                                  .relayed = rows[i].relayed };
        struct sender_identity got = senders_identify(s, &f);
        str service = got.service ? got.service->id : S("");
        ok(str_eq(got.standing, str_from(rows[i].standing)) &&
               str_eq(got.known_by, str_from(rows[i].known_by)) && str_eq(got.mark, str_from(rows[i].mark)) &&
               str_eq(service, str_from(rows[i].service)),
           "%s (%.*s %.*s %.*s %.*s)", rows[i].name, PRSTR(got.standing), PRSTR(got.known_by),
           PRSTR(got.mark), PRSTR(service));
    }
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct senders *fresh = senders_new();
        str text = str_from(wrongs[i].text);
        d = (struct diag){ 0 };
        bool good = wrongs[i].own ? senders_add_own(fresh, text, "f", &d) : senders_add(fresh, text, "f", &d);
        ok(!good && d.code == EXIT_USAGE && str_starts(str_from(d.text), str_from(wrongs[i].want)), "%s (%s)",
           wrongs[i].want, d.text);
        senders_free(fresh);
    }
    senders_free(s);
    return done_testing();
}
