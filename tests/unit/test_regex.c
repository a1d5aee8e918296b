/* Patterns: what they match, their groups, and what a match may begin with. */
#include "regex.h"
#include "tap.h"

static const struct {
    const char *pattern, *begins; /* bytes that a match may begin with; NULL: any */
} patterns[] = {
    { "abc", "aA" }, /* either case: PCRE2 does not say which */
    { "(?:temporarily )?rejected .*", "rt" },
    { "(?<x>[0-9]+): .*", "0123456789" },
    { "(?!NOQUEUE)[NQ].*", "NQ" },
    { "(?i)x.*", "xX" },
    { ".*abc", NULL },
    { "(?:x)?.*", NULL },
    { "x*", NULL },
};

static bool
may_begin(const char *begins, int c)
{
    return begins == NULL || (c && strchr(begins, c));
}

static void
test_begins(void)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        unsigned char bits[REGEX_BYTES / 8];
        int wrong = 0;
        regex_begins(patterns[i].pattern, bits);
        for (int c = 0; c < REGEX_BYTES; c++)
            wrong += (bits[c / 8] >> c % 8 & 1) != may_begin(patterns[i].begins, c);
        is_int(wrong, 0, patterns[i].pattern);
    }
}

static void
test_match(void)
{
    struct diag d = { 0 };
    str groups[REGEX_MAX_GROUPS + 1];
    struct regex *r = regex_new("(?<id>\\w+): (?:from=<(?<from>[^>]*)>)?", &d);
    if (!ok(r && regex_groups(r) == 2, "a pattern of two groups"))
        return;
    is_str(regex_group_name(r, 2), "from", "their names");
    ok(regex_match(r, S("A1: from=<a@example.com>"), groups) && str_eq(groups[2], S("a@example.com")),
       "what a group matched");
    ok(regex_match(r, S("A1: "), groups) && groups[2].p == NULL, "a group that took no part");
    ok(!regex_match(r, S("A1: from=<a@example.com>."), groups) && !regex_match(r, S(" A1: "), groups),
       "all of the text, or nothing");
    regex_free(r);
    ok(regex_new("(", &d) == NULL && d.text[0], "a wrong pattern");
}

int
main(void)
{
    test_begins();
    test_match();
    return done_testing();
}
