/* waybill check: raw messages without a database.
 *
 * Reads each file as one message, or as a mailbox of many (of directories all files), on all cores, evaluates their
 * authentication, and shows hops, verdicts and findings.  One message at a time is held in memory.  Text is for
 * people, in check_text.c. */
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
    int code;   /* the worst so far: unreadable input before a bad verdict */
    bool shown; /* some result was written */
    struct buf out;
};

/* Where a message stands: in a mailbox its offset counts, too. */
struct place {
    const char *path;
    bool in_mailbox;
    uint64_t number, offset; /* from 1; of its first byte */
};

static void
put_json(struct check *c, const struct place *place, const struct message *m, const struct auth_context *ctx,
         const struct auth_verdict *v, const struct auth_finding *findings, size_t n)
{
    struct json j = { .out = &c->out };
    json_object(&j);
    json_field(&j, "file", str_from(place->path));
    if (place->in_mailbox)
        json_field_int(&j, "offset", (int64_t)place->offset);
    message_json(&j, m);
    auth_json(&j, v);
    json_some_when(&j, "evaluated_at", ctx->received_at == WHEN_NONE ? c->policy.now : ctx->received_at);
    json_key(&j, "findings");
    findings_json(&j, findings, n);
    json_end_object(&j);
    buf_char(&c->out, '\n');
}

static str
place_name(struct arena *a, const struct place *p)
{
    return p->in_mailbox ? arena_printf(a, "%s, message %llu at byte %llu", p->path,
                                        (unsigned long long)p->number, (unsigned long long)p->offset)
                         : arena_copy(a, str_from(p->path));
}

/* What was given by mistake: a log, an empty file, a header without its body. */
static void
say_mistake(struct arena *a, const struct place *place, const struct message *m, const struct auth_verdict *v)
{
    bool held = true;
    for (size_t i = 0; i < v->ndkim; i++)
        held = held && v->dkim[i].result == AUTH_PASS;
    if (m->raw.n == 0)
        warn("%s: it is empty", place_name(a, place).p);
    else if (m->nheaders == 0)
        warn("%s: this is no message: it has no header field (logs are read by waybill ingest)",
             place_name(a, place).p);
    else if (m->body_offset == m->raw.n && !held)
        warn("%s: there is no body; where only the header was saved, no DKIM signature can hold",
             place_name(a, place).p);
}

static bool
check_message(struct check *c, const struct place *place, str raw)
{
    struct arena a = { 0 };
    struct message m = { 0 };
    struct auth_context ctx;
    struct auth_verdict verdict;
    struct auth_finding *findings;
    message_parse(&m, &a, raw);
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
        put_json(c, place, &m, &ctx, &verdict, findings, n);
    else
        check_text(&c->out, place_name(&a, place).p, &m, &ctx, &verdict, findings, n);
    say_mistake(&a, place, &m, &verdict);
    bool bad = auth_is_bad(&verdict);
    arena_free(&a);
    return bad;
}

/* To whom results go. */
struct receiver {
    worker_emit *emit;
    void *to;
};

static bool
emit_message(struct check *c, const struct place *place, str raw, struct receiver r)
{
    c->out.n = 0;
    int code = check_message(c, place, raw) ? EXIT_BAD_FINDING : EXIT_FINE;
    return r.emit(r.to, code, &c->out);
}

/* What could not be read: said here, and counted by its code. */
static bool
emit_problem(struct check *c, int code, const char *text, struct receiver r)
{
    warn("%s", text);
    c->out.n = 0;
    return r.emit(r.to, code, &c->out);
}

/* A part that is none of the user's: the turn of its process passes. */
static bool
emit_nothing(struct check *c, struct receiver r)
{
    c->out.n = 0;
    return r.emit(r.to, EXIT_FINE, &c->out);
}

