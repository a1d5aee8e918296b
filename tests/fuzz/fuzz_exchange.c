/* Message tracking logs of any bytes: records, header lines, rows, all events of each. */
#include <stdlib.h>

#include "log_exchange.h"

extern const struct format format_exchange;

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_exchange.recognise(rest, true);
    format_exchange.begin();
    while (rest.n) {
        size_t n = format_exchange.record(rest, true);
        if (n != STR_NONE && (n >= rest.n || rest.p[n] != '\n'))
            abort();
        str whole = str_head(rest, n);
        rest = n == STR_NONE ? (str){ 0 } : str_skip(rest, n + 1);
        struct line line = { .whole = whole, .text = whole, .at = WHEN_NONE };
        struct civil civil;
        bool zoned;
        int offset_s;
        format_exchange.frame(whole, &line, &civil, &zoned, &offset_s);
        struct event e = { .at = WHEN_NONE, .host = line.host };
        format_exchange.parse(&line, &e);
        touch(&e);
        for (struct event next = { .at = WHEN_NONE }; format_exchange.more(&next);
             next = (struct event){ .at = WHEN_NONE })
            touch(&next);
    }
    return 0;
}
