/* Reports for a terminal: tables that fit its width, numbers to the right, prose below its row. */
#include "cell.h"
#include "diag.h"
#include "kinds.h"
#include "layout.h"

enum {
    GAP = 2,
    INDENT = 2,
    LEAST_TEXT = 16, /* a text column is not squeezed below this */
    WIDEST_TEXT = 60,
    MAX_COLUMNS = 32,
    WIDTH_DEFAULT = 80,
    WIDTH_LEAST = 40,
};

struct text {
    struct buf *out;
    struct arena scratch;
    size_t width;
};

static str
safe_cell(struct text *t, const struct table *table, size_t row, size_t column)
{
    enum cell_type type = table->section->columns[column].type;
    str raw = table_cell(table, row, column);
    if (type == CELL_JOURNEY && raw.n) /* as `waybill trace` takes it */
        return arena_join(&t->scratch, S("journey/"), S(""), raw);
    return layout_safe(&t->scratch, cell_human(&t->scratch, type, raw));
}

/* Does the column stand on lines of its own, below its row? */
static bool
is_below(const struct column *c)
{
    return c->flags & (COLUMN_LONG | COLUMN_EXACT);
}

static void
put_blanks(struct text *t, size_t n)
{
    while (n--)
        buf_char(t->out, ' ');
}

static void
put_wrapped(struct text *t, size_t indent, str s)
{
    put_blanks(t, indent);
    layout_wrap(t->out, s, indent, t->width);
}

static void
put_figures(struct text *t, const struct table *table)
{
    const struct section *s = table->section;
    size_t widest = 0;
    for (size_t i = 0; i < s->ncolumns; i++) {
        size_t w = layout_width(str_from(s->columns[i].title));
        widest = w > widest ? w : widest;
    }
    for (size_t i = 0; i < s->ncolumns; i++) {
        put_blanks(t, INDENT);
        layout_put(t->out, str_from(s->columns[i].title), widest + GAP, false);
        layout_wrap(t->out, safe_cell(t, table, 0, i), INDENT + widest + GAP, t->width);
    }
}

/* The columns of a table that stand side by side: their indexes and widths. */
struct plan {
    size_t index[MAX_COLUMNS], width[MAX_COLUMNS], n, gap;
    bool below[MAX_COLUMNS]; /* by the section's index */
};

static struct plan
plan_columns(struct text *t, const struct table *table)
{
    const struct section *s = table->section;
    struct plan p = { 0 };
    size_t natural[MAX_COLUMNS], least[MAX_COLUMNS];
    if (s->ncolumns > MAX_COLUMNS)
        BUG("section %s has too many columns", s->name);
    for (size_t i = 0; i < s->ncolumns; i++) {
        p.below[i] = is_below(&s->columns[i]);
        if (p.below[i])
            continue;
        size_t widest = layout_width(str_from(s->columns[i].title));
        for (size_t row = 0; row < table->rows; row++) {
            size_t w = layout_width(safe_cell(t, table, row, i));
            widest = w > widest ? w : widest;
        }
        bool squeeze = s->columns[i].type == CELL_TEXT;
        natural[p.n] = squeeze && widest > WIDEST_TEXT ? WIDEST_TEXT : widest;
        least[p.n] = squeeze && widest > LEAST_TEXT ? LEAST_TEXT : widest;
        p.index[p.n++] = i;
    }
    p.gap = GAP;
    size_t fit = layout_columns(natural, least, p.n, p.gap, t->width - INDENT, p.width);
    if (fit < p.n && layout_columns(natural, least, p.n, GAP - 1, t->width - INDENT, p.width) == p.n)
        fit = p.n, p.gap = GAP - 1; /* close, but all in one line */
    else if (fit < p.n)
        layout_columns(natural, least, p.n, p.gap, t->width - INDENT, p.width);
    for (size_t i = fit; i < p.n; i++)
        p.below[p.index[i]] = true;
    p.n = fit;
    return p;
}

