/* waybill report: runs the queries of a kind's sections, hands the tables to an output.
 *
 * All queries see one picture of the database.  Nothing here knows what a report shows: kinds are
 * tables in report/, queries stand in sql/. */
#include "cli.h"

#include <stdio.h>

#include "kind.h"
#include "report_query.h"
#include "report_where.h"
#include "trace_load.h"

enum {
    MOST_CHAPTERS = 8,
    MOST_TRACES = 64, /* examples carried in a page */
    MOST_PAGE_ROWS = 2000,
};

struct request {
    const struct report_kind *kind;
    const struct section *only; /* --section, or NULL */
    struct report_where where;
    const struct output_format *format;
    when since, until, now;
    struct output output;
};

static int run(struct cli *, int argc, char **argv);

const struct command command_report = {
    .name = "report",
    .arguments = "KIND [options]",
    .summary = "show what came in, what failed, the delivery chain, DMARC, TLS, sources",
    .run = run,
    .help = "  KIND              summary, failures, chain, dmarc, tls, sources or details\n"
            "  --since TIME      from this moment on: a date, a time, 7d, yesterday, last-month\n"
            "  --until TIME      before this moment; a day, month or period counts whole\n"
            "  --format FORMAT   text (fits the terminal), html (one page, works offline; summary brings\n"
            "                    chain, failures and dmarc along), csv (RFC 4180), json\n"
            "  --json            short for --format json\n"
            "  --section NAME    only this part; a CSV is then one plain table (else each line begins with\n"
            "                    the part's name, and each part with a header line)\n"
            "  --where COLUMN=VALUE,...\n"
            "                    only rows with these values; columns are called as in CSV and JSON\n"
            "  -o, --output FILE write there\n"
            "  --now TIME        the time that --since and --until count from; shown in the report\n"
            "In CSV a text that a spreadsheet would run as a formula is led by an apostrophe.\n",
};

static str
time_param(struct arena *a, when at)
{
    return at == WHEN_NONE ? (str){ 0 } : when_format(a, at);
}

/* The columns must be those that the section names: checked, as SQL and tables are written apart. */
static void
check_columns(const struct section *s, const struct db_rows *r)
{
    bool same = r->columns == s->ncolumns;
    for (size_t i = 0; same && i < s->ncolumns; i++)
        same = str_eq(r->names[i], str_from(s->columns[i].name));
    if (!same)
        BUG("%s does not give the columns of section %s", s->query, s->name);
}

/* How many rows a query may give that could give too many; one more than is shown tells that there are more. */
static bool
limit_rows(struct db *db, struct arena *a, size_t rows, struct diag *d)
{
    struct db_rows none;
    str most = rows ? arena_printf(a, "%zu", rows + 1) : (str){ 0 };
    return db_query(db, a, sql_text("queries/report_rows.sql"), &most, 1, &none, d);
}

/* How many rows of a table are shown; 0: all.  Programs get all where that does not cost too much; people see the first
 * ones, but for what they ask for by --section or --where, of which a page shows as much as a browser likes. */
static size_t
rows_wanted(const struct section *s, const struct request *q)
{
    bool asked = q->only || q->where.n;
    if (s->rows == 0 || (q->format->whole && (asked || !s->top)))
        return 0;
    return !asked ? s->rows : q->format->page ? MOST_PAGE_ROWS : 0;
}

static struct table
load_table(struct db *db, struct arena *a, struct report_tables *shared, const struct section *s,
           const struct request *q)
{
    struct diag d = { 0 };
    struct db_rows r;
    str params[] = { time_param(a, q->since), time_param(a, q->until) };
    size_t most = rows_wanted(s, q);
    if ((s->top && !limit_rows(db, a, most, &d)) ||
        !report_query(db, a, shared, s->query, params, &q->where, &r, &d))
        die_diag(&d);
    check_columns(s, &r);
    return (struct table){
        .section = s, .rows = most && most < r.rows ? most : r.rows, .total = r.rows, .cells = r.cells
    };
}

/* A page shows a section once, in its first chapter. */
static bool
shown_before(const struct chapter *chapters, size_t n, const struct section *s)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < chapters[i].ntables; k++)
            if (chapters[i].tables[k].section == s)
                return true;
    return false;
}

