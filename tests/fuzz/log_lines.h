/* What targets of line formats share: lines become events, each is checked, and every field is read, so that a view
 * astray is found.  Each line lies in memory of its own size that is given back behind it: no line is read into the next,
 * and what a format remembers it has copied.  A format that remembers nothing says the same of a line twice; one that has
 * a begin() does remember, and one whose target defines LOG_REMEMBERS. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#ifndef LOG_REMEMBERS
#define LOG_REMEMBERS false
#endif

#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
touch(str s)
{
    static volatile char sum;
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

/* All that an event says. */
static inline uint64_t
event_sum(const struct event *e)
{
    uint64_t sum = hash_more_int(hash_more_int(hash_more_int(0, e->kind), e->result), e->flags);
    sum = hash_more_int(hash_more_int(hash_more_int(sum, e->stage), e->at), e->pid);
    sum = hash_more_texts(sum, e->field, FIELD_COUNT);
    return hash_more_texts(sum, (str[]){ e->host, e->program, e->text, e->recipients, e->named }, 5);
}

static inline uint64_t
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
    return event_sum(e);
}

/* All events of one line that is out of its framing. */
static inline uint64_t
events_of(const struct format *format, struct line line)
{
    const struct event as_given = {
        .at = line.at, .host = line.host, .program = line.program, .text = line.text, .length = line.text.n
    };
    struct event e = as_given;
    uint64_t sum = 0;
    format->parse(&line, &e);
    do
        sum = hash_more_int(sum, (int64_t)check_event(&e));
    while (event_next_recipient(&e));
    for (e = as_given; format->more && format->more(&e); e = as_given)
        sum = hash_more_int(sum, (int64_t)check_event(&e));
    return sum;
}

static inline void
check_line(const struct format *format, struct line line)
{
    uint64_t first = events_of(format, line);
    bool remembers = LOG_REMEMBERS || format->begin != NULL;
    if (events_of(format, line) != first && !remembers)
        abort();
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
        char *own = malloc(c.head.n + 1);
        if (own == NULL)
            abort();
        memcpy(own + 1, c.head.p, c.head.n);
        str line = str_of(own + 1, c.head.n);
        for (size_t i = 0; i < n; i++) {
            if (!format->owns(str_from(programs[i])))
                abort();
            check_logged(format, str_from(programs[i]), line);
        }
        check_own(format, line);
        free(own);
        text = c.tail;
    }
}

#endif
