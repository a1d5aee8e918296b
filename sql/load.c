/* The sink of databases: batches, known sources, and what a commit settles.
 *
 * Rows themselves are encoded in load_rows.c. */
#include "load.h"

#include <stdlib.h>

#include "crypto.h"
#include "hash.h"
#include "load_impl.h"

enum { BATCH_SOURCES = 4000, BATCH_BYTES = 128 << 20 };

#define LOAD_TABLE_ROW(id, table, by_time, n, cols) \
    { .name = table, .columns = cols, .ncolumns = n, .partitioned = by_time },
static const struct writer_table tables[] = { LOAD_TABLES(LOAD_TABLE_ROW) };

static bool
run_query(struct load *l, const char *name, const str *params, size_t nparams, struct db_rows *rows,
          struct diag *d)
{
    struct db_rows none;
    return db_query(l->db, &l->arena, sql_text(name), params, nparams, rows ? rows : &none, d);
}

/* Keeps other ingests out. */
static const str ingest_lock = { "8602851031749", 13 };

static bool
lock_out_others(struct load *l, struct diag *d)
{
    struct db_rows rows;
    str key = ingest_lock;
    if (!run_query(l, "queries/load_try_lock.sql", &key, 1, &rows, d))
        return false;
    if (str_eq(db_cell(&rows, 0, 0), S("t")))
        return true;
    note("waiting for another ingest into this database to finish");
    return run_query(l, "queries/load_lock.sql", &key, 1, NULL, d);
}

static bool
new_loader(struct load **out, struct db *db, reply_classifier *classify, bool sharing, struct diag *d)
{
    struct load *l = xcalloc(1, sizeof *l);
    l->db = db;
    l->sharing = sharing;
    l->sink.ops = &load_ops;
    l->sink.classify = classify;
    *out = l;
    if ((!sharing && !lock_out_others(l, d)) || !db_exec(db, sql_text("queries/load_stage.sql"), d) ||
        !db_open_again(&l->look, db, d))
        return false;
    l->known = known_new(l->look);
    l->writer = writer_new(db, tables, LOAD_TABLE_COUNT);
    return true;
}

bool
load_new(struct load **out, struct db *db, reply_classifier *classify, struct diag *d)
{
    return new_loader(out, db, classify, false, d);
}

bool
load_new_sharing(struct load **out, struct db *db, reply_classifier *classify, struct diag *d)
{
    return new_loader(out, db, classify, true, d);
}

void
load_free(struct load *l)
{
    struct diag ignored = { 0 };
    if (l == NULL)
        return;
    if (l->writer) {
        writer_sync(l->writer, &ignored);
        if (l->in_batch)
            db_exec(l->db, "rollback", &ignored);
    }
    writer_free(l->writer);
    str key = ingest_lock;
    if (!l->sharing)
        run_query(l, "queries/load_unlock.sql", &key, 1, NULL, &ignored);
    db_close(l->look);
    known_free(l->known);
    free(l->pending);
    arena_free(&l->arena);
    buf_free(&l->row_text);
    free(l);
}

struct sink *
load_sink(struct load *l)
{
    return &l->sink;
}

/* What others may have changed between the batches of a loader that shares. */
static void
forget_known(struct load *l)
{
    if (!l->sharing)
        return;
    known_free(l->known);
    l->known = known_new(l->look);
}

/* With the locks taken. */
static bool
number_batch(struct load *l, struct diag *d)
{
    struct db_rows rows;
    l->in_batch = true;
    forget_known(l);
    if (!run_query(l, "queries/load_batch_lock.sql", NULL, 0, NULL, d) ||
        !run_query(l, "queries/load_next.sql", NULL, 0, &rows, d))
        return false;
    l->load_id = db_int(db_cell(&rows, 0, 0));
    return true;
}

static bool
begin_transaction(struct load *l, struct diag *d)
{
    arena_reset(&l->arena);
    l->npending = 0;
    l->batch_bytes = 0;
    return db_exec(l->db, "begin", d);
}

bool
load_want_batch(struct load *l, struct diag *d)
{
    if (l->in_batch)
        return true;
    return begin_transaction(l, d) &&
           (!l->sharing || run_query(l, "queries/load_wait_batch.sql", &ingest_lock, 1, NULL, d)) &&
           number_batch(l, d);
}

bool
load_try_batch(struct load *l, bool *busy, struct diag *d)
{
    struct db_rows rows;
    *busy = false;
    if (l->in_batch)
        return true;
    if (!begin_transaction(l, d) || !run_query(l, "queries/load_try_batch.sql", &ingest_lock, 1, &rows, d))
        return false;
    *busy = !str_eq(db_cell(&rows, 0, 0), S("t"));
    return *busy ? db_exec(l->db, "rollback", d) : number_batch(l, d);
}

