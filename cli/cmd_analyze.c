/* waybill analyze: brings journeys, hops, deliveries, findings and authentication up to date.
 *
 * sql/groups.c streams what is new, message by message; analyze/journey.c assembles; raw messages are
 * read and checked (ingest, analyze/auth.c); the results go back in one transaction. */
#include <stdio.h>
#include <unistd.h>

#include "auth_options.h"
#include "cli.h"
#include "groups.h"
#include "journey.h"
#include "message_read.h"
#include "reply.h"

static const when DEFAULT_GRACE = WHEN_HOUR;

struct analysis {
    struct groups *groups;
    struct dns *dns;
    struct auth_policy policy;
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

/* What a receiver wrote into the message, field by field. */
static void
put_recorded(struct analysis *a, const struct journey *j, const struct group_message *m)
{
    const struct message *msg = m->message;
    for (size_t i = 0; i < msg->nrecorded; i++)
        for (size_t k = 0; k < msg->recorded[i].nresults; k++) {
            const struct auth_recorded *r = &msg->recorded[i].results[k];
            struct auth_row row = { .method = r->method,
                                    .result = r->result,
                                    .reason = r->reason,
                                    .said_by = msg->recorded[i].authserv_id,
                                    .aligned = -1,
                                    .at = m->stored_at,
                                    .sha256 = m->sha256 };
            for (size_t p = 0; p < r->nproperties; p++) {
                str name = r->properties[p].name, value = r->properties[p].value;
                if (str_eq(name, S("header.d")) || str_eq(name, S("smtp.mailfrom")) ||
                    str_eq(name, S("header.from")) || (str_eq(name, S("smtp.helo")) && row.domain.n == 0))
                    row.domain = str_rcut(value, '@').found ? str_rcut(value, '@').tail : value;
                if (str_eq(name, S("header.s")))
                    row.selector = value;
            }
            groups_put_auth(a->groups, j, &row);
        }
}

static void
put_computed(struct analysis *a, const struct assembled *as, const struct group_message *m)
{
    const struct journey *j = &as->journey;
    struct auth_context context = { .received_at = WHEN_NONE, .hop = SIZE_MAX };
    struct auth_verdict v = { 0 };
    auth_context_from_message(&a->arena, m->message, &context);
    if (as->border_hop >= 0) { /* logs know better than headers who brought it in */
        const struct hop *h = &as->hops[as->border_hop];
        context.client_ip = h->client_ip;
        if (h->client_helo.n)
            context.helo = h->client_helo;
        if (h->arrived_at != WHEN_NONE)
            context.received_at = h->arrived_at;
    }
    auth_check(&a->arena, m->message, &context, a->dns, &a->policy, &v);
    struct auth_row row = { .method = S("spf"),
                            .domain = v.spf.domain,
                            .result = auth_word(v.spf.result),
                            .reason = v.spf.problem.n ? v.spf.problem : v.spf.mechanism,
                            .said_by = S("waybill"),
                            .aligned = v.dmarc.spf_aligned,
                            .at = context.received_at,
                            .sha256 = m->sha256 };
    groups_put_auth(a->groups, j, &row);
    for (size_t i = 0; i < v.ndkim; i++) {
        row.method = S("dkim");
        row.domain = v.dkim[i].domain;
        row.selector = v.dkim[i].selector;
        row.result = auth_word(v.dkim[i].result);
        row.reason = v.dkim[i].reason;
        row.aligned = -1;
        groups_put_auth(a->groups, j, &row);
    }
    row = (struct auth_row){ .method = S("dmarc"),
                             .domain = v.dmarc.domain,
                             .result = auth_word(v.dmarc.result),
                             .reason = v.dmarc.reason,
                             .said_by = S("waybill"),
                             .aligned = v.dmarc.spf_aligned || v.dmarc.dkim_aligned,
                             .at = context.received_at,
                             .sha256 = m->sha256 };
    groups_put_auth(a->groups, j, &row);
    if (v.dmarc.result == AUTH_FAIL) {
        struct assembled *mutable = (struct assembled *)(uintptr_t)as;
        struct finding f = { .stage = STAGE_AUTHENTICATION,
                             .severity = "degradation",
                             .code = "dmarc_fail",
                             .detail = arena_printf(&a->arena, "%.*s fails DMARC: %.*s",
                                                    PRSTR(v.dmarc.domain), PRSTR(v.dmarc.reason)) };
        ARENA_PUSH(&a->arena, mutable->findings, mutable->nfindings, mutable->findings_room) = f;
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
            put_recorded(a, &all[i].journey, all[i].messages[m]);
            put_computed(a, &all[i], all[i].messages[m]);
            a->messages++;
        }
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
    const char *configured = config_get(cli, "dns");
    auth.dns = configured ? configured : "off";
    int code = EXIT_USAGE;
    const struct opt opts[] = { { "all", 'a', OPT_FLAG, &all },
                                { "reply-rules", 0, OPT_STRING, &rules },
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
    a.dns = auth_options_open(&auth, &a.policy, &code);
    if (a.dns == NULL)
        return code;
    if (!auth_policy_open(&a.policy, &d) || !db_open_ready(&db, cli->db, &d))
        die_diag(&d);
    struct groups_plan plan = { .all = all, .now = auth.now, .dns = str_from(auth.dns) };
    if (!groups_open(&a.groups, db, &plan, &d))
        die_diag(&d);
    a.options = (struct journey_options){ .now = groups_now(a.groups), .grace = DEFAULT_GRACE };
    struct group g;
    while (groups_next(a.groups, &a.arena, &g, &d)) {
        take_group(&a, &g);
        arena_reset(&a.arena);
        show_progress(&a);
    }
    if (d.code || !groups_commit(a.groups, &d))
        die_diag(&d);
    groups_free(a.groups);
    arena_free(&a.arena);
    auth_policy_close(&a.policy);
    dns_close(a.dns);
    db_close(db);
    note("%llu journeys assembled, %llu stored messages checked", (unsigned long long)a.journeys,
         (unsigned long long)a.messages);
    return EXIT_FINE;
}

const struct command command_analyze = {
    .name = "analyze",
    .arguments = "[options]",
    .summary = "assemble journeys from what was ingested since the last time",
    .run = run_analyze,
    .help = "  -a, --all              redo everything, not only what is new\n"
            "  --reply-rules FILE     rules of your own for replies, before what was found "
            "(waybill-rules(5))\n" AUTH_OPTIONS_HELP
            "analyze asks no DNS unless --dns or the configuration's dns says so\n",
};
