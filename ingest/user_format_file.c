/* Reads files of formats, and proves their rows by their samples.
 *
 * Formats stay until the process ends. */
#include <stdlib.h>

#include "stamp.h"
#include "syslog.h"
#include "user_format_impl.h"

static size_t used;
static struct arena arenas[USER_FORMATS_MAX + 1]; /* one a file: each has a format at least */

struct reader {
    struct arena *arena; /* the file's */
    const char *path;
    int number;
    struct diag *diag;
    size_t first, now;     /* slots: the file's first, and the one behind its last */
    struct user_format *f; /* NULL before any */
    struct user_row *row;  /* NULL in the head of a format */
    size_t rows_room;
};

static bool
wrong_at(struct reader *r, int number, const char *why, str what)
{
    return diag_set(r->diag, EXIT_USAGE, "%s:%d: %s%.*s", r->path, number, why, PRSTR(str_head(what, 120)));
}

static bool
wrong(struct reader *r, const char *why, str what)
{
    return wrong_at(r, r->number, why, what);
}

static bool
is_name(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_alpha(s.p[i]) && !str_is_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return s.n > 0 && s.n <= NAME_BYTES;
}

static struct regex *
new_regex(struct reader *r, str pattern)
{
    struct diag d = { 0 };
    struct regex *regex = regex_new(arena_z(r->arena, pattern), &d);
    if (regex == NULL)
        wrong(r, d.text, (str){ 0 });
    return regex;
}

static bool
read_result(struct reader *r, str value, enum attempt_result *out)
{
    for (enum attempt_result i = RESULT_SENT; i <= RESULT_DISCARDED; i++)
        if (str_eq(attempt_result_word(i), value)) {
            *out = i;
            return true;
        }
    return wrong(r, "a result is sent, deferred, bounced, expired or discarded, not ", value);
}

static bool
read_kind(struct reader *r, str value)
{
    for (enum event_kind k = EVENT_ARRIVAL; k <= EVENT_IGNORED; k++)
        if (str_eq(event_kind_word(k), value)) {
            r->row->row.kind = k;
            r->row->has_kind = true;
            if (!r->row->has_flags)
                r->row->row.flags = k == EVENT_ARRIVAL   ? EVENT_BIRTH
                                    : k == EVENT_REMOVAL ? EVENT_FINAL_REMOVAL
                                                         : 0;
            return true;
        }
    return wrong(r, "no kind is called ", value);
}

static bool
read_flags(struct reader *r, str value)
{
    static const struct {
        const char *word;
        unsigned flag;
    } words[] = {
        { "birth", EVENT_BIRTH },         { "active", EVENT_ACTIVE },           { "held", EVENT_HELD },
        { "released", EVENT_RELEASED },   { "discarded", EVENT_DISCARDED },     { "deleted", EVENT_DELETED },
        { "expired", EVENT_EXPIRED },     { "requeued", EVENT_REQUEUED },       { "local", EVENT_LOCAL },
        { "final", EVENT_FINAL_REMOVAL }, { "refused", EVENT_MESSAGE_REFUSED }, { "none", 0 },
    };
    r->row->row.flags = 0;
    r->row->has_flags = true;
    while (value.n) {
        struct str_cut c = str_cut(value, ' ');
        size_t i = 0, n = sizeof words / sizeof *words;
        while (i < n && !str_eq(str_from(words[i].word), c.head))
            i++;
        if (i == n && c.head.n)
            return wrong(r, "no flag is called ", c.head);
        if (i < n)
            r->row->row.flags |= words[i].flag;
        value = c.tail;
    }
    return true;
}

