/* What targets of line formats share: lines become events, each is checked, and every field is read, so that a view
 * astray is found. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include <stdlib.h>

#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
touch(str s)
{
    static volatile char sum;
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

static inline void
check_event(const struct event *e)
{
    if (e->kind == EVENT_NONE || e->kind >= EVENT_KIND_COUNT)
        abort();
    if ((e->kind == EVENT_REJECT || e->kind == EVENT_IGNORED) && e->why == NULL)
        abort();
    if (e->kind == EVENT_ATTEMPT && e->result == RESULT_NONE)
        abort();
    for (int i = 0; i < FIELD_COUNT; i++)
        touch(e->field[i]);
}

/* All events of one line that is out of its framing. */
static inline void
check_line(const struct format *format, struct line line)
{
    const struct event as_given = {
        .at = line.at, .host = line.host, .program = line.program, .text = line.text, .length = line.text.n
    };
    struct event e = as_given;
    format->parse(&line, &e);
    do
        check_event(&e);
    while (event_next_recipient(&e));
    for (e = as_given; format->more && format->more(&e); e = as_given)
        check_event(&e);
}

/* A line that a program gave to syslog. */
static inline void
check_logged(const struct format *format, str program, str text)
{
    check_line(format,
               (struct line){ .whole = text, .host = S("mx"), .program = program, .text = text, .pid = 1 });
}

/* A line of the format's own files; they may hold such without a stamp. */
static inline void
check_own(const struct format *format, str whole)
{
    struct line line = { .whole = whole, .text = whole, .at = WHEN_NONE };
    struct civil civil;
    bool zoned;
    int offset_s;
    if (format->frame == NULL)
        return;
    check_line(format, line);
    line = (struct line){ .whole = whole, .at = WHEN_NONE };
    if (format->frame(whole, &line, &civil, &zoned, &offset_s))
        check_line(format, line);
}

/* A source: each line as one of each program, and as one of the format's own files. */
static inline void
check_lines(const struct format *format, const char *const *programs, size_t n, str text)
{
    format->recognise(text, true);
    if (format->begin)
        format->begin();
    while (text.n) {
        struct str_cut c = str_cut(text, '\n');
        for (size_t i = 0; i < n; i++) {
            if (!format->owns(str_from(programs[i])))
                abort();
            check_logged(format, str_from(programs[i]), c.head);
        }
        check_own(format, c.head);
        text = c.tail;
    }
}

#endif
