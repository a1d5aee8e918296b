/* Message tracking logs: records, columns, lists, statuses; every event has a sample and none is rejected. */
#include <stdlib.h>

#include "log_exchange.h"
#include "source.h"
#include "tap.h"

extern const struct format format_exchange;

static void
check_records(void)
{
    static const struct {
        const char *in;
        bool eof;
        size_t want;
        const char *what;
    } rows[] = {
        { "a,b\nc", false, 3, "a plain line" },
        { "a,\"b\nc\",d\ne", false, 9, "a quoted line end" },
        { "a,\"b\r\n\"\"c\"\"\"\r\nd", false, 13, "doubled quotes at the end of a field" },
        { "a,\"b\nc,\"d\ne", false, 4, "a quote never closed costs its line" },
        { "a,b\"c\nd", false, 5, "a quote amid a field is none" },
        { "a,\"b\nc", false, STR_NONE, "the rest is not there yet" },
        { "a,\"b\nc", true, 4, "the rest will not come" },
        { "#\"x\ny", false, 3, "a header" },
        { "a,b", true, STR_NONE, "no end" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t got = exchange_record(str_from(rows[i].in), rows[i].eof);
        ok(got == rows[i].want, "record: %s (%zu)", rows[i].what, got);
    }
}

static void
check_lists(void)
{
    static const struct {
        const char *in, *want[4];
    } rows[] = {
        { "", { NULL } },
        { "a@x;b@x", { "a@x", "b@x", NULL } },
        { ";;", { "", "", "", NULL } },
        { "550 5.1.1 R; not found", { "550 5.1.1 R; not found", NULL } },
        { "'550 R; not found';'5 it''s;'", { "550 R; not found", "5 it's;", NULL } },
        { "[{LRT=};{LED=a;b};{IP=}];[{LED=c}]", { "[{LRT=};{LED=a;b};{IP=}]", "[{LED=c}]", NULL } },
        { "'tis;b", { "'tis", "b", NULL } },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exchange_list l = exchange_list_of(str_from(rows[i].in));
        str member;
        size_t n = 0;
        for (; exchange_list_next(&l, &member, &a) && n < 4 && rows[i].want[n]; n++)
            is_str(member, rows[i].want[n], rows[i].in);
        ok(rows[i].want[n] == NULL, "list %s: all members", rows[i].in);
    }
    arena_free(&a);
}

static void
check_fields(void)
{
    struct exchange_status s =
        exchange_status_read(S("[{LRT=1/2/2026};{LED=550 5.1.1 x; y};{FQDN=mx.example.com};{IP=192.0.2.1}]"));
    is_str(s.reply, "550 5.1.1 x; y", "status: reply");
    is_str(s.host, "mx.example.com", "status: host");
    is_str(s.ip, "192.0.2.1", "status: address");
    is_str(exchange_status_read(S("250 ok")).reply, "250 ok", "status: a reply alone");
    is_str(exchange_custom(S("S:A=1;I32:B=2;S:C=x=y"), S("C")), "x=y", "custom data: a value");
    is_str(exchange_custom(S("S:A=1"), S("B")), "", "custom data: not there");
    is_str(exchange_ip(S("192.0.2.1:25")), "192.0.2.1", "address without port");
    is_str(exchange_ip(S("[2001:db8::1]:25")), "2001:db8::1", "address without brackets");
    is_str(exchange_ip(S("fe80::1%5")), "fe80::1%5", "address with a zone");
}

#define COLUMN_NAME(id, name) name ","
#define USUAL                 EXCHANGE_COLUMNS(COLUMN_NAME)

/* The same row under the columns of three versions, and with columns moved. */
static void
check_layouts(void)
{
    static const struct {
        const char *names, *record;
    } rows[] = {
        { NULL, "2026-11-20T12:00:00.100Z,,,,H,,,SMTP,RECEIVE,7,<i@x>,a@x,,1,1,,,s,f@x,f@x,04I: " },
        { NULL, "2026-11-20T12:00:00.100Z,,,,H,,,SMTP,RECEIVE,7,<i@x>,,a@x,,1,1,,,s,f@x,f@x,04I: ,,,,,," },
        { " event-id, source,date-time,message-id,x,recipient-address",
          "RECEIVE,SMTP,\"2026-11-20T12:00:00.100Z\",<i@x>,,a@x" },
        { USUAL, "2026-11-20T12:00:00.100Z,,,,H,,,SMTP,RECEIVE,7,<i@x>,,a@x,,1,1,,,s,f@x,f@x,04I: ,more" },
        { USUAL "later,yet-later",
          "2026-11-20T12:00:00.100Z,,,,H,,,SMTP,RECEIVE,7,<i@x>,,a@x,,1,1,,,s,f@x,f@x,,,,,,,,,,l,y,more" },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exchange_layout l = { .n = 0 };
        struct exchange_row row;
        if (rows[i].names)
            ok(exchange_layout_read(&l, str_from(rows[i].names)), "layout %zu: its names are read", i);
        ok(exchange_row_read(&row, &l, str_from(rows[i].record), &a), "layout %zu: the row is one", i);
        is_str(row.f[COLUMN_RECIPIENTS], "a@x", "layout: recipient");
        is_str(row.f[COLUMN_MESSAGE_ID], "<i@x>", "layout: Message-ID");
        ok(row.at == INT64_C(1795176000100000), "layout %zu: time", i);
    }
    arena_free(&a);
}

/* Reads a sample as lines_read does; notes which events it has. */
static void
read_sample(const char *path, bool *seen)
{
    struct diag d = { 0 };
    struct source s;
    size_t rejects = 0, records = 0;
    if (!ok(source_open(&s, path, &d) && source_slurp(&s, 1 << 20, &d), "%s: can be read", path))
        return;
    format_exchange.begin();
    for (str rest = s.window; rest.n;) {
        size_t n = exchange_record(rest, true);
        str whole = str_trim_right(str_head(rest, n));
        rest = n == STR_NONE ? (str){ 0 } : str_skip(rest, n + 1);
        struct line line = { .whole = whole, .text = whole, .at = WHEN_NONE };
        struct civil civil;
        bool zoned;
        int offset_s;
        format_exchange.frame(whole, &line, &civil, &zoned, &offset_s);
        struct event e = { .at = line.at, .host = line.host };
        format_exchange.parse(&line, &e);
        rejects += e.kind == EVENT_REJECT;
        records++;
        for (size_t i = 0; exchange_event_name(i); i++)
            seen[i] |= e.row && strcmp(e.row, exchange_event_name(i)) == 0;
        for (struct event next = { .at = line.at }; format_exchange.more(&next); next = (struct event){ 0 })
            ;
    }
    ok(rejects == 0 && records > 5, "%s: %zu records, none rejected", path, records);
    source_close(&s);
}

int
main(void)
{
    static bool seen[128];
    check_records();
    check_lists();
    check_fields();
    check_layouts();
    read_sample("samples/exchange/MSGTRK2026112008-1.LOG", seen);
    read_sample("samples/exchange/MSGTRKMS2026112008-1.LOG", seen);
    read_sample("samples/exchange/MSGTRK20261120-1-2010.LOG", seen);
    for (size_t i = 0; exchange_event_name(i); i++)
        ok(seen[i], "event %s has a sample", exchange_event_name(i));
    return done_testing();
}