/* The groups of a row's pattern are fields of events. */
static bool
read_pattern(struct reader *r, str value)
{
    struct regex *regex = new_regex(r, value);
    if (regex == NULL)
        return false;
    for (int i = 1; i <= regex_groups(regex); i++) {
        str name = regex_group_name(regex, i);
        if (name.n && event_field_from(name) == FIELD_COUNT) {
            wrong(r, "no field is called ", name);
            regex_free(regex);
            return false;
        }
    }
    regex_free(regex);
    r->row->row.pattern = arena_z(r->arena, value);
    return true;
}

static bool
read_row_key(struct reader *r, str key, str value)
{
    struct user_row *u = r->row;
    if (str_eq(key, S("kind")))
        return read_kind(r, value);
    if (str_eq(key, S("program")))
        u->row.program = arena_z(r->arena, value);
    else if (str_eq(key, S("needle")))
        u->row.needle = arena_z(r->arena, value);
    else if (str_eq(key, S("pattern")))
        return read_pattern(r, value);
    else if (str_eq(key, S("flags")))
        return read_flags(r, value);
    else if (str_eq(key, S("result")))
        return read_result(r, value, &u->result);
    else if (str_eq(key, S("action")) || str_eq(key, S("why")))
        u->row.value = arena_z(r->arena, value);
    else if (str_eq(key, S("stage"))) {
        u->row.stage = stage_from(value);
        return u->row.stage != STAGE_UNKNOWN || wrong(r, "no stage is called ", value);
    } else if (str_eq(key, S("sample"))) {
        if (u->nsamples == SAMPLES_MAX)
            return wrong(r, "more than 16 samples in the row ", str_from(u->row.id));
        u->samples[u->nsamples++] = (struct sample){ arena_copy(r->arena, value), r->number };
    } else if (str_starts(key, S("status "))) {
        if (u->nwords == WORDS_MAX)
            return wrong(r, "more than 16 words of status in the row ", str_from(u->row.id));
        struct status_word *w = &u->words[u->nwords++];
        w->word = arena_copy(r->arena, str_trim(str_skip(key, 7)));
        return read_result(r, value, &w->result);
    } else
        return wrong(r, "a row has no key ", key);
    return true;
}

static bool
read_line_pattern(struct reader *r, str value)
{
    static const str allowed = S(" stamp host program pid text ");
    bool stamp = false, text = false;
    if (r->f->line)
        return wrong(r, "line= stands twice", (str){ 0 });
    r->f->line = new_regex(r, value);
    user_format_own_lines(r->f);
    for (int i = 1; r->f->line && i <= regex_groups(r->f->line); i++) {
        str name = regex_group_name(r->f->line, i);
        if (name.n && !user_format_is_listed(allowed, name))
            return wrong(r, "a line has stamp, host, program, pid and text, no ", name);
        stamp |= str_eq(name, S("stamp"));
        text |= str_eq(name, S("text"));
    }
    if (r->f->line == NULL)
        return false;
    return (stamp && text) || wrong(r, "line= needs the groups stamp and text", (str){ 0 });
}

static bool
read_format_key(struct reader *r, str key, str value)
{
    struct user_format *f = r->f;
    if (str_eq(key, S("description")))
        f->format.description = arena_z(r->arena, value);
    else if (str_eq(key, S("program")))
        f->programs = arena_copy(r->arena, value);
    else if (str_eq(key, S("line")))
        return read_line_pattern(r, value);
    else if (str_eq(key, S("stamp"))) {
        f->stamp = arena_copy(r->arena, value);
        return stamp_form_ok(value) || wrong(r, "no form of a time stamp: ", value);
    } else
        return wrong(r, "a format has no key ", key);
    return true;
}

/* Proving ------------------------------------------------------------------------------------------ */

