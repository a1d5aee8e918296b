/* Turns options into a policy and a DNS source. */
#include "auth_options.h"

#include "dns_keep.h"

static int
usage(const char *text)
{
    warn("%s", text);
    return EXIT_USAGE;
}

void
auth_options_configure(struct auth_options *o, struct cli *cli)
{
    o->cli = cli;
    if (o->authserv_id == NULL)
        o->authserv_id = config_get(cli, "authserv-id");
    if (o->trusted_hosts == NULL)
        o->trusted_hosts = config_get(cli, "trusted-hosts");
}

struct dns *
auth_options_open(const struct auth_options *o, struct auth_policy *policy, int *code)
{
    struct diag diag = { 0 };
    *code = EXIT_FINE;
    if (o->dmarc != 9989 && o->dmarc != 7489)
        *code = usage("--dmarc is 9989 or 7489");
    else if (o->min_rsa_bits < 0 || o->min_rsa_bits > 65536)
        *code = usage("--min-rsa-bits wants a number of bits");
    else if (o->void_limit < 0 || o->void_limit > 1000)
        *code = usage("--void-limit is 0 to 1000");
    if (*code)
        return NULL;
    *policy = (struct auth_policy){
        .min_rsa_bits = (int)o->min_rsa_bits,
        .allow_rsa_sha1 = o->allow_rsa_sha1,
        .dkim_legacy = o->dkim_legacy,
        .dmarc = (int)o->dmarc,
        .psl_file = o->psl,
        .authserv_ids = o->authserv_id,
        .trusted_hosts = o->trusted_hosts,
        .void_limit = (int)o->void_limit,
        .now = o->now == WHEN_NONE ? when_now() : o->now,
    };
    struct dns *dns = o->cli && strcmp(o->dns, "history") == 0 ? dns_of_database(o->cli->db, &diag)
                                                               : dns_open(o->dns, &diag);
    if (dns == NULL) {
        *code = (int)diag.code;
        warn("%s", diag.text);
    }
    return dns;
}

bool
auth_options_json(const struct auth_options *o, bool *json, int *code)
{
    *json = o->json || (o->format && strcmp(o->format, "json") == 0);
    if (o->format == NULL || *json || strcmp(o->format, "text") == 0)
        return true;
    *code = usage("--format is text or json");
    return false;
}
