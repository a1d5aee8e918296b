/* Records and fields of CSV. */
#include "csv.h"
#include "tap.h"

static const struct record_case {
    const char *text;
    char between;
    bool eof;
    long long end; /* -1: none */
    const char *what;
} record_cases[] = {
    { "a,b\nc", ',', false, 3, "a line" },
    { "a,b", ',', false, -1, "a line without its end" },
    { "a,\"b\nc\"\nd", ',', false, 7, "a line end inside of quotes" },
    { "\"a\nb\"\r\nd", ',', false, 6, "in the first field, before CR LF" },
    { "a,\"b\nc", ',', false, -1, "a quote that may still be closed" },
    { "a,\"b\nc", ',', true, 4, "a quote that is not closed costs its line" },
    { "a,\"b\"c\nd\"\ne", ',', false, 6, "so does one that is closed amid a field" },
    { "a \"b\nc\"\n", ',', false, 4, "a quote amid a field" },
    { "a;\"b\nc\"\n", ';', false, 7, "another separator" },
    { "a;\"b\nc\"\n", ',', false, 4, "which has to be the one" },
    { "\"\"\"\n\"\"\"\n", ',', false, 7, "doubled quotes" },
};

/* About the width of what is looked at for separators at a time. */
#define W60 "123456789012345678901234567890123456789012345678901234567890"

static const struct field_case {
    const char *record;
    char between;
    const char *want; /* fields, each in <> */
    const char *what;
} field_cases[] = {
    { "a,\"b \"\"c\"\", d\",\"x\ny\",\r\n", ',', "<a><b \"c\", d><x\ny><>", "quotes" },
    { "", ',', "", "nothing" },
    { ",", ',', "<><>", "two empty ones" },
    { " a , b ", ',', "<a><b>", "blanks" },
    { "\"a", ',', "<\"a>", "a quote that is not closed" },
    { "\"a,b", ',', "<\"a><b>", "  stands as it is" },
    { "\"a\"b,c", ',', "<\"a\"b><c>", "  as does one that is closed amid a field" },
    { "a\tb,c\td", '\t', "<a><b,c><d>", "tabs" },
    { "\xEF\xBB\xBF\"a\",b", ',', "<a><b>", "a byte order mark" },
    { "\"\"\"\",\"\"", ',', "<\"><>", "a quote alone" },
    { W60 "abc,d", ',', "<" W60 "abc><d>", "a separator at the end of a block" },
    { W60 "abcd,e,", ',', "<" W60 "abcd><e><>", "  behind it, and one more" },
    { W60 "abcd", ',', "<" W60 "abcd>", "  none in it" },
    { "a,\"" W60 ",\"\"," W60 "\",b,c", ',', "<a><" W60 ",\"," W60 "><b><c>", "quotes over blocks" },
    { "a,\"" W60 ",b,c", ',', "<a><\"" W60 "><b><c>", "  not closed" },
    { "a,\"b,c\"\r\nd,e", ',', "<a><b,c>", "quotes at the end of a record" },
};

int
main(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof record_cases / sizeof *record_cases; i++) {
        const struct record_case *c = &record_cases[i];
        size_t end = csv_record_end(str_from(c->text), c->between, c->eof);
        is_int(end == STR_NONE ? -1 : (long long)end, c->end, c->what);
    }
    for (size_t i = 0; i < sizeof field_cases / sizeof *field_cases; i++) {
        const struct field_case *c = &field_cases[i];
        str fields[8], got = { 0 };
        size_t n = csv_fields(str_from(c->record), c->between, fields, 8, &a);
        for (size_t k = 0; k < n; k++)
            got = arena_join(&a, got, S("<"), arena_join(&a, fields[k], S(">"), (str){ 0 }));
        is_str(got, c->want, c->what);
    }
    str room[2];
    is_int((long long)csv_fields(S("a,b,c"), ',', room, 2, &a), 2, "no more fields than there is room for");
    is_int(csv_separator(S("a;b,c;d\n,,,,")), ';', "a semicolon");
    is_int(csv_separator(S("a")), ',', "a comma where nothing tells");

    char *long_text = arena_alloc(&a, 2 * CSV_RECORD_MAX);
    memset(long_text, 'x', 2 * CSV_RECORD_MAX);
    struct source s;
    struct diag d = { 0 };
    source_open_memory(&s, "memory", str_of(long_text, CSV_RECORD_MAX + 3));
    size_t n;
    is_int(csv_next(&s, ',', &n, &d) ? (long long)n : -1, CSV_RECORD_MAX, "a record without end is cut");
    source_take(&s, CSV_RECORD_MAX);
    is_int(csv_next(&s, ',', &n, &d) ? (long long)n : -1, 3, "  its rest follows");
    source_take(&s, 3);
    is_int(csv_next(&s, ',', &n, &d) ? (long long)n : -1, 0, "  and that was all");
    source_close(&s);
    arena_free(&a);
    return done_testing();
}
