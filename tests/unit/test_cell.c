/* Cells as people read them, escaping, and the varints of a transit's lines. */
#include "cell.h"
#include "html.h"
#include "tap.h"
#include "trace.h"

static struct arena a;

static const struct {
    enum cell_type type;
    const char *in, *want;
} cells[] = {
    { CELL_COUNT, "0", "0" },
    { CELL_COUNT, "999", "999" },
    { CELL_COUNT, "1000", "1,000" },
    { CELL_COUNT, "1234567", "1,234,567" },
    { CELL_COUNT, "-1234", "-1,234" },
    { CELL_COUNT, "9223372036854775807", "9,223,372,036,854,775,807" }, /* no double holds it */
    { CELL_COUNT, "-18446744073709551614", "-18,446,744,073,709,551,614" },
    { CELL_COUNT, "1234.5", "1,234" },
    { CELL_COUNT, "what", "what" },
    { CELL_SHARE, "0", "0.0 %" },
    { CELL_SHARE, "0.1234", "12.3 %" },
    { CELL_SHARE, "1.000000", "100.0 %" },
    { CELL_SHARE, "0.0001", "< 0.1 %" },  /* not nothing */
    { CELL_SHARE, "0.9999", "> 99.9 %" }, /* not all */
    { CELL_SECONDS, "0.31", "0.31 s" },
    { CELL_SECONDS, "9.994", "9.99 s" },
    { CELL_SECONDS, "9.996", "10.0 s" },
    { CELL_SECONDS, "59.9", "59.9 s" },
    { CELL_SECONDS, "59.96", "1 min 00 s" },
    { CELL_SECONDS, "3599.6", "1 h 00 min" },
    { CELL_SECONDS, "90061", "1 d 01 h" },
    { CELL_SECONDS, "-97.2", "-1 min 37 s" }, /* clock skew */
    { CELL_SECONDS, "1e-05", "0.00 s" },
    { CELL_SECONDS, "-0.001", "0.00 s" },
    { CELL_SECONDS, "NaN", "NaN" },
    { CELL_SECONDS, "4e9", "4000000000 s" }, /* beyond a century */
    { CELL_BYTES, "999", "999 B" },
    { CELL_BYTES, "1000", "1.0 kB" },
    { CELL_BYTES, "123456789", "123 MB" },
    { CELL_TIME, "2026-11-21 22:11:35.68+00", "2026-11-21 22:11:35" },
    { CELL_TIME, "2026-11-21 23:11:35+01", "2026-11-21 22:11:35" },
    { CELL_TIME, "infinity", "infinity" },
    { CELL_DAY, "2026-11-21", "2026-11-21" },
    { CELL_TEXT, "", "\xe2\x80\x93" },
    { CELL_TEXT, "any", "any" },
};

static const struct {
    const char *in, *want;
} escapes[] = {
    { "plain", "plain" },
    { "<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" },
    { "\" onmouseover=\"x", "&quot; onmouseover=&quot;x" },
    { "a & b", "a &amp; b" },
    { "\x01\x1b", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "a\nb\tc", "a\nb\tc" },
    { "\xc3\xa4\xff", "\xc3\xa4\xef\xbf\xbd" },
    { "\xc0\xbcscript", "\xef\xbf\xbd\xef\xbf\xbdscript" }, /* an overlong < */
    { "", "" },
};

static void
test_lines(void)
{
    struct evidence *e = NULL;
    is_int((long long)evidence_lines(&a, 1000, S("\\x0064c80132"), &e), 2, "two lines");
    ok(e[0].offset == 1000 && e[0].length == 100, "the first stands at the offset");
    ok(e[1].offset == 1300 && e[1].length == 50, "the second after a gap of 200");
    is_int((long long)evidence_lines(&a, 0, S("\\x"), &e), 0, "none");
    is_int((long long)evidence_lines(&a, 0, S("\\x00"), &e), 0, "a gap without a length");
    is_int((long long)evidence_lines(&a, 0, S("\\x0064zz"), &e), 1, "damage ends it");
    is_int((long long)evidence_lines(&a, 0, S("\\xffffffffffffffffffffff01"), &e), 0, "a number too long");
    is_int((long long)evidence_lines(&a, UINT64_MAX - 1, S("\\x0064"), &e), 0, "an offset beyond all files");
}

int
main(void)
{
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        is_str(cell_human(&a, cells[i].type, str_from(cells[i].in)), cells[i].want, cells[i].in);
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        struct buf b = { 0 };
        html_text(&b, str_from(escapes[i].in));
        is_str(buf_str(&b), escapes[i].want, escapes[i].want);
        buf_free(&b);
    }
    struct buf b = { 0 };
    html_badge(&b, S("in_<transit>"));
    is_str(buf_str(&b), "<span class=\"word\">in &lt;transit&gt;</span>",
           "a word that is none is escaped too");
    buf_free(&b);
    test_lines();
    arena_free(&a);
    return done_testing();
}
