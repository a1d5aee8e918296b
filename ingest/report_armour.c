/* Reports as text: base64, uuencode or yEnc without the headers of a mail around it, as people save and forward them. */
#include "report.h"
#include "transfer.h"
#include "unzip.h"

enum { UU_LINE = 80, LOOK_AT = 88, LEAST = 16 };

/* What base64 must stand for to be taken for data: gzip, an archive, XML, JSON, or base64 once more. */
static bool
is_data(str s)
{
    static const str marks[] = { S("\x1f\x8b\x08"), S("BZh"),
                                 S("\xfd"
                                   "7zXZ"),
                                 S("\x28\xb5\x2f\xfd") };
    static const str texts[] = { S("<?xml"), S("<feedback"), S("{\"") };
    if (str_starts_any(s, marks, sizeof marks / sizeof *marks) || unzip_recognise(s))
        return true;
    return str_starts_any(str_trim_left(str_skip_mark(s)), texts, sizeof texts / sizeof *texts);
}

/* By its first line. */
static bool
is_base64(struct arena *a, str s, bool again)
{
    size_t n = 0;
    while (n < s.n && n < LOOK_AT && transfer_base64_digit(s.p[n]) >= 0)
        n++;
    if (n < LEAST || (n < s.n && n < LOOK_AT && !str_is_space(s.p[n]) && s.p[n] != '='))
        return false;
    str begin = transfer_base64(a, str_head(s, n));
    return is_data(begin) || (again && is_base64(a, begin, false));
}

/* "begin 644 name" or "=ybegin line=128" at the start of a line. */
static size_t
find_begin(str s, str mark)
{
    size_t from = 0;
    for (size_t at; (at = str_find(str_skip(s, from), mark)) != STR_NONE; from += at + mark.n) {
        size_t n = from + at;
        str mode = str_head(str_skip(s, n + mark.n), 3);
        bool fits = mark.p[0] == '=' || (mode.n == 3 && str_digits(mode));
        if ((n == 0 || s.p[n - 1] == '\n') && fits)
            return n;
    }
    return STR_NONE;
}

bool
report_is_armoured(str head)
{
    struct arena a = { 0 };
    head = str_trim_left(str_head(head, 4096));
    bool armoured = is_base64(&a, head, true) || find_begin(str_head(head, UU_LINE), S("begin ")) == 0 ||
                    str_starts(head, S("=ybegin "));
    arena_free(&a);
    return armoured;
}

/* Cuts the text behind the line that ends what was read. */
static str
behind(str text, str end)
{
    for (struct str_cut c; text.n > 0; text = c.tail) {
        c = str_cut(text, '\n');
        if (str_starts(c.head, end) && (end.p[0] == '=' || str_trim_right(c.head).n == end.n))
            return c.tail;
    }
    return text;
}

str
report_unarmour(struct arena *a, str *text)
{
    for (;;) {
        size_t uu = find_begin(*text, S("begin ")), y = find_begin(*text, S("=ybegin "));
        if (uu == STR_NONE && y == STR_NONE)
            break;
        bool is_uu = y == STR_NONE || (uu != STR_NONE && uu < y);
        str from = str_skip(*text, is_uu ? uu : y);
        *text = behind(from, is_uu ? S("end") : S("=yend"));
        from = str_head(from, from.n - text->n);
        str bytes = is_uu ? transfer_uuencode(a, from) : transfer_yenc(a, from);
        if (bytes.n > 0)
            return bytes;
    }
    str body = str_trim(*text);
    *text = (str){ 0 };
    return is_base64(a, body, true) ? transfer_base64(a, body) : (str){ 0 };
}
