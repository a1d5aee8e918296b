/* Filters and delivery agents: any text as the message of each program's lines, and as a line of their own files.
 * Every field is read, so that a view astray is found. */
#include <stdlib.h>

#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const programs[] = {
    "opendkim",   "opendmarc",  "policyd-spf", "postgrey",   "sqlgrey",  "milter-greylist", "policyd",
    "cbpolicyd",  "rspamd",     "spamd",       "amavis",     "clamd",    "dovecot",         "clamav-milter",
    "mimedefang", "deliver(a)", "cyrus/lmtp",  "cyrus/imap", "courierd", "courieresmtp",    "courieresmtpd",
};

static void
touch(str s)
{
    static volatile char sum;
    for (size_t i = 0; i < s.n; i++)
        sum = (char)(sum + s.p[i]);
}

static void
parse(const struct format *format, const struct line *line)
{
    struct event e = { .at = line->at, .program = line->program, .text = line->text, .length = line->text.n };
    format->parse(line, &e);
    if (e.kind == EVENT_NONE || e.kind >= EVENT_KIND_COUNT)
        abort();
    if ((e.kind == EVENT_REJECT || e.kind == EVENT_IGNORED) && e.why == NULL)
        abort();
    for (int i = 0; i < FIELD_COUNT; i++)
        touch(e.field[i]);
}

static void
take_line(str text)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        str program = str_from(programs[i]);
        struct line line = { .whole = text, .host = S("mx"), .program = program, .text = text, .pid = 1 };
        for (size_t f = 0; formats[f]; f++)
            if (formats[f]->owns && formats[f]->owns(program))
                parse(formats[f], &line);
    }
    for (size_t f = 0; formats[f]; f++) {
        struct line line = { .whole = text };
        struct civil civil;
        bool zoned;
        int offset_s;
        if (formats[f]->frame && formats[f]->frame(text, &line, &civil, &zoned, &offset_s)) {
            touch(line.text);
            parse(formats[f], &line);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    for (size_t f = 0; formats[f]; f++)
        if (formats[f]->owns)
            formats[f]->recognise(rest, true);
    while (rest.n) {
        struct str_cut c = str_cut(rest, '\n');
        take_line(c.head);
        rest = c.tail;
    }
    return 0;
}
