/* Any bytes as a file of formats: refused with its line, or its formats take any line without harm. */
#include "user_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lines[] = { "A1: to=<b@example.net> DONE 250 ok",
                                         "2026-11-21 22:11:35 gw q A1 gone", "Nov 21 22:11:35 gw ad[1]: x" };
    struct diag d = { 0 };
    const struct format *before = format_at(0);
    if (!user_formats_load(str_of((const char *)data, size), "formats", &d)) {
        if (d.code != EXIT_USAGE || strncmp(d.text, "formats:", 8) != 0 || format_at(0) != before)
            __builtin_trap();
        return 0;
    }
    const struct format *f = format_at(0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct event e = { .at = WHEN_NONE };
        struct line line = { .text = str_from(lines[i]), .program = S("ad"), .whole = str_from(lines[i]) };
        struct civil civil;
        bool zoned;
        int offset;
        f->recognise(str_from(lines[i]), true);
        if (f->frame)
            f->frame(str_from(lines[i]), &line, &civil, &zoned, &offset);
        f->parse(&line, &e);
    }
    return 0;
}
