/* Years and zones of stamps that lack them, edges of cut files, and what a resumed run hands out. */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "lines.h"
#include "log_sink.h"
#include "tap.h"

/* 3mPVKl0Mhjz7sXv was made on 5 July 2015, 12:52:11 UTC. */
#define ID               "3mPVKl0Mhjz7sXv"
#define BIRTH(stamp, id) stamp " mx postfix/smtpd[5]: " id ": client=c.example[192.0.2.9]\n"
#define VISIT(stamp) \
    stamp " mx postfix/smtpd[6]: NOQUEUE: reject: RCPT from c[192.0.2.9]: 550 5.7.1 no; proto=SMTP\n"

static const struct clock_case {
    const char *text;
    const char *zone;    /* --timezone, or NULL */
    int year;            /* --year, or 0 */
    const char *written; /* the file's date */
    const char *want;    /* of the first record */
    unsigned assumed;
    const char *what;
} clock_cases[] = {
    { BIRTH("Jul  5 06:52:11", ID), NULL, 0, "2026-03-01T00:00:00Z", "2015-07-05T12:52:11Z", 0,
      "an id tells year and zone" },
    { VISIT("Jul  5 06:52:10") BIRTH("Jul  5 06:52:11", ID), NULL, 0, "2026-03-01T00:00:00Z",
      "2015-07-05T12:52:10Z", 0, "also of the lines before it" },
    { BIRTH("Jul  5 06:52:11", ID), "+02:00", 0, "2026-03-01T00:00:00Z", "2015-07-05T04:52:11Z", 0,
      "a zone that was said rules" },
    { BIRTH("Jul  5 06:52:11", ID), NULL, 2016, "2026-03-01T00:00:00Z", "2016-07-05T12:52:11Z", 0,
      "and a year that was said" },
    { VISIT("Jul  5 06:52:10"), "UTC", 0, "2026-03-01T00:00:00Z", "2025-07-05T06:52:10Z",
      TRANSIT_YEAR_ASSUMED, "without ids: the latest year before the file's date" },
    { VISIT("Mar  1 06:52:10"), "UTC", 0, "2026-03-01T00:00:00Z", "2026-03-01T06:52:10Z",
      TRANSIT_YEAR_ASSUMED, "with a day's grace" },
    { VISIT("Dec 31 23:59:59"), "Europe/Berlin", 0, "2026-01-01T01:00:00Z", "2025-12-31T22:59:59Z",
      TRANSIT_YEAR_ASSUMED, "over the new year" },
    { VISIT("Feb 29 10:00:00"), "UTC", 0, "2026-03-01T00:00:00Z", "2024-02-29T10:00:00Z",
      TRANSIT_YEAR_ASSUMED, "a leap day is of a leap year" },
    { VISIT("Feb 29 10:00:00"), "UTC", 0, "2024-02-20T00:00:00Z", "2020-02-29T10:00:00Z",
      TRANSIT_YEAR_ASSUMED, "that has had it" },
    { VISIT("Jul  5 06:52:10"), "Europe/Berlin", 2020, "2026-03-01T00:00:00Z", "2020-07-05T04:52:10Z", 0,
      "summer time" },
    { VISIT("Jan  5 06:52:10"), "Europe/Berlin", 2020, "2026-03-01T00:00:00Z", "2020-01-05T05:52:10Z", 0,
      "winter time" },
    { VISIT("2020-07-05T06:52:10+02:00"), "UTC", 1999, "2026-03-01T00:00:00Z", "2020-07-05T04:52:10Z", 0,
      "a whole stamp needs no help" },
};

static struct lines_result result; /* of the latest read_into */

static bool
read_into(struct log_sink *s, str text, const struct ingest_options *o, when written, uint64_t resume_at)
{
    struct source source;
    source_open_memory(&source, "test", text);
    source.modified_at = written == WHEN_NONE ? 0 : written / WHEN_SECOND;
    bool good = lines_read(&source, o, format_find(S("postfix")), &s->sink,
                           (struct lines_from){ resume_at, false }, &result);
    s->account.bytes = source.offset;
    source_close(&source);
    return good;
}

