/* Message tracking logs as text: records (CSV), columns, and the lists and pairs inside of fields. */
#include "log_exchange_rules.h"

#include "csv.h"

enum { OLD_COLUMNS = 26 /* up to Exchange 2010: no network-message-id */ };

#define NAME(id, name) { name, sizeof name - 1 },
static const str names[] = { EXCHANGE_COLUMNS(NAME) };

/* Records and columns ------------------------------------------------------------------------------- */

size_t
exchange_record(str window, bool eof)
{
    return window.n && window.p[0] == '#' ? str_find_char(window, '\n') : csv_record_end(window, ',', eof);
}

/* Mostly each stands in its usual place. */
static unsigned
column_from(str name, size_t place)
{
    if (place < COLUMN_COUNT && str_ieq(names[place], name))
        return (unsigned)place;
    unsigned i = 0;
    while (i < COLUMN_COUNT && !str_ieq(names[i], name))
        i++;
    return i;
}

bool
exchange_layout_read(struct exchange_layout *l, str fields)
{
    struct exchange_layout read = { .usual = true };
    bool has_event = false;
    for (str rest = str_trim(fields); rest.n && read.n < EXCHANGE_MAX_FIELDS;) {
        struct str_cut c = str_cut(rest, ',');
        str name = str_trim(c.head);
        if (str_unwrap(name, '"', '"').n)
            name = str_unwrap(name, '"', '"');
        unsigned column = column_from(name, read.n);
        has_event |= column == COLUMN_EVENT;
        read.usual &= column < COLUMN_COUNT && column == read.n;
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

static inline unsigned
column_of(const struct exchange_layout *l, size_t place, size_t n)
{
    if (l->n == 0)
        return default_column(place, n);
    return place < l->n ? l->column[place] : COLUMN_COUNT;
}

static bool
is_capitals(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_alpha(s.p[i]))
            return false;
    return s.n > 0;
}

static void
read_fields(str f[COLUMN_COUNT], const struct exchange_layout *l, str record, struct arena *a)
{
    str fields[EXCHANGE_MAX_FIELDS];
    if (l->usual) {
        for (size_t n = csv_fields(record, ',', f, l->n, a); n < COLUMN_COUNT; n++)
            f[n] = (str){ 0 };
        return;
    }
    size_t n = csv_fields(record, ',', fields, EXCHANGE_MAX_FIELDS, a);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        f[i] = (str){ 0 };
    for (size_t i = 0; i < n; i++) {
        unsigned column = column_of(l, i, n);
        if (column < COLUMN_COUNT)
            f[column] = fields[i];
    }
}

bool
exchange_row_read(struct exchange_row *row, const struct exchange_layout *l, str record, struct arena *a)
{
    read_fields(row->f, l, record, a);
    struct when_result stamp = when_rfc3339(row->f[COLUMN_DATE_TIME]);
    if (!stamp.ok || stamp.rest.n)
        return false;
    row->rule = exchange_rule_of(row->f[COLUMN_EVENT]);
    row->at = stamp.at;
    row->civil = stamp.civil;
    row->offset_s = stamp.offset_s;
    row->host = (str){ 0 };
    return (row->rule || is_capitals(row->f[COLUMN_EVENT])) && is_capitals(row->f[COLUMN_SOURCE]);
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
        *member = csv_unquote(str_of(s.p + 1, end - 2), '\'', a);
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
