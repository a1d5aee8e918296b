/* Any bytes as a list of senders, and as a list of one's own: refused with a reason, or addresses can be found by it. */
#include "senders.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const str marks[] = { { "a.example", 9 }, { "b.a.example", 11 }, { "x", 1 } };
    struct senders *s = senders_new();
    struct diag d = { 0 };
    str text = str_of((const char *)data, size);
    bool good = size && data[0] == '!' ? senders_add_own(s, str_skip(text, 1), "f", &d)
                                       : senders_add(s, text, "f", &d);
    if (!good && (d.code != EXIT_USAGE || strncmp(d.text, "f:", 2) != 0))
        __builtin_trap();
    struct sender_facts f = { .ip = ip_parse(S("192.0.2.1")),
                              .ptr = marks[0],
                              .confirmed = true,
                              .dkim = marks,
                              .selectors = marks,
                              .ndkim = 3,
                              .spf = marks,
                              .nspf = 3,
                              .both = size & 1 };
    struct sender_identity id = senders_identify(s, &f);
    if (id.standing.n == 0)
        __builtin_trap();
    senders_free(s);
    return 0;
}
