/* Lines of haraka of any bytes: stamps, rows, all events of each. */
#include <stdlib.h>

#include "log_haraka.h"

extern const struct format format_haraka;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
touch(const struct event *e)
{
    static volatile char sum;
    if (e->kind == EVENT_NONE || ((e->kind == EVENT_REJECT || e->kind == EVENT_IGNORED) && e->why == NULL))
        abort();
    for (int i = 0; i < FIELD_COUNT; i++)
        for (size_t k = 0; k < e->field[i].n; k++)
            sum = (char)(sum + e->field[i].p[k]);
}

static void
parse(struct line line)
{
    struct event e = { .at = line.at };
    format_haraka.parse(&line, &e);
    touch(&e);
    for (struct event next = { .at = line.at }; format_haraka.more && format_haraka.more(&next);
         next = (struct event){ .at = line.at })
        touch(&next);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_haraka.recognise(rest, true);
    if (format_haraka.begin)
        format_haraka.begin();
    while (rest.n) {
        struct str_cut c = str_cut(rest, '\n');
        struct line line = { .whole = c.head, .text = c.head };
        struct civil civil;
        bool zoned;
        int offset_s;
        parse(line);
        line.program = S("spamdyke");
        parse(line);
        line.program = (str){ 0 };
        if (format_haraka.frame(c.head, &line, &civil, &zoned, &offset_s))
            parse(line);
        rest = c.tail;
    }
    return 0;
}
