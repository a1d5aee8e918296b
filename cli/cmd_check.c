/* waybill check: raw messages without a database.
 *
 * Reads each file as one message, evaluates its authentication, and shows
 * hops, verdicts and findings.  Text is for people, in check_text.c. */
#include <stdio.h>

#include "auth_json.h"
#include "auth_options.h"
#include "check_text.h"
#include "message_json.h"
#include "message_read.h"
#include "source.h"

struct check {
    struct auth_options options;
    struct auth_policy policy;
    struct dns *dns;
    const char *client_ip, *helo, *mail_from;
    bool json;
    struct buf out;
};

static void
put_json(struct check *c, const char *path, const struct message *m, const struct auth_context *ctx,
         const struct auth_verdict *v, const struct auth_finding *findings, size_t n)
{
    struct json j = { .out = &c->out };
    json_object(&j);
    json_field(&j, "file", str_from(path));
    message_json(&j, m);
    auth_json(&j, v);
    json_some_when(&j, "evaluated_at", ctx->received_at == WHEN_NONE ? c->policy.now : ctx->received_at);
    json_key(&j, "findings");
    findings_json(&j, findings, n);
    json_end_object(&j);
    buf_char(&c->out, '\n');
}

/* An mbox "From " line before the headers is not part of the message. */
static str
without_from_line(str raw)
{
    return str_starts(raw, S("From ")) ? str_cut(raw, '\n').tail : raw;
}

static bool
check_message(struct check *c, const char *path, str raw)
{
    struct arena a = { 0 };
    struct message m = { 0 };
    struct auth_context ctx;
    struct auth_verdict verdict;
    struct auth_finding *findings;
    message_parse(&m, &a, without_from_line(raw));
    auth_context_from_message(&a, &m, &ctx);
    if (c->client_ip)
        ctx.client_ip = str_from(c->client_ip);
    if (c->helo)
        ctx.helo = str_from(c->helo);
    if (c->mail_from) {
        ctx.mail_from = str_from(c->mail_from);
        if (str_starts(ctx.mail_from, S("<")))
            ctx.mail_from = str_unwrap(ctx.mail_from, '<', '>');
        ctx.has_mail_from = true;
    }
    auth_trust(&a, &m, &c->policy);
    auth_check(&a, &m, &ctx, c->dns, &c->policy, &verdict);
    size_t n = auth_findings(&a, &m, &verdict, &findings);
    if (c->json)
        put_json(c, path, &m, &ctx, &verdict, findings, n);
    else
        check_text(&c->out, path, &m, &ctx, &verdict, findings, n);
    bool bad = auth_is_bad(&verdict);
    arena_free(&a);
    return bad;
}

/* Checks one file; *code rises to the worst there was: unreadable input before a bad verdict. */
static void
check_file(struct check *c, const char *path, int *code)
{
    struct source source;
    struct diag diag = { 0 };
    if (!source_open(&source, path, &diag)) {
        warn("%s", diag.text);
        *code = (int)diag.code;
        return;
    }
    if (!source_slurp(&source, MESSAGE_MAX_BYTES, &diag)) {
        warn("%s", diag.text);
        *code = (int)diag.code;
    } else if (check_message(c, path, source.window) && *code == EXIT_FINE) {
        *code = EXIT_BAD_FINDING;
    }
    source_close(&source);
}

static int
check_files(struct check *c, char **paths, int n)
{
    struct diag diag = { 0 };
    int code = EXIT_FINE;
    if (!auth_policy_open(&c->policy, &diag)) {
        warn("%s", diag.text);
        return (int)diag.code;
    }
    for (int i = 0; i < n && !interrupted; i++) {
        if (i && !c->json)
            buf_char(&c->out, '\n');
        check_file(c, paths[i], &code);
        if (!output_write(&(struct output){ 0 }, buf_str(&c->out), &diag)) {
            warn("%s", diag.text);
            code = (int)diag.code;
            break;
        }
        c->out.n = 0;
    }
    auth_policy_close(&c->policy);
    return interrupted ? EXIT_INTERRUPTED : code;
}

static int
run(struct cli *cli, int argc, char **argv)
{
    extern const struct command command_check;
    struct check c = { .options = AUTH_OPTIONS_INIT };
    const struct opt table[] = {
        { "json", 0, OPT_FLAG, &c.options.json },
        { "format", 0, OPT_STRING, &c.options.format },
        { "client-ip", 0, OPT_STRING, &c.client_ip },
        { "helo", 0, OPT_STRING, &c.helo },
        { "mail-from", 0, OPT_STRING, &c.mail_from },
        AUTH_OPTIONS_ROWS(c.options),
        { 0 },
    };
    int code = EXIT_FINE;
    int n = opt_parse(&command_check, table, argc, argv, &code);
    if (n < 0 || !auth_options_json(&c.options, &c.json, &code))
        return code;
    if (n == 0) {
        warn("needs a file, or - for standard input (waybill check --help)");
        return EXIT_USAGE;
    }
    auth_options_configure(&c.options, cli);
    c.dns = auth_options_open(&c.options, &c.policy, &code);
    if (c.dns == NULL)
        return code;
    code = check_files(&c, argv + 1, n);
    dns_close(c.dns);
    buf_free(&c.out);
    return code;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE...",
    .summary = "evaluate raw messages without a database",
    .run = run,
    .help = "  --json, --format json  one JSON object a message, one a line\n"
            "  --client-ip IP         who handed the message in (else guessed from Received)\n"
            "  --helo NAME            what it said in HELO\n"
            "  --mail-from ADDRESS    the envelope sender (else the Return-Path)\n" AUTH_OPTIONS_HELP
            "\nExit code 1 if a verdict is bad: DMARC fails, or nothing passes where DMARC has no say.\n",
};
