/* Any bytes as host, reply and codes: a class comes back, the same the second time. */
#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    str all = str_of((const char *)data + 2, size - 2);
    struct str_cut host = str_cut(all, '\t');
    struct reply_context c = {
        .host = host.found ? host.head : (str){ 0 },
        .text = host.found ? host.tail : all,
        .code = data[0] & 1 ? 0 : 200 + data[0] * 2,
        .stage = (enum stage)(data[1] % STAGE_COUNT),
    };
    if (data[0] & 2)
        c.enhanced = str_head(c.text, data[1] % 12);
    struct reply_class first = reply_classify(&c), again = reply_classify(&c);
    struct reply_parts parts = reply_split(&c);
    if (first.rule == NULL || first.rule != again.rule || first.reason != again.reason ||
        first.stage >= STAGE_COUNT || parts.enhanced.n > 11)
        __builtin_trap();
    return 0;
}
