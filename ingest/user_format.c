/* Lines of user-defined formats, and what lends such formats to the registry.
 *
 * The registry's functions take no context, so each slot has functions of its
 * own (SLOTS below).  How the files are read is in user_format_file.c. */
#include "stamp.h"
#include "syslog.h"
#include "user_format_impl.h"

struct user_format user_formats[USER_FORMATS_MAX];

bool
user_format_is_listed(str words, str word)
{
    while (words.n) {
        struct str_cut c = str_cut(words, ' ');
        if (c.head.n && str_eq(c.head, word))
            return true;
        words = c.tail;
    }
    return false;
}

str
user_format_last_part(str program)
{
    struct str_cut c = str_rcut(program, '/');
    return c.found ? c.tail : program;
}

bool
user_format_owns(const struct user_format *f, str program)
{
    return user_format_is_listed(f->programs, program) ||
           user_format_is_listed(f->programs, user_format_last_part(program));
}

bool
user_format_frame(const struct user_format *f, str whole, struct line *line, struct civil *civil, bool *zoned,
                  int *offset_s)
{
    str groups[REGEX_MAX_GROUPS + 1];
    if (f->line == NULL || !regex_match(f->line, whole, groups))
        return false;
    str stamp = { 0 };
    line->program = str_from(f->format.name);
    for (int i = 1; i <= regex_groups(f->line); i++) {
        str name = regex_group_name(f->line, i);
        if (groups[i].p == NULL)
            continue;
        if (str_eq(name, S("stamp")))
            stamp = groups[i];
        else if (str_eq(name, S("host")))
            line->host = groups[i];
        else if (str_eq(name, S("program")) && groups[i].n)
            line->program = groups[i];
        else if (str_eq(name, S("text")))
            line->text = groups[i];
        else if (str_eq(name, S("pid"))) {
            struct str_number pid = str_cut_number(groups[i], 18);
            line->pid = pid.ok ? (int64_t)pid.value : 0;
        }
    }
    struct stamp_result r = stamp_read(f->stamp, stamp);
    *civil = r.civil;
    *zoned = r.zoned;
    *offset_s = r.offset_s;
    return r.ok;
}

static int
user_recognise(const struct user_format *f, str head, bool eof, bool (*owns)(str))
{
    if (f->line == NULL)
        return syslog_recognise(head, eof, owns) == 90 ? 91 : 0;
    int lines = 0, ours = 0;
    while (head.n && lines < RECOGNISE_LINES) {
        struct str_cut c = str_cut(head, '\n');
        if (!c.found && !eof)
            break;
        str whole = str_trim_right(c.head);
        struct line line = { .whole = whole };
        struct civil civil;
        bool zoned;
        int offset_s;
        lines += whole.n > 0;
        ours += whole.n > 0 && user_format_frame(f, whole, &line, &civil, &zoned, &offset_s);
        head = c.tail;
    }
    return ours > 0 && 2 * ours > lines ? 95 : 0;
}

static const struct status_word usual[] = {
    { S("sent"), RESULT_SENT },         { S("delivered"), RESULT_SENT },
    { S("accepted"), RESULT_SENT },     { S("ok"), RESULT_SENT },
    { S("success"), RESULT_SENT },      { S("deferred"), RESULT_DEFERRED },
    { S("delayed"), RESULT_DEFERRED },  { S("tempfail"), RESULT_DEFERRED },
    { S("retry"), RESULT_DEFERRED },    { S("bounced"), RESULT_BOUNCED },
    { S("bounce"), RESULT_BOUNCED },    { S("failed"), RESULT_BOUNCED },
    { S("rejected"), RESULT_BOUNCED },  { S("permfail"), RESULT_BOUNCED },
    { S("expired"), RESULT_EXPIRED },   { S("discarded"), RESULT_DISCARDED },
    { S("dropped"), RESULT_DISCARDED },
};

static enum attempt_result
result_of(const struct user_row *row, str status)
{
    if (row->result != RESULT_NONE)
        return row->result;
    for (size_t i = 0; i < row->nwords; i++)
        if (str_ieq(row->words[i].word, status))
            return row->words[i].result;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (str_ieq(usual[i].word, status))
            return usual[i].result;
    return RESULT_NONE;
}

static const struct user_row *
row_of(const struct user_format *f, const char *id)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->rows[i].row.id, id) == 0)
            return &f->rows[i];
    BUG("a row that is not of the format %s", f->format.name);
}

void
user_format_parse(const struct user_format *f, const struct line *line, struct event *e)
{
    if (!log_table_match(f->table, user_format_last_part(line->program), line->text, e)) {
        e->kind = EVENT_REJECT;
        e->why = f->unknown;
        return;
    }
    const struct user_row *row = row_of(f, e->row);
    if (EV(e, MAIL_FROM).p)
        e->flags |= EVENT_HAS_MAIL_FROM;
    str id = str_unwrap(EV(e, MESSAGE_ID), '<', '>');
    if (id.n)
        EV(e, MESSAGE_ID) = id;
    if (e->kind == EVENT_ATTEMPT) {
        e->result = result_of(row, EV(e, STATUS));
        if (e->result == RESULT_NONE) {
            e->kind = EVENT_REJECT;
            e->why = "a status that the format does not name";
            return;
        }
    }
    if (e->kind == EVENT_ATTEMPT || e->kind == EVENT_REFUSAL)
        event_parse_reply(e);
}

#define SLOTS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define SLOT_FUNCTIONS(i)                                                                         \
    static bool owns_##i(str program)                                                             \
    {                                                                                             \
        return user_format_owns(&user_formats[i], program);                                       \
    }                                                                                             \
    static bool frame_##i(str whole, struct line *l, struct civil *c, bool *zoned, int *offset_s) \
    {                                                                                             \
        return user_format_frame(&user_formats[i], whole, l, c, zoned, offset_s);                 \
    }                                                                                             \
    static int recognise_##i(str head, bool eof)                                                  \
    {                                                                                             \
        return user_recognise(&user_formats[i], head, eof, owns_##i);                             \
    }                                                                                             \
    static void parse_##i(const struct line *l, struct event *e)                                  \
    {                                                                                             \
        user_format_parse(&user_formats[i], l, e);                                                \
    }
SLOTS(SLOT_FUNCTIONS)
#define SLOT_ROW(i)   { .owns = owns_##i, .recognise = recognise_##i, .parse = parse_##i },
#define SLOT_FRAME(i) frame_##i,
static const struct format slot_functions[USER_FORMATS_MAX] = { SLOTS(SLOT_ROW) };
static bool (*const slot_frames[USER_FORMATS_MAX])(str, struct line *, struct civil *, bool *,
                                                   int *) = { SLOTS(SLOT_FRAME) };

void
user_format_begin(struct user_format *f)
{
    f->format = slot_functions[f - user_formats];
}

void
user_format_own_lines(struct user_format *f)
{
    f->format.frame = slot_frames[f - user_formats];
}
