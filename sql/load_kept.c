/* Raw lines that a killed follower must read again (table follow_kept), and what the last batch took of a pipe
 * (follow_mark). */
#include "load_kept.h"

#include "crypto.h"
#include "load_impl.h"

static str
number(struct arena *a, int64_t v)
{
    return arena_printf(a, "%lld", (long long)v);
}

/* Outside of the batch: a lock of the session. */
static bool
ask(struct load *l, const char *query, str stream, bool *answer, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    bool good = db_query(l->look, &a, sql_text(query), &stream, 1, &rows, d);
    *answer = good && rows.rows && str_eq(db_cell(&rows, 0, 0), S("t"));
    arena_free(&a);
    return good;
}

bool
load_kept_own(struct load *l, str stream, bool *ours, struct diag *d)
{
    return ask(l, "queries/load_kept_lock.sql", stream, ours, d);
}

bool
load_kept_disown(struct load *l, str stream, struct diag *d)
{
    bool was_ours;
    return ask(l, "queries/load_kept_unlock.sql", stream, &was_ours, d);
}

/* Within the batch. */
static bool
change(struct load *l, const char *query, const str *params, size_t n, struct diag *d)
{
    struct db_rows rows;
    return writer_sync(l->writer, d) && db_query(l->db, &l->arena, sql_text(query), params, n, &rows, d);
}

bool
load_kept_get(struct load *l, struct arena *a, str stream, struct load_piece **pieces, size_t *n,
              struct diag *d)
{
    struct db_rows rows;
    *n = 0;
    if (!db_query(l->look, a, sql_text("queries/load_kept_get.sql"), &stream, 1, &rows, d))
        return false;
    *pieces = ARENA_ARRAY(a, struct load_piece, rows.rows + 1);
    for (; *n < rows.rows; ++*n) {
        (*pieces)[*n] = (struct load_piece){ .position = db_int(db_cell(&rows, *n, 0)),
                                             .bytes = arena_unhex(a, db_cell(&rows, *n, 1)),
                                             .source_id = db_int(db_cell(&rows, *n, 2)),
                                             .begins_at = db_int(db_cell(&rows, *n, 3)),
                                             .format = db_cell(&rows, *n, 4) };
    }
    return true;
}

bool
load_kept_put(struct load *l, str stream, const struct load_piece *p, struct diag *d)
{
    struct arena *a = &l->arena;
    str params[] = { stream, number(a, p->position), number(a, p->source_id), number(a, p->begins_at),
                     arena_hex(a, p->bytes) };
    return change(l, "queries/load_kept_put.sql", params, 5, d);
}

bool
load_kept_drop(struct load *l, str stream, int64_t position, const struct load_kept_line *lines, size_t n,
               struct diag *d)
{
    struct buf positions = { 0 }, lengths = { 0 };
    buf_char(&positions, '{');
    buf_char(&lengths, '{');
    for (size_t i = 0; i < n; i++) {
        buf_printf(&positions, "%s%lld", i ? "," : "", (long long)lines[i].position);
        buf_printf(&lengths, "%s%llu", i ? "," : "", (unsigned long long)lines[i].length);
    }
    buf_char(&positions, '}');
    buf_char(&lengths, '}');
    str params[] = { stream, number(&l->arena, position), buf_str(&positions), buf_str(&lengths) };
    bool good = change(l, "queries/load_kept_drop.sql", params, 4, d);
    buf_free(&positions);
    buf_free(&lengths);
    return good;
}

bool
load_kept_orphans(struct load *l, struct arena *a, struct load_orphan **orphans, size_t *n, struct diag *d)
{
    struct db_rows rows;
    *n = 0;
    if (!db_query(l->look, a, sql_text("queries/load_kept_orphans.sql"), NULL, 0, &rows, d))
        return false;
    *orphans = ARENA_ARRAY(a, struct load_orphan, rows.rows + 1);
    for (; *n < rows.rows; ++*n)
        (*orphans)[*n] = (struct load_orphan){ .stream = db_cell(&rows, *n, 0),
                                               .source_id = db_int(db_cell(&rows, *n, 1)),
                                               .format = db_cell(&rows, *n, 2) };
    return true;
}

bool
load_kept_settle(struct load *l, const struct load_orphan *o, struct diag *d)
{
    return change(l, "queries/load_kept_forget.sql", &o->stream, 1, d) &&
           load_dedupe_source(l, number(&l->arena, o->source_id), (str){ 0 }, (str){ 0 }, d);
}

bool
load_set_mark(struct load *l, str stream, uint64_t bytes, const unsigned char sha256[32], struct diag *d)
{
    str params[] = { stream, arena_printf(&l->arena, "%llu", (unsigned long long)bytes),
                     sha256_hex(&l->arena, sha256) };
    return writer_sync(l->writer, d) && load_query(l, "queries/load_mark.sql", params, 3, NULL, d);
}

bool
load_get_mark(struct load *l, str stream, uint64_t *bytes, unsigned char sha256[32], struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    bool good = db_query(l->look, &a, sql_text("queries/load_marked.sql"), &stream, 1, &rows, d);
    *bytes = good && rows.rows ? (uint64_t)db_int(db_cell(&rows, 0, 0)) : 0;
    if (*bytes)
        str_unhex(db_cell(&rows, 0, 1), (char *)sha256, 32);
    arena_free(&a);
    return good;
}
