/* Charts as inline SVG: one bar cut into shares, stacked columns and lines over days.
 *
 * Figures come from the section's table, which stands beside the chart: a chart shows the shape, the
 * table is the truth.  The flow through the stages has a file of its own. */
#include "html.h"

#include <math.h>
#include <stdio.h>

enum {
    WIDTH = 1100,
    HEIGHT = 230,
    LEFT = 64,
    TOP = 10,
    BOTTOM = 26,
    MOST_BARS = 92,  /* more days than this share bars */
    LABEL_ROOM = 84, /* for a date below the axis */
};

static double
number(const struct table *t, size_t row, size_t column)
{
    double v = cell_value(table_cell(t, row, column));
    return isfinite(v) ? v : 0;
}

/* A round step for an axis that reaches up to v in about four: 1, 2 or 5 times a power of ten. */
static double
axis_step(double v)
{
    static const double steps[] = { 1, 2, 5, 10 };
    double want = fmax(v / 4, 1), base = pow(10, floor(log10(want)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (want <= base * steps[i] * 1.0000001)
            return base * steps[i];
    return base * 10;
}

static void
put_title(struct buf *b, const char *series, str where, enum cell_type type, double v)
{
    struct arena a = { 0 };
    buf_add(b, S("<title>"));
    html_text(b, where);
    buf_printf(b, "%s%s: ", *series ? " " : "", series);
    html_text(b, type == CELL_SECONDS ? seconds_human(&a, v) : count_human(&a, v));
    buf_add(b, S("</title>"));
    arena_free(&a);
}

static void
open_svg(struct buf *b, const struct table *t, int height)
{
    buf_printf(b, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, height);
    html_text(b, str_from(t->section->title));
    buf_add(b, S(": chart; its figures are in the table that follows\">"));
}

static void
put_legend_item(struct buf *b, enum tone tone, str title)
{
    buf_printf(b, "<li><i class=\"tone-%s\"></i>", tone_name(tone));
    html_text(b, title);
    buf_add(b, S("</li>"));
}

static void
chart_legend(struct buf *b, const struct table *t)
{
    buf_add(b, S("<ul class=\"legend\" aria-hidden=\"true\">"));
    for (size_t i = 0; i < t->section->ncolumns; i++)
        if (t->section->columns[i].flags & COLUMN_SERIES)
            put_legend_item(b, t->section->columns[i].tone, str_from(t->section->columns[i].title));
    buf_add(b, S("</ul>"));
}

static size_t
series_column(const struct table *t)
{
    for (size_t i = 0; i < t->section->ncolumns; i++)
        if (t->section->columns[i].flags & COLUMN_SERIES)
            return i;
    return SIZE_MAX;
}

/* One bar; neighbours of one tone are told apart by their depth of colour. */
static void
chart_shares(struct buf *b, const struct table *t)
{
    size_t series = series_column(t);
    double sum = 0, x = 0;
    for (size_t row = 0; row < t->rows; row++)
        sum += number(t, row, series);
    if (sum <= 0)
        return;
    open_svg(b, t, 44);
    enum tone before = TONE_NONE;
    int depth = 0;
    for (size_t row = 0; row < t->rows; row++) {
        double v = number(t, row, series), w = v / sum * WIDTH;
        enum tone tone = tone_of_word(table_cell(t, row, 0));
        depth = tone == before ? depth + 1 : 0;
        before = tone;
        buf_printf(
            b, "<rect class=\"tone-%s\" x=\"%.2f\" y=\"4\" width=\"%.2f\" height=\"36\" opacity=\"%.2f\">",
            tone_name(tone), x, w > 1.2 ? w - 1 : w, depth ? fmax(0.35, 1 - 0.22 * depth) : 1.0);
        put_title(b, "", table_cell(t, row, 0), CELL_COUNT, v);
        buf_add(b, S("</rect>"));
        if (w > 12.0 + 8.5 * (double)table_cell(t, row, 0).n) {
            buf_printf(b, "<text class=\"on\" x=\"%.2f\" y=\"27\">", x + 8);
            html_text(b, table_cell(t, row, 0));
            buf_add(b, S("</text>"));
        }
        x += w;
    }
    buf_add(b, S("</svg>"));
}

static void
put_grid_line(struct buf *b, double y, str label)
{
    buf_printf(b, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH, y, y);
    buf_printf(b, "<text class=\"axis\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 8, y + 4);
    html_text(b, label);
    buf_add(b, S("</text>"));
}

/* The dates below bars of that width; as many as find room. */
static void
put_dates(struct buf *b, const struct table *t, size_t per_bar, double step)
{
    size_t bars = (t->rows + per_bar - 1) / per_bar;
    double label = 7.5 * (double)table_cell(t, 0, 0).n + 14; /* hours are longer than days */
    size_t every = (size_t)ceil(fmax(LABEL_ROOM, label) / step);
    for (size_t i = 0; i < bars; i += every) {
        double x = LEFT + step * ((double)i + 0.5);
        bool at_edge = x + label / 2 > WIDTH;
        buf_printf(b, "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">", at_edge ? WIDTH : x,
                   HEIGHT - 8, at_edge ? "end" : "middle");
        html_text(b, table_cell(t, i * per_bar, 0));
        buf_add(b, S("</text>"));
    }
}

/* What a bar stands for: a day, or several. */
static str
bar_name(struct arena *a, const struct table *t, size_t bar, size_t per_bar)
{
    size_t first = bar * per_bar, last = first + per_bar - 1 < t->rows ? first + per_bar - 1 : t->rows - 1;
    str from = table_cell(t, first, 0), to = table_cell(t, last, 0);
    return first == last ? from : arena_printf(a, "%.*s to %.*s", PRSTR(from), PRSTR(to));
}

static double
bar_value(const struct table *t, size_t bar, size_t per_bar, size_t column)
{
    double v = 0;
    for (size_t row = bar * per_bar; row < t->rows && row < (bar + 1) * per_bar; row++)
        v += number(t, row, column);
    return v;
}

static void
chart_days(struct buf *b, const struct table *t)
{
    size_t per_bar = (t->rows + MOST_BARS - 1) / MOST_BARS, bars = (t->rows + per_bar - 1) / per_bar;
    double highest = 0, step = (double)(WIDTH - LEFT) / (double)bars;
    const struct section *s = t->section;
    for (size_t i = 0; i < bars; i++) {
        double sum = 0;
        for (size_t c = 0; c < s->ncolumns; c++)
            sum += s->columns[c].flags & COLUMN_SERIES ? bar_value(t, i, per_bar, c) : 0;
        highest = fmax(highest, sum);
    }
    if (highest <= 0)
        return;
    double tick = axis_step(highest), top = ceil(highest / tick) * tick,
           scale = (HEIGHT - TOP - BOTTOM) / top;
    struct arena a = { 0 };
    open_svg(b, t, HEIGHT);
    for (double at = 0; at <= top; at += tick)
        put_grid_line(b, HEIGHT - BOTTOM - scale * at, count_human(&a, at));
    double width = fmin(step * 0.72, 64);
    for (size_t i = 0; i < bars; i++) {
        double y = HEIGHT - BOTTOM, x = LEFT + step * ((double)i + 0.5) - width / 2;
        str name = bar_name(&a, t, i, per_bar);
        for (size_t c = 0; c < s->ncolumns; c++) {
            double v = s->columns[c].flags & COLUMN_SERIES ? bar_value(t, i, per_bar, c) : 0;
            if (v <= 0)
                continue;
            y -= v * scale;
            buf_printf(b, "<rect class=\"tone-%s\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\">",
                       tone_name(s->columns[c].tone), x, y, width, v * scale);
            put_title(b, s->columns[c].title, name, CELL_COUNT, v);
            buf_add(b, S("</rect>"));
        }
    }
    put_dates(b, t, per_bar, step);
    buf_add(b, S("</svg>"));
    if (per_bar > 1)
        buf_printf(
            b, "<p class=\"why\">Each bar adds up %zu rows of the figures below; its date is the first.</p>",
            per_bar);
    arena_free(&a);
}

/* Durations span milliseconds to days: the axis is logarithmic, from a tenth of a second. */
static double
log_height(double v, double top)
{
    double low = log10(0.1), high = log10(top);
    double at = log10(fmax(v, 0.1));
    return (at - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
}

static void
put_line(struct buf *b, const struct table *t, size_t column, double top, double step)
{
    const struct column *c = &t->section->columns[column];
    buf_printf(b, "<polyline class=\"line tone-%s\" points=\"", tone_name(c->tone));
    for (size_t row = 0; row < t->rows; row++)
        buf_printf(b, "%.1f,%.2f ", LEFT + step * ((double)row + 0.5),
                   HEIGHT - BOTTOM - log_height(number(t, row, column), top));
    buf_add(b, S("\"/>"));
    for (size_t row = 0; row < t->rows; row++) {
        buf_printf(b, "<circle class=\"tone-%s\" cx=\"%.1f\" cy=\"%.2f\" r=\"%s\">", tone_name(c->tone),
                   LEFT + step * ((double)row + 0.5),
                   HEIGHT - BOTTOM - log_height(number(t, row, column), top),
                   t->rows > MOST_BARS ? "1.5" : "3.5");
        put_title(b, c->title, table_cell(t, row, 0), CELL_SECONDS, number(t, row, column));
        buf_add(b, S("</circle>"));
    }
}

static void
chart_lines(struct buf *b, const struct table *t)
{
    static const struct {
        double s;
        const char *label;
    } marks[] = { { 0.1, "0.1 s" },     { 1, "1 s" },        { 10, "10 s" },        { 60, "1 min" },
                  { 600, "10 min" },    { 3600, "1 h" },     { 21600, "6 h" },      { 86400, "1 d" },
                  { 604800, "1 week" }, { 2592000, "30 d" }, { 31536000, "1 year" } };
    double highest = 1, step = (double)(WIDTH - LEFT) / (double)t->rows;
    const struct section *s = t->section;
    for (size_t row = 0; row < t->rows; row++)
        for (size_t c = 0; c < s->ncolumns; c++)
            if (s->columns[c].flags & COLUMN_SERIES)
                highest = fmax(highest, number(t, row, c));
    double top = fmax(10, highest * 1.3);
    open_svg(b, t, HEIGHT);
    for (size_t i = 0; i < sizeof marks / sizeof *marks && marks[i].s <= top; i++)
        put_grid_line(b, HEIGHT - BOTTOM - log_height(marks[i].s, top), str_from(marks[i].label));
    for (size_t c = s->ncolumns; c-- > 0;)
        if (s->columns[c].flags & COLUMN_SERIES)
            put_line(b, t, c, top, step);
    put_dates(b, t, 1, step);
    buf_add(b, S("</svg>"));
}

void
chart_put(struct buf *b, const struct table *t)
{
    if (t->rows == 0)
        return;
    switch (t->section->chart) {
    case CHART_NONE:
    case CHART_FIGURES: return;
    case CHART_SHARES: chart_shares(b, t); return;
    case CHART_DAYS: chart_days(b, t); break;
    case CHART_LINES: chart_lines(b, t); break;
    case CHART_FLOW: chart_flow(b, t); break;
    }
    chart_legend(b, t);
}
