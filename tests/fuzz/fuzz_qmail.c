/* Lines of qmail of any bytes: stamps, rows, all events of each. */
#include <stdlib.h>

#include "log_qmail.h"

extern const struct format format_qmail;

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
    format_qmail.parse(&line, &e);
    touch(&e);
    for (struct event next = { .at = line.at }; format_qmail.more && format_qmail.more(&next);
         next = (struct event){ .at = line.at })
        touch(&next);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_qmail.recognise(rest, true);
    if (format_qmail.begin)
        format_qmail.begin();
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
        if (format_qmail.frame(c.head, &line, &civil, &zoned, &offset_s))
            parse(line);
        rest = c.tail;
    }
    return 0;
}
