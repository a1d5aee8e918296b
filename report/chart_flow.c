/* The flow of deliveries through the stages, as a Sankey diagram.
 *
 * The band runs from left to right, as thick as deliveries are many.  At each stage some leave it:
 * upwards what went out of our sight, downwards what was deferred or failed.  A branch too thick for
 * the room beside its stage is drawn narrower at its end; its number is written there. */
#include "html.h"

#include <math.h>

enum {
    WIDTH = 1100,
    HEIGHT = 372,
    LEFT = 20,
    RIGHT = 96, /* room for the end: delivered */
    BAND_TOP = 78,
    BAND = 170, /* thickness of all deliveries */
    NODE = 9,
    LANE_UP = 34, /* where branches end */
    LANE_DOWN = 300,
    STAGES_Y = 352,
    MOST_STAGES = 16,
    LONG_NAME = 11,
};

struct stage_flow {
    str name;
    double reached, passed, degraded, failed, deferred, out;
};

static double
named(const struct table *t, size_t row, const char *column)
{
    size_t c = table_column(t, column);
    double v = c == SIZE_MAX ? 0 : cell_value(table_cell(t, row, c));
    return isfinite(v) && v > 0 ? v : 0;
}

static void
put_count(struct buf *b, double x, double y, const char *class, double v)
{
    struct arena a = { 0 };
    buf_printf(b, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", class, x, y);
    html_text(b, count_human(&a, v));
    buf_add(b, S("</text>"));
    arena_free(&a);
}

static void
put_what(struct buf *b, const struct stage_flow *s, const char *what, double v)
{
    struct arena a = { 0 };
    buf_add(b, S("<title>"));
    html_text(b, s->name);
    buf_printf(b, ", %s: ", what);
    html_text(b, count_human(&a, v));
    buf_add(b, S("</title>"));
    arena_free(&a);
}

/* A branch from the node's side at x, y (thick at its start) to the lane at end_y, thin at its end;
 * gives the middle of its end. */
static double
put_branch(struct buf *b, const struct stage_flow *s, const char *what, const char *tone, double v, double x,
           double y, double thick, double thin, double shift, double end_y)
{
    double down = end_y > y ? 1 : -1;
    double near = down > 0 ? y + thick : y, far = down > 0 ? y : y + thick; /* edges, the inner one first */
    double in = x + 10 + shift, out = in + thin, turn = 26 + thin;
    buf_printf(b,
               "<path class=\"branch tone-%s\" d=\"M%.1f %.2fC%.1f %.2f %.1f %.2f %.1f %.2fL%.1f %.1fL%.1f "
               "%.1fL%.1f %.2fC%.1f %.2f %.1f %.2f %.1f %.2fZ\">",
               tone, x, far, out - thin * 0.2, far, out, far, out, far + down * fmax(turn, thick), out, end_y,
               in, end_y, in, near + down * 14, in, near, in - 4, near, x, near);
    put_what(b, s, what, v);
    buf_add(b, S("</path>"));
    return (in + out) / 2;
}

static double
at_least(double thickness)
{
    return thickness > 0 && thickness < 1.4 ? 1.4 : thickness;
}

static void
put_rect(struct buf *b, const struct stage_flow *s, const char *what, const char *class, double v, double x,
         double y, double w, double h)
{
    if (v <= 0)
        return;
    buf_printf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\">", class, x, y, w,
               at_least(h));
    put_what(b, s, what, v);
    buf_add(b, S("</rect>"));
}