static bool
prove_sample(struct reader *r, const struct user_format *f, const struct user_row *row,
             const struct sample *s)
{
    struct framed framed = { .line = { .whole = s->line, .at = WHEN_NONE } };
    int offset_s;
    bool own = f->line != NULL &&
               user_format_frame(f, s->line, &framed.line, &framed.civil, &framed.zoned, &offset_s);
    if (f->line && !own)
        return wrong_at(r, s->number, "the format's line= or stamp= does not fit the sample: ", s->line);
    if (!own && !syslog_frame(s->line, &framed))
        return wrong_at(r, s->number, "the sample is no syslog line: ", s->line);
    if (!own && !user_format_owns(f, framed.line.program))
        return wrong_at(r, s->number, "the sample's program is not of the format: ", framed.line.program);
    framed.line.text = str_trim_right(framed.line.text);
    struct event e = { .at = WHEN_NONE };
    user_format_parse(f, &framed.line, &e);
    if (e.row == NULL)
        return wrong_at(r, s->number, "no row matches the sample: ", s->line);
    if (strcmp(e.row, row->row.id) != 0)
        return wrong_at(r, s->number, "the sample is matched by another row: ", str_from(e.row));
    if (e.kind == EVENT_REJECT)
        return wrong_at(r, s->number, "the sample has a status that no status= names: ", EV(&e, STATUS));
    if (log_table_count(f->table, user_format_last_part(framed.line.program), framed.line.text) > 1)
        return wrong_at(r, s->number, "the sample is matched by more than one row: ", s->line);
    return true;
}

static bool
prove_row(struct reader *r, const struct user_format *f, const struct user_row *row)
{
    if (row->nsamples == 0)
        return wrong_at(r, row->number, "no sample of the row ", str_from(row->row.id));
    for (size_t i = 0; i < row->nsamples; i++)
        if (!prove_sample(r, f, row, &row->samples[i]))
            return false;
    return true;
}

/* The row that was being read is whole. */
static bool
end_row(struct reader *r)
{
    struct user_row *u = r->row;
    if (u == NULL)
        return true;
    str id = str_from(u->row.id);
    if (!u->has_kind)
        return wrong_at(r, u->number, "no kind= in the row ", id);
    if (u->row.pattern == NULL && u->row.needle[0] == '\0')
        return wrong_at(r, u->number, "neither pattern= nor needle= in the row ", id);
    if (u->row.kind == EVENT_IGNORED && u->row.value == NULL)
        return wrong_at(r, u->number, "no why= in the ignored row ", id);
    bool has_status = u->row.pattern && str_has(str_from(u->row.pattern), S("<status>"));
    if (u->row.kind == EVENT_ATTEMPT && u->result == RESULT_NONE && !has_status)
        return wrong_at(r, u->number, "neither result= nor a group status in the row ", id);
    r->row = NULL;
    return true;
}

static bool
end_format(struct reader *r)
{
    struct user_format *f = r->f;
    if (f == NULL)
        return true;
    if (!end_row(r))
        return false;
    str name = str_from(f->format.name);
    if (f->n == 0)
        return wrong_at(r, f->number, "no row in the format ", name);
    if (f->programs.n == 0 && f->line == NULL)
        return wrong_at(r, f->number, "neither program= nor line= in the format ", name);
    struct log_row *rows = ARENA_ARRAY(r->arena, struct log_row, f->n);
    for (size_t i = 0; i < f->n; i++)
        rows[i] = f->rows[i].row;
    f->table = log_table_new(rows, f->n);
    for (size_t i = 0; i < f->n; i++)
        if (!prove_row(r, f, &f->rows[i]))
            return false;
    r->f = NULL;
    return true;
}

static bool
begin_format(struct reader *r, str name)
{
    if (!is_name(name))
        return wrong(r, "a name is of letters, digits, - _ . and at most 32 of them, not ", name);
    if (format_find(name))
        return wrong(r, "there is a format called ", name);
    for (size_t i = r->first; i < r->now; i++)
        if (str_eq(str_from(user_formats[i].format.name), name))
            return wrong(r, "there is a format called ", name);
    if (r->now == USER_FORMATS_MAX)
        return wrong(r, "more than 16 formats", (str){ 0 });
    r->f = &user_formats[r->now];
    *r->f = (struct user_format){ .number = r->number };
    user_format_begin(r->f);
    r->now++;
    r->rows_room = 0;
    r->f->format.name = arena_z(r->arena, name);
    r->f->format.kind = "log";
    r->f->format.description = "of a file of the user's own";
    r->f->unknown = arena_printf(r->arena, "not a known line of %.*s", PRSTR(name)).p;
    return true;
}

