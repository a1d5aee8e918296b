/* OpenSMTPD: any text as the message of a line.  Every field is read, so that a view astray is found. */
#include <stdlib.h>

#include "format.h"

extern const struct format format_opensmtpd;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
touch(str s)
{
    static volatile char sum;
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

static void
parse(str text)
{
    struct line line = {
        .whole = text, .host = S("mx"), .program = S("smtpd"), .text = text, .pid = 1, .at = 0
    };
    struct event e = { .at = 0, .host = line.host, .program = line.program, .text = text, .length = text.n };
    format_opensmtpd.parse(&line, &e);
    if (e.kind == EVENT_NONE || e.kind >= EVENT_KIND_COUNT)
        abort();
    if ((e.kind == EVENT_REJECT || e.kind == EVENT_IGNORED) && e.why == NULL)
        abort();
    if (e.kind == EVENT_ATTEMPT && e.result == RESULT_NONE)
        abort();
    do {
        for (int i = 0; i < FIELD_COUNT; i++)
            touch(e.field[i]);
    } while (event_next_recipient(&e));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_opensmtpd.recognise(rest, true);
    while (rest.n) {
        struct str_cut c = str_cut(rest, '\n');
        parse(c.head);
        rest = c.tail;
    }
    return 0;
}
