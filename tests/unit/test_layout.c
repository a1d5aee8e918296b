/* Widths, cutting, wrapping and sharing out of columns; odd characters grouped. */
#include "layout.h"
#include "tap.h"

static struct arena a;

static const struct {
    const char *in;
    size_t width;
} widths[] = {
    { "", 0 },
    { "plain", 5 },
    { "Größe", 5 },
    { "日本語", 6 },
    { "e\xcc\x81", 1 },             /* e and a combining acute */
    { "\xf0\x9f\x93\xa7 mail", 7 }, /* an emoji */
    { "\xe2\x80\xa6", 1 },
};

static const struct {
    const char *in;
    size_t width;
    const char *want;
} cuts[] = {
    { "short", 5, "short" },  { "longer", 5, "long…" }, { "日本語", 6, "日本語" },
    { "日本語", 5, "日本…" }, { "日本語", 4, "日…" }, /* half a character is not shown */
    { "abc", 1, "…" },        { "abc", 0, "" },         { "ae\xcc\x81z", 2, "a…" },
};

static const struct {
    const char *in, *want;
} safes[] = {
    { "plain", "plain" },
    { "a\r\n\tb", "a b" },
    { "\x1b]0;title\x07", "\xef\xbf\xbd]0;title\xef\xbf\xbd" },
    { "\xc2\x9b"
      "31m",
      "\xef\xbf\xbd"
      "31m" },                                          /* CSI as one C1 character */
    { "a\xe2\x80\xaetxt.exe", "a\xef\xbf\xbdtxt.exe" }, /* right-to-left override */
    { "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xc3", "\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* a surrogate */
};

static const struct {
    const char *in;
    size_t indent, width;
    const char *want;
} wraps[] = {
    { "one two", 0, 20, "one two\n" },
    { "the quick brown fox jumps over", 0, 20, "the quick brown fox\njumps over\n" },
    { "the quick brown fox jumps over", 4, 24, "the quick brown fox\n    jumps over\n" },
    { "aaaaaaaaaaaaaaaaaaaaaaaaa", 0, 20, "aaaaaaaaaaaaaaaaaaaa\naaaaa\n" }, /* nowhere to break */
    { "  blanks around  ", 0, 20, "blanks around\n" },
    { "日本語日本語日本語日本語", 0, 17, "日本語日本語日本\n語日本語\n" },
    { "", 0, 20, "" },
    { "too narrow to be obeyed", 30, 20, "too narrow to be\n                              obeyed\n" },
};

static void
test_columns(void)
{
    size_t width[4];
    const size_t natural[] = { 10, 30, 6, 20 }, least[] = { 10, 8, 6, 8 };
    is_int((long long)layout_columns(natural, least, 4, 2, 100, width), 4, "all fit");
    ok(width[0] == 10 && width[1] == 30 && width[2] == 6 && width[3] == 20, "and get what they want");
    is_int((long long)layout_columns(natural, least, 4, 2, 60, width), 4, "all fit when squeezed");
    ok(width[0] == 10 && width[2] == 6 && width[1] + width[3] == 60 - 6 - 16, "the room is used up");
    ok(width[3] == 19 && width[1] == 19, "long columns share it alike");
    is_int((long long)layout_columns(natural, least, 4, 2, 30, width), 3, "the last must go");
    is_int((long long)layout_columns(natural, least, 4, 2, 3, width), 1, "one always stays");
    is_int((long long)layout_columns(natural, least, 0, 2, 80, width), 0, "no columns");
}

int
main(void)
{
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        is_int((long long)layout_width(str_from(widths[i].in)), (long long)widths[i].width, widths[i].in);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        is_str(layout_cut(&a, str_from(cuts[i].in), cuts[i].width), cuts[i].want, cuts[i].in);
    for (size_t i = 0; i < sizeof safes / sizeof *safes; i++)
        is_str(layout_safe(&a, str_from(safes[i].in)), safes[i].want, safes[i].want);
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        struct buf b = { 0 };
        layout_wrap(&b, str_from(wraps[i].in), wraps[i].indent, wraps[i].width);
        is_str(buf_str(&b), wraps[i].want, wraps[i].in);
        buf_free(&b);
    }
    struct buf b = { 0 };
    layout_put(&b, S("ab"), 4, false);
    layout_put(&b, S("日"), 4, true);
    is_str(buf_str(&b), "ab    日", "padding counts cells, not bytes");
    buf_free(&b);
    test_columns();
    arena_free(&a);
    return done_testing();
}
