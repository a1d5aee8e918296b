/* Message tracking logs of Microsoft Exchange: which files are such logs, and their rows as events.
 *
 * Header lines may come again amid a file (logs that were put together), with
 * other columns.  What a row means stands in log_exchange_events.c. */
#include "log_exchange.h"

#include <stdlib.h>

enum { RECOGNISE_LINES = 40, HOST_MAX = 256 };

/* Of the source being read. */
static struct {
    struct exchange_layout layout;
    struct arena arena; /* of one row */
    char host[HOST_MAX];
    size_t host_n;
    struct exchange_row row; /* what the framing read, for the parser that comes next */
    str row_of;
} state;

/* The row of a record; many fields, so it is cut but once. */
static bool
read_row(str record)
{
    state.row_of = (str){ 0 };
    arena_reset(&state.arena);
    if (!exchange_row_read(&state.row, &state.layout, record, &state.arena))
        return false;
    state.row_of = record;
    return true;
}

static void
exchange_begin(void)
{
    state.row_of = (str){ 0 };
    state.layout = (struct exchange_layout){ .n = 0 };
    state.host_n = 0;
    exchange_memory_clear();
    exchange_forget_row();
}

struct kept {
    struct exchange_layout layout;
    char host[HOST_MAX];
    size_t host_n;
    struct exchange_memory *memory;
};

static void *
exchange_suspend(void)
{
    struct kept *k = xcalloc(1, sizeof *k);
    k->layout = state.layout;
    memcpy(k->host, state.host, sizeof k->host);
    k->host_n = state.host_n;
    k->memory = exchange_memory_swap(NULL);
    return k;
}

static void
exchange_resume(void *kept)
{
    struct kept *k = kept;
    state.layout = k->layout;
    memcpy(state.host, k->host, sizeof state.host);
    state.host_n = k->host_n;
    exchange_memory_swap(k->memory);
    free(k);
}

static bool
exchange_is_header(str whole)
{
    return str_starts(str_skip_mark(whole), S("#"));
}

/* A row names its writer mostly; where it does not, it is that of the row before. */
static str
writer_of(const struct exchange_row *row)
{
    str host = exchange_writer(row);
    if (host.n && host.n <= HOST_MAX) {
        memcpy(state.host, host.p, host.n);
        state.host_n = host.n;
    }
    return str_of(state.host, state.host_n);
}

static bool
starts_with_time(str s)
{
    s = str_skip_mark(s);
    if (s.n && s.p[0] == '"')
        s = str_skip(s, 1);
    return s.n > 20 && str_is_digit(s.p[0]) && s.p[4] == '-' && s.p[10] == 'T';
}

static bool
exchange_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    if (!starts_with_time(whole) || !read_row(whole))
        return false;
    out->whole = out->text = whole;
    out->host = writer_of(&state.row);
    *civil = state.row.civil;
    *zoned = true;
    *offset_s = state.row.offset_s;
    return true;
}

static void
exchange_parse(const struct line *line, struct event *e)
{
    str header = str_skip_mark(line->whole);
    bool framed = line->whole.p == state.row_of.p && line->whole.n == state.row_of.n;
    exchange_forget_row();
    if (str_starts(header, S("#"))) {
        if (str_ieq(str_head(header, 8), S("#Fields:")))
            exchange_layout_read(&state.layout, str_skip(header, 8));
        e->kind = EVENT_IGNORED;
        e->why = "header of a message tracking log";
        return;
    }
    if (!framed && !read_row(line->whole)) {
        e->kind = EVENT_REJECT;
        e->why = "not a row of a message tracking log";
        return;
    }
    state.row_of = (str){ 0 };
    state.row.host = line->host;
    exchange_first(&state.row, e, &state.arena);
}

/* Exchange writes other logs of the same form: the header names the type, a row the event. */
static int
exchange_recognise(str head, bool eof)
{
    struct exchange_layout none = { .n = 0 };
    struct arena a = { 0 };
    int sure = 0;
    for (int i = 0; i < RECOGNISE_LINES && head.n && sure == 0; i++) {
        struct str_cut c = str_cut(head, '\n');
        str line = str_trim_right(str_skip_mark(c.head));
        struct exchange_row row;
        if (str_ieq(str_head(line, 10), S("#Log-Type:"))) {
            if (str_ifind(line, S("Message Tracking Log")) == STR_NONE)
                break;
            sure = 95;
        } else if (str_ieq(str_head(line, 8), S("#Fields:"))) {
            if (!exchange_layout_read(&none, str_skip(line, 8)))
                break;
            sure = 95;
        } else if ((c.found || eof) && starts_with_time(line) && exchange_row_read(&row, &none, line, &a)) {
            sure = row.rule ? 90 : 0;
        }
        head = c.tail;
    }
    arena_free(&a);
    return sure;
}

static bool
exchange_owns(str program)
{
    (void)program; /* never through syslog */
    return false;
}

const struct format format_exchange = {
    .name = "exchange",
    .kind = "log",
    .description = "Microsoft Exchange message tracking logs (CSV), 2007 and later",
    .recognise = exchange_recognise,
    .owns = exchange_owns,
    .frame = exchange_frame,
    .parse = exchange_parse,
    .begin = exchange_begin,
    .suspend = exchange_suspend,
    .resume = exchange_resume,
    .more = exchange_next,
    .has_more = exchange_has_next,
    .is_header = exchange_is_header,
    .record = exchange_record,
};
