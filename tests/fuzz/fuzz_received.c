/* Received fields; the input is the value. */
#include "received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct received r;
    str text = str_of((const char *)data, size);
    received_parse(&a, text, &r);
    if (r.from_ip.n && !str_eq(ip_text(&a, r.from_ip), r.from_ip)) /* canonical */
        __builtin_trap();
    tls_version_of(&a, text);
    date_of_ctime(&a, text);
    arena_free(&a);
    return 0;
}
