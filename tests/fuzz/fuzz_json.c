/* Whatever the bytes: cuts take every byte and do not depend on the windows; trees are read or refused. */
#include <stdlib.h>

#include "buf.h"
#include "json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool good)
{
    if (!good)
        abort();
}

/* No deeper than JSON_MAX_DEPTH. */
static bool
same(const struct json_value *a, const struct json_value *b)
{
    if (a->kind != b->kind || a->n != b->n || !str_eq(a->text, b->text) || a->truth != b->truth)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if ((a->kind == JSON_OBJECT && !str_eq(a->items[i].name, b->items[i].name)) ||
            !same(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* What is read while it is cut is what the cutter cuts and the reader reads. */
static void
cut_with_values(str in, struct buf *out, struct arena *a)
{
    struct json_cut c = { 0 };
    for (str rest = in;;) {
        const struct json_value *v;
        struct json_piece p = json_cut_value(&c, rest, true, a, &v);
        buf_printf(out, "%d %zu %zu\n", (int)p.step, p.skip, p.length);
        if (v) {
            const struct json_value *read = json_read(a, str_of(rest.p + p.skip, p.length), NULL);
            expect(read && same(v, read));
        }
        rest = str_skip(rest, p.skip + p.length);
        if (p.step == JSON_END)
            break;
    }
}

static void
cut_all(str in, size_t step, struct buf *out, struct arena *a)
{
    struct json_cut c = { 0 };
    size_t from = 0, to = step < in.n ? step : in.n;
    for (;;) {
        struct json_piece p = json_cut(&c, str_of(in.p + from, to - from), to == in.n);
        if (p.step == JSON_MORE) {
            expect(to < in.n);
            to = step < in.n - to ? to + step : in.n;
            continue;
        }
        expect(p.skip + p.length <= to - from);
        buf_printf(out, "%d %zu %zu\n", (int)p.step, p.skip, p.length);
        if (p.step == JSON_ITEM && a)
            json_read(a, str_of(in.p + from + p.skip, p.length), NULL);
        from += p.skip + p.length;
        if (p.step == JSON_END)
            break;
        expect(p.length > 0);
    }
    expect(from == in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    str in = str_of((const char *)data + 1, size - 1);
    struct arena a = { 0 };
    struct buf whole = { 0 }, pieces = { 0 };
    struct json_fault f;
    if (json_read(&a, in, &f) == NULL)
        expect(f.offset <= in.n && f.why != NULL);
    cut_all(in, in.n + 1, &whole, &a);
    cut_all(in, data[0] % 7u + 1, &pieces, NULL);
    expect(str_eq(buf_str(&whole), buf_str(&pieces)));
    pieces.n = 0;
    cut_with_values(in, &pieces, &a);
    expect(str_eq(buf_str(&whole), buf_str(&pieces)));
    buf_free(&whole);
    buf_free(&pieces);
    arena_free(&a);
    return 0;
}