static void
test_clock(void)
{
    setenv("TZ", "UTC", 1);
    for (size_t i = 0; i < sizeof clock_cases / sizeof *clock_cases; i++) {
        const struct clock_case *c = &clock_cases[i];
        struct log_sink *s = log_sink_new();
        struct zone zone;
        struct ingest_options o = { .year = c->year, .now = when_now(), .stored_at = WHEN_NONE };
        if (c->zone && zone_init(&zone, str_from(c->zone)))
            o.zone = &zone;
        read_into(s, str_from(c->text), &o, when_rfc3339(str_from(c->written)).at, 0);
        when at = s->account.first_at;
        is_str(at == WHEN_NONE ? S("none") : when_format(&s->arena, at), c->want, c->what);
        if (s->ntransits)
            ok((s->transits[0].flags & (TRANSIT_YEAR_ASSUMED | TRANSIT_ZONE_ASSUMED)) == c->assumed,
               "%s: what was assumed", c->what);
        log_sink_free(s);
    }
}

/* Ids of Exim (base 62) made at a time. */
static str
exim_id(struct arena *a, int64_t seconds)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char id[] = "000000-000000000aB-0001";
    for (int i = 5; i >= 0; i--, seconds /= 62)
        id[i] = digits[seconds % 62];
    return arena_copy(a, str_from(id));
}

/* A line each ten minutes over the end and the beginning of summer time, its stamp in local time, its id telling UTC. */
static void
test_summer_time(void)
{
    static const struct {
        const char *from, *what;
        bool delayed; /* each message is tried again an hour later */
    } cases[] = {
        { "2026-10-24T12:00:00Z", "summer time ends, and ids tell", false },
        { "2026-03-28T12:00:00Z", "it begins", false },
        { "2026-05-01T12:00:00Z", "an hour's delay is none", true },
    };
    enum { LINES_OF_CASE = 1000, EVERY = 600, RETRY = 3630 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log_sink *s = log_sink_new();
        struct zone berlin;
        struct buf text = { 0 };
        struct arena a = { 0 };
        struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
        when from = when_rfc3339(str_from(cases[i].from)).at, at = from;
        zone_init(&berlin, S("Europe/Berlin"));
        setenv("TZ", "UTC", 1);
        for (int n = 0; n < LINES_OF_CASE; n++, at += EVERY * WHEN_SECOND) {
            when summer = at + 2 * WHEN_HOUR, winter = at + WHEN_HOUR;
            when local = zone_to_utc(&berlin, summer) == at ? summer : winter;
            struct civil c = when_to_civil(local);
            bool retry = cases[i].delayed && n >= LINES_OF_CASE / 2;
            str id = exim_id(&a, at / WHEN_SECOND - (retry ? RETRY : 0));
            buf_printf(&text, "%04d-%02d-%02d %02d:%02d:%02d %.*s %s\n", c.year, c.month, c.day, c.hour,
                       c.minute, c.second, PRSTR(id),
                       retry ? "== r@example.com R=dns T=smtp defer (0)" : "<= a@example.com P=local S=500");
        }
        struct source source;
        source_open_memory(&source, "test", buf_str(&text));
        lines_read(&source, &o, format_find(S("exim")), &s->sink, (struct lines_from){ 0 }, &result);
        source_close(&source);
        size_t wrong = s->ntransits != LINES_OF_CASE;
        for (size_t n = 0; n < s->ntransits; n++)
            wrong += s->transits[n].at != from + (when)n * EVERY * WHEN_SECOND;
        is_int((long long)wrong, 0, cases[i].what);
        buf_free(&text);
        arena_free(&a);
        log_sink_free(s);
    }
}

