/* One run of ingest: each file into the sink, recognised before it is read where it is known (sql/load.h).
 *
 * Here the floors meet: ingest reads, sql/load.c takes. */
#include "ingest_run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file_status.h"
#include "ingest_account.h"
#include "ingest_archive.h"
#include "ingest_jobs.h"
#include "placement.h"
#include "utf8.h"

bool
ingest_fail(struct ingest *in, const struct diag *d)
{
    in->failed = true;
    in->diag = *d;
    return false;
}

bool
ingest_show_progress(const struct ingest_options *o, const struct source *s)
{
    static when last;
    (void)o;
    when now = when_now();
    if (diag_verbosity < 0 || now - last < WHEN_SECOND / 4 || !isatty(STDERR_FILENO))
        return !interrupted;
    last = now;
    if (s->raw_total)
        fprintf(stderr, "\r%.60s: %3.0f%%\033[K\r", s->path,
                100.0 * (double)s->raw_bytes / (double)s->raw_total);
    else
        fprintf(stderr, "\r%.60s: %.1f MB\033[K\r", s->path, (double)s->raw_bytes / 1e6);
    return !interrupted;
}

/* Takes all that is left and rejects it. */
static bool
reject_rest(struct ingest *in, struct source *s, const char *why)
{
    char head[REJECT_EXCERPT];
    size_t n = s->window.n < sizeof head ? s->window.n : sizeof head;
    struct origin o = { .offset = s->offset };
    memcpy(head, s->window.p, n);
    for (;;) {
        o.length += s->window.n;
        source_take(s, s->window.n);
        if (s->eof)
            break;
        if (!source_more(s, &in->sink->diag))
            return false;
    }
    return o.length == 0 || sink_reject(in->sink, 0, o, str_of(head, n), "%s", why);
}

/* Reads one open source into the sink; account is complete afterwards. */
static bool
read_source(struct ingest *in, struct source *s, const struct format *format, struct lines_from from,
            struct account *account, struct lines_result *lines)
{
    struct sink *sink = in->sink;
    sink->account = account;
    sink->source = str_from(s->path);
    sink->format = format ? format->name : NULL;
    bool good;
    if (in->refused)
        good = reject_rest(in, s, in->refused);
    else if (format == NULL)
        good = reject_rest(in, s, "no known format");
    else if (format->read)
        good = format->read(s, &in->options, sink);
    else
        good = lines_read(s, &in->options, format, sink, from, lines);
    if (good && s->damage) {
        warn("%s: %s; what came before is read", s->path, s->damage);
        good = sink_reject(sink, 0, (struct origin){ .offset = s->offset }, (str){ 0 }, "%s", s->damage);
    }
    account->bytes = s->offset;
    return good;
}

/* Known sources ------------------------------------------------------------------------------------- */

/* Whether the file, or the bytes in memory, begins with the known source's bytes; at_end tells whether it ends
 * there too, damaged whether it should not. */
static bool
begins_with(const char *path, str memory, const struct load_source *known, bool *at_end, bool *damaged)
{
    struct source s;
    struct diag d = { 0 };
    unsigned char digest[32];
    bool same = false;
    if (memory.p)
        source_open_memory(&s, path, memory);
    else if (!source_open(&s, path, &d))
        return false;
    while (s.offset < known->bytes) {
        if (s.window.n == 0 && (s.eof || !source_more(&s, &d)))
            break;
        uint64_t left = known->bytes - s.offset;
        source_take(&s, s.window.n < left ? s.window.n : (size_t)left);
    }
    if (s.offset == known->bytes) {
        source_digest(&s, digest);
        same = memcmp(digest, known->sha256, 32) == 0;
        while (same && s.window.n == 0 && !s.eof && source_more(&s, &d))
            ;
        *at_end = s.window.n == 0;
        *damaged = s.damage != NULL;
    }
    source_close(&s);
    return same;
}