static bool
begin_row(struct reader *r, str name)
{
    struct user_format *f = r->f;
    if (f == NULL)
        return wrong(r, "a row before any format: ", name);
    if (!is_name(name))
        return wrong(r, "a name is of letters, digits, - _ . and at most 32 of them, not ", name);
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(str_from(f->rows[i].row.id), name))
            return wrong(r, "there is a row called ", name);
    if (f->n == USER_ROWS_MAX)
        return wrong(r, "more than 256 rows", (str){ 0 });
    ARENA_PUSH(r->arena, f->rows, f->n, r->rows_room) =
        (struct user_row){ .row = { .id = arena_z(r->arena, name), .program = "*", .needle = "" },
                           .number = r->number };
    r->row = &f->rows[f->n - 1];
    return true;
}

static bool
read_head(struct reader *r, str line)
{
    str head = str_unwrap(line, '[', ']');
    struct str_cut c = str_cut(head, ' ');
    str name = str_trim(c.tail);
    if (str_eq(c.head, S("format")))
        return end_format(r) && begin_format(r, name);
    if (str_eq(c.head, S("row")))
        return end_row(r) && begin_row(r, name);
    return wrong(r, "a head reads [format NAME] or [row NAME], not ", line);
}

static bool
read_line(struct reader *r, str line)
{
    if (line.p[0] == '[')
        return read_head(r, line);
    struct str_cut c = str_cut(line, '=');
    str key = str_trim(c.head), value = str_trim(c.tail);
    if (!c.found || key.n == 0)
        return wrong(r, "a line reads KEY = VALUE, not ", line);
    if (value.n == 0)
        return wrong(r, "no value behind ", key);
    if (r->f == NULL)
        return wrong(r, "a key before any format: ", key);
    return r->row ? read_row_key(r, key, value) : read_format_key(r, key, value);
}

static void
drop(struct user_format *f)
{
    regex_free(f->line);
    log_table_free(f->table);
    *f = (struct user_format){ 0 };
}

bool
user_formats_load(str bytes, const char *path, struct diag *d)
{
    struct reader r = { .arena = &arenas[used], .path = path, .diag = d, .first = used, .now = used };
    if (bytes.n > USER_FILE_MAX)
        return diag_set(d, EXIT_USAGE, "%s: longer than %d bytes", path, USER_FILE_MAX);
    if (str_find_char(bytes, '\0') != STR_NONE)
        return diag_set(d, EXIT_USAGE, "%s: holds bytes of value 0", path);
    bool good = true;
    for (struct str_cut lines = { .tail = bytes }; good && lines.tail.n;) {
        lines = str_cut(lines.tail, '\n');
        r.number++;
        str line = str_trim(lines.head);
        if (line.n && line.p[0] != '#')
            good = read_line(&r, line);
    }
    good = good && end_format(&r);
    if (good && r.now == r.first)
        good = diag_set(d, EXIT_USAGE, "%s: no format in it", path);
    for (size_t i = r.first; i < r.now; i++) {
        if (good)
            format_add(&user_formats[i].format);
        else
            drop(&user_formats[i]);
    }
    if (good)
        used = r.now;
    else
        arena_free(r.arena);
    return good;
}

void
user_formats_drop(void)
{
    format_drop_added();
    for (size_t i = 0; i < used; i++)
        drop(&user_formats[i]);
    for (size_t i = 0; i < sizeof arenas / sizeof *arenas; i++)
        arena_free(&arenas[i]);
    used = 0;
}
