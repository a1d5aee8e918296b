/* waybill spf: one SPF evaluation. */
#include <stdio.h>

#include "auth_json.h"
#include "auth_options.h"
#include "idn.h"

static int
usage(const char *text)
{
    warn("%s (waybill spf --help)", text);
    return EXIT_USAGE;
}

static void
print_field(struct buf *out, const char *name, str value)
{
    if (value.n)
        buf_printf(out, "%-13s %.*s\n", name, PRSTR(value));
}

static void
print_text(struct buf *out, const struct spf_result *r, int void_limit)
{
    print_field(out, "result", auth_word(r->result));
    print_field(out, "identity", r->identity);
    print_field(out, "domain", r->domain);
    print_field(out, "client", r->ip);
    print_field(out, "helo", r->helo);
    print_field(out, "decided by", r->mechanism);
    print_field(out, "because", r->problem);
    print_field(out, "explanation", r->explanation);
    buf_printf(out, "%-13s %d of %d, %d void (%d allowed)\n", "look-ups", r->lookups, SPF_MAX_LOOKUPS,
               r->void_lookups, void_limit);
    if (r->age)
        buf_printf(out, "%-13s %lld days before or after the time asked for\n", "records",
                   (long long)(r->age / WHEN_DAY));
}

static int
run(struct cli *cli, int argc, char **argv)
{
    extern const struct command command_spf;
    const char *ip = NULL, *helo = "", *mail_from = "", *receiver = "";
    struct auth_options o = AUTH_OPTIONS_INIT;
    const struct opt table[] = {
        { "ip", 0, OPT_STRING, &ip },
        { "helo", 0, OPT_STRING, &helo },
        { "mail-from", 0, OPT_STRING, &mail_from },
        { "receiver", 0, OPT_STRING, &receiver },
        { "json", 0, OPT_FLAG, &o.json },
        { "format", 0, OPT_STRING, &o.format },
        AUTH_OPTIONS_ROWS(o),
        { 0 },
    };
    int code = EXIT_FINE;
    bool json;
    int n = opt_parse(&command_spf, table, argc, argv, &code);
    if (n < 0 || !auth_options_json(&o, &json, &code))
        return code;
    if (n > 0 || ip == NULL || (*helo == '\0' && *mail_from == '\0'))
        return usage("needs --ip, and --helo or --mail-from");
    if (ip_parse(str_from(ip)).family == 0)
        return usage("--ip is not an address");

    struct auth_policy policy;
    auth_options_configure(&o, cli);
    struct dns *dns = auth_options_open(&o, &policy, &code);
    if (dns == NULL)
        return code;
    struct arena a = { 0 };
    struct spf_result result;
    dns->at = policy.now;
    str sender = str_unwrap(str_from(mail_from), '<', '>');
    spf_check(
        &a, dns,
        &(struct spf_request){
            .ip = str_from(ip),
            .helo = idn_ascii(&a, str_from(helo)),
            .mail_from = idn_ascii_address(&a, sender.n || *mail_from == '<' ? sender : str_from(mail_from)),
            .receiver = str_from(receiver),
            .void_limit = policy.void_limit,
            .now = policy.now,
        },
        &result);
    result.age = dns->age;
    struct buf out = { 0 };
    if (json) {
        struct json j = { .out = &out };
        spf_json(&j, &result);
        buf_char(&out, '\n');
    } else {
        print_text(&out, &result, policy.void_limit);
    }
    struct diag diag = { 0 };
    if (!output_write(&(struct output){ 0 }, buf_str(&out), &diag)) {
        warn("%s", diag.text);
        code = (int)diag.code;
    } else if (result.result == AUTH_FAIL || result.result == AUTH_PERMERROR) {
        code = EXIT_BAD_FINDING;
    }
    buf_free(&out);
    arena_free(&a);
    dns_close(dns);
    return code;
}

const struct command command_spf = {
    .name = "spf",
    .arguments = "--ip IP --helo NAME --mail-from ADDRESS",
    .summary = "evaluate SPF once",
    .run = run,
    .help = "  --ip IP                the client's address\n"
            "  --helo NAME            what it said in HELO\n"
            "  --mail-from ADDRESS    the envelope sender; without one HELO is checked\n"
            "  --receiver NAME        who asks, for explanations\n"
            "  --json, --format json  one JSON object\n" AUTH_OPTIONS_HELP
            "\nExit code 1 for fail and permerror.\n",
};
