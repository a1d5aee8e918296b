/* Everything that reads a header section: splitting, addresses, encoded words, Received, recorded
 * results, spam, placement, and the JSON made of them. */
#include "buf.h"
#include "json.h"
#include "message_json.h"
#include "message_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = { 0 };
    struct buf out = { 0 };
    struct json j = { .out = &out };
    struct message m;
    message_parse(&m, &arena, str_of((const char *)data, n));
    size_t at = 0;
    for (size_t i = 0; i < m.nheaders; i++) { /* fields lie in the text, in order, without overlap */
        if (m.headers[i].offset < at || m.headers[i].offset + m.headers[i].length > m.body_offset)
            __builtin_trap();
        at = m.headers[i].offset + m.headers[i].length;
    }
    if (m.body_offset > n)
        __builtin_trap();
    json_object(&j);
    message_json(&j, &m);
    json_end_object(&j);
    message_header_lines(m.raw, true);
    buf_free(&out);
    arena_free(&arena);
    return 0;
}
