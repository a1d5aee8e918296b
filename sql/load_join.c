/* Lines that a cut put into two files: finds the pieces, one pair at a time. */
#include "load_impl.h"

bool
load_next_join(struct load *l, struct arena *a, struct load_join *j, struct diag *d)
{
    struct db_rows rows;
    d->code = EXIT_FINE;
    if (!l->saw_fragments)
        return false;
    if (!db_query(l->look, a, sql_text("queries/load_join_find.sql"), NULL, 0, &rows, d) || rows.rows == 0) {
        l->saw_fragments = false;
        return false;
    }
    str tail = arena_unhex(a, str_skip(db_cell(&rows, 0, 2), 2)),
        head = arena_unhex(a, str_skip(db_cell(&rows, 0, 4), 2));
    *j = (struct load_join){
        .tail_source = db_int(db_cell(&rows, 0, 0)),
        .offset = (uint64_t)db_int(db_cell(&rows, 0, 1)),
        .head_source = db_int(db_cell(&rows, 0, 3)),
        .head_length = head.n,
        .line = arena_join(a, tail, S(""), head),
        .host = db_cell(&rows, 0, 5),
        .format = db_cell(&rows, 0, 6),
        .since = db_cell(&rows, 0, 7),
        .until = db_cell(&rows, 0, 8),
    };
    if (j->line.n == 0 || j->line.p[j->line.n - 1] != '\n')
        j->line = arena_join(a, j->line, S(""), S("\n"));
    struct load_source s = { .source_id = j->tail_source, .resume_offset = j->offset };
    return load_begin(l, &s, true, (str){ 0 }, d);
}

bool
load_end_join(struct load *l, const struct load_join *j, bool read, struct diag *d)
{
    struct db_rows rows;
    str params[] = { arena_printf(&l->arena, "%lld", (long long)j->tail_source),
                     arena_printf(&l->arena, "%lld", (long long)j->head_source),
                     arena_printf(&l->arena, "%lld", (long long)l->load_id) };
    if (!read) { /* keep what the tail alone said: undo the forgetting, but do not try again */
        if (!writer_sync(l->writer, d) || !db_exec(l->db, "rollback", d))
            return false;
        l->in_batch = false;
        writer_forget_partitions(l->writer);
        return db_query(l->look, &l->arena, sql_text("queries/load_join_never.sql"), params, 2, &rows, d);
    }
    return writer_sync(l->writer, d) && load_dedupe_source(l, params[0], j->since, j->until, d) &&
           db_query(l->db, &l->arena, sql_text("queries/load_join_done.sql"), params, 3, &rows, d) &&
           load_commit(l, d);
}
