/* Authentication-Results and its kin.  Input: the field's name in the first line, its value in the rest. */
#include "authres.h"

#include "message_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct auth_results r;
    str text = str_of((const char *)data, size), value = str_cut(text, '\n').tail;
    if (authres_parse(&a, value, &r))
        for (size_t i = 0; i < r.nresults; i++)
            if (r.results[i].method.n == 0 || r.results[i].nproperties > AUTHRES_MAX_PROPERTIES)
                __builtin_trap();
    received_spf_parse(&a, value, &r);
    struct message m = { 0 };
    message_parse(&m, &a, text);
    arena_free(&a);
    return 0;
}