/* Known sources ------------------------------------------------------------------------------------ */

size_t
load_from_hex(str hex, char *out, size_t room)
{
    size_t n = 0;
    for (; n < room && 2 * n + 1 < hex.n; n++) {
        unsigned v = 0;
        for (size_t k = 0; k < 2; k++) {
            char c = hex.p[2 * n + k];
            v = v * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        out[n] = (char)v;
    }
    return n;
}

str
load_bytes(struct arena *a, str hex)
{
    char *p = arena_alloc(a, hex.n / 2 + 1);
    return str_of(p, load_from_hex(hex, p, hex.n / 2));
}

static int64_t
id_of_head(const unsigned char digest[32])
{
    return (int64_t)(hash_bytes(str_of((const char *)digest, 32)) >> 1);
}

/* All empty sources are one. */
static bool
find_empty(struct load *l, struct load_source *found, size_t *n, struct diag *d)
{
    struct load_source empty = { .whole = true };
    bool known = false;
    sha256_of((str){ 0 }, empty.sha256);
    memcpy(empty.head_sha256, empty.sha256, 32);
    empty.source_id = id_of_head(empty.sha256);
    bool good = known_id_taken(l->known, empty.source_id, &known, d);
    *n = 0;
    if (known)
        found[(*n)++] = empty;
    return good;
}

bool
load_find(struct load *l, str head, bool grows, struct load_source *found, size_t max, size_t *n,
          struct diag *d)
{
    head = str_head(head, LOAD_HEAD);
    return head.n == 0 ? find_empty(l, found, n, d) : known_find(l->known, head, grows, found, max, n, d);
}

bool
load_find_whole(struct load *l, str bytes, int64_t *source_id, struct diag *d)
{
    struct load_source found[LOAD_MAX_CANDIDATES];
    size_t n = 0;
    if (bytes.n == 0 || bytes.n > LOAD_HEAD)
        return false;
    if (!known_find(l->known, bytes, false, found, LOAD_MAX_CANDIDATES, &n, d))
        return false;
    for (size_t i = 0; i < n; i++)
        if (found[i].bytes == bytes.n && found[i].whole) {
            *source_id = found[i].source_id;
            return true;
        }
    return false;
}

bool
load_add_path(struct load *l, int64_t source_id, str path, struct diag *d)
{
    if (!load_want_batch(l, d))
        return false;
    struct buf *b = writer_row(l->writer, LOAD_PATH, WHEN_NONE);
    pgcopy_int8(b, source_id);
    pgcopy_text(b, pgcopy_cut(path));
    l->totals.duplicates++;
    return true;
}

static bool
choose_id(struct load *l, struct load_source *s, struct diag *d)
{
    s->source_id = id_of_head(s->head_sha256);
    for (;; s->source_id++) {
        bool taken = false;
        if (!known_id_taken(l->known, s->source_id, &taken, d) || !taken)
            return d->code == 0;
    }
}

bool
load_begin(struct load *l, struct load_source *s, bool resuming, str head, struct diag *d)
{
    if (!load_want_batch(l, d))
        return false;
    head = str_head(head, LOAD_HEAD);
    bool nothing_behind = s->bytes && s->bytes == s->resume_offset; /* the usual: it ended with a line end */
    if (resuming && nothing_behind) {
        l->source_id = s->source_id;
        return true;
    }
    if (resuming) {
        struct arena a = { 0 };
        struct db_rows rows;
        str params[] = { arena_printf(&a, "%lld", (long long)s->source_id),
                         arena_printf(&a, "%llu", (unsigned long long)s->resume_offset),
                         arena_printf(&a, "%lld", (long long)l->load_id) };
        bool good = writer_sync(l->writer, d) &&
                    db_query(l->db, &a, sql_text("queries/load_forget_tail.sql"), params, 3, &rows, d);
        arena_free(&a);
        if (!good)
            return false;
    } else {
        s->head_length = head.n;
        sha256_of(head, s->head_sha256);
        if (!choose_id(l, s, d))
            return false;
    }
    l->source_id = s->source_id;
    return true;
}

bool
load_end(struct load *l, const struct load_source *s, const struct account *account,
         const struct load_result *r, struct diag *d)
{
    struct buf *b = writer_row(l->writer, LOAD_SOURCE, WHEN_NONE);
    pgcopy_int8(b, s->source_id);
    pgcopy_text(b, s->path);
    pgcopy_some(b, s->host);
    pgcopy_text(b, s->format);
    pgcopy_bytes(b, str_of((const char *)r->sha256, 32));
    pgcopy_int8(b, (int64_t)r->bytes);
    pgcopy_int8(b, (int64_t)account->records);
    pgcopy_int8(b, (int64_t)account->rejects);
    pgcopy_int8(b, (int64_t)account->ignores);
    pgcopy_int8(b, (int64_t)account->recorded);
    pgcopy_int8(b, (int64_t)account->rejected);
    pgcopy_int8(b, (int64_t)account->ignored);
    pgcopy_when(b, account->first_at);
    pgcopy_when(b, account->last_at);
    pgcopy_when(b, when_now());
    pgcopy_text(b, r->state);
    pgcopy_int8(b, (int64_t)r->lines);
    pgcopy_int8(b, (int64_t)r->resume_offset);
    pgcopy_int4(b, (int32_t)s->head_length);
    pgcopy_bytes(b, str_of((const char *)s->head_sha256, 32));
    pgcopy_text(b, s->options);
    pgcopy_int8(b, l->load_id);
    b = writer_row(l->writer, LOAD_PATH, WHEN_NONE);
    pgcopy_int8(b, s->source_id);
    pgcopy_text(b, pgcopy_cut(s->path));

    struct load_source done = *s;
    done.bytes = r->bytes;
    done.resume_offset = r->resume_offset;
    done.whole = str_eq(r->state, S("whole"));
    done.damaged = str_eq(r->state, S("damaged"));
    done.following = str_eq(r->state, S("following"));
    done.rejected = account->rejects;
    memcpy(done.sha256, r->sha256, 32);
    done.path = done.host = done.format = done.options = (str){ 0 };
    known_add_source(l->known, &done);
    if (l->npending == l->pending_room) {
        l->pending_room = l->pending_room ? l->pending_room * 2 : 64;
        l->pending = xrealloc(l->pending, l->pending_room * sizeof *l->pending);
    }
    l->pending[l->npending++] = (struct load_pending){
        .source_id = done.source_id, .following = done.following, .since = r->since, .until = r->until
    };
    l->batch_bytes += r->bytes;
    if (!writer_failed(l->writer))
        return true;
    return writer_sync(l->writer, d);
}

bool
load_is_full(const struct load *l)
{
    return l->npending >= BATCH_SOURCES || l->batch_bytes >= BATCH_BYTES;
}

/* Other processes ---------------------------------------------------------------------------------- */

struct load *
load_relay(const struct load *l, int fd)
{
    struct load *r = xcalloc(1, sizeof *r);
    r->sink = l->sink;
    r->load_id = l->load_id;
    r->source_id = l->source_id;
    r->writer = writer_relay(fd, tables, LOAD_TABLE_COUNT);
    return r;
}

struct load_told
load_relay_end(struct load *l)
{
    writer_relay_end(l->writer);
    return (struct load_told){ .totals = l->totals,
                               .saw_edges = l->saw_edges,
                               .saw_fragments = l->saw_fragments };
}

bool
load_take(struct load *l, int fd)
{
    return writer_take(l->writer, fd);
}

void
load_add(struct load *l, const struct load_told *told)
{
    l->totals.transits += told->totals.transits;
    l->totals.attempts += told->totals.attempts;
    l->totals.refusals += told->totals.refusals;
    l->totals.verdicts += told->totals.verdicts;
    l->saw_edges |= told->saw_edges;
    l->saw_fragments |= told->saw_fragments;
}

bool
load_failed(struct load *l, struct diag *d)
{
    return !writer_sync(l->writer, d);
}

/* Commit ------------------------------------------------------------------------------------------- */

/* The rows of this batch are in no statistics: the planner takes them for a few, and would compare each with
 * each.  Only for joins by a key: of others that is the only way. */
static bool
expect_many(struct load *l, bool many, struct diag *d)
{
    return db_exec(l->db, many ? "set local enable_nestloop = off" : "set local enable_nestloop = on", d);
}

bool
load_dedupe_source(struct load *l, str source_id, str since, str until, struct diag *d)
{
    static const char *const queries[] = { "queries/load_dedupe_attempt_log.sql",
                                           "queries/load_dedupe_refusal.sql",
                                           "queries/load_dedupe_verdict.sql",
                                           "queries/load_dedupe_notification.sql" };
    struct db_rows rows;
    str params[] = { source_id, since, until };
    if (!expect_many(l, true, d))
        return false;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        if (!run_query(l, queries[q], params, 3, &rows, d))
            return false;
        l->totals.duplicates += db_int(db_cell(&rows, 0, 0));
    }
    return expect_many(l, false, d);
}

