/* Compound files: whatever they hold, a message is made in bounded memory, or a reason given. */
#include "msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = { 0 };
    const char *why = NULL;
    str mime = msg_to_mime(&a, str_of((const char *)data, n), &why);
    if (mime.n == 0 && why == NULL)
        __builtin_trap();
    volatile char last = mime.n ? mime.p[mime.n - 1] : 0;
    (void)last;
    arena_free(&a);
    return 0;
}
