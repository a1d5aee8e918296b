/* What several sources told: records that a batch has in common with others of the same host and time are kept once.
 *
 * Equal records have equal ids (ARCHITECTURE.md), so this is a matter of joins; reports are told apart by
 * queries/load_merge_reports.sql. */
#include "load_impl.h"

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
        if (!load_query(l, queries[q], params, 3, &rows, d))
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
    if (!load_query(l, "queries/load_overlap_span.sql", params, 3, &rows, d))
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

bool
load_dedupe(struct load *l, struct diag *d)
{
    struct db_rows sources;
    bool all_going_on = l->npending != 0;
    for (size_t i = 0; i < l->npending; i++) {
        all_going_on = all_going_on && l->pending[i].following;
        if (l->pending[i].following && !dedupe_span(l, &l->pending[i], d))
            return false;
    }
    if (all_going_on || l->npending == 0)
        return true;
    str id = arena_printf(&l->arena, "%lld", (long long)l->load_id);
    if (!load_query(l, "queries/load_overlap.sql", &id, 1, &sources, d))
        return false;
    for (size_t i = 0; i < sources.rows; i++)
        if (!is_going_on(l, db_cell(&sources, i, 0)) &&
            !load_dedupe_source(l, db_cell(&sources, i, 0), (str){ 0 }, (str){ 0 }, d))
            return false;
    return true;
}
