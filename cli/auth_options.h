/* The options of the commands that evaluate authentication: check, spf, analyze. */
#ifndef AUTH_OPTIONS_H
#define AUTH_OPTIONS_H

#include "auth.h"
#include "cli.h"

struct auth_options {
    const char *dns, *psl, *format, *authserv_id, *trusted_hosts;
    int64_t min_rsa_bits, dmarc, void_limit;
    bool allow_rsa_sha1, dkim_legacy, json;
    when now;
    struct cli *cli; /* for --dns history; set by auth_options_configure */
};

/* The values before any option was read. */
#define AUTH_OPTIONS_INIT                                                                                  \
    {                                                                                                      \
        .dns = "live", .min_rsa_bits = 1024, .dmarc = 9989, .void_limit = SPF_VOID_LIMIT, .now = WHEN_NONE \
    }

/* Rows for a table of struct opt; o is a struct auth_options. */
#define AUTH_OPTIONS_ROWS(o)                                                                    \
    { "dns", 0, OPT_STRING, &(o).dns }, { "now", 0, OPT_TIME, &(o).now },                       \
        { "min-rsa-bits", 0, OPT_INT, &(o).min_rsa_bits },                                      \
        { "allow-rsa-sha1", 0, OPT_FLAG, &(o).allow_rsa_sha1 },                                 \
        { "dkim-legacy", 0, OPT_FLAG, &(o).dkim_legacy }, { "dmarc", 0, OPT_INT, &(o).dmarc },  \
        { "psl", 0, OPT_STRING, &(o).psl }, { "authserv-id", 0, OPT_STRING, &(o).authserv_id }, \
        { "trusted-hosts", 0, OPT_STRING, &(o).trusted_hosts },                                 \
    {                                                                                           \
        "void-limit", 0, OPT_INT, &(o).void_limit                                               \
    }

#define AUTH_OPTIONS_HELP                                                                    \
    "  --dns live|off|FILE    where DNS answers come from (live: the system's resolvers;\n"  \
    "                         live:ADDRESS[@PORT]: that resolver; history: from the\n"       \
    "                         database's dns_record)\n"                                      \
    "  --now TIME             take this for the present\n"                                   \
    "  --min-rsa-bits N       DKIM: shorter RSA keys do not count (1024)\n"                  \
    "  --allow-rsa-sha1       DKIM: let rsa-sha1 count (RFC 8301 forbids it)\n"              \
    "  --dkim-legacy          DKIM: accept a signature without v=\n"                         \
    "  --dmarc 9989|7489      DMARC: the tree walk of RFC 9989, or the Public Suffix List\n" \
    "  --psl FILE             the list for --dmarc 7489 (the system's)\n"                    \
    "  --authserv-id NAMES    names by which our own servers sign recorded results\n"        \
    "  --trusted-hosts NAMES  our own hosts or domains, as Received names them (guessed)\n"  \
    "  --void-limit N         SPF: DNS answers without records that are too many beyond N (2)\n"

/* Takes from the configuration what options leave open: authserv-id, trusted-hosts. */
void auth_options_configure(struct auth_options *, struct cli *);

/* Fills policy and opens the DNS source; NULL after saying why not, with the exit code in *code. */
struct dns *auth_options_open(const struct auth_options *, struct auth_policy *, int *code);

/* Whether --json or --format json was given; false with *code set to EXIT_USAGE for any other format than text. */
bool auth_options_json(const struct auth_options *, bool *json, int *code);

#endif
