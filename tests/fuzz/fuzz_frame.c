/* Whatever the bytes: wrappings come off or stay, records end inside of what is there, and a log of
 * them accounts for every byte. */
#include <stdlib.h>

#include "frame.h"
#include "lines.h"
#include "../unit/log_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool good)
{
    if (!good)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str in = str_of((const char *)data, size);
    struct framed f;
    if (frame_wrapped(in, &f))
        expect(f.line.text.n <= in.n && f.line.host.n <= in.n);
    frame_repeat(in);
    expect(frame_unescape(in).n <= in.n);
    for (int how = FRAME_LINES; how <= FRAME_COUNTED; how++)
        expect(frame_record((enum frame_records)how, in, true) <= in.n &&
               frame_record((enum frame_records)how, in, false) <= in.n &&
               (in.n == 0 || frame_record((enum frame_records)how, in, true) > 0));
    if (size > 16 << 10)
        return 0;
    struct log_sink *sink = log_sink_new();
    struct source s;
    source_open_memory(&s, "fuzz", in);
    expect(lines_read(&s, &(struct ingest_options){ .now = 0 }, format_find(S("postfix")), &sink->sink,
                      (struct lines_from){ 0 }, NULL));
    expect(sink->account.recorded + sink->account.ignored + sink->account.rejected == in.n);
    source_close(&s);
    log_sink_free(sink);
    return 0;
}
