/* The database side of analyze. */
#include "groups.h"

#include <pthread.h>
#include <stdlib.h>

#include "groups_impl.h"

#define GROUPS_TABLE_ROW(id, table, by_time, n, cols) \
    { .name = table, .columns = cols, .ncolumns = n, .partitioned = by_time },
static const struct writer_table tables[] = { GROUPS_TABLES(GROUPS_TABLE_ROW) };

bool
groups_query(struct groups *g, const char *name, const str *params, size_t nparams, struct db_rows *rows,
             struct diag *d)
{
    struct db_rows none;
    return db_query(g->db, &g->arena, sql_text(name), params, nparams, rows ? rows : &none, d);
}

/* Words without an argument. */
static bool
fill_word(struct groups *g, struct buf *b, str *rest)
{
    const struct {
        str word, text;
    } words[] = {
        { S(":until:"), arena_printf(&g->arena, "%lld", (long long)g->until) },
        { S(":all_new:"), g->little_loose ? S("false") : S("true") },
        { S(":unnamed:"),
          str_from(sql_text(g->all ? "queries/groups_unnamed_all.sql" : "queries/groups_unnamed.sql")) },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts(*rest, words[i].word)) {
            buf_put(b, words[i].text.p, words[i].text.n);
            *rest = str_skip(*rest, words[i].word.n);
            return true;
        }
    return false;
}

/* Words with one: ":new(t):". */
static bool
fill_condition(struct groups *g, struct buf *b, str *rest)
{
    struct str_cut word = str_cut(str_skip(*rest, 1), '('), arg = str_cut_str(word.tail, S("):"));
    str t = arg.head;
    if (str_eq(word.head, S("new")))
        buf_printf(b, "%.*s.load_id > %lld and %.*s.load_id <= %lld and %.*s.at between '%.*s' and '%.*s'",
                   PRSTR(t), (long long)g->since, PRSTR(t), (long long)g->until, PRSTR(t), PRSTR(g->new_from),
                   PRSTR(g->new_until));
    else if (str_eq(word.head, S("known")))
        buf_printf(b, "%.*s.load_id <= %lld", PRSTR(t), (long long)g->since);
    else if (str_eq(word.head, S("linked")))
        buf_printf(b, "%.*s.load_id <= %lld", PRSTR(t), (long long)g->linked_until);
    else if (str_eq(word.head, S("unlinked")))
        buf_printf(b, "%.*s.load_id > %lld and %.*s.load_id <= %lld", PRSTR(t), (long long)g->linked_until,
                   PRSTR(t), (long long)g->until);
    else if (str_eq(word.head, S("dirty")) && g->all)
        buf_printf(b, "true");
    else if (str_eq(word.head, S("dirty")))
        buf_printf(b, "exists (select from waybill.dirty_key d where d.group_key = %.*s)", PRSTR(t));
    else
        return false; /* a colon of SQL's own */
    *rest = arg.tail;
    return true;
}