static void
test_order(void)
{
    struct log_sink *s = log_sink_new();
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE, .year = 2025 };
    struct zone zone;
    zone_init(&zone, S("Europe/Berlin"));
    o.zone = &zone;
    read_into(s,
              S(VISIT("Oct 26 02:59:59") VISIT("Oct 26 02:00:01") VISIT("Dec 31 23:59:59")
                    VISIT("Jan  1 00:00:01") VISIT("Dec 31 23:59:58") VISIT("Jan  2 00:00:01")),
              &o, WHEN_NONE, 0);
    static const char *const want[] = { "2025-10-26T00:59:59Z", "2025-10-26T01:00:01Z",
                                        "2025-12-31T22:59:59Z", "2025-12-31T23:00:01Z",
                                        "2025-12-31T22:59:58Z", "2026-01-01T23:00:01Z" };
    for (size_t i = 0; i < s->nrefusals && i < sizeof want / sizeof *want; i++)
        is_str(when_format(&s->arena, s->refusals[i].at), want[i], "by the line before");
    is_int((long long)s->nrefusals, sizeof want / sizeof *want, "all lines");
    log_sink_free(s);
}

/* Gigabytes of NULs stand before the lines of a writer that goes on at its old place in a truncated file. */
static void
test_nuls(void)
{
    enum { NULS = 3 << 20 };
    static const char line[] = VISIT("2026-03-02T10:00:00Z");
    struct buf text = { 0 };
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    for (int i = 0; i < 2; i++) {
        buf_reserve(&text, NULS);
        memset(text.p + text.n, 0, NULS);
        text.n += NULS;
        buf_add(&text, str_from(line));
    }
    struct log_sink *s = log_sink_new();
    struct source source;
    source_open_memory(&source, "test", buf_str(&text));
    ok(format_recognise(format_head(&source, 4096), true) == format_find(S("postfix")), "behind NULs");
    source_close(&source);
    read_into(s, buf_str(&text), &o, WHEN_NONE, 0);
    is_int((long long)s->nrefusals, 2, "no line behind NULs is lost");
    is_int((long long)s->account.ignored, 2 * NULS, "the NULs are ignored");
    is_int((long long)s->refusals[1].origin.offset, 2 * NULS + (long long)sizeof line - 1,
           "and no part of it");
    buf_free(&text);
    log_sink_free(s);
}

/* Text in UTF-16 as read(2) may give it, in pieces of one byte. */
struct dribble {
    str rest;
};
static ssize_t
read_byte(void *ctx, char *p, size_t n)
{
    struct dribble *d = ctx;
    size_t m = d->rest.n && n ? 1 : 0;
    if (m)
        *p = d->rest.p[0];
    d->rest = str_skip(d->rest, m);
    return (ssize_t)m;
}

