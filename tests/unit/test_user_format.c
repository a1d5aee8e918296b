/* Files of formats: what is refused, with which line; stamps by their form; lines by the rows. */
#include "user_format.h"

#include "stamp.h"
#include "tap.h"

#define HEAD "[format a]\nprogram = ad\n"
#define ROW  HEAD "[row r]\nkind = session\n"
#define LINE "sample = Nov 21 22:11:35 h ad[1]: "

static void
test_wrong(void)
{
    static const struct {
        const char *file, *why;
    } rows[] = {
        { "", "f: no format in it" },
        { "# nothing\n", "f: no format in it" },
        { "x = y", "f:1: a key before any format: x" },
        { "[row r]", "f:1: a row before any format: r" },
        { "[format]", "f:1: a name is of letters, digits, - _ . and at most 32 of them, not " },
        { "[format a b]", "f:1: a name is of letters, digits, - _ . and at most 32 of them, not a b" },
        { "[formats a]", "f:1: a head reads [format NAME] or [row NAME], not [formats a]" },
        { "[format postfix]", "f:1: there is a format called postfix" },
        { "[format a]\nnonsense", "f:2: a line reads KEY = VALUE, not nonsense" },
        { "[format a]\nprogram =", "f:2: no value behind program" },
        { "[format a]\ncolour = red", "f:2: a format has no key colour" },
        { "[format a]\nstamp = %Q", "f:2: no form of a time stamp: %Q" },
        { "[format a]\nstamp = %H:%M", "f:2: no form of a time stamp: %H:%M" },
        { "[format a]\nline = (?<stamp>.*",
          "f:2: pattern: missing closing parenthesis at byte 11 of \"(?<stamp>.*\"" },
        { "[format a]\nline = (?<stamp>.*)", "f:2: line= needs the groups stamp and text" },
        { "[format a]\nline = (?<stamp>.) (?<text>.) (?<who>.)",
          "f:2: a line has stamp, host, program, pid and text, no who" },
        { HEAD, "f:1: no row in the format a" },
        { "[format a]\n[row r]\nkind = session\nneedle = x\n" LINE "x",
          "f:1: neither program= nor line= in the format a" },
        { HEAD "[row r]\nneedle = x\n" LINE "x", "f:3: no kind= in the row r" },
        { ROW LINE "x", "f:3: neither pattern= nor needle= in the row r" },
        { ROW "needle = x", "f:3: no sample of the row r" },
        { ROW "needle = x\n[row r]", "f:6: there is a row called r" },
        { ROW "pattern = (?<colour>.*)", "f:5: no field is called colour" },
        { ROW "pattern = (", "f:5: pattern: missing closing parenthesis at byte 1 of \"(\"" },
        { ROW "flags = birth red", "f:5: no flag is called red" },
        { ROW "stage = lunch", "f:5: no stage is called lunch" },
        { ROW "result = eaten", "f:5: a result is sent, deferred, bounced, expired or discarded, not eaten" },
        { ROW "status X = eaten",
          "f:5: a result is sent, deferred, bounced, expired or discarded, not eaten" },
        { ROW "colour = red", "f:5: a row has no key colour" },
        { HEAD "[row r]\nkind = lunch", "f:4: no kind is called lunch" },
        { HEAD "[row r]\nkind = ignored\nneedle = x\n" LINE "x", "f:3: no why= in the ignored row r" },
        { HEAD "[row r]\nkind = attempt\nneedle = x\n" LINE "x",
          "f:3: neither result= nor a group status in the row r" },
        { ROW "needle = x\nsample = x", "f:6: the sample is no syslog line: x" },
        { ROW "needle = x\nsample = Nov 21 22:11:35 h bd: x",
          "f:6: the sample's program is not of the format: bd" },
        { ROW "needle = x\n" LINE "y", "f:6: no row matches the sample: Nov 21 22:11:35 h ad[1]: y" },
        { ROW "needle = x\n" LINE "x\n[row s]\nkind = session\nneedle = y\n" LINE "y x",
          "f:10: the sample is matched by another row: r" },
        { ROW "needle = x\n" LINE "x y\n[row s]\nkind = session\nneedle = y\n" LINE "y",
          "f:6: the sample is matched by more than one row: Nov 21 22:11:35 h ad[1]: x y" },
        { HEAD "[row r]\nkind = attempt\npattern = (?<status>\\w+)\n" LINE "odd",
          "f:6: the sample has a status that no status= names: odd" },
        { "[format a]\nline = (?<stamp>\\S+) (?<text>.*)\n[row r]\nkind = session\nneedle = x\nsample = now "
          "x",
          "f:6: the format's line= or stamp= does not fit the sample: now x" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d = { 0 };
        bool good = user_formats_load(str_from(rows[i].file), "f", &d);
        ok(!good && d.code == EXIT_USAGE, "refused: row %zu", i);
        is_str(str_from(d.text), rows[i].why, "and why");
    }
    struct diag d = { 0 };
    ok(!user_formats_load(str_of("[format a]\n\0", 12), "f", &d), "a byte of value 0");
    ok(format_find(S("a")) == NULL, "what is refused is not there");
}

static void
test_stamps(void)
{
    static const struct {
        const char *form, *text, *want;
    } rows[] = {
        { "", "2026-11-21T22:11:35Z", "2026-11-21T22:11:35Z" },
        { "", "2026-11-21 22:11:35.5+01:00", "2026-11-21T21:11:35.500000Z" },
        { "%d/%b/%Y:%H:%M:%S %z", "21/Nov/2026:22:11:35 +0100", "2026-11-21T21:11:35Z" },
        { "%Y/%m/%d %H:%M:%S%f", "2026/11/21 22:11:35,125", "2026-11-21T22:11:35.125000Z" },
        { "%Y/%m/%d %H:%M:%S%f", "2026/11/21 22:11:35", "2026-11-21T22:11:35Z" },
        { "%a %b %e %H:%M:%S %Y", "Sun Nov  1 22:11:35 2026", "2026-11-01T22:11:35Z" },
        { "%a %b %e %H:%M:%S %Y", "Sun Nov 21 22:11:35 2026", "2026-11-21T22:11:35Z" },
        { "%m/%d/%Y %I:%M:%S %p", "11/21/2026 10:11:35 PM", "2026-11-21T22:11:35Z" },
        { "%m/%d/%Y %I:%M:%S %p", "11/21/2026 12:11:35 am", "2026-11-21T00:11:35Z" },
        { "%y%m%d %H%M%S", "261121 221135", "2026-11-21T22:11:35Z" },
        { "%s", "1795299095", "2026-11-21T22:11:35Z" },
        { "%s", "1795299095125", "2026-11-21T22:11:35.125000Z" },
        { "%s", "1795299095125001", "2026-11-21T22:11:35.125001Z" },
        { "%H:%M:%S%% %d.%m.%Y %z", "22:11:35% 21.11.2026 UTC", "2026-11-21T22:11:35Z" },
        { "%Y-%m-%d %H:%M:%S", "2026-11-31 22:11:35", "" },
        { "%Y-%m-%d %H:%M:%S", "2026-11-21 22:11:35 ", "" },
        { "%Y-%m-%d %H:%M:%S", "2026-11-21 22:11", "" },
        { "%Y-%m-%d %H:%M:%S %z", "2026-11-21 22:11:35 +99:00", "" },
        { "%s", "17952990", "" },
        { "%s", "17952990951250011", "" },
        { "%Y-%m-%d %H:%M:%S", "", "" },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stamp_result r = stamp_read(str_from(rows[i].form), str_from(rows[i].text));
        when at = r.ok ? when_from_civil(r.civil) - r.offset_s * WHEN_SECOND : WHEN_NONE;
        is_str(r.ok ? when_format(&a, at) : (str){ 0 }, rows[i].want, rows[i].text);
    }
    arena_free(&a);
    struct stamp_result none = stamp_read(S("%b %d %H:%M:%S"), S("Nov 21 22:11:35"));
    ok(none.ok && none.civil.year == 0 && !none.zoned, "a stamp may lack year and zone");
}

static void
parse(const struct format *f, const char *program, const char *text, struct event *e)
{
    struct line line = { .program = str_from(program), .text = str_from(text) };
    *e = (struct event){ .at = WHEN_NONE };
    f->parse(&line, e);
}

static void
test_lines(void)
{
    static const char file[] =
        "# two of them\r\n"
        "[format acme]\r\n"
        "description = Acme\n"
        "program = acme-in acme-out\n"
        "[row in]\nkind = arrival\nprogram = acme-in\n"
        "pattern = (?<queue_id>\\w+): from=<(?<mail_from>[^>]*)> id=(?<message_id>\\S+)\n"
        "sample = Nov 21 22:11:35 gw acme-in[1]: A1: from=<a@example.com> id=<1@example.com>\n"
        "[row out]\nkind = attempt\nprogram = acme-out\n"
        "pattern = (?<queue_id>\\w+): to=<(?<recipient>[^>]*)> (?<status>\\S+) (?<reply>.*)\n"
        "status DONE = sent\nstatus LATER = deferred\n"
        "sample = 2026-11-21T22:11:35Z gw mail/acme-out[1]: A1: to=<b@example.net> DONE 250 ok\n"
        "[row no]\nkind = refusal\nprogram = acme-in\naction = reject\nstage = envelope\n"
        "pattern = no: (?<reply>.*)\n"
        "sample = Nov 21 22:11:35 gw acme-in: no: 550 5.1.1 nobody\n"
        "[row held]\nkind = session\nflags = held local\nneedle = ^hold\n"
        "sample = Nov 21 22:11:35 gw acme-out: hold A1\n"
        "[format acme2]\n"
        "line = (?<stamp>\\S+ \\S+) (?<host>\\w+) (?<program>\\w+)(?:\\((?<pid>\\d+)\\))? (?<text>.*)\n"
        "stamp = %Y-%m-%d %H:%M:%S%f\n"
        "[row gone]\nkind = removal\npattern = (?<queue_id>\\w+) gone\n"
        "sample = 2026-11-21 22:11:35.125 gw queue(7) A1 gone\n";
    struct diag d = { 0 };
    ok(user_formats_load(str_of(file, sizeof file - 1), "f", &d), "a good file: %s", d.text);
    const struct format *f = format_find(S("acme")), *g = format_find(S("acme2"));
    if (!ok(f && g, "both formats are there"))
        return;
    ok(format_at(0) == f && format_at(1) == g && strcmp(format_at(2)->name, "postfix") == 0,
       "before the built-in ones");
    ok(f->frame == NULL && g->frame != NULL, "one in syslog, one with lines of its own");
    ok(f->owns(S("acme-in")) && f->owns(S("mail/acme-out")) && !f->owns(S("acme")), "programs");
    struct event e;
    parse(f, "acme-in", "B2: from=<> id=<x@example.com>", &e);
    ok(e.kind == EVENT_ARRIVAL && (e.flags & EVENT_BIRTH) && (e.flags & EVENT_HAS_MAIL_FROM) &&
           EV(&e, MAIL_FROM).n == 0 && str_eq(EV(&e, MESSAGE_ID), S("x@example.com")),
       "an arrival from the null sender");
    parse(f, "acme-out", "B2: to=<b@example.net> later 450 4.2.0 wait", &e);
    ok(e.kind == EVENT_ATTEMPT && e.result == RESULT_DEFERRED && str_eq(EV(&e, CODE), S("450")) &&
           str_eq(EV(&e, ENHANCED), S("4.2.0")),
       "an attempt, its word in any case, its codes cut");
    parse(f, "acme-out", "B2: to=<b@example.net> bounced 550 no", &e);
    ok(e.kind == EVENT_ATTEMPT && e.result == RESULT_BOUNCED, "a usual word needs no status=");
    parse(f, "acme-out", "B2: to=<b@example.net> odd 550 no", &e);
    ok(e.kind == EVENT_REJECT, "an unknown word is told");
    parse(f, "acme-in", "no: 550 5.1.1 nobody", &e);
    ok(e.kind == EVENT_REFUSAL && e.stage == STAGE_ENVELOPE && str_eq(EV(&e, ACTION), S("reject")),
       "a refusal");
    parse(f, "acme-out", "hold B2", &e);
    ok(e.kind == EVENT_SESSION && e.flags == (EVENT_HELD | EVENT_LOCAL), "flags");
    parse(f, "acme-in", "something else", &e);
    ok(e.kind == EVENT_REJECT && strcmp(e.why, "not a known line of acme") == 0, "an unknown line");

    str head = S("2026-11-21 22:11:35.125 gw queue(7) A1 gone\n2026-11-21 22:11:36 gw queue A2 gone\n");
    ok(g->recognise(head, true) == 95 && format_recognise(head, true) == g, "its files are recognised");
    ok(g->recognise(S("dear diary\n"), true) == 0, "others are not");
    ok(f->recognise(S("Nov 21 22:11:35 gw acme-in[1]: x\n"), true) == 91, "so are lines in a syslog");
    ok(f->recognise(S("Nov 21 22:11:35 gw cron[1]: x\n"), true) == 0, "a syslog without them is not");
    struct line line = { 0 };
    struct civil civil;
    bool zoned;
    int offset;
    ok(g->frame(S("2026-11-21 22:11:35.125 gw queue(7) A1 gone"), &line, &civil, &zoned, &offset) &&
           line.pid == 7 && str_eq(line.host, S("gw")) && str_eq(line.program, S("queue")) &&
           str_eq(line.text, S("A1 gone")) && civil.micros == 125000 && !zoned,
       "the parts of a line");
    ok(!user_formats_load(str_of(file, sizeof file - 1), "f", &d) &&
           strstr(d.text, "f:2: there is a format called"),
       "a name stands once");
}

int
main(void)
{
    test_wrong();
    test_stamps();
    test_lines();
    return done_testing();
}