/* Of a source that goes on, only what this batch tells is looked at: all it ever told would take longer with
 * every commit. */
static bool
dedupe_span(struct load *l, const struct load_pending *p, struct diag *d)
{
    struct db_rows rows;
    str id = arena_printf(&l->arena, "%lld", (long long)p->source_id);
    str params[] = { id, when_format(&l->arena, p->since), when_format(&l->arena, p->until) };
    if (p->since == WHEN_NONE)
        return true;
    if (!run_query(l, "queries/load_overlap_span.sql", params, 3, &rows, d))
        return false;
    return rows.rows == 0 || load_dedupe_source(l, id, params[1], params[2], d);
}

static bool
is_going_on(const struct load *l, str source_id)
{
    int64_t id = 0;
    str_to_i64(source_id, &id);
    for (size_t i = 0; i < l->npending; i++)
        if (l->pending[i].source_id == id && l->pending[i].following)
            return true;
    return false;
}

static bool
dedupe(struct load *l, struct diag *d)
{
    struct db_rows sources;
    bool all_going_on = l->npending != 0;
    for (size_t i = 0; i < l->npending; i++) {
        all_going_on = all_going_on && l->pending[i].following;
        if (l->pending[i].following && !dedupe_span(l, &l->pending[i], d))
            return false;
    }
    if (all_going_on)
        return true;
    str id = arena_printf(&l->arena, "%lld", (long long)l->load_id);
    if (!run_query(l, "queries/load_overlap.sql", &id, 1, &sources, d))
        return false;
    for (size_t i = 0; i < sources.rows; i++)
        if (!is_going_on(l, db_cell(&sources, i, 0)) &&
            !load_dedupe_source(l, db_cell(&sources, i, 0), (str){ 0 }, (str){ 0 }, d))
            return false;
    return true;
}

