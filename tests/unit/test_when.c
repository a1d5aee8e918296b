/* Points in time: three standards, many calendars' edges, zones. */
#include <stdlib.h>

#include "when.h"
#include "tap.h"

enum standard { RFC3339, RFC3164, RFC5322 };

static const struct {
    enum standard standard;
    const char *in;
    const char *want; /* in UTC; "" where it is none; for RFC 3164 month to second only */
    bool zoned;
    const char *rest;
} rows[] = {
    { RFC3339, "2026-11-21T23:11:35.686954+01:00 host", "2026-11-21T22:11:35.686954Z", true, " host" },
    { RFC3339, "2026-11-21T22:11:35Z", "2026-11-21T22:11:35Z", true, "" },
    { RFC3339, "2026-11-21t22:11:35z", "2026-11-21T22:11:35Z", true, "" },
    { RFC3339, "2026-11-21 22:11:35 x", "2026-11-21T22:11:35Z", false, " x" },
    { RFC3339, "2026-11-21T22:11:35,123Z", "2026-11-21T22:11:35.123000Z", true, "" },
    { RFC3339, "2026-11-21T22:11:35.1234567890Z", "2026-11-21T22:11:35.123456Z", true, "" },
    { RFC3339, "2026-11-21T00:11:35-0530", "2026-11-21T05:41:35Z", true, "" },
    { RFC3339, "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", true, "" },
    { RFC3339, "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", true, "" },
    { RFC3339, "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z", true, "" },
    { RFC3339, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", true, "" },
    { RFC3339, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", true, "" },
    { RFC3339, "2023-02-29T00:00:00Z", "", false, NULL },
    { RFC3339, "1900-02-29T00:00:00Z", "", false, NULL },
    { RFC3339, "2026-12-31T24:00:00Z", "2027-01-01T00:00:00Z", true, "" },
    { RFC3339, "2026-11-21T24:00:01Z", "", false, NULL },
    { RFC3339, "2026-11-21T25:00:00Z", "", false, NULL },
    { RFC3339, "2026-11-21T22:60:00Z", "", false, NULL },
    { RFC3339, "2026-11-21T22:11:61Z", "", false, NULL },
    { RFC3339, "2026-13-01T00:00:00Z", "", false, NULL },
    { RFC3339, "2026-11-00T00:00:00Z", "", false, NULL },
    { RFC3339, "0000-01-01T00:00:00Z", "", false, NULL },
    { RFC3339, "2026-11-21X22:11:35Z", "", false, NULL },
    { RFC3339, "2026-11-21T22:11:3", "", false, NULL },
    { RFC3339, "", "", false, NULL },

    { RFC3164, "Nov 21 22:11:35 host", "11-21 22:11:35", false, " host" },
    { RFC3164, "Nov  1 22:11:35", "11-01 22:11:35", false, "" },
    { RFC3164, "Nov 01 22:11:35", "11-01 22:11:35", false, "" },
    { RFC3164, "Nov 1 22:11:35 host", "11-01 22:11:35", false, " host" },
    { RFC3164, "Nov 1 22:11:35", "11-01 22:11:35", false, "" },
    { RFC3164, "Nov 1 22:11:3", "", false, NULL },
    { RFC3164, "Nov 1", "", false, NULL },
    { RFC3164, "Nov 12", "", false, NULL },
    { RFC3164, "Nov x 22:11:35", "", false, NULL },
    { RFC3164, "Nov 0 22:11:35", "", false, NULL },
    { RFC3164, "Feb 29 00:00:00", "02-29 00:00:00", false, "" },
    { RFC3164, "Nov 21 22:11:35.250 x", "11-21 22:11:35", false, " x" },
    { RFC3164, "Xxx 21 22:11:35", "", false, NULL },
    { RFC3164, "Nov 32 22:11:35", "", false, NULL },
    { RFC3164, "Nov 21 24:11:35", "", false, NULL },
    { RFC3164, "Nov 21 22-11-35", "", false, NULL },
    { RFC3164, "Nov 21 22:11", "", false, NULL },

    { RFC5322, "Sat, 21 Nov 2026 23:11:35 +0100", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, "21 Nov 2026 22:11 GMT", "2026-11-21T22:11:00Z", true, "" },
    { RFC5322, "Sat, 21 Nov 2026 17:11:35 EST", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, "Sat, 21 Nov 2026 22:11:35 Z", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, "Sat, 21 Nov 26 22:11:35 +0000", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, "Fri, 21 Nov 97 22:11:35 +0000", "1997-11-21T22:11:35Z", true, "" },
    { RFC5322, "21 Nov 126 22:11:35 +0000", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, " (a (nested) comment) Sat , 21\tNov 2026 (x) 22 : 11 : 35 +0100 (CET)",
      "2026-11-21T21:11:35Z", true, " (CET)" },
    { RFC5322, "Sat, 21 Nov 2026 22:11:35", "2026-11-21T22:11:35Z", false, "" },
    { RFC5322, "Sat, 21-Nov-2026 22:11:35 GMT", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, "Sat, 21 Nov 2026 22:11:35 GMT+01:00", "2026-11-21T21:11:35Z", true, "" },
    { RFC5322, "Sat, 21 Nov 2026 22:11:35 UTC-0530 (x)", "2026-11-22T03:41:35Z", true, " (x)" },
    { RFC5322, "Sat, 21 Nov 2026 22:11:35 GMT-", "2026-11-21T22:11:35Z", true, "-" },
    { RFC5322, "Sat, 21 Nov 2026 10:11:35 PM +0100", "2026-11-21T21:11:35Z", true, "" },
    { RFC5322, "Sat, 21 Nov 2026 12:11 am +0000", "2026-11-21T00:11:00Z", true, "" },
    { RFC5322, "Sat, 21 Nov 2026 22:11:35 PM", "2026-11-21T22:11:35Z", true, "" },
    { RFC5322, "Sat, 31 Dec 2026 24:00:00 +0000", "2027-01-01T00:00:00Z", true, "" },
    { RFC5322, "Sat, 31 Feb 2026 22:11:35 +0000", "", false, NULL },
    { RFC5322, "Sat, 21 Foo 2026 22:11:35 +0000", "", false, NULL },
    { RFC5322, "Sat, 21 Nov 2026", "", false, NULL },
    { RFC5322, "(((((((((", "", false, NULL },
    { RFC5322, "", "", false, NULL },
};

static void
test_parsers(void)
{
    static struct when_result (*const parse[])(str) = { when_rfc3339, when_rfc3164, when_rfc5322 };
    static const char *const names[] = { "3339", "3164", "5322" };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct when_result r = parse[rows[i].standard](str_from(rows[i].in));
        str got = S("");
        if (r.ok && rows[i].standard == RFC3164)
            got = arena_printf(&a, "%02d-%02d %02d:%02d:%02d", r.civil.month, r.civil.day, r.civil.hour,
                               r.civil.minute, r.civil.second);
        else if (r.ok)
            got = when_format(&a, r.at);
        bool good = str_eq(got, str_from(rows[i].want)) && (!r.ok || r.zoned == rows[i].zoned);
        if (rows[i].rest)
            good = good && str_eq(str_trim(r.rest), str_trim(str_from(rows[i].rest)));
        if (!ok(good, "RFC %s: %s", names[rows[i].standard], rows[i].in))
            printf("#      got: %.*s zoned %d rest \"%.*s\"\n", PRSTR(got), r.zoned, PRSTR(r.rest));
    }
    arena_free(&a);
}

/* Every day of the Gregorian cycle, and some seconds around, come back as they went. */
static void
test_round_trip(void)
{
    int64_t wrong = 0;
    for (int64_t day = -719162; day <= 2932896; day += 7) { /* years 1 to 9999 */
        when t = day * WHEN_DAY + (day % 86400) * WHEN_SECOND + 1;
        if (t < -719162 * WHEN_DAY)
            continue;
        wrong += when_from_civil(when_to_civil(t)) != t;
    }
    is_int(wrong, 0, "civil and back, years 1 to 9999");
    is_int(when_second(-1), -WHEN_SECOND, "whole seconds before 1970 round down");
    is_int(when_second(1999999), WHEN_SECOND, "and after it too");
    ok(when_from_civil((struct civil){ 2026, 1, 1, 0, 0, 0, 1000000 }) == WHEN_NONE,
       "a million microseconds");
    ok(when_now() > when_from_civil((struct civil){ .year = 2024, .month = 1, .day = 1 }),
       "now is late enough");
}

static const struct {
    const char *zone, *local, *want;
} zones[] = {
    { "UTC", "2026-07-01T12:00:00", "2026-07-01T12:00:00Z" },
    { "+02:00", "2026-07-01T12:00:00", "2026-07-01T10:00:00Z" },
    { "-0530", "2026-07-01T12:00:00", "2026-07-01T17:30:00Z" },
    { "Europe/Berlin", "2026-07-01T12:00:00", "2026-07-01T10:00:00Z" },
    { "Europe/Berlin", "2026-01-01T12:00:00", "2026-01-01T11:00:00Z" },
    { "Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z" }, /* the clock jumps from 2 to 3 */
    { "Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z" },
    { "Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z" }, /* and back from 3 to 2 */
    { "America/New_York", "2026-07-01T12:00:00", "2026-07-01T16:00:00Z" },
    { "Asia/Kathmandu", "2026-07-01T12:00:00", "2026-07-01T06:15:00Z" },
    { "Europe/Berlin", "1965-07-01T12:00:00", "1965-07-01T11:00:00Z" },
};

static void
test_zones(void)
{
    struct arena a = { 0 };
    struct zone z;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct when_result local = when_rfc3339(str_from(zones[i].local));
        bool known = zone_init(&z, str_from(zones[i].zone));
        str got = known ? when_format(&a, zone_to_utc(&z, local.at)) : S("no such zone");
        if (!ok(str_eq(got, str_from(zones[i].want)), "%s in %s", zones[i].local, zones[i].zone))
            printf("#      got: %.*s\n", PRSTR(got));
    }
    static const struct {
        const char *zone, *local, *before, *want, *what;
    } twice[] = {
        { "Europe/Berlin", "2026-10-25T02:30:00", "", "2026-10-25T00:30:00Z", "alone, the first" },
        { "Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:29:00Z", "2026-10-25T00:30:00Z",
          "the first" },
        { "Europe/Berlin", "2026-10-25T02:00:01", "2026-10-25T00:59:59Z", "2026-10-25T01:00:01Z",
          "the second" },
        { "Europe/Berlin", "2026-10-25T02:59:59", "2026-10-25T01:00:01Z", "2026-10-25T00:59:59Z",
          "a line that comes late" },
        { "Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T01:59:59Z", "2026-10-25T02:00:00Z",
          "once again" },
        { "Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T00:59:59Z", "2026-03-29T01:30:00Z", "never" },
        { "Australia/Lord_Howe", "2026-04-05T01:30:01", "2026-04-04T14:59:59Z", "2026-04-04T15:00:01Z",
          "half an hour comes twice" },
        { "+02:00", "2026-10-25T02:00:01", "2026-10-25T00:59:59Z", "2026-10-25T00:00:01Z", "a fixed zone" },
    };
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++) {
        zone_init(&z, str_from(twice[i].zone));
        when before = twice[i].before[0] ? when_rfc3339(str_from(twice[i].before)).at : WHEN_NONE;
        when at = zone_to_utc_after(&z, when_rfc3339(str_from(twice[i].local)).at, before);
        is_str(when_format(&a, at), twice[i].want, twice[i].what);
    }
    static const char *const none[] = { "",    "Nowhere/Town", "../../etc/passwd", "/etc/passwd",
                                        "+25", "Europe",       "tzdata.zi" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ok(!zone_init(&z, str_from(none[i])), "\"%s\" is no zone", none[i]);
    arena_free(&a);
}

static void
test_system(void)
{
    static const struct {
        const char *tz, *want;
    } cases[] = {
        { "UTC", "2026-07-01T12:00:00Z" },
        { "", "2026-07-01T12:00:00Z" },
        { "Europe/Berlin", "2026-07-01T10:00:00Z" },
        { ":Europe/Berlin", "2026-07-01T10:00:00Z" },
        { "/usr/share/zoneinfo/Europe/Berlin", "2026-07-01T10:00:00Z" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T10:00:00Z" },
        { "<-03>3", "2026-07-01T15:00:00Z" },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zone z;
        setenv("TZ", cases[i].tz, 1);
        zone_of_system(&z);
        is_str(when_format(&a, zone_to_utc(&z, when_rfc3339(S("2026-07-01T12:00:00")).at)), cases[i].want,
               cases[i].tz);
    }
    arena_free(&a);
}

int
main(void)
{
    test_system();
    test_parsers();
    test_round_trip();
    test_zones();
    return done_testing();
}