/* Below its row: on one line what found no room beside the others, then prose, each on lines of its own. */
static void
put_rest(struct text *t, const struct table *table, const struct plan *p, size_t row)
{
    const struct section *s = table->section;
    str rest = S("");
    for (size_t i = 0; i < s->ncolumns; i++) {
        if (!p->below[i] || is_below(&s->columns[i]) || table_cell(table, row, i).n == 0)
            continue;
        str one =
            arena_printf(&t->scratch, "%s: %.*s", s->columns[i].title, PRSTR(safe_cell(t, table, row, i)));
        bool fits = INDENT + 4 + layout_width(rest) + 2 + layout_width(one) <= t->width;
        if (rest.n && !fits) /* a name stays with its value */
            put_wrapped(t, INDENT + 4, rest);
        rest = rest.n && fits ? arena_join(&t->scratch, rest, S("  "), one) : one;
    }
    if (rest.n)
        put_wrapped(t, INDENT + 4, rest);
    for (size_t i = 0; i < s->ncolumns; i++) {
        const struct column *c = &s->columns[i];
        if (!is_below(c) || (c->flags & COLUMN_QUIET) || table_cell(table, row, i).n == 0)
            continue;
        str one = arena_printf(&t->scratch, "%s: %.*s", c->title, PRSTR(safe_cell(t, table, row, i)));
        if (!(c->flags & COLUMN_EXACT)) {
            put_wrapped(t, INDENT + 4, one);
            continue;
        }
        put_blanks(t, INDENT + 4);
        buf_add(t->out, one);
        buf_char(t->out, '\n');
    }
}

static void
put_row(struct text *t, const struct table *table, const struct plan *p, size_t row)
{
    const struct section *s = table->section;
    put_blanks(t, INDENT);
    for (size_t i = 0; i < p->n; i++) {
        const struct column *c = &s->columns[p->index[i]];
        str cell = row == SIZE_MAX ? str_from(c->title) : safe_cell(t, table, row, p->index[i]);
        bool right = cell_is_number(c->type), last = i + 1 == p->n;
        layout_put(t->out, layout_cut(&t->scratch, cell, p->width[i]), last && !right ? 0 : p->width[i],
                   right);
        put_blanks(t, last ? 0 : p->gap);
    }
    buf_char(t->out, '\n');
    if (row != SIZE_MAX)
        put_rest(t, table, p, row);
}

static void
put_table(struct text *t, const struct table *table)
{
    struct plan p = plan_columns(t, table);
    put_row(t, table, &p, SIZE_MAX);
    size_t line = 0;
    for (size_t i = 0; i < p.n; i++)
        line += p.width[i] + (i ? p.gap : 0);
    put_blanks(t, INDENT);
    while (line--)
        buf_add(t->out, S("\xe2\x94\x80"));
    buf_char(t->out, '\n');
    for (size_t row = 0; row < table->rows; row++)
        put_row(t, table, &p, row);
}

static void
put_section(struct text *t, const struct report_kind *kind, const struct table *table)
{
    const struct section *s = table->section;
    buf_printf(t->out, "\n%s\n", s->title);
    put_wrapped(t, INDENT, str_from(s->explanation));
    buf_char(t->out, '\n');
    if (table->rows == 0)
        put_wrapped(t, INDENT, str_from(s->empty));
    else if (s->chart == CHART_FIGURES)
        put_figures(t, table);
    else
        put_table(t, table);
    str rest = table_left_out(&t->scratch, kind, table);
    if (rest.n)
        put_wrapped(t, INDENT, rest);
    arena_reset(&t->scratch);
}

static str
period_words(struct arena *a, const struct report *r)
{
    str since = when_human(a, r->since, false), until = when_human(a, r->until, false);
    if (r->since == WHEN_NONE && r->until == WHEN_NONE)
        return S("all that was read");
    if (r->since == WHEN_NONE)
        return arena_printf(a, "until %.*s", PRSTR(until));
    if (r->until == WHEN_NONE)
        return arena_printf(a, "since %.*s", PRSTR(since));
    return arena_printf(a, "%.*s to %.*s", PRSTR(since), PRSTR(until));
}

static void
print_text(struct buf *out, const struct report *r)
{
    struct text t = { .out = out, .width = r->width ? r->width : WIDTH_DEFAULT };
    t.width = t.width < WIDTH_LEAST ? WIDTH_LEAST : t.width;
    struct arena *a = &t.scratch;
    for (size_t i = 0; i < r->nchapters; i++) {
        const struct chapter *c = &r->chapters[i];
        buf_printf(out, "%s%s\n", i ? "\n" : "", c->kind->title);
        put_wrapped(&t, INDENT, arena_printf(a, "Period: %.*s (UTC)", PRSTR(period_words(a, r))));
        if (r->now != WHEN_NONE)
            put_wrapped(&t, INDENT,
                        arena_printf(a, "Made at: %.*s (UTC)", PRSTR(when_human(a, r->now, false))));
        put_wrapped(&t, INDENT,
                    arena_printf(a, "From %.*s source%s with %.*s records",
                                 PRSTR(cell_human(a, CELL_COUNT, r->sources)),
                                 str_eq(r->sources, S("1")) ? "" : "s",
                                 PRSTR(cell_human(a, CELL_COUNT, r->records))));
        for (size_t n = 0; n < c->ntables; n++)
            put_section(&t, c->kind, &c->tables[n]);
    }
    arena_free(&t.scratch);
}

const struct output_format output_text = { "text", false, false, print_text };
