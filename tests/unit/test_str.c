/* Views: searching, trimming, splitting, numbers. */
#include "scan.h"
#include "str.h"
#include "tap.h"

static void
test_compare(void)
{
    ok(str_eq(S(""), (str){ 0 }), "empty views are equal, wherever they point");
    ok(!str_eq(S("a"), S("ab")) && !str_eq(S("a"), S("A")), "str_eq sees length and case");
    ok(str_ieq(S("Message-ID"), S("message-id")) && !str_ieq(S("a"), S("b")), "str_ieq folds ASCII");
    ok(!str_ieq(S("\xc3\x84"), S("\xc3\xa4")), "str_ieq folds nothing else");
    ok(str_starts(S("abc"), S("ab")) && str_starts(S("abc"), S("")) && !str_starts(S("a"), S("ab")),
       "str_starts");
    ok(str_ends(S("abc"), S("bc")) && str_ends(S("abc"), S("")) && !str_ends(S("c"), S("bc")), "str_ends");
    ok(str_istarts(S("FROM: x"), S("from:")) && !str_istarts(S("fr"), S("from")), "str_istarts");
    ok(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("b"), S("ab")) > 0 && str_cmp(S("ab"), S("ab")) == 0,
       "str_cmp");
    ok(str_cmp(S("\xff"), S("a")) > 0, "str_cmp takes bytes as unsigned");
}

static const struct {
    const char *in, *needle;
    size_t find, ifind;
} finds[] = {
    { "abcabc", "ca", 2, 2 },
    { "abcabc", "CA", STR_NONE, 2 },
    { "abc", "", 0, 0 },
    { "abc", "abcd", STR_NONE, STR_NONE },
    { "", "a", STR_NONE, STR_NONE },
    { "aab", "ab", 1, 1 },
    { "abc", "c", 2, 2 },
};

static void
test_find(void)
{
    for (size_t i = 0; i < sizeof finds / sizeof *finds; i++) {
        str in = str_from(finds[i].in), needle = str_from(finds[i].needle);
        ok(str_find(in, needle) == finds[i].find && str_ifind(in, needle) == finds[i].ifind,
           "\"%s\" in \"%s\"", finds[i].needle, finds[i].in);
    }
    static const str words[] = { S("stat="), S("denied") };
    ok(str_has_any(S("it was denied"), words, 2) && !str_has_any(S("it was Denied"), words, 2) &&
           !str_has_any(S("it was denied"), words, 1) && !str_has_any(S("denied"), NULL, 0),
       "str_has_any");
    ok(str_starts_any(S("denied, it was"), words, 2) && !str_starts_any(S("was denied"), words, 2) &&
           !str_starts_any(S("denied"), words, 1) && !str_starts_any((str){ 0 }, words, 2),
       "str_starts_any");
    is_str(str_word(S("mx.example[1]: x"), "[:"), "mx.example", "a word ends at one of these");
    is_str(str_word(S("mx\tx"), "[:"), "mx", "or at a blank");
    is_int((long long)str_word(str_of("m\0x", 3), "[:").n, 3, "not at a NUL");
    is_str(str_skip_mark(S("\xef\xbb\xbf{}")), "{}", "a byte order mark is left out");
    is_str(str_skip_mark(S("\xef\xbb")), "\xef\xbb", "half of one is not");
    is_int((long long)str_find_char(S("a.b.c"), '.'), 1, "first dot");
    is_int((long long)str_rfind_char(S("a.b.c"), '.'), 3, "last dot");
    ok(str_find_char(S("abc"), '.') == STR_NONE && str_rfind_char((str){ 0 }, '.') == STR_NONE, "no dot");
    is_int((long long)str_find(str_of("a\0b", 3), str_of("\0b", 2)), 1, "NUL is a byte as any other");
}

static void
test_parts(void)
{
    is_str(str_trim(S(" \t\r\n a b \v\f")), "a b", "str_trim");
    is_str(str_trim(S(" \t ")), "", "str_trim of blanks");
    is_str(str_head(S("abc"), 9), "abc", "str_head beyond the end");
    is_str(str_skip(S("abc"), 9), "", "str_skip beyond the end");
    is_str(str_skip((str){ 0 }, 3), "", "str_skip of nothing");
    is_str(str_after(S(":x"), ':'), "x", "str_after");
    is_str(str_after(S("x"), ':'), "", "str_after without it");
    is_str(str_unwrap(S("<a@b>"), '<', '>'), "a@b", "str_unwrap");
    is_str(str_unwrap(S("<>"), '<', '>'), "", "str_unwrap of nothing");
    ok(str_unwrap(S("<"), '<', '<').n == 0 && str_unwrap(S("<a"), '<', '>').n == 0, "str_unwrap of half");

    struct str_cut c = str_cut(S("k=v=w"), '=');
    ok(c.found && str_eq(c.head, S("k")) && str_eq(c.tail, S("v=w")), "str_cut at the first");
    c = str_rcut(S("k=v=w"), '=');
    ok(c.found && str_eq(c.head, S("k=v")) && str_eq(c.tail, S("w")), "str_rcut at the last");
    c = str_cut(S("kv"), '=');
    ok(!c.found && str_eq(c.head, S("kv")) && c.tail.n == 0, "str_cut without it");
    c = str_cut(S("kv="), '=');
    ok(c.found && str_eq(c.head, S("kv")) && c.tail.n == 0, "str_cut at the end");
    c = str_cut_str(S("a, b, c"), S(", "));
    ok(c.found && str_eq(c.head, S("a")) && str_eq(c.tail, S("b, c")), "str_cut_str");
}

