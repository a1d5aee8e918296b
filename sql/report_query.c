/* Makes the sums that queries of reports share, once per report.  What they are stands in queries/report_with_*.sql;
 * nothing here knows a report. */
#include "report_query.h"

#include "when.h"

#include <string.h>

static const char *
text_of(struct arena *a, str name)
{
    return sql_text(arena_z(a, arena_printf(a, "queries/report_with_%.*s.sql", PRSTR(name))));
}

/* The parameters that a text uses: libpq wants them counted. */
static size_t
parameters(const char *text)
{
    return strstr(text, "$2") ? 2 : strstr(text, "$1") ? 1 : 0;
}

static str
needs_of(const char *text)
{
    static const char mark[] = "-- needs: ";
    const char *at = strstr(text, mark);
    return at ? str_cut(str_from(at + sizeof mark - 1), '\n').head : (str){ 0 };
}

static bool
is_made(const struct report_tables *t, str name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->made[i], name))
            return true;
    return false;
}

/* Whether the server refused because this session may not make tables at all. */
static bool
may_not(const struct db *db)
{
    return strcmp(db_state(db), "25006") == 0 || strcmp(db_state(db), "42501") == 0;
}

static bool
make(struct db *db, struct arena *a, struct report_tables *t, str name, const str *params, struct diag *d)
{
    struct db_rows none;
    const char *text = text_of(a, name);
    if (t->inlined)
        return true;
    if (!db_exec(db, "savepoint report_table", d))
        return false;
    str sql = arena_printf(a, "create temporary table %.*s on commit drop as\n%s", PRSTR(name), text);
    if (!db_query(db, a, arena_z(a, sql), params, parameters(text), &none, d)) {
        t->inlined = may_not(db);
        if (!t->inlined)
            return false;
        *d = (struct diag){ 0 };
        return db_exec(db, "rollback to savepoint report_table", d);
    }
    return db_exec(db, arena_z(a, arena_printf(a, "analyze %.*s", PRSTR(name))), d);
}

/* Makes what the text needs; each table after those that it needs itself. */
static bool
make_all(struct db *db, struct arena *a, struct report_tables *t, str names, const str *params,
         unsigned depth, struct diag *d)
{
    while (names.n) {
        struct str_cut c = str_cut(names, ' ');
        names = c.tail;
        if (is_made(t, c.head))
            continue;
        if (depth == REPORT_MAX_TABLES || t->n == REPORT_MAX_TABLES)
            BUG("tables of reports need each other");
        if (!make_all(db, a, t, needs_of(text_of(a, c.head)), params, depth + 1, d) ||
            !make(db, a, t, c.head, params, d))
            return false;
        t->made[t->n++] = c.head;
    }
    return true;
}

/* The query as a table that another one reads. */
static str
as_table(struct arena *a, const char *text)
{
    str query = str_trim(str_from(text));
    if (query.n && query.p[query.n - 1] == ';')
        query.n--;
    return arena_printf(a, "select * from (\n%.*s\n) as q", PRSTR(query));
}

/* The query with the tables as common table expressions. */
static const char *
inlined(struct arena *a, const struct report_tables *t, const char *text)
{
    str sql = S("with "), query = as_table(a, text);
    for (size_t i = 0; i < t->n; i++)
        sql = arena_printf(a, "%.*s%s%.*s as materialized (\n%s)", PRSTR(sql), i ? ", " : "",
                           PRSTR(t->made[i]), text_of(a, t->made[i]));
    return arena_z(a, arena_printf(a, "%.*s\n%.*s", PRSTR(sql), PRSTR(query)));
}

/* The same moment in the words of PostgreSQL, in which a column is compared; empty if the value is no time. */
static str
moment_of(struct arena *a, str value)
{
    struct when_result r = when_rfc3339(value);
    return r.ok && r.rest.n == 0 ? arena_printf(a, ", timestamptz '%.*s'::text", PRSTR(when_format(a, r.at)))
                                 : (str){ 0 };
}

/* The query, of whose rows only some are wanted; their values follow its own parameters. */
static const char *
restricted(struct arena *a, const struct report_where *w, const char *text, size_t nparams)
{
    str sql = as_table(a, text);
    for (size_t i = 0; i < w->n; i++)
        sql = arena_printf(a, "%.*s %s coalesce(q.\"%.*s\"::text, '') in ($%zu%.*s)", PRSTR(sql),
                           i ? "and" : "where", PRSTR(w->column[i]), nparams + i + 1,
                           PRSTR(moment_of(a, w->value[i])));
    return arena_z(a, sql);
}

bool
report_query(struct db *db, struct arena *a, struct report_tables *t, const char *path, const str *params,
             const struct report_where *where, struct db_rows *rows, struct diag *d)
{
    enum { OWN = 2 };
    str all[OWN + REPORT_MAX_WHERE];
    const char *text = sql_text(path);
    str needs = needs_of(text);
    if (!make_all(db, a, t, needs, params, 0, d))
        return false;
    if (needs.n && t->inlined)
        text = inlined(a, t, text);
    size_t n = parameters(text);
    for (size_t i = 0; i < n; i++)
        all[i] = params[i];
    for (size_t i = 0; i < where->n; i++)
        all[n + i] = where->value[i];
    return db_query(db, a, where->n ? restricted(a, where, text, n) : text, all, n + where->n, rows, d);
}
