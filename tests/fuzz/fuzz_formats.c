/* Any bytes as a file of formats: refused with one of its lines and nothing left behind, or its formats take any line
 * without harm, and the same file can be read again once they are dropped. */
#include "log_lines.h"
#include "user_format.h"

static const char *const lines[] = { "A1: to=<b@example.net> DONE 250 ok", "2026-11-21 22:11:35 gw q A1 gone",
                                     "Nov 21 22:11:35 gw ad[1]: x" };

static size_t
line_count(str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* "formats:LINE: why", or of the whole "formats: why". */
static void
check_refusal(str text, const struct diag *d)
{
    str said = str_from(d->text);
    if (d->code != EXIT_USAGE || !str_starts(said, S("formats:")))
        abort();
    struct str_number line = str_cut_number(str_skip(said, 8), 9);
    if (line.ok && (line.value == 0 || (size_t)line.value > line_count(text)))
        abort();
}

static void
check_lines_of(const struct format *f)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        f->recognise(str_from(lines[i]), true);
        check_logged(f, S("ad"), str_from(lines[i]));
        check_logged(f, str_from(f->name), str_from(lines[i]));
        check_own(f, str_from(lines[i]));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diag d = { 0 };
    str text = str_of((const char *)data, size);
    if (!user_formats_load(text, "formats", &d)) {
        check_refusal(text, &d);
        if (format_at(0) != formats[0])
            abort();
        return 0;
    }
    size_t n = 0;
    for (; format_at(n) != formats[0]; n++) {
        if (format_find(str_from(format_at(n)->name)) != format_at(n))
            abort();
        check_lines_of(format_at(n));
    }
    user_formats_drop();
    if (n == 0 || format_at(0) != formats[0] || !user_formats_load(text, "formats", &d))
        abort();
    user_formats_drop();
    return 0;
}
