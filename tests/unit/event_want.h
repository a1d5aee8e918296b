/* What a log line should say, as a row of a table, and the check of an event against it. */
#ifndef EVENT_WANT_H
#define EVENT_WANT_H

#include "event.h"
#include "tap.h"

struct event_want {
    const char *text;
    const char *row; /* of the format's table; "" for a line that none knows */
    enum event_kind kind;
    enum attempt_result result;
    enum stage stage;
    unsigned flags;     /* that must be there */
    const char *fields; /* "name=value|name=value"; a value that begins with a quote takes the rest */
};

static inline void
event_check_fields(const struct event *e, const char *fields, const char *text)
{
    for (str rest = str_from(fields); rest.n;) {
        struct str_cut one = str_cut(rest, '|');
        if (str_ends(one.head, S("=\"")))
            one = (struct str_cut){ .head = rest };
        struct str_cut pair = str_cut(one.head, '=');
        enum event_field f = event_field_from(pair.head);
        if (!ok(f != FIELD_COUNT && str_eq(e->field[f], pair.tail), "%.*s of %.70s", PRSTR(one.head), text))
            printf("#      got: %.*s\n", PRSTR(f != FIELD_COUNT ? e->field[f] : S("no such field")));
        rest = one.tail;
    }
}

static inline void
event_check(const struct event *e, const struct event_want *w)
{
    const char *row = e->row ? e->row : "";
    bool good = e->kind == w->kind && e->result == w->result && e->stage == w->stage &&
                (e->flags & w->flags) == w->flags && strcmp(row, w->row) == 0;
    if (!ok(good, "%s: %.70s", w->row, w->text))
        printf("#      got: row %s kind %.*s result %d stage %.*s flags %x\n", row,
               PRSTR(event_kind_word(e->kind)), (int)e->result, PRSTR(stage_word(e->stage)), e->flags);
    event_check_fields(e, w->fields, w->text);
}

#endif
