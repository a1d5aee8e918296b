/* Message tracking logs as text: records, columns, and the lists and pairs inside of fields.
 *
 * Quoting is that of RFC 4180.  What is quoted wrongly is read as it stands: a
 * quote that is never closed costs its own line only. */
#include "log_exchange.h"

enum {
    RECORD_MAX = 256 << 10, /* a quoted line end is looked for so far */
    OLD_COLUMNS = 26,       /* up to Exchange 2010: no network-message-id */
};

#define NAME(id, name) { name, sizeof name - 1 },
static const str names[] = { EXCHANGE_COLUMNS(NAME) };

/* Records and columns ------------------------------------------------------------------------------- */

/* Where a quoted field ends that begins at i: behind its closing quote.  STR_NONE: not closed here;
 * 0: closed, but something other than a separator follows. */
static size_t
quoted_end(str s, size_t i)
{
    for (i++;; i += 2) {
        size_t q = str_find_char(str_skip(s, i), '"');
        if (q == STR_NONE)
            return STR_NONE;
        i += q;
        if (i + 1 >= s.n)
            return s.n;
        if (s.p[i + 1] != '"')
            break;
    }
    char c = s.p[i + 1];
    return c == ',' || c == '\n' || c == '\r' ? i + 1 : 0;
}

size_t
exchange_record(str window, bool eof)
{
    size_t line = str_find_char(window, '\n');
    str head = line == STR_NONE ? window : str_head(window, line);
    if (str_find_char(head, '"') == STR_NONE || head.p[0] == '#')
        return line;
    str s = str_head(window, RECORD_MAX);
    size_t line_end = 0; /* of the line that i is in */
    for (size_t i = 0;;) {
        if (i == 0 || line_end < i) {
            size_t n = str_find_char(str_skip(s, i), '\n');
            line_end = n == STR_NONE ? s.n : i + n;
        }
        size_t quote = str_find_char(str_of(s.p + i, line_end - i), '"');
        if (quote == STR_NONE && line_end == s.n)
            return s.n == RECORD_MAX ? line : STR_NONE;
        if (quote == STR_NONE)
            return line_end;
        i += quote;
        if (i > 0 && s.p[i - 1] != ',') { /* amid a field */
            i++;
            continue;
        }
        i = quoted_end(s, i);
        if (i == 0)
            return line;
        if (i == STR_NONE)
            return eof || s.n == RECORD_MAX ? line : STR_NONE;
    }
}

/* The inside of a quoted field; doubled quotes become one. */
static str
unquote(str s, char quote, struct arena *a)
{
    char pair[] = { quote, quote };
    if (!str_has(s, str_of(pair, 2)))
        return s;
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        p[n++] = s.p[i];
        if (s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
    }
    return str_of(p, n);
}

/* The field at the start of rest, without blanks around it, and how long it is there. */
static size_t
take_field(str rest, str *field, struct arena *a)
{
    size_t end = rest.n && rest.p[0] == '"' ? quoted_end(rest, 0) : 0;
    if (end && end != STR_NONE && rest.p[end - 1] == '"' && end >= 2) {
        *field = str_trim(unquote(str_of(rest.p + 1, end - 2), '"', a));
        return end;
    }
    end = str_find_char(rest, ',');
    *field = str_trim(str_head(rest, end));
    return end < rest.n ? end : rest.n;
}

static enum exchange_column
column_from(str name)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        if (names[i].n == name.n && str_ieq(names[i], name))
            return (enum exchange_column)i;
    return COLUMN_COUNT;
}

bool
exchange_layout_read(struct exchange_layout *l, str fields)
{
    struct exchange_layout read = { .n = 0 };
    bool has_event = false;
    for (str rest = str_trim(fields); rest.n && read.n < EXCHANGE_MAX_FIELDS;) {
        struct str_cut c = str_cut(rest, ',');
        str name = str_trim(c.head);
        if (str_unwrap(name, '"', '"').n)
            name = str_unwrap(name, '"', '"');
        enum exchange_column column = column_from(name);
        has_event |= column == COLUMN_EVENT;
        read.column[read.n++] = (unsigned char)column;
        rest = c.tail;
    }
    if (has_event)
        *l = read;
    return has_event;
}

/* The columns of a file without its header: those of its version, which their number tells. */
static unsigned
default_column(size_t place, size_t n)
{
    if (n <= OLD_COLUMNS && place >= COLUMN_NETWORK_ID)
        place++;
    return place < COLUMN_COUNT ? (unsigned)place : COLUMN_COUNT;
}

static bool
is_capitals(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_alpha(s.p[i]))
            return false;
    return s.n > 0;
}

