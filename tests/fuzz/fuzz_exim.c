/* Exim: any text as lines of its own files and of syslog, and as queue ids. */
#include "id_time.h"
#include "log_lines.h"

extern const struct format format_exim;

static const char *const programs[] = { "exim" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str text = str_of((const char *)data, size);
    for (struct str_cut c = { .tail = text }; c.tail.n;) {
        c = str_cut(c.tail, '\n');
        id_time(c.head);
        check_line(&format_exim, (struct line){ .whole = c.head, .text = c.head }); /* its stamp taken off */
    }
    check_lines(&format_exim, programs, sizeof programs / sizeof *programs, text);
    return 0;
}