static void
check_mailbox(struct check *c, struct source *source, struct worker_share share, struct receiver r)
{
    struct arena a = { 0 };
    struct diag diag = { 0 };
    struct mbox_piece piece;
    bool going = true;
    uint64_t n = 0;
    for (; going && mbox_next(source, &a, &piece, &diag); n++) {
        struct place place = { source->path, true, n + 1, piece.message_offset };
        if (n % share.of == share.nth && piece.problem)
            going = emit_problem(c, EXIT_REJECTED_INPUT,
                                 arena_printf(&a, "%s: at byte %llu: %s", source->path,
                                              (unsigned long long)piece.offset, piece.problem)
                                     .p,
                                 r);
        else if (n % share.of == share.nth && !(n == 0 && piece.folder_data))
            going = emit_message(c, &place, piece.raw, r);
        else if (n % share.of == share.nth)
            going = emit_nothing(c, r);
        source_take(source, piece.window);
        arena_reset(&a);
    }
    if (going && diag.code && n % share.of == share.nth)
        emit_problem(c, (int)diag.code, diag.text, r);
    arena_free(&a);
}

enum {
    HEAD_LOOKED_AT = 4096,
    SHARED_FROM = 512 << 10 /* smaller mailboxes are not worth several processes */
};

/* One file; unreadable input is a worse code than a bad verdict. */
static void
check_file(void *ctx, const char *path, struct worker_share share, worker_emit *emit, void *to)
{
    struct check *c = ctx;
    struct source source;
    struct diag diag = { 0 };
    struct receiver r = { emit, to };
    if (!source_open(&source, path, &diag)) {
        emit_problem(c, (int)diag.code, diag.text, r);
        return;
    }
    bool good = source_want(&source, HEAD_LOOKED_AT, &diag);
    if (good && mbox_begins(source.window, source.eof))
        check_mailbox(c, &source, share, r);
    else if (!good || !source_slurp(&source, MESSAGE_MAX_BYTES, &diag))
        emit_problem(c, (int)diag.code, diag.text, r);
    else
        emit_message(c, &(struct place){ .path = path }, source.window, r);
    source_close(&source);
}

/* Whether a file is a mailbox that several processes should read. */
static bool
is_shared(const char *path)
{
    struct stat st;
    struct source source;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < SHARED_FROM ||
        !source_open(&source, path, NULL))
        return false;
    bool shared = source_want(&source, HEAD_LOOKED_AT, NULL) && mbox_begins(source.window, source.eof);
    source_close(&source);
    return shared;
}

/* A process of its own needs a resolver of its own. */
static void
start_worker(void *ctx)
{
    struct check *c = ctx;
    struct diag diag = { 0 };
    if (!dns_is_live(c->options.dns))
        return;
    struct dns *own = dns_open(c->options.dns, &diag);
    if (own)
        c->dns = own;
}

static bool
take_result(void *ctx, int code, const struct buf *out)
{
    struct check *c = ctx;
    struct diag diag = { 0 };
    bool first = !c->shown;
    c->shown |= out->n > 0;
    if (code != EXIT_FINE && (c->code == EXIT_FINE || c->code == EXIT_BAD_FINDING))
        c->code = code;
    if (!first && !c->json && out->n && !output_write(&(struct output){ 0 }, S("\n"), &diag))
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
    struct worker_file *files;
    size_t n, room;
    int code;
};

static void
list_path(struct file_list *l, const char *path)
{
    ARENA_PUSH(&l->arena, l->files, l->n, l->room) = (struct worker_file){ path, is_shared(path) };
}

static bool
list_file(void *ctx, const struct walk_file *f)
{
    struct file_list *l = ctx;
    list_path(l, arena_z(&l->arena, str_from(f->path)));
    return !interrupted;
}

static void
list_problem(void *ctx, const char *text)
{
    struct file_list *l = ctx;
    warn("%s", text);
    l->code = EXIT_NO_INPUT;
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
            list_path(&list, paths[i]);
    c->code = list.code;
    workers_run(&(struct workers){ .files = list.files,
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
    .arguments = "FILE|MAILBOX|DIRECTORY...",
    .summary = "evaluate raw messages without a database",
    .run = run,
    .help = "  --json, --format json  one JSON object a message, one a line\n"
            "  --client-ip IP         who handed the message in (else guessed from Received)\n"
            "  --helo NAME            what it said in HELO\n"
            "  --mail-from ADDRESS    the envelope sender (else the Return-Path)\n" AUTH_OPTIONS_HELP
            "\nExit code 1 if a verdict is bad: DMARC fails, or nothing passes where DMARC has no say.\n",
};
