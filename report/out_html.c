/* Reports as one page that needs nothing else: figures, charts, tables, example traces.
 *
 * Anchors: a section is KIND-SECTION, a trace is trace-JOURNEY.  A journey that is among the page's
 * traces is linked; others show their id to be traced by command. */
#include "html.h"
#include "kinds.h"
#include "page.h"
#include "trace.h"

#include <math.h>

enum { MANY_COLUMNS = 11 }; /* more than these are set closer */

static bool
has_trace(const struct report *r, str journey_id)
{
    for (size_t i = 0; i < r->ntraces; i++)
        if (str_eq(r->traces[i]->journey_id, journey_id))
            return true;
    return false;
}

static void
put_share(struct buf *b, struct arena *a, const struct column *c, str raw)
{
    double v = cell_value(raw);
    buf_add(b, S("<span class=\"share\">"));
    html_text(b, cell_human(a, CELL_SHARE, raw));
    buf_add(b, S("</span>"));
    if (isfinite(v))
        buf_printf(b,
                   "<span class=\"bar\" aria-hidden=\"true\"><i class=\"tone-%s\" "
                   "style=\"width:%.1f%%\"></i></span>",
                   tone_name(c->tone), 100 * fmin(1, fmax(0, v)));
}

static void
put_journey(struct buf *b, const struct report *r, str raw)
{
    if (!has_trace(r, raw)) {
        buf_add(b, S("<span class=\"mono\">"));
        html_text(b, raw);
        buf_add(b, S("</span>"));
        return;
    }
    buf_add(b, S("<a href=\"#trace-"));
    html_text(b, raw);
    buf_add(b, S("\">trace</a>"));
}

/* The time of day, in one piece where a line breaks. */
static void
put_clock(struct buf *b, str clock)
{
    if (clock.n == 0)
        return;
    buf_add(b, S(" <span>"));
    html_text(b, clock);
    buf_add(b, S("</span>"));
}

/* Where and why, not how it ended: a reason may be called like an outcome. */
static bool
says_why(const struct column *c)
{
    static const char *const names[] = { "stage", "reason", "main_reason", "code" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(c->name, names[i]) == 0)
            return true;
    return false;
}

static void
put_cell(struct buf *b, struct arena *a, const struct report *r, const struct column *c, str raw)
{
    str human = cell_human(a, c->type, raw);
    if (!raw.n)
        buf_printf(b, "<td class=\"%s\"><span class=\"zero\">\xe2\x80\x93</span>",
                   cell_is_number(c->type) ? "n" : "text");
    else if (c->type == CELL_SHARE)
        buf_add(b, S("<td class=\"n\">")), put_share(b, a, c, raw);
    else if (cell_is_number(c->type)) {
        buf_add(b, cell_value(raw) != 0 ? S("<td class=\"n\">") : S("<td class=\"n\"><span class=\"zero\">"));
        html_text(b, human);
        buf_add(b, cell_value(raw) != 0 ? S("") : S("</span>"));
    } else if (c->type == CELL_WORD) {
        buf_add(b, S("<td>"));
        if (says_why(c))
            html_word(b, raw);
        else
            html_badge(b, raw);
    } else if (c->type == CELL_JOURNEY) {
        buf_add(b, S("<td>"));
        put_journey(b, r, raw);
    } else {
        bool time = c->type == CELL_TIME || c->type == CELL_DAY;
        buf_add(b, time ? S("<td class=\"time\"><span>") : S("<td class=\"text\"><div>"));
        struct str_cut clock = str_cut(human, ' ');
        html_text(b, time ? clock.head : human);
        buf_add(b, time ? S("</span>") : S("</div>"));
        if (time)
            put_clock(b, clock.tail);
    }
    buf_add(b, S("</td>"));
}

/* Prose stands below its row, over its whole width. */
static bool
stands_below(const struct column *c)
{
    return (c->flags & COLUMN_LONG) && !(c->flags & COLUMN_QUIET);
}

static void
put_prose(struct buf *b, struct arena *a, const struct table *t, size_t row, size_t beside)
{
    const struct section *s = t->section;
    bool any = false;
    for (size_t i = 0; i < s->ncolumns; i++) {
        str raw = table_cell(t, row, i);
        if (!stands_below(&s->columns[i]) || raw.n == 0)
            continue;
        if (!any)
            buf_printf(b, "<tr class=\"below\"><td colspan=\"%zu\">", beside);
        any = true;
        buf_printf(b, "<p><b>%s</b> <code>", s->columns[i].title);
        html_text(b, cell_human(a, s->columns[i].type, raw));
        buf_add(b, S("</code></p>"));
    }
    buf_add(b, any ? S("</td></tr>\n") : S(""));
}

