/* Exim lines of any bytes: framing, items, rows.  Every field is read, so that a view astray is found. */
#include <stdlib.h>

#include "id_time.h"
#include "log_exim.h"

extern const struct format format_exim;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
touch(str s)
{
    static volatile char sum;
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

static void
parse(struct line line)
{
    struct event e = { .at = line.at };
    format_exim.parse(&line, &e);
    if (e.kind == EVENT_NONE || ((e.kind == EVENT_REJECT || e.kind == EVENT_IGNORED) && e.why == NULL))
        abort();
    for (int i = 0; i < FIELD_COUNT; i++)
        touch(e.field[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_exim.recognise(rest, true);
    while (rest.n) {
        struct str_cut c = str_cut(rest, '\n');
        struct line line = { .whole = c.head, .text = c.head, .at = WHEN_NONE };
        struct civil civil;
        bool zoned;
        int offset_s;
        id_time(c.head);
        parse(line);
        line.at = 0;
        parse(line);
        line.program = S("exim");
        parse(line);
        line.program = (str){ 0 };
        if (exim_frame(c.head, &line, &civil, &zoned, &offset_s))
            parse(line);
        rest = c.tail;
    }
    return 0;
}