static void
load_chapter(struct db *db, struct arena *a, struct report_tables *shared, const struct report_kind *kind,
             const struct request *q, struct chapter *chapters, size_t n)
{
    struct chapter *c = &chapters[n];
    *c = (struct chapter){ .kind = kind };
    for (size_t i = 0; i < KIND_MAX_SECTIONS && kind->sections[i]; i++)
        if ((!q->only || q->only == kind->sections[i]) && where_fits(&q->where, kind->sections[i]) &&
            !shown_before(chapters, n, kind->sections[i])) {
            c->tables[c->ntables++] = load_table(db, a, shared, kind->sections[i], q);
            if (kind->sections[i]->optional && !q->only && c->tables[c->ntables - 1].rows == 0)
                c->ntables--;
        }
}

static size_t
load_chapters(struct db *db, struct arena *a, const struct request *q, struct chapter *chapters)
{
    size_t n = 0;
    struct report_tables shared = { 0 };
    load_chapter(db, a, &shared, q->kind, q, chapters, n++);
    for (str rest = str_from(q->format->page && !q->only && !q->where.n ? q->kind->page : "");
         rest.n && n < MOST_CHAPTERS;) {
        struct str_cut c = str_cut(rest, ' ');
        const struct report_kind *kind = report_kind_find(c.head);
        if (!kind)
            BUG("no report kind for the page of %s", q->kind->name);
        load_chapter(db, a, &shared, kind, q, chapters, n++);
        rest = c.tail;
    }
    return n;
}

/* Adds a journey that a table names as an example, unless it is there or there are enough. */
static size_t
add_trace(struct db *db, struct arena *a, str id, const struct trace **traces, size_t n)
{
    struct diag d = { 0 };
    for (size_t i = 0; i < n; i++)
        if (str_eq(traces[i]->journey_id, id))
            return n;
    if (id.n == 0 || n == MOST_TRACES)
        return n;
    struct trace *t = ARENA_NEW(a, struct trace);
    if (!load_trace(db, a, id, t, &d))
        die_diag(&d);
    traces[n] = t;
    return t->journey.n ? n + 1 : n;
}

static size_t
load_examples(struct db *db, struct arena *a, const struct chapter *chapters, size_t nchapters,
              const struct trace **traces)
{
    size_t n = 0;
    for (size_t i = nchapters; i-- > 0;) /* later chapters go deeper: their examples first */
        for (size_t k = 0; k < chapters[i].ntables; k++) {
            const struct table *t = &chapters[i].tables[k];
            for (size_t c = 0; c < t->section->ncolumns; c++)
                for (size_t row = 0; t->section->columns[c].type == CELL_JOURNEY && row < t->rows; row++)
                    n = add_trace(db, a, table_cell(t, row, c), traces, n);
        }
    return n;
}

static void
load_from(struct db *db, struct arena *a, const struct request *q, struct report *r)
{
    struct diag d = { 0 };
    struct rows from;
    str params[] = { time_param(a, q->since), time_param(a, q->until) };
    if (!load_rows(db, a, "queries/report_from.sql", params, 2, &from, &d))
        die_diag(&d);
    r->sources = rows_get(&from, 0, "sources");
    r->bytes = rows_get(&from, 0, "bytes");
    r->records = rows_get(&from, 0, "records");
    r->rejected = rows_get(&from, 0, "rejected");
    r->first_at = rows_get(&from, 0, "first_at");
    r->last_at = rows_get(&from, 0, "last_at");
}

/* Tells the queries what --now says. */
static void
set_now(struct db *db, struct arena *a, const struct request *q)
{
    struct diag d = { 0 };
    struct db_rows none;
    str now = time_param(a, q->now);
    if (now.n && !db_query(db, a, sql_text("queries/report_now.sql"), &now, 1, &none, &d))
        die_diag(&d);
}

/* What was ingested and not analyzed is in no figure, which looks as if it had not happened. */
static void
say_waiting(struct db *db, struct arena *a)
{
    enum gap gap = load_gap(db, a);
    if (gap == GAP_NOTHING_INGESTED)
        warn("nothing was ingested yet: waybill ingest PATH, then waybill analyze");
    else if (gap == GAP_NOT_ANALYZED)
        warn("something was ingested since the last waybill analyze: it is not in this report yet");
}

