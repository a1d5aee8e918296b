/* From as DMARC and as readers see it.  The input is the field's value. */
#include "auth_from.h"
#include "buf.h"
#include "message_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct buf b = { 0 };
    struct message m = { 0 };
    struct from_view v;
    struct address *list;
    str value = str_of((const char *)data, size);
    size_t n = address_parse_list(&a, value, &list);
    for (size_t i = 0; i < n; i++)
        if (list[i].address.n == 0 && list[i].domain.n)
            __builtin_trap();
    buf_add(&b, S("From: "));
    buf_add(&b, value);
    buf_add(&b, S("\r\n\r\n"));
    message_parse(&m, &a, buf_str(&b));
    from_view(&a, &m, &v);
    if (v.nremarks > FROM_MAX_REMARKS || (v.problem != NULL) != (v.domain.n == 0))
        __builtin_trap();
    buf_free(&b);
    arena_free(&a);
    return 0;
}
