/* waybill check: raw messages without a database.
 *
 * Reads each file as one message (of directories all files, on all cores), evaluates its authentication, and shows
 * hops, verdicts and findings.  Text is for people, in check_text.c. */
#include <stdio.h>
#include <sys/stat.h>

#include "auth_json.h"
#include "auth_options.h"
#include "check_workers.h"
#include "check_text.h"
#include "message_json.h"
#include "message_read.h"
#include "source.h"
#include "walk.h"

struct check {
    struct auth_options options;
    struct auth_policy policy;
    struct dns *dns;
    const char *client_ip, *helo, *mail_from;
    bool json;
    int code; /* the worst so far: unreadable input before a bad verdict */
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

/* One file; unreadable input is a worse code than a bad verdict. */
static int
check_file(void *ctx, const char *path, struct buf *out)
{
    struct check *c = ctx;
    struct source source;
    struct diag diag = { 0 };
    int code = EXIT_FINE;
    c->out.n = 0;
    if (!source_open(&source, path, &diag)) {
        warn("%s", diag.text);
        return (int)diag.code;
    }
    if (!source_slurp(&source, MESSAGE_MAX_BYTES, &diag)) {
        warn("%s", diag.text);
        code = (int)diag.code;
    } else if (check_message(c, path, source.window)) {
        code = EXIT_BAD_FINDING;
    }
    source_close(&source);
    buf_add(out, buf_str(&c->out));
    return code;
}

/* A process of its own needs a resolver of its own. */
static void
start_worker(void *ctx)
{
    struct check *c = ctx;
    struct diag diag = { 0 };
    if (strcmp(c->options.dns, "live") != 0)
        return;
    struct dns *own = dns_open("live", &diag);
    if (own)
        c->dns = own;
}

static bool
take_result(void *ctx, size_t index, int code, struct buf *out)
{
    struct check *c = ctx;
    struct diag diag = { 0 };
    if (code != EXIT_FINE && (c->code == EXIT_FINE || c->code == EXIT_BAD_FINDING))
        c->code = code;
    if (index && !c->json && out->n && !output_write(&(struct output){ 0 }, S("\n"), &diag))
        c->code = (int)diag.code;
    if (diag.code == 0 && output_write(&(struct output){ 0 }, buf_str(out), &diag))
        return true;
    warn("%s", diag.text);
    c->code = (int)diag.code;
    return false;
}

/* The files that the arguments name, directories in depth. */
struct file_list {
    struct arena arena;
    const char **paths;
    size_t n, room;
    int code;
};

static bool
list_file(void *ctx, const struct walk_file *f)
{
    struct file_list *l = ctx;
    ARENA_PUSH(&l->arena, l->paths, l->n, l->room) = arena_z(&l->arena, str_from(f->path));
    return !interrupted;
}

static void
list_problem(void *ctx, const char *text)
{
    struct file_list *l = ctx;
    warn("%s", text);
    l->code = EXIT_NO_INPUT;
}

static bool
is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
check_files(struct check *c, char **paths, int n)
{
    struct diag diag = { 0 };
    struct file_list list = { 0 };
    if (!auth_policy_open(&c->policy, &diag)) {
        warn("%s", diag.text);
        return (int)diag.code;
    }
    for (int i = 0; i < n; i++)
        if (is_directory(paths[i]))
            walk(&list.arena, paths[i], list_file, list_problem, &list);
        else
            ARENA_PUSH(&list.arena, list.paths, list.n, list.room) = paths[i];
    c->code = list.code;
    workers_run(&(struct workers){ .paths = list.paths,
                                   .n = list.n,
                                   .start = start_worker,
                                   .work = check_file,
                                   .take = take_result,
                                   .ctx = c });
    arena_free(&list.arena);
    auth_policy_close(&c->policy);
    return interrupted ? EXIT_INTERRUPTED : c->code;
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
    .arguments = "FILE|DIRECTORY...",
    .summary = "evaluate raw messages without a database",
    .run = run,
    .help = "  --json, --format json  one JSON object a message, one a line\n"
            "  --client-ip IP         who handed the message in (else guessed from Received)\n"
            "  --helo NAME            what it said in HELO\n"
            "  --mail-from ADDRESS    the envelope sender (else the Return-Path)\n" AUTH_OPTIONS_HELP
            "\nExit code 1 if a verdict is bad: DMARC fails, or nothing passes where DMARC has no say.\n",
};
