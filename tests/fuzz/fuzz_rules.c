/* Any bytes as a file of rules: it is refused with a reason, or replies can be classed by it. */
#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const replies[] = { "450 please wait", "550 5.7.1 acme <a@example.org> no", "421 x" };
    struct diag d = { 0 };
    if (!reply_user_load(str_of((const char *)data, size), "rules", &d)) {
        if (d.code != EXIT_USAGE || strncmp(d.text, "rules:", 6) != 0)
            __builtin_trap();
        return 0;
    }
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct reply_context c = { .text = str_from(replies[i]), .host = S("mx.example.org") };
        if (reply_classify(&c).rule == NULL)
            __builtin_trap();
    }
    return 0;
}
