/* JSON read: trees, what is refused and where, and cuts that do not depend on how the bytes arrive. */
#include "json_read.h"

#include "buf.h"
#include "tap.h"

static void
check_tree(void)
{
    struct arena a = { 0 };
    str text =
        S("\xef\xbb\xbf{\"a\":{\"b\":[1,-2.50,\"x\\u00e9\\n\",null,true]},\"big\":99999999999999999999,"
          "\"s\":\"42\",\"latin\":\"M\xfcller\",\"lone\":\"\\ud800!\",\"nul\":\"a\\u0000b\",\"s\":\"43\"}\n");
    const struct json_value *v = json_read(&a, text, NULL);
    const struct json_value *b = json_dig(v, "a/b");
    int64_t i = 0;
    double d = 0;
    ok(json_is(v, JSON_OBJECT) && json_is(b, JSON_ARRAY) && b->n == 5, "an object with an array in it");
    ok(json_to_int(json_item(b, 0), &i) && i == 1, "an integer");
    ok(json_to_double(json_item(b, 1), &d) && d == -2.5, "a decimal");
    is_str(json_text(json_item(b, 1)), "-2.50", "a number keeps its digits");
    is_str(json_text(json_item(b, 2)), "x\xc3\xa9\n", "escapes are taken off");
    ok(json_is(json_item(b, 3), JSON_NULL) && json_is_true(json_item(b, 4)), "null and true");
    ok(json_item(b, 5) == NULL && json_get(b, S("x")) == NULL && json_dig(v, "a/c/d") == NULL, "not there");
    ok(json_to_int(json_get(v, S("big")), &i) && i == INT64_MAX, "too big a number is clamped");
    ok(json_to_int(json_get(v, S("s")), &i) && i == 43,
       "digits in a string are a number; the last of a key counts");
    is_str(json_text(json_get(v, S("latin"))), "M\xc3\xbcller", "bytes that are no UTF-8");
    is_str(json_text(json_get(v, S("lone"))), "\xef\xbf\xbd!", "a lone surrogate");
    is_str(json_text(json_get(v, S("nul"))), "ab", "NUL is dropped");
    ok(!json_to_int(b, &i) && json_text(NULL).n == 0 && !json_is_true(NULL), "other kinds are not there");
    arena_free(&a);
}

static void
check_faults(void)
{
    static const struct {
        const char *text, *why;
        size_t offset;
    } rows[] = {
        { "", "no JSON", 0 },
        { "  \n", "no JSON", 0 },
        { "{\"a\":1", "the JSON is cut short", 6 },
        { "{\"a\":1}}", "something follows the JSON", 7 },
        { "{\"a\" 1}", "no JSON", 5 },
        { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]", "JSON nested too deep",
          64 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = { 0 };
        struct json_fault f = { 0 };
        ok(json_read(&a, str_from(rows[i].text), &f) == NULL, "refused: %s", rows[i].text);
        is_str(str_from(f.why), rows[i].why, "  why");
        is_int((long long)f.offset, (long long)rows[i].offset, "  where");
        arena_free(&a);
    }
    struct arena a = { 0 };
    ok(json_is(json_read(&a, S(" 7 "), NULL), JSON_INT), "a bare number");
    ok(json_is(json_read(&a, S("null"), NULL), JSON_NULL), "null is a value");
    struct buf many = { 0 };
    buf_char(&many, '[');
    for (int i = 0; i < JSON_MAX_VALUES + 2; i++)
        buf_add(&many, S("0,"));
    buf_add(&many, S("0]"));
    struct json_fault f = { 0 };
    ok(json_read(&a, buf_str(&many), &f) == NULL, "too many values");
    is_str(str_from(f.why), "more JSON than is read at once", "  why");
    buf_free(&many);
    arena_free(&a);
}

/* The pieces as text: <value>, !bad!, with step bytes more in each window; a: values are read in the same go. */
static str
cuts(struct buf *out, str in, size_t step, struct arena *a)
{
    struct json_cut c = { 0 };
    const struct json_value *v;
    size_t from = 0, to = step < in.n ? step : in.n, total = 0;
    out->n = 0;
    for (;;) {
        str window = str_of(in.p + from, to - from);
        struct json_piece p =
            a ? json_cut_value(&c, window, to == in.n, a, &v) : json_cut(&c, window, to == in.n);
        if (p.step == JSON_MORE) {
            if (to == in.n)
                return S("asks for more than there is");
            to = to + step < in.n ? to + step : in.n;
            continue;
        }
        total += p.skip + p.length;
        if (p.step == JSON_END)
            break;
        buf_char(out, p.step == JSON_ITEM ? '<' : '!');
        buf_put(out, in.p + from + p.skip, p.length);
        buf_char(out, p.step == JSON_ITEM ? '>' : '!');
        from += p.skip + p.length;
    }
    return total == in.n ? buf_str(out) : S("loses bytes");
}