/* Decides what to do with a source, by its first bytes and the database. */
enum ingest_known
ingest_look_up(struct ingest *in, const struct source *s, const struct format *format,
               struct load_source *source)
{
    bool grows = format && (format->read == NULL || strcmp(format->kind, "mailbox") == 0);
    struct load_source found[LOAD_MAX_CANDIDATES];
    size_t n;
    struct diag d = { 0 };
    if (strcmp(s->path, "-") == 0 || (!s->regular && !in->memory.p))
        return INGEST_NEW;
    if (!load_find(in->load, s->window, grows, found, LOAD_MAX_CANDIDATES, &n, &d)) {
        ingest_fail(in, &d);
        return INGEST_KNOWN;
    }
    for (size_t i = 0; i < n; i++) {
        bool at_end = false, damaged = false;
        if (!begins_with(s->path, in->memory, &found[i], &at_end, &damaged) || (!at_end && !grows))
            continue;
        source->source_id = found[i].source_id;
        source->bytes = found[i].bytes;
        source->head_length = found[i].head_length;
        source->rejected = found[i].rejected;
        memcpy(source->head_sha256, found[i].head_sha256, 32);
        source->resume_offset = format && format->read == NULL ? found[i].resume_offset : 0;
        source->following = found[i].following;
        if (at_end && (found[i].whole || (found[i].damaged && damaged)))
            return INGEST_KNOWN;
        return INGEST_MORE;
    }
    return INGEST_NEW;
}

/* One file ------------------------------------------------------------------------------------------ */

static const struct format *
choose_format(struct ingest *in, struct source *s, const struct walk_file *f)
{
    static const char message[] = "message";
    if (in->forced)
        return in->forced;
    str head = format_head(s, LOAD_HEAD);
    if (!f->in_maildir)
        return format_recognise(head, s->eof);
    const struct format *of_maildir = format_find(str_from(message));
    const struct format *seems = of_maildir->recognise(head, s->eof) ? NULL : format_recognise(head, s->eof);
    return seems && seems->read == NULL ? seems : of_maildir; /* logs may lie in a directory called "new" */
}

/* A piece of one line, of no format by itself, may be the end of a line of another file. */
static bool
keep_piece(struct ingest *in, const struct source *s)
{
    str piece = s->window;
    if (when_rfc3164(piece).ok || when_rfc3339(piece).ok) /* a beginning, not an end */
        return true;
    if (!s->eof || piece.n == 0 || piece.n > LINE_MAX_BYTES || !utf8_valid(piece) ||
        str_has(str_head(piece, piece.n - 1), S("\n")) || str_has(piece, str_of("", 1)))
        return true;
    struct fragment f = { .is_head = true,
                          .bytes = piece,
                          .origin = { 0, piece.n },
                          .edge_at = WHEN_NONE,
                          .host = in->options.host };
    return in->sink->ops->fragment(in->sink, &f);
}

