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
    while (n < s.n && n < LOOK_AT && (transfer_base64_digit(s.p[n]) >= 0 || s.p[n] == '-' || s.p[n] == '_'))
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

static bool
is_base64_line(str line)
{
    size_t i = 0;
    while (i < line.n && (transfer_base64_digit(line.p[i]) >= 0 || memchr("-_=", line.p[i], 3)))
        i++;
    return i == line.n && line.n > 0;
}

enum { DATA_LINE = 40 }; /* words are shorter */

bool
report_holds_base64(str text)
{
    for (struct str_cut c; text.n > 0; text = c.tail) {
        c = str_cut(text, '\n');
        str line = str_trim(c.head);
        if (line.n >= DATA_LINE && is_base64_line(line))
            return true;
    }
    return false;
}

/* The first lines of base64 in a text that stand for data, up to one that is shorter or none; *text moves behind. */
static str
base64_inside(struct arena *a, str *text)
{
    bool fresh = true; /* no line of base64 stands before */
    for (str rest = *text; rest.n > 0;) {
        struct str_cut c = str_cut(rest, '\n');
        str line = str_trim(c.head), from = rest;
        bool data = is_base64_line(line);
        bool begins = fresh && data && line.n >= DATA_LINE && is_base64(a, line, true);
        fresh = !data;
        rest = c.tail;
        if (!begins)
            continue;
        for (size_t width = line.n; line.n == width && rest.n > 0; rest = c.tail) {
            c = str_cut(rest, '\n');
            line = str_trim(c.head);
            if (!is_base64_line(line) || line.n > width)
                break;
        }
        *text = rest;
        return str_head(from, from.n - rest.n);
    }
    *text = (str){ 0 };
    return (str){ 0 };
}

/* Where a line of quoted text has its own, behind "> > " or ">>". */
static str
behind_quotes(str line)
{
    while (line.n > 0 && line.p[0] == '>')
        line = str_skip(line, line.n > 1 && line.p[1] == ' ' ? 2 : 1);
    return line;
}

/* Of the first line that a report begins in, by its root element, what a TLS report must have, or base64. */
static bool
begins_quoted(struct arena *a, str text)
{
    size_t root = str_ifind(text, S("<feedback"));
    root = root == STR_NONE ? str_find(text, S("\"policies\"")) : root;
    size_t before = root == STR_NONE ? STR_NONE : str_rfind_char(str_head(text, root), '\n');
    if (root != STR_NONE)
        return text.p[before == STR_NONE ? 0 : before + 1] == '>';
    for (struct str_cut c; text.n > 0; text = c.tail) {
        c = str_cut(text, '\n');
        str line = str_trim(behind_quotes(c.head));
        if (str_starts(c.head, S(">")) && is_base64_line(line) && is_base64(a, line, true))
            return true;
    }
    return false;
}

str
report_unquoted(struct arena *a, str text)
{
    if ((!str_starts(text, S(">")) && str_find(text, S("\n>")) == STR_NONE) || !begins_quoted(a, text))
        return text;
    char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;
    for (struct str_cut c; text.n > 0; text = c.tail) {
        c = str_cut(text, '\n');
        str line = behind_quotes(c.head);
        memcpy(out + n, line.p, line.n);
        n += line.n;
        if (c.found)
            out[n++] = '\n';
    }
    return str_of(out, n);
}

str
report_unarmour(struct arena *a, str *text, bool anywhere)
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
    if (anywhere && (!is_base64(a, body, true) || str_find(body, S("\n\n")) != STR_NONE ||
                     str_find(body, S("\r\n\r\n")) != STR_NONE)) {
        str inside = base64_inside(a, text);
        if (inside.n > 0)
            return transfer_base64(a, inside);
    }
    *text = (str){ 0 };
    return is_base64(a, body, true) ? transfer_base64(a, body) : (str){ 0 };
}