static void
test_utf16(void)
{
    static const struct {
        str bytes;
        const char *want, *damage, *what;
    } cases[] = {
        { S("\xff\xfe"
            "a\0\xfc\0\xac\x20\x3d\xd8\x00\xde\n\0"),
          "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\n", NULL, "little end first" },
        { S("\xfe\xff\0a\0\xfc\0\n"), "a\xc3\xbc\n", NULL, "big end first" },
        { S("\xff\xfe"
            "a\0\x3d\xd8"
            "b\0\x00\xde"),
          "a\xef\xbf\xbd"
          "b\xef\xbf\xbd",
          NULL, "halves of pairs" },
        { S("\xff\xfe"
            "a\0b"),
          "a", "UTF-16 text ends amid a character", "cut" },
        { S("\xff\xfe<\0a\0"), "\xff\xfe<", NULL, "XML is left as it is" },
        { S("\xff\xfe"), "\xff\xfe", NULL, "nothing but the mark" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source s;
        struct diag d = { 0 };
        struct dribble from = { cases[i].bytes };
        source_open_reader(&s, "test", read_byte, &from, &d);
        source_want(&s, 1000, &d);
        str want = str_from(cases[i].want);
        ok(str_eq(str_head(s.window, want.n), want) && (s.compressed ? s.window.n == want.n : true),
           "UTF-16: %s", cases[i].what);
        is_str(s.damage ? str_from(s.damage) : S(""), cases[i].damage ? cases[i].damage : "", "its damage");
        source_close(&s);
    }
}

#define LINES(n)                                                                                       \
    BIRTH("2026-03-02T10:00:00Z", "3F1A" n)                                                            \
    "2026-03-02T10:00:01Z mx postfix/cleanup[7]: 3F1A" n ": message-id=<m" n "@x>\n"                   \
    "2026-03-02T10:00:02Z mx postfix/qmgr[7]: 3F1A" n ": from=<s@x>, size=1, nrcpt=1 (queue active)\n" \
    "2026-03-02T10:00:03Z mx postfix/smtp[7]: 3F1A" n                                                  \
    ": to=<r@y>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, "                                     \
    "status=deferred (later)\n"

static void
test_edges(void)
{
    static const char text[] = LINES("1") "garbage\n\n" LINES("2");
    size_t whole = sizeof text - 1;
    size_t doubled = 0, lost = 0, uneven = 0;
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    for (size_t cut = 1; cut < whole; cut++) { /* read to the cut, then read on when the file has grown */
        struct log_sink *first = log_sink_new(), *second = log_sink_new();
        read_into(first, str_of(text, cut), &o, WHEN_NONE, 0);
        uint64_t resume = result.resume_offset;
        read_into(second, str_of(text, whole), &o, WHEN_NONE, resume);
        size_t kept = 0; /* of the first run; what stands at or behind resume is taken back */
        for (size_t i = 0; i < first->nattempts; i++)
            kept += first->attempts[i].origin.offset < resume;
        for (size_t i = 0; i < second->nattempts; i++)
            doubled += second->attempts[i].origin.offset < resume;
        lost += kept + second->nattempts < 2;
        doubled += kept + second->nattempts > 2;
        const struct account *a = &second->account;
        uneven += a->recorded + a->rejected + a->ignored != whole;
        a = &first->account;
        uneven += a->recorded + a->rejected + a->ignored != cut;
        log_sink_free(first);
        log_sink_free(second);
    }
    is_int((long long)lost, 0, "cut at any byte and read on, nothing is lost");
    is_int((long long)doubled, 0, "nothing is told twice");
    is_int((long long)uneven, 0, "and the accounts add up");

    size_t again = 0;
    for (size_t cut = 1; cut < whole;
         cut++) /* the same bytes once more: they grew by part of a line, or not */
        for (size_t more = 0; more < 2 && cut + more < whole; more++) {
            struct log_sink *first = log_sink_new(), *second = log_sink_new();
            read_into(first, str_of(text, cut), &o, WHEN_NONE, 0);
            uint64_t resume = result.resume_offset;
            read_into(second, str_of(text, cut + more), &o, WHEN_NONE, resume);
            for (size_t i = 0; i < second->nattempts; i++)
                again += second->attempts[i].origin.offset < resume;
            for (size_t i = 0; i < second->ntransits; i++)
                again += second->transits[i].origin.offset < resume;
            log_sink_free(first);
            log_sink_free(second);
        }
    is_int((long long)again, 0, "a file that grew by less than a line tells nothing again");

    struct log_sink *s = log_sink_new();
    size_t half = 40;
    read_into(s, str_of(text + half, whole - half - 10), &o, WHEN_NONE, 0);
    ok(s->nfragments == 2 && s->fragments[0].is_head != s->fragments[1].is_head, "both edges are kept");
    for (size_t i = 0; i < s->nfragments; i++) {
        const struct fragment *f = &s->fragments[i];
        ok(f->is_head ? str_starts(f->bytes, str_of(text + half, 5)) && str_ends(f->bytes, S("\n"))
                      : str_starts(f->bytes, S("2026-03-02T10:00:03Z")),
           "with their bytes");
    }
    log_sink_free(s);
}

/* What was handed out of a piece that ends anywhere, together with what a reader says who has the rest: of a pipe
 * (without the piece) or of a file (with it, muted). */
static void
test_hand_out(void)
{
    static const char text[] =
        "2026-03-02T10:00:00Z mx postfix/smtpd[5]: connect from c.example[192.0.2.9]\n" LINES("1") LINES("2");
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    size_t born = 0, pieces = 0, attempts = 0, uneven = 0;
    for (int file = 0; file < 2; file++)
        for (size_t cut = 0; cut < sizeof text - 1; cut += str_find_char(str_from(text + cut), '\n') + 1) {
            struct log_sink *s = log_sink_new();
            struct source source;
            source_open_memory(&source, "test", str_of(text, sizeof text - 1));
            struct lines *l =
                lines_open(&source, &o, format_find(S("postfix")), &s->sink, (struct lines_from){ 0 });
            uneven += cut && (!lines_take(l, cut) || !lines_hand_out(l) || source.offset != cut);
            lines_drop(l); /* killed behind the commit */
            source_close(&source);
            struct lines_from from = { file ? cut : 0, cut != 0 };
            size_t skip = file ? 0 : cut;
            source_open_memory(&source, "test", str_of(text + skip, sizeof text - 1 - skip));
            uneven += !lines_read(&source, &o, format_find(S("postfix")), &s->sink, from, &result);
            source_close(&source);
            unsigned flags[2] = { 0 };
            for (size_t i = 0; i < s->ntransits; i++)
                flags[str_eq(s->transits[i].queue_id, S("3F1A2"))] |= s->transits[i].flags;
            born += (flags[0] & TRANSIT_BORN) && (flags[1] & TRANSIT_BORN);
            attempts += s->nattempts == 2;
            pieces++;
            log_sink_free(s);
        }
    ok(uneven == 0 && pieces == 18, "a piece ends where it was asked to");
    is_int((long long)born, (long long)pieces, "cut behind any line, the birth of every message is told");
    is_int((long long)attempts, (long long)pieces, "and every attempt once");
}

static void
test_long_lines(void)
{
    enum { LONG = 2 * LINE_MAX_BYTES + 500 };
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    char *text = malloc(LONG + 1000);
    memset(text, 'x', LONG);
    /* a line of its own, hidden where a reader that cuts at the limit would take it for one */
    static const char hidden[] = BIRTH("2026-03-02T10:00:00Z", "3F1A1");
    memcpy(text + LONG, hidden, sizeof hidden - 1);
    memcpy(text + LINE_MAX_BYTES, hidden, sizeof hidden - 2);
    memcpy(text + 2 * LINE_MAX_BYTES, hidden, sizeof hidden - 2);
    size_t n = LONG + sizeof hidden - 1;
    struct log_sink *s = log_sink_new();
    read_into(s, str_of(text, n), &o, WHEN_NONE, 0);
    is_int((long long)s->account.records, 0, "no part of a line beyond the limit is read");
    ok(s->account.rejected == n && s->nrejects == 3, "it is rejected whole");
    is_int((long long)result.lines, 1, "as one line");
    log_sink_free(s);
    s = log_sink_new();
    text[LONG - 1] = '\n';
    read_into(s, str_of(text, n), &o, WHEN_NONE, 0);
    ok(s->account.records == 1 && result.lines == 2, "the line behind it is read");
    log_sink_free(s);
    free(text);
}

static void
test_kinds(void)
{
    static const struct {
        const char *line, *kind;
    } cases[] = {
        { "2026-03-02T10:00:00Z mx sshd[5]: Accepted publickey\n", "ignored" },
        { "\r\n", "ignored" },
        { "2026-03-02T10:00:00Z mx postfix/smtpd[5]: connect from c[192.0.2.1]\r\n", "recorded" },
        { "2026-03-02T10:00:00Z mx postfix/smtpd[5]: NOQUEUE: something new\n", "rejected" },
        { "2026-02-30T10:00:00Z mx postfix/smtpd[5]: connect from c[192.0.2.1]\n", "rejected" },
        { "\0\0\0\n", "ignored" },
    };
    struct ingest_options o = { .now = when_now(), .stored_at = WHEN_NONE };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log_sink *s = log_sink_new();
        str line = str_from(cases[i].line);
        if (line.n == 0)
            line = S("\0\0\0\n");
        read_into(s, line, &o, WHEN_NONE, 0);
        const struct account *a = &s->account;
        uint64_t got = cases[i].kind[0] == 'i'   ? a->ignored
                       : cases[i].kind[2] == 'c' ? a->recorded
                                                 : a->rejected;
        ok(got == line.n && a->bytes == line.n, "%s: %.40s", cases[i].kind, cases[i].line);
        log_sink_free(s);
    }
}

int
main(void)
{
    test_clock();
    test_summer_time();
    test_order();
    test_nuls();
    test_utf16();
    test_edges();
    test_hand_out();
    test_long_lines();
    test_kinds();
    return done_testing();
}
