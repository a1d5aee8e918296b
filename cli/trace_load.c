/* Fetches a journey's rows, and its evidence from the files. */
#include "trace_load.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool
load_rows(struct db *db, struct arena *a, const char *query, const str *params, size_t nparams,
          struct rows *out, struct diag *d)
{
    struct db_rows r;
    if (!db_query(db, a, sql_text(query), params, nparams, &r, d))
        return false;
    *out = (struct rows){ .n = r.rows, .columns = r.columns, .names = r.names, .cells = r.cells };
    return true;
}

enum gap
load_gap(struct db *db, struct arena *a)
{
    struct rows r;
    if (!load_rows(db, a, "queries/trace_waiting.sql", NULL, 0, &r, NULL))
        return GAP_NONE;
    return str_eq(rows_get(&r, 0, "empty"), S("t"))     ? GAP_NOTHING_INGESTED
           : str_eq(rows_get(&r, 0, "waiting"), S("t")) ? GAP_NOT_ANALYZED
                                                        : GAP_NONE;
}

bool
load_trace(struct db *db, struct arena *a, str journey_id, struct trace *t, struct diag *d)
{
    *t = (struct trace){ .journey_id = journey_id };
#define X(part, query)                                         \
    if (!load_rows(db, a, query, &journey_id, 1, &t->part, d)) \
        return false;
    TRACE_PARTS(X)
#undef X
    return true;
}

/* The pieces that one row of trace_evidence.sql stands for: the row's own, or each line of a transit. */
static size_t
add_pieces(struct arena *a, const struct rows *r, size_t row, struct evidence *out, size_t most)
{
    struct evidence one = { .fact = rows_get(r, row, "fact"), .source_id = rows_get(r, row, "source_id") };
    struct evidence *lines = &one;
    uint64_t length;
    size_t n = 1;
    if (!str_to_u64(rows_get(r, row, "byte_offset"), &one.offset) ||
        !str_to_u64(rows_get(r, row, "byte_length"), &length))
        return 0;
    one.length = length;
    if (rows_get(r, row, "lines").n)
        n = evidence_lines(a, one.offset, rows_get(r, row, "lines"), &lines);
    for (size_t i = 0; i < n && i < most; i++) {
        out[i] = lines[i];
        out[i].fact = one.fact;
        out[i].source_id = one.source_id;
    }
    return n < most ? n : most;
}

static bool
load_source(struct db *db, struct arena *a, str id, struct evidence_source *out, struct diag *d)
{
    struct rows r;
    if (!load_rows(db, a, "queries/trace_source.sql", &id, 1, &r, d))
        return false;
    str *paths = ARENA_ARRAY(a, str, r.n + 1);
    *out = (struct evidence_source){ .source_id = id,
                                     .path = rows_get(&r, 0, "last_path"),
                                     .paths = paths,
                                     .head_sha256 = rows_get(&r, 0, "head_sha256") };
    (void)str_to_u64(rows_get(&r, 0, "head_length"), &out->head_length);
    for (size_t i = 0; i < r.n; i++)
        if (rows_get(&r, i, "path").n)
            paths[out->npaths++] = rows_get(&r, i, "path");
    return true;
}

/* A mail that was moved, read or deleted since: the database has all of it. */
static bool
load_kept(struct db *db, struct arena *a, struct evidence *e, size_t n, struct diag *d)
{
    for (size_t i = 0; i < n; i++) {
        struct rows r;
        struct str_cut fact = str_cut(e[i].fact, '/');
        if (e[i].problem.n == 0 || !str_eq(fact.head, S("message")))
            continue;
        str params[] = { fact.tail, arena_printf(a, "%d", EVIDENCE_MOST) };
        if (!load_rows(db, a, "queries/trace_message_head.sql", params, 2, &r, d))
            return false;
        e[i].text = evidence_header(arena_unhex(a, rows_get(&r, 0, "head")));
        e[i].kept = e[i].text.n > 0;
    }
    return true;
}

bool
load_evidence(struct db *db, struct arena *a, struct trace *t, struct diag *d)
{
    enum { MOST_PIECES = 20000, MOST_SOURCES = 256 };
    struct rows r;
    if (!load_rows(db, a, "queries/trace_evidence.sql", &t->journey_id, 1, &r, d))
        return false;
    struct evidence *pieces = ARENA_ARRAY(a, struct evidence, MOST_PIECES);
    struct evidence_source *sources = ARENA_ARRAY(a, struct evidence_source, MOST_SOURCES);
    size_t n = 0, nsources = 0;
    for (size_t row = 0; row < r.n; row++) {
        n += add_pieces(a, &r, row, pieces + n, MOST_PIECES - n);
        str id = rows_get(&r, row, "source_id");
        bool known = row && str_eq(id, rows_get(&r, row - 1, "source_id")); /* rows come by source */
        if (!known && nsources < MOST_SOURCES && !load_source(db, a, id, &sources[nsources++], d))
            return false;
    }
    t->nevidence = evidence_read(a, pieces, n, sources, nsources);
    if (!load_kept(db, a, pieces, t->nevidence, d))
        return false;
    t->evidence = pieces;
    t->with_evidence = true;
    return true;
}

size_t
terminal_width(const char *output_path)
{
    enum { LEAST = 40, MOST = 1000, USUAL = 80 };
    const char *columns = getenv("COLUMNS");
    uint64_t n;
    struct winsize w;
    if (columns && str_to_u64(str_from(columns), &n) && n >= LEAST && n <= MOST)
        return (size_t)n;
    if (!output_path && isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 &&
        w.ws_col >= LEAST)
        return w.ws_col;
    return USUAL;
}
