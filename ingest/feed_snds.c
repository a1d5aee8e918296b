/* Microsoft SNDS: the CSV of data (an address and a period a line, no line of names) and that of blocked
 * addresses.  Complaint rates come as classes ("< 0.1%"): the bound is kept. */
#include "feed.h"

/* The columns of the data file, in their order. */
enum {
    SNDS_IP,
    SNDS_BEGIN,
    SNDS_END,
    SNDS_RCPT,
    SNDS_DATA,
    SNDS_RECIPIENTS,
    SNDS_FILTER,
    SNDS_COMPLAINTS,
    SNDS_TRAP_BEGIN,
    SNDS_TRAP_END,
    SNDS_TRAPS,
    SNDS_HELO,
    SNDS_MAIL_FROM,
    SNDS_COMMENTS,
    SNDS_COLUMNS
};

static bool
is_address(str s)
{
    bool mark = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = str_lower_char(s.p[i]);
        mark |= c == '.' || c == ':';
        if (!str_is_digit(c) && c != '.' && c != ':' && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return mark && s.n >= 3 && s.n <= 45;
}

static int64_t
count_of(str s)
{
    int64_t n;
    return str_to_i64(s, &n) && n >= 0 ? n : -1;
}

static bool
is_filter_word(str s)
{
    return str_ieq(s, S("GREEN")) || str_ieq(s, S("YELLOW")) || str_ieq(s, S("RED"));
}

static bool
read_data(struct arena *a, struct reputation *r, const str *cells, size_t n)
{
    static const struct {
        int column;
        const char *name;
    } more[] = { { SNDS_COMPLAINTS, "complaints" }, { SNDS_HELO, "helo" },
                 { SNDS_MAIL_FROM, "mail from" },   { SNDS_TRAP_BEGIN, "traps from" },
                 { SNDS_TRAP_END, "traps until" },  { SNDS_COMMENTS, "comments" } };
    if (n < SNDS_COMPLAINTS + 1 || !is_address(cells[SNDS_IP]))
        return false;
    r->begin_at = feed_day(cells[SNDS_BEGIN]);
    r->end_at = feed_day(cells[SNDS_END]);
    if (r->begin_at == WHEN_NONE)
        return false;
    r->is_ip = true;
    r->subject = cells[SNDS_IP];
    r->rcpt_commands = count_of(cells[SNDS_RCPT]);
    r->data_commands = count_of(cells[SNDS_DATA]);
    r->recipients = count_of(cells[SNDS_RECIPIENTS]);
    r->spam_rate = feed_share(cells[SNDS_COMPLAINTS]);
    feed_figure(r, a, S("reputation"), cells[SNDS_FILTER]);
    r->trap_hits = n > SNDS_TRAPS ? count_of(cells[SNDS_TRAPS]) : -1;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if ((size_t)more[i].column < n && cells[more[i].column].n) {
            str said = arena_join(a, str_from(more[i].name), S(": "), cells[more[i].column]);
            r->detail = r->detail.n ? arena_join(a, r->detail, S("; "), said) : said;
        }
    return true;
}

/* first address, last address, blocked, why: of today, as the file says no time. */
static bool
read_status(struct reputation *r, const str *cells, size_t n, when at)
{
    if (n < 3 || n > 5 || !is_address(cells[0]) || !is_address(cells[1]))
        return false;
    r->begin_at = at - at % WHEN_DAY;
    r->end_at = r->begin_at + WHEN_DAY;
    r->is_ip = true;
    r->subject = cells[0];
    r->domain = str_eq(cells[0], cells[1]) ? (str){ 0 } : cells[1];
    r->word = str_ieq(cells[2], S("Yes")) ? S("blocked") : S("not blocked");
    r->detail = n > 3 ? cells[3] : (str){ 0 };
    return true;
}

static bool
take_row(struct sink *sink, struct arena *a, const str *cells, size_t n, struct origin o, str whole,
         when file_at)
{
    struct reputation r = feed_record("microsoft");
    r.origin = o;
    if (!read_data(a, &r, cells, n) && !read_status(&r, cells, n, file_at)) {
        if (n && str_istarts(cells[0], S("IP"))) { /* a line of names, where someone added one */
            account_ignore(sink->account, o.length);
            return true;
        }
        return sink_reject(sink, 0, o, whole, "not a line of SNDS");
    }
    if (r.domain.n) { /* a range of addresses: its end stands in the detail */
        str range = arena_join(a, S("up to "), S(""), r.domain);
        r.detail = r.detail.n ? arena_join(a, range, S("; "), r.detail) : range;
        r.domain = (str){ 0 };
    }
    account_record(sink->account, o.length, r.begin_at);
    return feed_put(sink, &r);
}

static bool
snds_read(struct source *s, const struct ingest_options *options, struct sink *sink)
{
    struct arena a = { 0 };
    str cells[FEED_MAX_CELLS];
    when file_at = s->modified_at ? s->modified_at * WHEN_SECOND : options->now;
    char between = csv_separator(str_head(s->window, FEED_HEAD));
    bool good = true;
    size_t length;
    while (good && (good = csv_next(s, between, &length, &sink->diag)) && length) {
        arena_reset(&a);
        str whole = str_head(s->window, length);
        size_t n = csv_fields(whole, between, cells, FEED_MAX_CELLS, &a);
        if (str_trim(whole).n == 0)
            account_ignore(sink->account, length);
        else
            good = take_row(sink, &a, cells, n, (struct origin){ s->offset, length }, whole, file_at);
        source_take(s, length);
    }
    arena_free(&a);
    return good;
}

static int
snds_recognise(str head, bool eof)
{
    struct arena a = { 0 };
    str cells[FEED_MAX_CELLS];
    char between = csv_separator(str_head(head, FEED_HEAD));
    (void)eof;
    for (int line = 0; line < 2; line++) {
        size_t n =
            csv_fields(str_head(str_cut(head, '\n').head, FEED_HEAD), between, cells, FEED_MAX_CELLS, &a);
        struct reputation r = feed_record("microsoft");
        bool data = n > SNDS_FILTER && is_filter_word(cells[SNDS_FILTER]) && read_data(&a, &r, cells, n);
        bool status = !data && read_status(&r, cells, n, 0) &&
                      (str_ieq(cells[2], S("Yes")) || str_ieq(cells[2], S("No")));
        if (data || status) {
            arena_free(&a);
            return 90;
        }
        head = str_cut(head, '\n').tail;
    }
    arena_free(&a);
    return 0;
}

const struct format format_snds = {
    .name = "snds",
    .kind = "report",
    .description = "Microsoft SNDS: data and blocked addresses (CSV)",
    .recognise = snds_recognise,
    .read = snds_read,
};