static void
check_cuts(void)
{
    static const struct {
        const char *what, *in, *want;
    } rows[] = {
        { "lines", "{\"a\":1}\n{\"b\":2}\r\n\n{}", "<{\"a\":1}><{\"b\":2}><{}>" },
        { "an array", " [ {\"a\":[1,2]} , {\"b\":\"]\"},3,\"x,\\\"y\",null]\n",
          "<{\"a\":[1,2]}><{\"b\":\"]\"}><3><\"x,\\\"y\"><null>" },
        { "pretty-printed", "[\n  {\n    \"a\": {\n}\n  },\n{\"b\":[\n{\"c\":1},\n{\"d\":2}\n]}]",
          "<{\n    \"a\": {\n}\n  }><{\"b\":[\n{\"c\":1},\n{\"d\":2}\n]}>" },
        { "no separator at all", "{\"a\":1}{\"b\":2}", "<{\"a\":1}><{\"b\":2}>" },
        { "RFC 7464", "\x1e{\"a\":1}\n\x1e{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>" },
        { "a byte order mark", "\xef\xbb\xbf{}", "<{}>" },
        { "a line that is not closed", "{\"a\":1}\n{\"b\":{\"c\":2}\n{\"d\":3}\n",
          "<{\"a\":1}>!{\"b\":{\"c\":2}!<{\"d\":3}>" },
        { "a string that is not closed", "{\"a\":1}\n{\"b\":\"x}\n{\"d\":3}\n",
          "<{\"a\":1}>!{\"b\":\"x}!<{\"d\":3}>" },
        { "cut behind a comma", "{\"b\":2,\n{\"d\":3}\n", "!{\"b\":2,!<{\"d\":3}>" },
        { "never closed", "{\"a\":\n\"x\"\n 1\n", "!{\"a\":!<\"x\"><1>" },
        { "junk between", "{\"a\":1}\n}} what\n{\"b\":2}", "<{\"a\":1}>!}} what!<{\"b\":2}>" },
        { "nothing", " \n", "" },
        { "cut short", "{\"a\":1}\n{\"b\":", "<{\"a\":1}>!{\"b\":!" },
    };
    struct buf out = { 0 };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        str in = str_from(rows[i].in);
        bool same = is_str(cuts(&out, in, in.n + 1, NULL), rows[i].want, rows[i].what);
        for (size_t step = 1; same && step < 9; step++)
            same = str_eq(cuts(&out, in, step, NULL), str_from(rows[i].want)) &&
                   str_eq(cuts(&out, in, step, &a), str_from(rows[i].want));
        ok(same, "%s, in small windows", rows[i].what);
        is_str(cuts(&out, in, in.n + 1, &a), rows[i].want, "  with its values");
    }
    arena_free(&a);
    buf_free(&out);
}