bool
exchange_row_read(struct exchange_row *row, const struct exchange_layout *l, str record, struct arena *a)
{
    str fields[EXCHANGE_MAX_FIELDS];
    size_t n = 0;
    *row = (struct exchange_row){ .at = WHEN_NONE };
    for (str rest = str_skip_mark(record); n < EXCHANGE_MAX_FIELDS;) {
        str *field = &fields[n];
        if (n < l->n && l->column[n] < COLUMN_COUNT)
            field = &row->f[l->column[n]];
        n++;
        size_t end = 0;
        if (rest.n && rest.p[0] == ',') /* most say nothing */
            *field = str_of(rest.p, 0);
        else
            end = take_field(rest, field, a);
        if (end >= rest.n || rest.p[end] != ',')
            break;
        rest.p += end + 1;
        rest.n -= end + 1;
    }
    for (size_t i = 0; l->n == 0 && i < n; i++)
        if (default_column(i, n) < COLUMN_COUNT)
            row->f[default_column(i, n)] = fields[i];
    struct when_result stamp = when_rfc3339(row->f[COLUMN_DATE_TIME]);
    if (!stamp.ok || stamp.rest.n)
        return false;
    row->at = stamp.at;
    row->civil = stamp.civil;
    row->offset_s = stamp.offset_s;
    return is_capitals(row->f[COLUMN_EVENT]) && is_capitals(row->f[COLUMN_SOURCE]);
}

/* Inside of fields ---------------------------------------------------------------------------------- */

struct exchange_list
exchange_list_of(str field)
{
    return (struct exchange_list){ field, field.n > 0 };
}

/* Where a member ends.  A semicolon that a blank follows is part of a reply ("not found; gone"). */
static size_t
member_end(str s)
{
    if (str_starts(s, S("[{"))) {
        size_t close = str_find(s, S("}];"));
        return close == STR_NONE ? s.n : close + 2;
    }
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ';' && (i + 1 == s.n || s.p[i + 1] != ' '))
            return i;
    return s.n;
}

bool
exchange_list_next(struct exchange_list *l, str *member, struct arena *a)
{
    str s = l->rest;
    if (!l->more)
        return false;
    size_t end = STR_NONE;
    if (s.n >= 2 && s.p[0] == '\'') {
        for (size_t i = 1; i < s.n && end == STR_NONE; i++) {
            if (s.p[i] != '\'')
                continue;
            if (i + 1 == s.n || s.p[i + 1] == ';')
                end = i + 1;
            else if (s.p[i + 1] == '\'')
                i++;
            else
                break; /* an apostrophe, not a quote */
        }
    }
    if (end != STR_NONE) {
        *member = unquote(str_of(s.p + 1, end - 2), '\'', a);
    } else {
        end = member_end(s);
        *member = str_trim(str_head(s, end));
    }
    l->more = end < s.n;
    l->rest = str_skip(s, end + 1);
    return true;
}

/* "{KEY=value}" in "[{LRT=...};{LED=...};{FQDN=...};{IP=...}]". */
static str
braced(str s, str key)
{
    size_t at = str_find(s, key);
    if (at == STR_NONE)
        return (str){ 0 };
    str value = str_skip(s, at + key.n);
    size_t end = str_find(value, S("};{"));
    if (end == STR_NONE)
        end = str_find(value, S("}]"));
    return str_trim(end == STR_NONE ? value : str_head(value, end));
}

struct exchange_status
exchange_status_read(str member)
{
    if (!str_starts(member, S("[{")))
        return (struct exchange_status){ .reply = member };
    return (struct exchange_status){ .reply = braced(member, S("{LED=")),
                                     .host = braced(member, S("{FQDN=")),
                                     .ip = braced(member, S("{IP=")) };
}

str
exchange_custom(str custom, str key)
{
    if (!str_has(custom, key)) /* mostly */
        return (str){ 0 };
    for (str rest = custom; rest.n;) {
        struct str_cut member = str_cut(rest, ';');
        struct str_cut typed = str_cut(member.head, ':'); /* S, I32, F, Dbl, Dt */
        struct str_cut pair = str_cut(typed.found ? typed.tail : member.head, '=');
        if (pair.found && str_eq(str_trim(pair.head), key))
            return str_trim(pair.tail);
        rest = member.tail;
    }
    return (str){ 0 };
}

str
exchange_ip(str s)
{
    if (s.n && s.p[0] == '[') {
        size_t end = str_find_char(s, ']');
        return end == STR_NONE ? s : str_of(s.p + 1, end - 1);
    }
    struct str_cut c = str_rcut(s, ':');
    return c.found && str_has(c.head, S(".")) && str_find_char(c.head, ':') == STR_NONE ? c.head : s;
}
