/* The head of a page: what a manager reads, in one sentence and five figures. */
#include "html.h"

#include <math.h>

/* The cell of a column by name, as people read it. */
static str
human(struct arena *a, const struct table *t, const char *name)
{
    size_t c = table_column(t, name);
    return c == SIZE_MAX ? S("") : cell_human(a, t->section->columns[c].type, table_cell(t, 0, c));
}

static double
value(const struct table *t, const char *name)
{
    size_t c = table_column(t, name);
    double v = c == SIZE_MAX ? 0 : cell_value(table_cell(t, 0, c));
    return isfinite(v) ? v : 0;
}

/* "user unknown" of user_unknown. */
static str
words_of(struct arena *a, str word)
{
    char *p = arena_alloc(a, word.n + 1);
    for (size_t i = 0; i < word.n; i++)
        p[i] = word.p[i] == '_' ? ' ' : word.p[i];
    return str_of(p, word.n);
}

static void
put_sentence(struct buf *b, struct arena *a, const struct table *t)
{
    double arrived = value(t, "delivered") + value(t, "accepted");
    if (value(t, "deliveries") == 0) {
        buf_add(b, S("<p class=\"verdict\">No delivery was seen in this period.</p>"));
        return;
    }
    buf_add(b, S("<p class=\"verdict\">"));
    html_text(
        b, arena_printf(
               a,
               "Of %.*s deliveries, %.*s arrived (%.*s): %.*s seen in a mailbox, %.*s accepted by hosts "
               "that tell no more. The others: %.*s failed, %.*s vanished, %.*s put aside as junk or in "
               "quarantine, %.*s still waiting.",
               PRSTR(human(a, t, "deliveries")), PRSTR(count_human(a, arrived)),
               PRSTR(human(a, t, "arrived_share")), PRSTR(human(a, t, "delivered")),
               PRSTR(human(a, t, "accepted")), PRSTR(human(a, t, "failed")), PRSTR(human(a, t, "vanished")),
               PRSTR(human(a, t, "misplaced")), PRSTR(human(a, t, "pending"))));
    buf_add(b, S("</p>"));
}

/* A name that is too long for its place breaks behind a dot. */
static void
put_name(struct buf *b, str name)
{
    for (struct str_cut c; name.n; name = c.tail) {
        c = str_cut(name, '.');
        html_text(b, c.found ? str_head(name, c.head.n + 1) : name);
        if (c.found)
            buf_add(b, S("<wbr>"));
    }
}

static void
put_card(struct buf *b, const char *title, enum tone tone, str figure, str below)
{
    bool words = figure.n > 9; /* a name, not a number */
    buf_printf(b, "<div class=\"card edge-%s\"><dt>%s</dt><dd><strong%s>", tone_name(tone), title,
               words ? " class=\"words\"" : "");
    if (words)
        put_name(b, figure);
    else
        html_text(b, figure);
    buf_add(b, S("</strong><span>"));
    html_text(b, below);
    buf_add(b, S("</span></dd></div>"));
}

void
html_head(struct buf *b, const struct table *t)
{
    struct arena a = { 0 };
    put_sentence(b, &a, t);
    buf_add(b, S("<dl class=\"cards\">"));
    put_card(b, "Messages", TONE_NONE, human(&a, t, "messages"),
             arena_printf(&a, "%.*s deliveries, one per recipient", PRSTR(human(&a, t, "deliveries"))));
    put_card(b, "Delivered or accepted", TONE_GOOD, human(&a, t, "arrived_share"),
             arena_printf(&a, "median %.*s, 95 %% within %.*s", PRSTR(human(&a, t, "delay_p50")),
                          PRSTR(human(&a, t, "delay_p95"))));
    str why =
        value(t, "main_reason_failed") > 0
            ? arena_printf(&a, "; most often %.*s (%.*s)", PRSTR(words_of(&a, human(&a, t, "main_reason"))),
                           PRSTR(human(&a, t, "main_reason_failed")))
            : S("");
    bool failed = value(t, "failed") + value(t, "vanished") > 0;
    put_card(b, "Failed", failed ? TONE_BAD : TONE_GOOD, human(&a, t, "failed"),
             arena_printf(&a, "%.*s, with %.*s lost or discarded%.*s", PRSTR(human(&a, t, "failed_share")),
                          PRSTR(human(&a, t, "vanished")), PRSTR(why)));
    put_card(b, "Degraded on the way", TONE_WARN, human(&a, t, "degraded"),
             arena_printf(&a, "%.*s of messages", PRSTR(human(&a, t, "degraded_share"))));
    bool any = value(t, "worst_failed") > 0;
    put_card(b, "Worst receiver", any ? TONE_BAD : TONE_GOOD,
             any ? human(&a, t, "worst_receiver") : S("none"),
             any ? arena_printf(&a, "%.*s failed, %.*s of its deliveries",
                                PRSTR(human(&a, t, "worst_failed")), PRSTR(human(&a, t, "worst_share")))
                 : S("no delivery failed"));
    buf_add(b, S("</dl>"));
    arena_free(&a);
}