/* One stage: what leaves it, what goes on.  y is the top of the band; gives the top at the next stage. */
static double
put_stage(struct buf *b, const struct stage_flow *s, double x, double y, double step, double scale)
{
    double out = s->out * scale, on = (s->passed + s->degraded) * scale;
    double deferred = s->deferred * scale, failed = s->failed * scale;
    double most = step - NODE - 26;
    double right = x + NODE;
    if (s->passed + s->degraded > 0)
        put_rect(b, s, "went on", "flow", s->passed + s->degraded, right, y + out, step - NODE, on);
    if (s->out > 0) {
        double end = put_branch(b, s, "out of sight", "fair", s->out, right, y, at_least(out),
                                fmin(at_least(out), most), 2, LANE_UP);
        put_count(b, end, LANE_UP - 8, "number", s->out);
    }
    double thin_deferred = fmin(at_least(deferred), most / 2), shift = 0;
    if (s->deferred > 0) {
        double end = put_branch(b, s, "deferred", "odd", s->deferred, right, y + out + on, at_least(deferred),
                                thin_deferred, 0, LANE_DOWN);
        put_count(b, end, LANE_DOWN + 15, "number", s->deferred);
        shift = thin_deferred + (s->failed > 0 ? 14 : 0);
    }
    if (s->failed > 0) {
        double end = put_branch(b, s, "failed", "bad", s->failed, right, y + out + on + deferred,
                                at_least(failed), fmin(at_least(failed), most - shift), shift, LANE_DOWN);
        put_count(b, end, LANE_DOWN + 15, "number", s->failed);
    }
    put_rect(b, s, "out of sight", "node tone-fair", s->out, x, y, NODE, out);
    put_rect(b, s, "passed", "node tone-good", s->passed, x, y + out, NODE, s->passed * scale);
    put_rect(b, s, "degraded", "node tone-warn", s->degraded, x, y + out + s->passed * scale, NODE,
             s->degraded * scale);
    put_rect(b, s, "deferred", "node tone-odd", s->deferred, x, y + out + on, NODE, deferred);
    put_rect(b, s, "failed", "node tone-bad", s->failed, x, y + out + on + deferred, NODE, failed);
    return y + out;
}

void
chart_flow(struct buf *b, const struct table *t)
{
    struct stage_flow stages[MOST_STAGES];
    size_t n = t->rows < MOST_STAGES ? t->rows : MOST_STAGES;
    for (size_t i = 0; i < n; i++)
        stages[i] = (struct stage_flow){
            table_cell(t, i, 0),         named(t, i, "reached"), named(t, i, "passed"),
            named(t, i, "degraded"),     named(t, i, "failed"),  named(t, i, "deferred"),
            named(t, i, "out_of_sight"),
        };
    if (n == 0 || stages[0].reached <= 0)
        return;
    double step = (double)(WIDTH - LEFT - RIGHT) / (double)n, scale = BAND / stages[0].reached, y = BAND_TOP;
    buf_printf(
        b,
        "<svg class=\"chart flow-chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Flow of deliveries "
        "through the stages; its figures are in the table that follows\">",
        WIDTH, HEIGHT);
    for (size_t i = 0; i < n; i++) {
        double x = LEFT + step * (double)i;
        buf_printf(b, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x + NODE / 2.0,
                   x + NODE / 2.0, BAND_TOP - 10, STAGES_Y - 14);
        y = put_stage(b, &stages[i], x, y, step, scale);
        buf_printf(b, "<text class=\"stage\" x=\"%.1f\" y=\"%d\"", x, STAGES_Y);
        if (stages[i].name.n > LONG_NAME) /* squeezed, not to run into its neighbour */
            buf_printf(b, " textLength=\"%.0f\" lengthAdjust=\"spacingAndGlyphs\"", step - 8);
        buf_char(b, '>');
        html_text(b, stages[i].name);
        buf_add(b, S("</text>"));
        put_count(b, x + NODE / 2.0, STAGES_Y + 15, "axis", stages[i].reached);
    }
    const struct stage_flow *last = &stages[n - 1];
    double delivered = last->passed + last->degraded, x = LEFT + step * (double)n;
    put_rect(b, last, "delivered", "node tone-good", delivered, x, y, NODE, delivered * scale);
    buf_printf(b, "<text class=\"stage\" x=\"%.1f\" y=\"%d\">delivered</text>", x, STAGES_Y);
    put_count(b, x + NODE / 2.0, STAGES_Y + 15, "axis", delivered);
    buf_add(b, S("</svg>"));
}
