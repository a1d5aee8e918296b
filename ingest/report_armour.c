/* Reports as text: base64 or uuencode without the headers of a mail around it, as people save and forward them. */
#include "report.h"
#include "transfer.h"

enum { UU_LINE = 80 };

/* The first bytes of gzip, zip and XML in base64. */
static bool
is_base64(str s)
{
    static const str marks[] = { { "H4sI", 4 }, { "UEsDB", 5 }, { "PD94bWwg", 8 }, { "PGZlZWRiYWNr", 12 } };
    return str_starts_any(s, marks, sizeof marks / sizeof *marks);
}

/* "begin 644 name" at the start of a line. */
static size_t
uu_begin(str s)
{
    size_t from = 0;
    for (size_t at; (at = str_find(str_skip(s, from), S("begin "))) != STR_NONE; from += at + 6) {
        size_t n = from + at;
        str mode = str_head(str_skip(s, n + 6), 3);
        if ((n == 0 || s.p[n - 1] == '\n') && mode.n == 3 && str_digits(mode))
            return n;
    }
    return STR_NONE;
}

bool
report_is_armoured(str head)
{
    head = str_trim_left(head);
    return is_base64(head) || uu_begin(str_head(head, UU_LINE)) == 0;
}

str
report_unarmour(struct arena *a, str text)
{
    size_t begin = uu_begin(text);
    if (begin != STR_NONE)
        return transfer_uuencode(a, str_skip(text, begin));
    str body = str_trim(text);
    return is_base64(body) ? transfer_base64(a, body) : (str){ 0 };
}