static bool
count_reports(struct load *l, str id, struct diag *d)
{
    struct db_rows rows;
    if (!l->saw_reports)
        return true;
    l->saw_reports = false;
    if (!run_query(l, "queries/load_report_counts.sql", &id, 1, &rows, d))
        return false;
    l->totals.reports_found += db_int(db_cell(&rows, 0, 0)) + l->taken_found;
    l->totals.reports_imported += db_int(db_cell(&rows, 0, 1));
    l->taken_found = 0;
    return true;
}

bool
load_commit(struct load *l, struct diag *d)
{
    if (!l->in_batch)
        return true;
    if (!writer_sync(l->writer, d))
        return false;
    str id = arena_printf(&l->arena, "%lld", (long long)l->load_id);
    bool good = db_exec(l->db, sql_text("queries/load_merge.sql"), d) && dedupe(l, d) &&
                count_reports(l, id, d) &&
                (!l->saw_edges || run_query(l, "queries/load_session_join.sql", &id, 1, NULL, d)) &&
                db_exec(l->db, "commit", d);
    l->saw_edges = false;
    if (!good)
        return false;
    l->in_batch = false;
    forget_known(l);
    return true;
}

bool
load_go_on(struct load *l, const struct load_source *s, uint64_t bytes, bool *same, struct diag *d)
{
    struct db_rows rows;
    str params[] = { arena_printf(&l->arena, "%lld", (long long)s->source_id),
                     arena_printf(&l->arena, "%llu", (unsigned long long)bytes) };
    if (!db_query(l->look, &l->arena, sql_text("queries/load_still.sql"), params, 2, &rows, d))
        return false;
    l->source_id = s->source_id;
    *same = rows.rows == 1;
    return true;
}

bool
load_last_read(struct load *l, str path, when *at, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    bool good = db_query(l->look, &a, sql_text("queries/load_followed.sql"), &path, 1, &rows, d);
    *at = good && db_cell(&rows, 0, 0).p ? db_int(db_cell(&rows, 0, 0)) : WHEN_NONE;
    arena_free(&a);
    return good;
}

bool
load_set_mark(struct load *l, str stream, uint64_t bytes, const unsigned char sha256[32], struct diag *d)
{
    str params[] = { stream, arena_printf(&l->arena, "%llu", (unsigned long long)bytes),
                     sha256_hex(&l->arena, sha256) };
    return writer_sync(l->writer, d) && run_query(l, "queries/load_mark.sql", params, 3, NULL, d);
}

bool
load_get_mark(struct load *l, str stream, uint64_t *bytes, unsigned char sha256[32], struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    bool good = db_query(l->look, &a, sql_text("queries/load_marked.sql"), &stream, 1, &rows, d);
    *bytes = good && rows.rows ? (uint64_t)db_int(db_cell(&rows, 0, 0)) : 0;
    if (*bytes)
        load_from_hex(db_cell(&rows, 0, 1), (char *)sha256, 32);
    arena_free(&a);
    return good;
}

struct load_totals
load_totals(const struct load *l)
{
    return l->totals;
}

bool
load_note_run(struct load *l, const struct load_run *r, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    str params[16] = { when_format(&a, r->started_at), r->arguments, r->state };
    for (size_t i = 0; i < LOAD_RUN_COUNTS; i++)
        params[3 + i] = arena_printf(&a, "%lld", (long long)r->counts[i]);
    bool good = db_query(l->db, &a, sql_text("queries/load_run.sql"), params, 3 + LOAD_RUN_COUNTS, &rows, d);
    arena_free(&a);
    return good;
}