void
ingest_read(struct ingest *in, struct source *s, const struct format *format, struct lines_from from,
            struct ingest_read *r)
{
    r->account = (struct account){ .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    r->good = read_source(in, s, format, from, &r->account, &r->lines);
    r->diag = in->sink->diag;
    r->offset = s->offset;
    r->at_end = s->eof && s->window.n == 0;
    r->damaged = s->damage != NULL;
    source_digest(s, r->sha256);
}

bool
ingest_settle(struct ingest *in, struct load_source *source, const struct format *format,
              struct lines_from from, const struct ingest_read *r)
{
    struct diag d = { 0 };
    if (!r->good) {
        if (r->diag.code != EXIT_NO_INPUT)
            return ingest_fail(in, &r->diag);
        if (!interrupted)
            warn("%s; what was read of it is kept", r->diag.text);
        in->unreadable += !interrupted;
    }
    if (r->offset < from.offset) {
        diag_set(&d, EXIT_NO_INPUT, "%.*s: changed while it was read", PRSTR(source->path));
        return ingest_fail(in, &d);
    }
    bool is_log = format && format->read == NULL;
    if (is_log && source->host.n == 0)
        source->host = lines_host(&r->lines);
    /* What providers tell is told in several files, as lines are: the loader compares such sources. */
    uint64_t told =
        format && strcmp(format->kind, "events") == 0 ? r->account.records + r->account.ignores : 0;
    struct load_result result = {
        .bytes = r->offset,
        .resume_offset = is_log ? r->lines.resume_offset : r->offset,
        .lines = is_log ? r->lines.lines : told,
        .state = format == NULL ? S("unknown")
                 : !r->at_end   ? S("partial")
                 : r->damaged   ? S("damaged")
                                : S("whole"),
        .since = WHEN_NONE,
        .until = WHEN_NONE,
    };
    memcpy(result.sha256, r->sha256, sizeof result.sha256);
    ingest_account_add(&in->total, &r->account);
    return load_end(in->load, source, &r->account, &result, &d) || ingest_fail(in, &d);
}

static bool
load_file(struct ingest *in, struct source *s, const struct format *format)
{
    struct load_source source = { .path = str_from(s->path),
                                  .host = in->options.host,
                                  .format = str_from(format ? format->name : "unknown"),
                                  .options = in->options_text,
                                  .file_status = in->file_status };
    struct diag d = { 0 };
    if ((load_is_full(in->load) || ingest_jobs_read(in, s)) && !ingest_jobs_wait(in))
        return false;
    if (load_is_full(in->load) && !load_commit(in->load, &d))
        return ingest_fail(in, &d);
    enum ingest_known v = ingest_look_up(in, s, format, &source);
    if (in->failed)
        return false;
    if (v == INGEST_KNOWN) {
        in->known++;
        in->known_rejects = source.rejected;
        return load_add_path(in->load, source.source_id, source.path, in->file_status, &d) ||
               ingest_fail(in, &d);
    }
    if (v == INGEST_MORE && !ingest_jobs_wait(in))
        return false;
    if (!load_begin(in->load, &source, v == INGEST_MORE, s->window, &d))
        return ingest_fail(in, &d);
    if (format == NULL && !keep_piece(in, s))
        return ingest_fail(in, &in->sink->diag);
    struct lines_from from = { v == INGEST_MORE ? source.resume_offset : 0, source.following };
    if (ingest_jobs_want(in, s, format))
        return ingest_jobs_start(in, s, format, from, &source);
    struct ingest_read r = { 0 };
    ingest_read(in, s, format, from, &r);
    return ingest_settle(in, &source, format, from, &r);
}

bool
ingest_commit(struct ingest *in)
{
    struct diag d = { 0 };
    return ingest_jobs_wait(in) && (load_commit(in->load, &d) || ingest_fail(in, &d));
}

static bool
dry_run_file(struct ingest *in, struct source *s, const struct format *format)
{
    struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    if (!read_source(in, s, format, (struct lines_from){ 0 }, &account, NULL)) {
        if (in->sink->diag.code != EXIT_NO_INPUT)
            return ingest_fail(in, &in->sink->diag);
        if (!interrupted)
            warn("%s", in->sink->diag.text);
        in->unreadable += !interrupted;
    }
    ingest_account_add(&in->total, &account);
    return true;
}

/* A small file whose very bytes are known needs no look at its format. */
static bool
is_known_whole(struct ingest *in, const struct source *s, bool *known)
{
    struct diag d = { 0 };
    int64_t id;
    *known = false;
    if (in->load == NULL || !s->eof || !s->regular || s->damage || strcmp(s->path, "-") == 0)
        return true;
    *known = load_find_whole(in->load, s->window, &id, &d);
    if (!*known)
        return d.code == 0 || ingest_fail(in, &d);
    in->known++;
    return load_add_path(in->load, id, str_from(s->path), in->file_status, &d) || ingest_fail(in, &d);
}

bool
ingest_source(struct ingest *in, struct source *s, const struct walk_file *f)
{
    bool known;
    in->files++;
    if (!is_known_whole(in, s, &known) || known)
        return !in->failed;
    in->options.folder = f->folder;
    in->options.mailbox = f->mailbox;
    in->options.stored_at = f->stored_at;
    if (in->place_by_folder && !f->in_maildir) {
        struct placement_path p = placement_of_path(str_from(f->path));
        in->options.folder = p.folder;
        in->options.mailbox = p.mailbox;
    }
    const struct format *format = choose_format(in, s, f);
    if (format == NULL && s->window.n)
        in->unknown++;
    bool good = in->load ? load_file(in, s, format) : dry_run_file(in, s, format);
    if (format == NULL && good && s->offset)
        warn("%s: no known format (--format NAME forces one; waybill formats lists them)", f->path);
    return good;
}

bool
ingest_file(void *ctx, const struct walk_file *f)
{
    struct ingest *in = ctx;
    struct source s;
    struct diag d = { 0 };
    if (interrupted)
        return false;
    int64_t status = in->load ? file_status(f->path) : 0;
    if (in->load && load_skip_file(in->load, status)) {
        in->files++;
        in->known++;
        return true;
    }
    bool readable = source_open(&s, f->path, &d) && source_want(&s, LOAD_HEAD, &d);
    if (!readable && !(interrupted && s.window.n)) { /* what a pipe gave before is read yet */
        in->files++;
        if (!interrupted)
            warn("%s", d.text);
        in->unreadable += !interrupted;
        source_close(&s);
        return !interrupted;
    }
    bool archive = ingest_is_archive(in, &s);
    in->file_status = archive ? 0 : status;
    bool good = archive ? ingest_archive(in, &s, 0) : ingest_source(in, &s, f);
    in->file_status = 0;
    source_close(&s);
    return good;
}

bool
ingest_mail(struct ingest *in, const struct walk_file *f, str raw, const char *refused, uint64_t *rejects)
{
    struct source s;
    uint64_t before = in->total.rejects;
    in->files++;
    in->options.folder = f->folder;
    in->options.mailbox = f->mailbox;
    in->options.stored_at = f->stored_at;
    in->memory = raw.p ? raw : S("");
    in->refused = refused;
    in->known_rejects = 0;
    source_open_memory(&s, f->path, in->memory);
    const struct format *format = in->forced ? in->forced : format_find(S("message"));
    bool good = in->load ? load_file(in, &s, format) : dry_run_file(in, &s, format);
    source_close(&s);
    in->memory = (str){ 0 };
    in->refused = NULL;
    *rejects = in->total.rejects - before + in->known_rejects;
    return good;
}

void
ingest_problem(void *ctx, const char *text)
{
    struct ingest *in = ctx;
    warn("%s", text);
    in->unreadable++;
}

/* A line that two files share is read once both ends are there. */
bool
ingest_join_fragments(struct ingest *in)
{
    struct diag d = { 0 };
    struct load_join j;
    for (;;) {
        struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
        arena_reset(&in->arena);
        if (!load_next_join(in->load, &in->arena, &j, &d))
            return d.code == 0 || ingest_fail(in, &d);
        struct ingest_options options = in->options;
        options.host = j.host;
        struct source s;
        source_open_memory(&s, "a line cut in two", j.line);
        s.offset = j.offset;
        const struct format *format = format_find(j.format);
        in->sink->account = &account;
        bool good = format && lines_read(&s, &options, format, in->sink, (struct lines_from){ 0 }, NULL);
        source_close(&s);
        if (!good && in->sink->diag.code)
            return ingest_fail(in, &in->sink->diag);
        if (!load_end_join(in->load, &j, account.records + account.ignores > 0, &d))
            return ingest_fail(in, &d);
    }
}

int
ingest_finish(struct ingest *in, bool strict)
{
    struct diag d = { 0 };
    ingest_jobs_wait(in);
    if (!in->failed && in->load &&
        !(load_commit(in->load, &d) && ingest_join_fragments(in) && load_commit(in->load, &d)))
        ingest_fail(in, in->failed ? &in->diag : &d);
    if (!in->failed && in->ndjson && !ndjson_flush(in->ndjson))
        ingest_fail(in, &in->sink->diag);
    if (isatty(STDERR_FILENO) && diag_verbosity >= 0)
        fputs("\r\033[K", stderr);
    ingest_account_say(in);
    if (in->load)
        ingest_account_keep(in);
    ingest_jobs_free(in);
    load_free(in->load);
    buf_free(&in->arguments);
    if (in->ndjson)
        ndjson_free(in->ndjson);
    db_close(in->db);
    if (in->failed) {
        warn("%s", in->diag.text);
        return (int)(in->diag.code ? in->diag.code : EXIT_INTERNAL);
    }
    if (interrupted) {
        note("interrupted: what was read is kept, and the same command goes on from there");
        return EXIT_INTERRUPTED;
    }
    if (in->unreadable)
        return EXIT_NO_INPUT;
    return strict && in->total.rejects ? EXIT_REJECTED_INPUT : EXIT_FINE;
}