/* Values that are read while they are cut: the same as json_read()'s. */
static void
check_values(void)
{
    static const struct {
        const char *what, *in, *want; /* of "a"; NULL: left to json_read() */
    } rows[] = {
        { "a view", "{\"a\":\"x\"}", "x" },
        { "escapes", "{ \"b\" : [ 1 , {} ] ,\n \"a\" : \"x\\\"\\u00e9 \\ud83d\\ude00y\\\\\" }",
          "x\"\xc3\xa9 \xf0\x9f\x98\x80y\\" },
        { "no UTF-8", "{\"a\":\"M\xfcller\"}", "M\xc3\xbcller" },
        { "a number", "{\"a\":-12.50}", "-12.50" },
        { "the last of a key", "{\"a\":\"x\",\"a\":\"y\"}", "y" },
        { "half a pair", "{\"a\":\"\\ud800\"}", NULL },
        { "a line end in a string", "{\"a\":\"x\ny\"}", NULL },
        { "cut short", "{\"a\":\"x\\", NULL },
        { "no object", "\"a\"", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = { 0 };
        struct json_cut c = { 0 };
        const struct json_value *v;
        json_cut_value(&c, str_from(rows[i].in), true, &a, &v);
        ok((v != NULL) == (rows[i].want != NULL), "read at once: %s", rows[i].what);
        is_str(json_text(json_get(v, S("a"))), rows[i].want ? rows[i].want : "", "  what it says");
        arena_free(&a);
    }
}

/* Names that share a slot, more of them than have places, and of objects that were put together. */
static void
check_names(void)
{
    enum { MANY = 200 };
    struct arena a = { 0 };
    struct buf text = { 0 };
    for (int n = 1; n <= MANY; n += n < 8 ? 1 : 64) {
        text.n = 0;
        for (int i = 0; i < n; i++)
            buf_printf(&text, "%s\"k%d%c\":\"v%d\"", i ? "," : "{", i % 7, 'a' + i / 7, i);
        buf_char(&text, '}');
        const struct json_value *v = json_read(&a, buf_str(&text), NULL);
        struct json_value own = *v;
        json_set_places(&a, &own);
        int found = 0, strange = 0;
        for (int i = 0; i < n; i++) {
            str name = arena_printf(&a, "k%d%c", i % 7, 'a' + i / 7), want = arena_printf(&a, "v%d", i);
            found +=
                str_eq(json_text(json_get(v, name)), want) && str_eq(json_text(json_get(&own, name)), want);
            strange += json_get(v, arena_printf(&a, "k%d%c", i % 7, 'A' + i / 7)) != NULL;
        }
        ok(found == n && strange == 0 && json_get(v, S("")) == NULL, "each of %d names, and no other", n);
    }
    const struct json_value *empty = json_read(&a, S("{\"\":1,\"a\":2,\"b\":3,\"c\":4}"), NULL);
    is_str(json_text(json_get(empty, S(""))), "1", "a name may be empty");
    buf_free(&text);
    arena_free(&a);
}

/* Escapes wherever they stand, one behind the other, and up to the end. */
static void
check_escapes(void)
{
    static const struct {
        const char *written, *means; /* NULL: no JSON */
    } rows[] = {
        { "\\\"", "\"" },
        { "\\\\", "\\" },
        { "\\/\\b\\f", "/\b\f" },
        { "\\n\\r\\t", "\n\r\t" },
        { "\\u20ac", "\xe2\x82\xac" },
        { "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
        { "\\x", NULL },
    };
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool good = true;
        for (int ahead = 0; ahead < 36; ahead++)
            for (int behind = 0; behind < 36; behind += 5) {
                struct arena a = { 0 };
                str in = arena_printf(&a, "{\"a\":\"%.*s%s%s%.*s\"}", ahead, letters, rows[i].written,
                                      rows[i].written, behind, letters);
                const char *means = rows[i].means ? rows[i].means : "";
                str want = arena_printf(&a, "%.*s%s%s%.*s", ahead, letters, means, means, behind, letters);
                const struct json_value *v = json_get(json_read_view(&a, in, NULL), S("a"));
                good &= rows[i].means ? v && str_eq(v->text, want) : v == NULL;
                arena_free(&a);
            }
        ok(good, "the escape %s at any place", rows[i].written);
    }
}

static void
check_numbers(void)
{
    static const struct {
        const char *text;
        int64_t integer;
        double number;
    } rows[] = {
        { "0", 0, 0 },
        { "-7", -7, -7 },
        { "1790000003.529245", 1790000003, 1790000003.529245 },
        { "4323372036854775777", 4323372036854775777, 4323372036854775777.0 },
        { "9223372036854775807", INT64_MAX, 9223372036854775807.0 },
        { "-9223372036854775807", -INT64_MAX, -9223372036854775807.0 },
        { "9223372036854775808", INT64_MAX, 9223372036854775808.0 },
        { "0.1234567890123456789", 0, 0.1234567890123456789 },
        { "-0.5", 0, -0.5 },
        { "1.5e3", 1500, 1500 },
        { "1e300", INT64_MAX, 1e300 },
        { "-1e300", INT64_MIN, -1e300 },
        { "123456789012345678.5", 123456789012345680, 123456789012345678.5 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = { 0 };
        const struct json_value *v = json_read(&a, str_from(rows[i].text), NULL);
        int64_t integer = 1;
        double number = 1;
        ok(json_to_int(v, &integer) && integer == rows[i].integer, "%s as an integer", rows[i].text);
        ok(json_to_double(v, &number) && number == rows[i].number, "  as a decimal");
        arena_free(&a);
    }
}

int
main(void)
{
    check_names();
    check_escapes();
    check_numbers();
    check_tree();
    check_faults();
    check_cuts();
    check_values();
    return done_testing();
}