static void
put_table(struct buf *b, const struct report *r, const struct table *t)
{
    size_t beside = 0;
    const struct section *s = t->section;
    struct arena scratch = { 0 };
    buf_add(b, S("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\""));
    html_text(b, str_from(s->title));
    buf_printf(b, "\"><table aria-label=\"%s\"%s><thead><tr>", s->title,
               s->ncolumns > MANY_COLUMNS ? " class=\"many\"" : "");
    for (size_t i = 0; i < s->ncolumns; i++) {
        if (stands_below(&s->columns[i]))
            continue;
        beside++;
        buf_printf(b, "<th scope=\"col\"%s>", cell_is_number(s->columns[i].type) ? " class=\"n\"" : "");
        html_text(b, str_from(s->columns[i].title));
        buf_add(b, S("</th>"));
    }
    buf_add(b, S("</tr></thead>\n<tbody>\n"));
    for (size_t row = 0; row < t->rows; row++) {
        buf_add(b, S("<tr>"));
        for (size_t i = 0; i < s->ncolumns; i++)
            if (!stands_below(&s->columns[i]))
                put_cell(b, &scratch, r, &s->columns[i], table_cell(t, row, i));
        buf_add(b, S("</tr>\n"));
        put_prose(b, &scratch, t, row, beside);
        arena_reset(&scratch);
    }
    buf_add(b, S("</tbody></table></div>\n"));
    arena_free(&scratch);
}

static void
put_pairs(struct buf *b, const struct table *t)
{
    struct arena scratch = { 0 };
    buf_add(b, S("<dl class=\"pairs\">"));
    for (size_t i = 0; i < t->section->ncolumns; i++) {
        const struct column *c = &t->section->columns[i];
        buf_add(b, S("<div><dt>"));
        html_text(b, str_from(c->title));
        buf_add(b, S("</dt><dd>"));
        html_text(b, cell_human(&scratch, c->type, table_cell(t, 0, i)));
        buf_add(b, S("</dd></div>"));
    }
    buf_add(b, S("</dl>\n"));
    arena_free(&scratch);
}

static void
put_section(struct buf *b, const struct report *r, const struct report_kind *k, const struct table *t)
{
    const struct section *s = t->section;
    bool folded =
        s->chart == CHART_DAYS || s->chart == CHART_LINES; /* the chart shows it; the table is long */
    buf_printf(b, "<section class=\"part\" id=\"%s-%s\" aria-labelledby=\"%s-%s-h\">\n<h3 id=\"%s-%s-h\">",
               k->name, s->name, k->name, s->name, k->name, s->name);
    html_text(b, str_from(s->title));
    buf_add(b, S("</h3>\n<p class=\"why\">"));
    html_text(b, str_from(s->explanation));
    buf_add(b, S("</p>\n"));
    if (t->rows == 0) {
        buf_add(b, S("<p class=\"empty\">"));
        html_text(b, str_from(s->empty));
        buf_add(b, S("</p>\n"));
    } else if (s->chart == CHART_FIGURES) {
        put_pairs(b, t);
    } else {
        chart_put(b, t);
        buf_add(b, folded ? S("<details class=\"print\"><summary>The figures</summary>\n") : S(""));
        put_table(b, r, t);
        buf_add(b, folded ? S("</details>\n") : S(""));
    }
    struct arena a = { 0 };
    str rest = table_left_out(&a, k, t);
    if (rest.n) {
        buf_add(b, S("<p class=\"rest\">"));
        html_text(b, rest);
        buf_add(b, S("</p>\n"));
    }
    buf_add(b, S("</section>\n"));
    arena_free(&a);
}