str
groups_fill_in(struct groups *g, const char *name)
{
    struct buf b = { 0 };
    for (str rest = str_from(sql_text(name)); rest.n;) {
        if (rest.p[0] == ':' && (fill_word(g, &b, &rest) || fill_condition(g, &b, &rest)))
            continue;
        buf_char(&b, rest.p[0]);
        rest = str_skip(rest, 1);
    }
    str s = arena_copy(&g->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

bool
groups_run(struct groups *g, const char *name, struct diag *d)
{
    return db_exec(g->db, groups_fill_in(g, name).p, d);
}

/* Opening ----------------------------------------------------------------------------------------------- */

static bool
open_session(struct groups *g, int i, struct diag *d)
{
    struct stream *s = &g->streams[i];
    return s->db ||
           (db_open_again(&s->db, g->db, d) && db_exec(s->db, sql_text("queries/groups_reader.sql"), d));
}

/* Those that every run needs, while it finds out what is dirty.  What fails is tried again, and told, when it is needed. */
static void *
open_sessions(void *arg)
{
    struct groups *g = arg;
    struct diag ignored = { 0 };
    for (int i = 0; i < STREAM_VERDICT; i++)
        open_session(g, i, &ignored);
    return NULL;
}

static void
begin_sessions(struct groups *g)
{
    g->opening = pthread_create(&g->opener, NULL, open_sessions, g) == 0;
}

static void
end_sessions(struct groups *g)
{
    if (g->opening)
        pthread_join(g->opener, NULL);
    g->opening = false;
}

static bool
open_streams(struct groups *g, struct diag *d)
{
    end_sessions(g);
    const char *queries[STREAMS] = {
        [STREAM_TRANSIT] = !g->all     ? "queries/groups_transit.sql"
                           : g->linked ? "queries/groups_transit_all.sql"
                                       : "queries/groups_transit_plain.sql",
        [STREAM_ATTEMPT] = !g->all     ? "queries/groups_attempt.sql"
                           : g->linked ? "queries/groups_attempt_all.sql"
                                       : "queries/groups_attempt_plain.sql",
        [STREAM_REFUSAL] = "queries/groups_refusal.sql",
        [STREAM_MESSAGE] = "queries/groups_message.sql",
        [STREAM_VERDICT] = g->all ? "queries/groups_verdict_all.sql" : "queries/groups_verdict.sql",
        [STREAM_TOLD] = "queries/groups_told.sql",
    };
    for (int i = 0; i < STREAMS; i++) {
        struct stream *s = &g->streams[i];
        if ((i == STREAM_VERDICT && !g->any_verdicts) || (i == STREAM_TOLD && !g->any_told)) {
            s->ended = true;
            continue;
        }
        if (!open_session(g, i, d) || !db_copy_out(s->db, groups_fill_in(g, queries[i]).p, d))
            return false;
    }
    for (int i = 0; i < STREAMS; i++) /* all sort at the same time */
        if (!g->streams[i].ended && !stream_next(&g->streams[i], d))
            return false;
    return true;
}

/* Verdicts look for their messages, and make their groups dirty. */
static bool
prepare_verdicts(struct groups *g, struct diag *d)
{
    struct db_rows rows;
    str base = S("{transit,verdict_log}");
    if (!groups_query(g, "queries/groups_verdict_begin.sql", NULL, 0, &rows, d))
        return false;
    g->any_verdicts = str_eq(db_cell(&rows, 0, 0), S("t"));
    bool loose = str_eq(db_cell(&rows, 0, 1), S("t"));
    if (loose && (!groups_query(g, "queries/groups_index.sql", &base, 1, NULL, d) ||
                  !groups_query(g, "queries/groups_index_links.sql", NULL, 0, NULL, d) ||
                  !groups_query(g, "queries/groups_verdict_loose.sql", g->span, 2, NULL, d) ||
                  !db_exec(g->db, sql_text("queries/groups_verdict_link.sql"), d)))
        return false;
    return !g->any_verdicts || g->all || groups_run(g, "queries/groups_verdict_dirty.sql", d);
}

static bool
prepare(struct groups *g, const struct groups_plan *plan, struct diag *d)
{
    struct db_rows rows;
    if (!db_exec(g->db, "begin", d) || !groups_query(g, "queries/groups_begin.sql", NULL, 0, &rows, d))
        return false;
    for (size_t i = 0; i < 2; i++)
        g->span[i] = db_cell(&rows, 0, i);
    g->since = db_int(g->span[0]);
    g->until = db_int(g->span[1]);
    g->now = plan->now;
    if (g->now == WHEN_NONE)
        g->now = (when)db_int(db_cell(&rows, 0, 2));
    g->grace = plan->grace;
    g->all = plan->all || str_eq(db_cell(&rows, 0, 3), S("f"));
    g->new_from = db_cell(&rows, 0, 4);
    g->new_until = db_cell(&rows, 0, 5);
    g->unfinished = str_eq(db_cell(&rows, 0, 6), S("f"));
    str every_table = { 0 };
    if (!g->all && (!groups_query(g, "queries/groups_statistics.sql", &every_table, 1, NULL, d) ||
                    !groups_run(g, "queries/groups_dirty.sql", d) || !groups_prepare_lost(g, d)))
        return false;
    return groups_find_links(g, d) && prepare_verdicts(g, d) && groups_prepare_told(g, d) &&
           db_exec(g->db, sql_text("queries/groups_known.sql"), d) && db_exec(g->db, "commit", d);
}

/* Held while ingest must not be inside a batch (queries/load_batch_lock.sql). */
static bool
between_batches(struct groups *g, bool begin, struct diag *d)
{
    str key = S(GROUPS_BATCH_LOCK);
    return groups_query(g, begin ? "queries/load_lock.sql" : "queries/load_unlock.sql", &key, 1, NULL, d);
}

bool
groups_open(struct groups **out, struct db *db, const struct groups_plan *plan, struct diag *d)
{
    struct groups *g = xcalloc(1, sizeof *g);
    struct db_rows rows;
    str key = S("8602851031750");
    *out = g;
    g->db = db;
    g->dns = plan->dns;
    g->writer = writer_new(db, tables, GROUPS_TABLE_COUNT);
    if (!groups_query(g, "queries/load_try_lock.sql", &key, 1, &rows, d))
        return false;
    if (!str_eq(db_cell(&rows, 0, 0), S("t"))) {
        note("waiting for another analyze of this database to finish");
        if (!groups_query(g, "queries/load_lock.sql", &key, 1, NULL, d))
            return false;
    }
    begin_sessions(g);
    if (!between_batches(g, true, d) || !prepare(g, plan, d) || !open_streams(g, d) ||
        !between_batches(g, false, d) || !db_exec(db, "begin", d))
        return false;
    g->in_transaction = true;
    return db_exec(db, sql_text("queries/groups_notice_table.sql"), d) &&
           db_exec(db, sql_text(g->all ? "queries/groups_clear_all.sql" : "queries/groups_clear.sql"), d) &&
           groups_begin_lost(g, d);
}

when
groups_now(const struct groups *g)
{
    return g->now;
}

bool
groups_commit(struct groups *g, struct diag *d)
{
    str params[] = { arena_printf(&g->arena, "%lld", (long long)g->until), g->dns };
    struct settling *settling = groups_settle_begin(g, d);
    if (settling == NULL)
        return false;
    bool good = writer_sync(g->writer, d) && groups_keep_relays(g, d) &&
                groups_query(g, "queries/groups_done.sql", params, 2, NULL, d) && db_exec(g->db, "commit", d);
    if (good)
        g->in_transaction = false;
    g->all |= g->unfinished; /* then all notifications may be without a name */
    good = good && (!g->unfinished || db_exec(g->db, sql_text("queries/groups_notices_left.sql"), d));
    return groups_settle_end(settling, good, d) && groups_mark_lost(g, d) && groups_name_told(g, d) &&
           groups_query(g, "queries/groups_undirty.sql", params, 1, NULL, d);
}

void
groups_free(struct groups *g)
{
    struct diag ignored = { 0 };
    str key = S("8602851031750");
    if (g == NULL)
        return;
    writer_sync(g->writer, &ignored);
    end_sessions(g);
    for (int i = 0; i < STREAMS; i++)
        db_close(g->streams[i].db);
    if (g->in_transaction)
        db_exec(g->db, "rollback", &ignored);
    groups_query(g, "queries/load_unlock.sql", &key, 1, NULL, &ignored);
    writer_free(g->writer);
    groups_forget_relays(g);
    arena_free(&g->arena);
    free(g);
}
