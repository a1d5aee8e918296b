/* waybill analyze: brings journeys, hops, deliveries, findings and authentication up to date.
 *
 * sql/groups.c streams what is new, message by message; analyze/journey.c assembles; raw messages are
 * read and checked (ingest, analyze/auth.c); the results go back in one transaction. */
#include <stdio.h>
#include <unistd.h>

#include "analyze_auth.h"
#include "cli.h"
#include "dns_keep.h"
#include "groups.h"
#include "identify.h"
#include "journey.h"
#include "message_read.h"
#include "reply.h"

static const when DEFAULT_GRACE = WHEN_HOUR;

struct analysis {
    struct groups *groups;
    struct analyze_auth auth;
    struct journey_options options;
    struct arena arena;
    uint64_t groups_done, journeys, messages;
    bool rules; /* the user's own for replies */
};

/* What the user's rules say now weighs more than what was found when the line was read. */
static void
apply_rules(struct reply_context c, struct reply_class *class)
{
    if (c.text.n == 0 || class->rule == NULL)
        return;
    struct reply_class now = reply_classify(&c);
    if (str_starts(str_from(now.rule), S("user.")))
        *class = now;
}

static void
apply_all_rules(struct group *g)
{
    for (size_t i = 0; i < g->nattempts; i++) {
        struct attempt *a = &g->attempts[i];
        apply_rules((struct reply_context){ a->relay_host, a->reply, a->code, a->enhanced, a->class.stage },
                    &a->class);
    }
    for (size_t i = 0; i < g->nrefusals; i++) {
        struct refusal *r = &g->refusals[i].r;
        apply_rules((struct reply_context){ (str){ 0 }, r->reply, r->code, r->enhanced, r->stage },
                    &r->class);
    }
}

/* What hosts' own checks logged. */
static void
put_told(struct analysis *a, const struct assembled *as)
{
    for (size_t i = 0; i < as->nauths; i++) {
        const struct told_auth *t = &as->auths[i];
        struct auth_row row = { .method = t->method,
                                .domain = t->domain,
                                .selector = t->selector,
                                .result = t->result,
                                .reason = t->reason,
                                .said_by = t->said_by,
                                .aligned = -1,
                                .at = t->at };
        groups_put_auth(a->groups, &as->journey, &row);
    }
}

static void
take_group(struct analysis *a, struct group *g)
{
    if (a->rules)
        apply_all_rules(g);
    for (size_t i = 0; i < g->nmessages; i++) {
        str raw = g->messages[i].message->raw;
        message_parse(g->messages[i].message, &a->arena, raw);
    }
    size_t n;
    struct assembled *all = journey_assemble(&a->arena, g, &a->options, &n);
    for (size_t i = 0; i < n; i++) {
        for (size_t m = 0; m < all[i].nmessages; m++) {
            analyze_auth(&a->auth, &a->arena, &all[i], all[i].messages[m]);
            a->messages++;
        }
        put_told(a, &all[i]);
        groups_put(a->groups, &all[i]);
    }
    a->journeys += n;
    a->groups_done++;
}

static void
show_progress(const struct analysis *a)
{
    if ((a->groups_done & 4095) == 0 && diag_verbosity >= 0 && isatty(STDERR_FILENO))
        fprintf(stderr, "\r%llu messages\033[K\r", (unsigned long long)a->groups_done);
}

static int
run_analyze(struct cli *cli, int argc, char **argv)
{
    extern const struct command command_analyze;
    struct auth_options auth = AUTH_OPTIONS_INIT;
    bool all = false;
    const char *rules = NULL;
    struct identify identify = { 0 };
    const char *configured = config_get(cli, "dns");
    auth.dns = configured ? configured : "off";
    int code = EXIT_USAGE;
    const struct opt opts[] = { { "all", 'a', OPT_FLAG, &all },
                                { "reply-rules", 0, OPT_STRING, &rules },
                                { "senders", 0, OPT_STRING, &identify.senders },
                                { "own", 0, OPT_STRING, &identify.own },
                                { "maxmind", 0, OPT_STRING, &identify.maxmind },
                                AUTH_OPTIONS_ROWS(auth),
                                { NULL, 0, 0, NULL } };
    int n = opt_parse(&command_analyze, opts, argc, argv, &code);
    if (n < 0)
        return code;
    if (n > 0) {
        warn("analyze takes no arguments: it brings the whole database up to date");
        return EXIT_USAGE;
    }
    struct analysis a = { .rules = config_reply_rules(cli, rules) };
    struct diag d = { 0 };
    struct db *db;
    auth_options_configure(&auth, cli);
    identify.psl = auth.psl;
    struct identify_lists *lists = identify_open(&identify, cli);
    a.auth.dns = auth_options_open(&auth, &a.auth.policy, &code);
    if (a.auth.dns == NULL)
        return code;
    if (!auth_policy_open(&a.auth.policy, &d) || !db_open_ready(&db, cli->db, &d))
        die_diag(&d);
    struct dns_keep keep = { 0 };
    if (dns_is_live(auth.dns))
        dns_keep_attach(&keep, a.auth.dns);
    if (strcmp(auth.dns, "history") != 0)
        a.auth.dns = dns_with_history(db, a.auth.dns, &d);
    if (a.auth.dns == NULL)
        die_diag(&d);
    if (strcmp(auth.dns, "off") != 0 && !all && !dns_store_reopen(db, str_from(auth.dns), &d))
        die_diag(&d);
    struct groups_plan plan = {
        .all = all, .now = auth.now, .grace = DEFAULT_GRACE, .dns = str_from(auth.dns)
    };
    if (!groups_open(&a.groups, db, &plan, &d))
        die_diag(&d);
    a.auth.groups = a.groups;
    a.options = (struct journey_options){ .now = groups_now(a.groups), .grace = DEFAULT_GRACE };
    struct group g;
    while (groups_next(a.groups, &a.arena, &g, &d)) {
        take_group(&a, &g);
        arena_reset(&a.arena);
        show_progress(&a);
    }
    if (d.code || !groups_commit(a.groups, &d))
        die_diag(&d);
    uint64_t identified = 0;
    identify.dns = a.auth.dns;
    identify.dns_word = auth.dns;
    identify.all = all;
    if (!identify_sources(&identify, lists, db, &identified, &d))
        die_diag(&d);
    identify_close(lists);
    if (!dns_keep_save(&keep, db, &d))
        die_diag(&d);
    groups_free(a.groups);
    arena_free(&a.arena);
    auth_policy_close(&a.auth.policy);
    dns_close(a.auth.dns);
    db_close(db);
    note("%llu journeys assembled, %llu stored messages checked", (unsigned long long)a.journeys,
         (unsigned long long)a.messages);
    if (identified)
        note("%llu addresses of DMARC reports identified", (unsigned long long)identified);
    return EXIT_FINE;
}

const struct command command_analyze = {
    .name = "analyze",
    .arguments = "[options]",
    .summary = "assemble journeys from what was ingested since the last time",
    .run = run_analyze,
    .help =
        "  -a, --all              redo everything, not only what is new\n"
        "  --reply-rules FILE     rules of your own for replies, before what was found "
        "(waybill-rules(5))\n"
        "  --senders FILE         services that send for others, before the built-in list "
        "(waybill-senders(5))\n"
        "  --own FILE             networks, names and DKIM domains of your own\n"
        "  --maxmind FILES        databases for country and network of addresses (.mmdb)\n" AUTH_OPTIONS_HELP
        "analyze asks no DNS unless --dns or the configuration's dns says so\n",
};