static void
put_period(struct buf *b, const struct report *r)
{
    struct arena a = { 0 };
    bool open = r->since == WHEN_NONE && r->until == WHEN_NONE;
    str since = r->since == WHEN_NONE ? S("the beginning") : when_human(&a, r->since, false);
    str until = r->until == WHEN_NONE ? S("the end") : when_human(&a, r->until, false);
    buf_add(b, S("<p class=\"period\">"));
    html_text(b, open ? S("All that was read")
                      : arena_printf(&a, "From %.*s to %.*s", PRSTR(since), PRSTR(until)));
    if (r->first_at.n)
        html_text(b, arena_printf(&a, " \xc2\xb7 records from %.*s to %.*s",
                                  PRSTR(cell_human(&a, CELL_TIME, r->first_at)),
                                  PRSTR(cell_human(&a, CELL_TIME, r->last_at))));
    html_text(b, arena_printf(&a, " \xc2\xb7 %.*s source%s, %.*s \xc2\xb7 times are UTC",
                              PRSTR(cell_human(&a, CELL_COUNT, r->sources)),
                              str_eq(r->sources, S("1")) ? "" : "s",
                              PRSTR(cell_human(&a, CELL_BYTES, r->bytes))));
    buf_add(b, S("</p>\n"));
    arena_free(&a);
}

static void
put_nav(struct buf *b, const struct report *r)
{
    buf_add(b, S("<nav aria-label=\"Parts of this report\"><ul>"));
    for (size_t i = 0; i < r->nchapters; i++)
        buf_printf(b, "<li><a href=\"#%s\">%s</a></li>", r->chapters[i].kind->name,
                   r->chapters[i].kind->title);
    if (r->ntraces)
        buf_add(b, S("<li><a href=\"#traces\">Example traces</a></li>"));
    buf_add(b, S("</ul></nav>\n"));
}

static void
put_traces(struct buf *b, const struct report *r)
{
    if (r->ntraces == 0)
        return;
    buf_add(b, S("<h2 id=\"traces\">Example traces</h2>\n<p class=\"why\">Messages that the tables above "
                 "point to, from end "
                 "to end.</p>\n"));
    for (size_t i = 0; i < r->ntraces; i++) {
        const struct trace *t = r->traces[i];
        buf_add(b, S("<details class=\"trace\" id=\"trace-"));
        html_text(b, t->journey_id);
        buf_add(b, S("\"><summary>"));
        html_badge(b, rows_get(&t->journey, 0, "outcome"));
        buf_char(b, ' ');
        html_text(b, rows_get(&t->journey, 0, "subject").n ? rows_get(&t->journey, 0, "subject")
                                                           : S("(no subject)"));
        buf_add(b, S(" <span class=\"soft\">"));
        html_text(b, rows_get(&t->journey, 0, "message_id"));
        buf_add(b, S("</span></summary>\n"));
        trace_html_body(b, t);
        buf_add(b, S("</details>\n"));
    }
}

static void
put_footer(struct buf *b, const struct report *r)
{
    struct arena a = { 0 };
    buf_add(b, S("<footer><p>Made by waybill"));
    if (r->now != WHEN_NONE)
        html_text(b, arena_printf(&a, " at %.*s UTC", PRSTR(when_human(&a, r->now, false))));
    buf_add(b, S(". Every figure can be traced to lines and headers: "
                 "<code>waybill trace KEY --evidence</code>.</p></footer>\n"));
    arena_free(&a);
}

static const struct table *
figures_of(const struct report *r)
{
    for (size_t i = 0; i < r->nchapters; i++)
        for (size_t n = 0; n < r->chapters[i].ntables; n++)
            if (r->chapters[i].tables[n].section == &section_figures && r->chapters[i].tables[n].rows)
                return &r->chapters[i].tables[n];
    return NULL;
}

static void
print_html(struct buf *b, const struct report *r)
{
    bool whole = r->nchapters > 1;
    struct arena a = { 0 };
    str title =
        whole ? S("Mail delivery report")
              : arena_printf(&a, "Mail delivery report: %s", r->nchapters ? r->chapters[0].kind->title : "");
    page_begin(b, title);
    buf_add(b, S("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<p "
                 "class=\"brand\">waybill</p>\n<h1>"));
    html_text(b, title);
    buf_add(b, S("</h1>\n"));
    put_period(b, r);
    if (figures_of(r))
        html_head(b, figures_of(r));
    buf_add(b, S("</header>\n"));
    put_nav(b, r);
    buf_add(b, S("<main id=\"main\">\n"));
    for (size_t i = 0; i < r->nchapters; i++) {
        const struct chapter *c = &r->chapters[i];
        buf_printf(b, "<h2 id=\"%s\">%s</h2>\n", c->kind->name, c->kind->title);
        for (size_t n = 0; n < c->ntables; n++)
            put_section(b, r, c->kind, &c->tables[n]);
    }
    put_traces(b, r);
    buf_add(b, S("</main>\n"));
    put_footer(b, r);
    page_end(b);
    arena_free(&a);
}

const struct output_format output_html = { "html", false, true, print_html };
