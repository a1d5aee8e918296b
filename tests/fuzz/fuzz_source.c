/* Sources of any bytes: what is compressed or in UTF-16 gives the same, and the same damage, read at once or in pieces.
 * The first byte chooses their size. */
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "pieces.h"
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a source gives, at most so much; its damage. */
static const char *
read_all(str bytes, size_t most, struct buf *out)
{
    enum { ENOUGH = 8 << 20 };
    struct pieces from = { bytes, most };
    struct source s;
    struct diag d = { 0 };
    if (!source_open_reader(&s, "fuzz", read_piece, &from, &d))
        abort();
    while (s.offset < ENOUGH) {
        buf_add(out, s.window);
        source_take(&s, s.window.n);
        if (s.eof)
            break;
        if (!source_more(&s, &d))
            abort();
    }
    const char *damage = s.offset < ENOUGH ? s.damage : NULL;
    out->n = out->n < ENOUGH ? out->n : ENOUGH;
    source_close(&s);
    return damage;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    str bytes = str_of((const char *)data + 1, size - 1);
    struct buf whole = { 0 }, pieces = { 0 };
    const char *damage = read_all(bytes, SIZE_MAX, &whole), *again = read_all(bytes, data[0] + 1u, &pieces);
    if (!str_eq(buf_str(&whole), buf_str(&pieces)) ||
        !str_eq(str_from(damage ? damage : ""), str_from(again ? again : "")))
        abort();
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
