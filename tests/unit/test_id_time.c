/* Times in queue ids: known vectors, shapes that carry none. */
#include "id_time.h"

#include "tap.h"

static const struct {
    const char *id, *want; /* "": no time */
} rows[] = {
    /* Postfix, long */
    { "3mPVKl0Mhjz7sXv", "2015-07-05T12:52:11.053285Z" },
    { "4jX5yl6j46z1djqm", "2026-11-21T22:11:43.943910Z" },
    /* Exim: old, new, base 36 */
    { "1jmFYj-0001Rw-9k", "2020-06-19T11:51:49Z" },
    { "1xUtIx-00000d-22", "2026-11-21T22:11:31Z" },
    { "1xUtIx-000000003vi-22ab", "2026-11-21T22:11:31Z" },
    { "10HmaX-0005vi-00", "1999-03-02T10:39:45Z" },
    { "S44WE8-0005VI-00", "2023-11-14T22:13:20Z" },
    /* Sendmail */
    { "s1P819mk027713", "2014-02-25T08:01:09Z" },
    { "6ALMBXAr1000123", "2026-11-21T22:11:33Z" },
    { "w1TNxxQA001234", "2018-02-29?" },
    { "wATNxxQA001234", "2018-11-29T23:59:59Z" },
    /* no dates */
    { "", "" },
    { "B2858AB86AE", "" },
    { "4DEADABA161", "" },
    { "1A2B3C12345678", "" }, /* short Postfix id with a long inode */
    { "DEADBEEF0123456", "" },
    { "3mPVKl0Mhjz", "" },     /* no inode */
    { "3mPVKl0Mhaz7sXv", "" }, /* vowel */
    { "3mPVKlzzzzz7sXv", "" }, /* microseconds of more than a second */
    { "3mPVKl0Mhjz7sXz", "" }, /* z within the inode */
    { "0000000000z1", "" },    /* 1970 */
    { "zzzzzz0000z1", "" },
    { "1jmFYj-0001Rw-9", "" },
    { "1jmFYj-0001Rw-9kk", "" },
    { "1jmFYj_0001Rw-9k", "" },
    { "1jmFYj-0001R--9k", "" },
    { "1jmFYj-0001Rw00000-9k12", "2020-06-19T11:51:49Z" },
    { "zzzzzz-0001Rw-9k", "" }, /* year 3769 */
    { "s1P819mk02771x", "" },
    { "s1P819mk02771", "" },
    { "s1P819mk02771312", "" },
    { "sDP819mk027713", "" },   /* month 14 */
    { "s10819mk027713", "" },   /* day 0 */
    { "s1PO19mk027713", "" },   /* hour 24 */
    { "y1P819mk027713", "" },   /* y is no digit of base 60 */
    { "a1b2c3d4e5f60718", "" }, /* OpenSMTPD */
    { "new msg 12345", "" },
};

int
main(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        when at = id_time(str_from(rows[i].id));
        str got = at == WHEN_NONE ? S("") : when_format(&a, at);
        str want = str_from(rows[i].want);
        if (str_ends(want, S("?")))
            want = S(""); /* a date that does not exist */
        ok(str_eq(got, want), "\"%s\" is %.*s", rows[i].id, PRSTR(want));
        if (!str_eq(got, want))
            printf("#      got: %.*s\n", PRSTR(got));
    }
    is_int((long long)id_exim_length(S("1jmFYj-0001Rw-9k <= a@b")), 16, "an Exim id before a blank");
    is_int((long long)id_exim_length(S("1jmFYj-0001Rw-9k: text")), 0, "and before nothing else");
    is_int((long long)id_exim_length(S("1xUtIx-000000003vi-22ab Completed")), 23, "the longer form");
    arena_free(&a);
    return done_testing();
}
