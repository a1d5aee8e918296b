/* Options and the times they take. */
#include "cli.h"
#include "tap.h"

/* 2026-11-21T22:11:35.5Z, a Saturday */
#define NOW (when_from_civil((struct civil){ 2026, 11, 21, 22, 11, 35, 500000 }))

static const struct {
    const char *in;
    const char *lower, *upper; /* as when_format says; "" where it is no time */
} times[] = {
    /* moments */
    { "2026-11-21T22:11:35Z", "2026-11-21T22:11:35Z", "2026-11-21T22:11:35Z" },
    { "2026-11-21T22:11:35.25+01:00", "2026-11-21T21:11:35.250000Z", "2026-11-21T21:11:35.250000Z" },
    { "2026-11-21 22:11:35", "2026-11-21T22:11:35Z", "2026-11-21T22:11:35Z" },
    { "2026-11-21 22:11", "2026-11-21T22:11:00Z", "2026-11-21T22:11:00Z" },
    { "2026-11-21T22:11+02:00", "2026-11-21T20:11:00Z", "2026-11-21T20:11:00Z" },
    { " now ", "2026-11-21T22:11:35.500000Z", "2026-11-21T22:11:35.500000Z" },
    /* calendar */
    { "2026-11-21", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z" },
    { "2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z" },
    { "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z" },
    { "2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z" },
    { "2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z" },
    { "2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
    /* periods */
    { "today", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z" },
    { "yesterday", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z" },
    { "this-week", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z" },
    { "last-week", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z" },
    { "this-month", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z" },
    { "last-month", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z" },
    { "this-quarter", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z" },
    { "last-quarter", "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z" },
    { "this-year", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
    { "last-year", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z" },
    /* so long ago */
    { "30s", "2026-11-21T22:11:05.500000Z", "2026-11-21T22:11:05.500000Z" },
    { "90m", "2026-11-21T20:41:35.500000Z", "2026-11-21T20:41:35.500000Z" },
    { "90min", "2026-11-21T20:41:35.500000Z", "2026-11-21T20:41:35.500000Z" },
    { "24h", "2026-11-20T22:11:35.500000Z", "2026-11-20T22:11:35.500000Z" },
    { "7d", "2026-11-14T22:11:35.500000Z", "2026-11-14T22:11:35.500000Z" },
    { "2w", "2026-11-07T22:11:35.500000Z", "2026-11-07T22:11:35.500000Z" },
    { "0d", "2026-11-21T22:11:35.500000Z", "2026-11-21T22:11:35.500000Z" },
    { "9mo", "2026-02-21T22:11:35.500000Z", "2026-02-21T22:11:35.500000Z" },
    { "1y", "2025-11-21T22:11:35.500000Z", "2025-11-21T22:11:35.500000Z" },
    /* none */
    { "", "", "" },
    { "soon", "", "" },
    { "7", "", "" },
    { "d", "", "" },
    { "7x", "", "" },
    { "-7d", "", "" },
    { "7 d", "", "" },
    { "9999999d", "", "" },
    { "99999y", "", "" },
    { "2026-13", "", "" },
    { "2026-00", "", "" },
    { "2026-02-29", "", "" },
    { "2026-1-1", "", "" },
    { "2026-", "", "" },
    { "2026-11-", "", "" },
    { "0000", "", "" },
    { "2026-11-21T25:00:00Z", "", "" },
    { "2026-11-21T22:11:35Zulu", "", "" },
    { "2026-11-21T22", "", "" },
    { "2026-11-21T22:", "", "" },
    { "2026-11-21 22:11:35 and much more text than any time could ever have", "", "" },
};

static void
test_times(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        str in = str_from(times[i].in);
        str lower = when_format(&a, opt_time(in, NOW, false)),
            upper = when_format(&a, opt_time(in, NOW, true));
        if (!ok(str_eq(lower, str_from(times[i].lower)) && str_eq(upper, str_from(times[i].upper)),
                "time \"%s\"", times[i].in))
            printf("#      got: %.*s, %.*s\n", PRSTR(lower), PRSTR(upper));
    }
    /* the end of a shorter month */
    when march = when_from_civil((struct civil){ .year = 2026, .month = 3, .day = 31, .hour = 8 });
    is_str(when_format(&a, opt_time(S("1mo"), march, false)), "2026-02-28T08:00:00Z",
           "a month before March 31");
    when monday = when_from_civil((struct civil){ .year = 2026, .month = 11, .day = 16 });
    is_int(opt_time(S("this-week"), monday, false), monday, "a Monday starts its week");
    when old =
        when_from_civil((struct civil){ .year = 1969, .month = 12, .day = 28, .hour = 1 }); /* Sunday */
    is_str(when_format(&a, opt_time(S("this-week"), old, false)), "1969-12-22T00:00:00Z",
           "a week before 1970");
    arena_free(&a);
}

static struct values {
    bool json, all;
    const char *file, *format;
    int64_t year;
    when until, since;
} v;

static const struct opt table[] = {
    { "json", 'j', OPT_FLAG, &v.json },     { "all", 'a', OPT_FLAG, &v.all },
    { "output", 'o', OPT_STRING, &v.file }, { "format", 0, OPT_STRING, &v.format },
    { "year", 0, OPT_INT, &v.year },        { "until", 0, OPT_TIME, &v.until },
    { "since", 0, OPT_TIME, &v.since },     { .name = NULL },
};

static const struct command command = { .name = "try", .arguments = "FILE", .summary = "try", .help = "" };

#define WORDS_MOST 8
static const struct {
    const char *name;
    const char *words[WORDS_MOST];
    int arguments; /* -1: refused */
    const char *first, *last;
} lines[] = {
    { "nothing", { NULL }, 0, NULL, NULL },
    { "arguments", { "a", "b" }, 2, "a", "b" },
    { "options between arguments", { "a", "--json", "b", "--format", "x", "c" }, 3, "a", "c" },
    { "a value behind =", { "--format=x=y", "a" }, 1, "a", "a" },
    { "an empty value", { "--format=", "a" }, 1, "a", "a" },
    { "letters", { "-jo", "x", "a" }, 1, "a", "a" },
    { "letters with a value", { "-jox", "a" }, 1, "a", "a" },
    { "a value that looks like an option", { "--format", "--json", "a" }, 1, "a", "a" },
    { "a dash is an argument", { "-" }, 1, "-", "-" },
    { "behind -- all are arguments", { "--", "--json", "-x" }, 2, "--json", "-x" },
    { "a negative number", { "--year", "-5" }, 0, NULL, NULL },
    { "a flag with a value", { "--json=1" }, -1, NULL, NULL },
    { "a missing value", { "--format" }, -1, NULL, NULL },
    { "a missing value of a letter", { "-o" }, -1, NULL, NULL },
    { "no number", { "--year", "12x" }, -1, NULL, NULL },
    { "an empty number", { "--year=" }, -1, NULL, NULL },
    { "a number too large", { "--year", "99999999999999999999" }, -1, NULL, NULL },
    { "no time", { "--since", "soon" }, -1, NULL, NULL },
    { "unknown", { "--jsom" }, -1, NULL, NULL },
    { "unknown letter", { "-z" }, -1, NULL, NULL },
    { "unknown letter among others", { "-jz" }, -1, NULL, NULL },
};

static void
test_lines(void)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char words[WORDS_MOST + 1][64] = { "try" }, *argv[WORDS_MOST + 2] = { words[0] };
        int argc = 1, code = -1;
        for (int w = 0; w < WORDS_MOST && lines[i].words[w]; w++, argc++) {
            snprintf(words[argc], sizeof words[argc], "%s", lines[i].words[w]);
            argv[argc] = words[argc];
        }
        v = (struct values){ 0 };
        int n = opt_parse(&command, table, argc, argv, &code);
        bool good = n == lines[i].arguments && code == (n < 0 ? EXIT_USAGE : EXIT_FINE);
        if (n > 0)
            good = good && strcmp(argv[1], lines[i].first) == 0 && strcmp(argv[n], lines[i].last) == 0;
        ok(good, "line: %s", lines[i].name);
    }
}

static void
test_values(void)
{
    char *argv[] = { "try", "--json",  "-o",         "file",    "--format=a=b", "--year",
                     "-5",  "--until", "2026-11-21", "--since", "2026-11-21",   NULL };
    int code;
    v = (struct values){ 0 };
    opt_parse(&command, table, 11, argv, &code);
    ok(v.json && !v.all, "flags");
    ok(v.file && strcmp(v.file, "file") == 0 && strcmp(v.format, "a=b") == 0, "texts");
    is_int(v.year, -5, "a number");
    is_int(v.until - v.since, WHEN_DAY, "until means the end of its day");
}

static void
test_nearest(void)
{
    static const char *const names[] = { "ingest", "init", "trace", "report" };
    const char *got = opt_nearest(S("ingset"), names, 4);
    ok(got && strcmp(got, "ingest") == 0, "two letters swapped");
    got = opt_nearest(S("repot"), names, 4);
    ok(got && strcmp(got, "report") == 0, "a letter missing");
    ok(opt_nearest(S("x"), names, 4) == NULL, "nothing near");
    ok(opt_nearest(S(""), names, 4) == NULL, "nothing at all");
    ok(opt_nearest(S("an-option-name-that-is-longer-than-any-of-ours"), names, 4) == NULL, "very long");
}

int
main(void)
{
    test_times();
    test_lines();
    test_values();
    test_nearest();
    return done_testing();
}
