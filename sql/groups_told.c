/* Analyze and what notifications and complaints tell: which groups they are about, and their rows. */
#include "groups_impl.h"

bool
groups_prepare_told(struct groups *g, struct diag *d)
{
    struct db_rows rows;
    if (!groups_query(g, "queries/groups_told_begin.sql", NULL, 0, &rows, d))
        return false;
    g->any_told = str_eq(db_cell(&rows, 0, 0), S("t"));
    str span[2] = { g->all ? S("-1") : g->span[0], g->span[1] };
    bool keyless = str_eq(db_cell(&rows, 0, 1), S("t"));
    if (keyless && !groups_query(g, "queries/groups_told_link.sql", span, 2, NULL, d))
        return false;
    return !g->any_told || g->all || groups_query(g, "queries/groups_told_dirty.sql", g->span, 2, NULL, d);
}

bool
groups_name_told(struct groups *g, struct diag *d)
{
    static const char *const queries[] = { "queries/groups_told_dsn.sql", "queries/groups_told_complaint.sql",
                                           "queries/groups_told_failure.sql",
                                           "queries/groups_told_about.sql" };
    if (!g->any_told)
        return true;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        if (!db_exec(g->db, sql_text(queries[i]), d))
            return false;
    return true;
}

static str
keep(struct arena *a, struct pgread *r)
{
    str s = pgread_text(r, NULL);
    return s.n ? arena_copy(a, s) : s;
}

void
groups_read_told(struct arena *a, struct pgread *r, struct group *g)
{
    struct group_told t = { .key = (uint64_t)pgread_int(r, 0) };
    bool null;
    t.at = pgread_when(r);
    t.original_at = pgread_when(r);
    t.told_by = keep(a, r);
    t.type = keep(a, r);
    t.r.final_recipient = keep(a, r);
    t.r.original_recipient = keep(a, r);
    t.r.action = dsn_action_from(pgread_text(r, NULL));
    t.r.code = (int)pgread_int(r, 0);
    t.r.status = keep(a, r);
    t.r.enhanced = keep(a, r);
    t.r.reply = keep(a, r);
    t.r.remote_mta = keep(a, r);
    t.r.last_attempt_at = pgread_when(r);
    t.r.will_retry_until = pgread_when(r);
    t.r.class.stage = stage_from(pgread_text(r, NULL));
    t.r.class.reason = reason_from(pgread_text(r, NULL));
    str provider = keep(a, r), rule = keep(a, r);
    t.r.class.provider = provider.n ? provider.p : NULL;
    t.r.class.rule = rule.n ? rule.p : NULL;
    t.message_id = keep(a, r);
    str from = pgread_text(r, &null);
    t.mail_from = arena_copy(a, from);
    t.has_mail_from = !null;
    t.header_from = keep(a, r);
    t.subject = keep(a, r);
    ARENA_PUSH(a, g->told, g->ntold, g->told_room) = t;
}
