/* Postfix: any text as the message of each program's lines.  Every field is read, so that a view astray is
 * found. */
#include <stdlib.h>

#include "format.h"

extern const struct format format_postfix;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const programs[] = {
    "postfix/smtpd",   "postfix/submission/smtpd", "postfix/smtp",      "postfix/lmtp",
    "postfix/qmgr",    "postfix/cleanup",          "postfix/pickup",    "postfix/bounce",
    "postfix/local",   "postfix/virtual",          "postfix/pipe",      "postfix/postscreen",
    "postfix/dnsblog", "postfix/tlsproxy",         "postfix/error",     "postfix/discard",
    "postfix/anvil",   "postfix/verify",           "postfix/postsuper", "postfix/sendmail",
    "postfix/master",  "postfix/trivial-rewrite",  "postfix/postdrop",  "postfix/scache",
    "postfix/tlsmgr",  "postfix/postfix-script",   "postfix/postlogd",  "postfix/qmqpd",
};

static void
touch(str s)
{
    static volatile char sum;
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

static void
parse(const char *program, str text)
{
    struct line line = {
        .whole = text, .host = S("mx"), .program = str_from(program), .text = text, .pid = 1, .at = 0
    };
    struct event e = { .at = 0, .host = line.host, .program = line.program, .text = text, .length = text.n };
    if (!format_postfix.owns(line.program))
        abort();
    format_postfix.parse(&line, &e);
    if (e.kind == EVENT_NONE || e.kind >= EVENT_KIND_COUNT)
        abort();
    if ((e.kind == EVENT_REJECT || e.kind == EVENT_IGNORED) && e.why == NULL)
        abort();
    if (e.kind == EVENT_ATTEMPT && e.result == RESULT_NONE)
        abort();
    for (int i = 0; i < FIELD_COUNT; i++)
        touch(e.field[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    format_postfix.recognise(rest, true);
    while (rest.n) {
        struct str_cut c = str_cut(rest, '\n');
        for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
            parse(programs[i], c.head);
        rest = c.tail;
    }
    return 0;
}