static const struct {
    const char *in;
    int64_t want;
    bool ok;
} integers[] = {
    { "0", 0, true },
    { "007", 7, true },
    { "9223372036854775807", INT64_MAX, true },
    { "-9223372036854775807", -INT64_MAX, true },
    { "9223372036854775808", 0, false },
    { "18446744073709551616", 0, false },
    { "", 0, false },
    { "-", 0, false },
    { "+1", 0, false },
    { "1 ", 0, false },
    { "0x1", 0, false },
    { "1.5", 0, false },
};

static const struct {
    const char *in;
    double want;
    bool ok;
} decimals[] = {
    { "0.02", 0.02, true }, { "12.5", 12.5, true }, { "-3.25", -3.25, true },
    { "1", 1, true },       { "1.", 0, false },     { ".5", 0, false },
    { "1e5", 0, false },    { "nan", 0, false },    { "", 0, false },
};

static void
test_numbers(void)
{
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t got = 0;
        bool good = str_to_i64(str_from(integers[i].in), &got);
        ok(good == integers[i].ok && (!good || got == integers[i].want), "integer \"%s\"", integers[i].in);
    }
    for (size_t i = 0; i < sizeof decimals / sizeof *decimals; i++) {
        double got = 0;
        bool good = str_to_double(str_from(decimals[i].in), &got);
        double off = got - decimals[i].want;
        ok(good == decimals[i].ok && (!good || (off < 1e-12 && off > -1e-12)), "decimal \"%s\"",
           decimals[i].in);
    }
    uint64_t big = 0;
    ok(str_to_u64(S("18446744073709551615"), &big) && big == UINT64_MAX, "the largest");
    struct str_number n = str_cut_number(S("550 5.1.1"), 3);
    ok(n.ok && n.value == 550 && str_eq(n.rest, S(" 5.1.1")), "a number and what follows");
    ok(!str_cut_number(S("5500"), 3).ok, "more digits than asked for");
    ok(!str_cut_number(S("x"), 3).ok && !str_cut_number((str){ 0 }, 3).ok, "no digits");
    ok(str_digits(S("0123456789")) && !str_digits(S("")) && !str_digits(S("1a")), "str_digits");
}

/* Every place in texts of every length about the width of what is compared at a time; near misses around it. */
static void
test_find_everywhere(void)
{
    static const str needles[] = { { "ab", 2 },
                                   { "abc", 3 },
                                   { "aXYb", 4 },
                                   { "a-needle-of-twenty-fb", 21 },
                                   { "a-needle-of-more-than-two-times-sixteen-b", 41 } };
    char text[96];
    size_t wrong = 0;
    for (size_t k = 0; k < sizeof needles / sizeof *needles; k++)
        for (size_t n = needles[k].n; n <= sizeof text; n++)
            for (size_t at = 0; at + needles[k].n <= n; at++) {
                memset(text, needles[k].p[0], sizeof text);
                memcpy(text + at, needles[k].p, needles[k].n);
                wrong += str_find(str_of(text, n), needles[k]) != at;
                text[at + 1] = '?';
                wrong += str_find(str_of(text, n), needles[k]) != STR_NONE;
            }
    is_int((long long)wrong, 0, "a needle is found where it is, and only there");
}

static void
test_scan_everywhere(void)
{
    char text[80];
    size_t wrong = 0;
    for (size_t n = 0; n <= sizeof text; n++)
        for (size_t at = 0; at <= n; at++) {
            memset(text, 'x', sizeof text);
            if (at < n)
                text[at] = "[: "[at % 3];
            if (at + 5 < n)
                text[at + 5] = ':';
            wrong += scan_to3(str_of(text, n), '[', ':', ' ') != at;
        }
    is_int((long long)wrong, 0, "the first of three characters is found, at every place of every length");
    is_int((long long)scan_to3((str){ 0 }, 'a', 'b', 'c'), 0, "none in nothing");
}

int
main(void)
{
    test_compare();
    test_find();
    test_find_everywhere();
    test_scan_everywhere();
    test_parts();
    test_numbers();
    return done_testing();
}
