/* The sink of databases: its sessions and locks, batches and their commit, and the rows that other processes send.
 *
 * What a batch holds: sources (load_source.c) and rows (load_rows.c, load_dmarc.c, load_reports.c).  What others had told
 * already is found by load_dedupe.c. */
#include <stdlib.h>

#include "load_impl.h"

enum { BATCH_SOURCES = 4000, BATCH_BYTES = 128 << 20 };

#define LOAD_TABLE_ROW(id, table, by_time, n, cols) \
    { .name = table, .columns = cols, .ncolumns = n, .partitioned = by_time },
static const struct writer_table tables[] = { LOAD_TABLES(LOAD_TABLE_ROW) };

bool
load_query(struct load *l, const char *name, const str *params, size_t nparams, struct db_rows *rows,
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
    if (!load_query(l, "queries/load_try_lock.sql", &key, 1, &rows, d))
        return false;
    if (str_eq(db_cell(&rows, 0, 0), S("t")))
        return true;
    note("waiting for another ingest into this database to finish");
    return load_query(l, "queries/load_lock.sql", &key, 1, NULL, d);
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
    if ((!sharing && !lock_out_others(l, d)) || !db_open_again(&l->look, db, d))
        return false;
    l->known = known_new(l->look);
    l->writer = writer_new(db, tables, LOAD_TABLE_COUNT);
    writer_open_with(l->writer, load_stage_open, l);
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
        load_query(l, "queries/load_unlock.sql", &key, 1, NULL, &ignored);
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
    if (!load_query(l, "queries/load_batch_lock.sql", NULL, 0, NULL, d) ||
        !load_query(l, "queries/load_next.sql", NULL, 0, &rows, d))
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
    l->staged = 0;
    memset(l->auth_sent, 0, sizeof l->auth_sent);
    return db_exec(l->db, "begin", d);
}

bool
load_want_batch(struct load *l, struct diag *d)
{
    if (l->in_batch)
        return true;
    return begin_transaction(l, d) &&
           (!l->sharing || load_query(l, "queries/load_wait_batch.sql", &ingest_lock, 1, NULL, d)) &&
           number_batch(l, d);
}

bool
load_try_batch(struct load *l, bool *busy, struct diag *d)
{
    struct db_rows rows;
    *busy = false;
    if (l->in_batch)
        return true;
    if (!begin_transaction(l, d) || !load_query(l, "queries/load_try_batch.sql", &ingest_lock, 1, &rows, d))
        return false;
    *busy = !str_eq(db_cell(&rows, 0, 0), S("t"));
    return *busy ? db_exec(l->db, "rollback", d) : number_batch(l, d);
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

static bool
count_reports(struct load *l, str id, struct diag *d)
{
    struct db_rows rows;
    if (!l->saw_reports)
        return true;
    l->saw_reports = false;
    bool staged = load_stage_has(l, LOAD_REPORT);
    if (!load_query(l, staged ? "queries/load_report_counts.sql" : "queries/load_report_imported.sql", &id, 1,
                    &rows, d))
        return false;
    l->totals.reports_imported += db_int(db_cell(&rows, 0, 0));
    l->totals.reports_found += l->taken_found + (staged ? db_int(db_cell(&rows, 0, 1)) : 0);
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
    bool good = load_stage_merge(l, d) && load_dedupe(l, d) && count_reports(l, id, d) &&
                (!l->saw_edges || load_query(l, "queries/load_session_join.sql", &id, 1, NULL, d)) &&
                db_exec(l->db, "commit", d);
    l->saw_edges = false;
    if (!good)
        return false;
    l->in_batch = false;
    forget_known(l);
    return true;
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
