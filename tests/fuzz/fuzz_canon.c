/* Canonical forms of DKIM against slow and plain ones; what is canonical stays as it is.  The input is a body, and a
 * field. */
#include "dkim_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 6376 section 3.4.4 and 3.4.3, letter by letter, over lines that end in CRLF. */
static void
plainly(struct buf *out, str body, bool relaxed)
{
    size_t start = out->n;
    buf_reserve(out, 2);
    for (size_t i = 0; i < body.n; i++) {
        bool blank = body.p[i] == ' ' || body.p[i] == '\t';
        if (!relaxed || !blank) {
            if (relaxed && body.p[i] == '\r' && i + 1 < body.n && body.p[i + 1] == '\n' && out->n > start &&
                out->p[out->n - 1] == ' ')
                out->n--;
            buf_char(out, body.p[i]);
        } else if (i == 0 || (body.p[i - 1] != ' ' && body.p[i - 1] != '\t')) {
            buf_char(out, ' ');
        }
    }
    if (relaxed && out->n > start && out->p[out->n - 1] == ' ')
        out->n--;
    str all = str_of(out->p + start, out->n - start);
    if (all.n && !str_ends(all, S("\r\n")))
        buf_add(out, S("\r\n"));
    while (str_ends(str_of(out->p + start, out->n - start), S("\r\n\r\n")) ||
           str_eq(str_of(out->p + start, out->n - start), S("\r\n")))
        out->n -= 2;
    if (!relaxed && out->n == start)
        buf_add(out, S("\r\n"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str text = str_of((const char *)data, size);
    for (int relaxed = 0; relaxed < 2; relaxed++) {
        struct buf one = { 0 }, two = { 0 }, want = { 0 };
        dkim_canon_body(&one, text, relaxed, (struct dkim_variant){ 0 });
        dkim_canon_body(&two, buf_str(&one), relaxed, (struct dkim_variant){ 0 });
        plainly(&want, text, relaxed);
        if (!str_eq(buf_str(&one), buf_str(&two)) || !str_eq(buf_str(&one), buf_str(&want)))
            __builtin_trap();
        for (int v = 1; v < 8; v++) {
            two.n = 0;
            dkim_canon_body(&two, text, relaxed,
                            (struct dkim_variant){ .crlf = v & 1, .unquote = v & 2, .undot = v & 4 });
        }
        for (int crlf = 0; crlf < 2; crlf++) {
            one.n = two.n = 0;
            dkim_canon_header(&one, text, relaxed, crlf);
            if (!str_ends(buf_str(&one), S("\r\n")))
                __builtin_trap();
        }
        buf_free(&one);
        buf_free(&two);
        buf_free(&want);
    }
    return 0;
}