static void
make_report(struct cli *cli, const struct request *q)
{
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct db *db = NULL;
    struct buf out = { 0 };
    struct chapter chapters[MOST_CHAPTERS];
    const struct trace *traces[MOST_TRACES];
    if (!db_open_ready(&db, cli->db, &d) || !db_exec(db, sql_text("queries/report_begin_tables.sql"), &d))
        die_diag(&d);
    set_now(db, &a, q);
    struct report r = {
        .chapters = chapters,
        .since = q->since,
        .until = q->until,
        .now = q->now,
        .traces = traces,
        .one_section = q->only != NULL,
        .width = terminal_width(q->output.path),
    };
    say_waiting(db, &a);
    load_from(db, &a, q, &r);
    r.nchapters = load_chapters(db, &a, q, chapters);
    if (q->format->page)
        r.ntraces = load_examples(db, &a, chapters, r.nchapters, traces);
    db_close(db);
    q->format->print(&out, &r);
    if (!output_write(&q->output, buf_str(&out), &d))
        die_diag(&d);
    buf_free(&out);
    arena_free(&a);
}

/* The texts of --since and --until, once --now is known. */
static bool
read_period(struct request *q, const char *since, const char *until)
{
    when now = q->now == WHEN_NONE ? when_now() : q->now;
    q->since = since ? opt_time(str_from(since), now, false) : WHEN_NONE;
    q->until = until ? opt_time(str_from(until), now, true) : WHEN_NONE;
    const char *bad = since && q->since == WHEN_NONE ? since : until && q->until == WHEN_NONE ? until : NULL;
    if (bad)
        warn("\"%s\" is no time such as 2026-11-21, 2026-11-21T22:11:35Z, 7d or last-month", bad);
    else if (since && until && q->since >= q->until)
        warn("--since %s is not before --until %s", since, until);
    else
        return true;
    return false;
}

/* The kinds that there are, for complaints. */
static const char *
list_kinds(struct buf *list)
{
    for (size_t i = 0; report_kinds[i]; i++)
        buf_printf(list, "%s%s", i ? ", " : "", report_kinds[i]->name);
    return buf_z(list);
}

static bool
find_kind(struct request *q, const char *name)
{
    const char *names[32];
    size_t n = 0;
    struct buf list = { 0 };
    q->kind = report_kind_find(str_from(name));
    for (; report_kinds[n] && n < sizeof names / sizeof *names; n++)
        names[n] = report_kinds[n]->name;
    const char *near = opt_nearest(str_from(name), names, n);
    if (!q->kind && near)
        warn("no report is called \"%s\" (did you mean %s?)", name, near);
    else if (!q->kind)
        warn("no report is called \"%s\" (%s)", name, list_kinds(&list));
    buf_free(&list);
    return q->kind != NULL;
}

static const struct output_format *
find_format(const char *name)
{
    struct buf list = { 0 };
    const struct output_format *found = output_format_find(str_from(name));
    for (size_t i = 0; output_formats[i]; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", output_formats[i]->name);
    if (!found)
        warn("no format is called \"%s\" (%s)", name, buf_z(&list));
    buf_free(&list);
    return found;
}

static bool
find_section(struct request *q, const char *name)
{
    q->only = name ? report_section_find(q->kind, str_from(name)) : NULL;
    if (!name || q->only)
        return true;
    struct buf list = { 0 };
    for (size_t i = 0; i < KIND_MAX_SECTIONS && q->kind->sections[i]; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", q->kind->sections[i]->name);
    warn("report %s has no part \"%s\" (%s)", q->kind->name, name, buf_z(&list));
    buf_free(&list);
    return false;
}

static int
run(struct cli *cli, int argc, char **argv)
{
    struct request q = { .now = WHEN_NONE };
    const char *since = NULL, *until = NULL, *section = NULL, *format = "text", *where = NULL;
    bool json = false;
    int code;
    const struct opt opts[] = {
        { "since", 0, OPT_STRING, &since },
        { "until", 0, OPT_STRING, &until },
        { "format", 'f', OPT_STRING, &format },
        { "json", 0, OPT_FLAG, &json },
        { "section", 0, OPT_STRING, &section },
        { "output", 'o', OPT_STRING, &q.output.path },
        { "now", 0, OPT_TIME, &q.now },
        { "where", 0, OPT_STRING, &where },
        { .name = NULL },
    };
    int n = opt_parse(&command_report, opts, argc, argv, &code);
    if (n < 0)
        return code;
    if (n != 1) {
        struct buf list = { 0 };
        warn("report wants one kind (%s)", list_kinds(&list));
        buf_free(&list);
        return EXIT_USAGE;
    }
    q.format = find_format(json ? "json" : format);
    if (!q.format || !find_kind(&q, argv[1]) || !find_section(&q, section) ||
        !where_parse(where, q.kind, q.only, &q.where) || !read_period(&q, since, until))
        return EXIT_USAGE;
    make_report(cli, &q);
    return EXIT_FINE;
}
