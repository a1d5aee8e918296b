/* Whatever the bytes: feeds account for every one. */
#include <stdlib.h>

#include "../unit/log_sink.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "postmaster", "snds" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct log_sink *sink = log_sink_new();
        struct source s;
        source_open_memory(&s, "fuzz", str_of((const char *)data, size));
        const struct format *f = format_find(str_from(names[i]));
        f->recognise(s.window, true);
        if (!f->read(&s, &(struct ingest_options){ .now = 0 }, &sink->sink) ||
            sink->account.recorded + sink->account.ignored + sink->account.rejected != size)
            abort();
        source_close(&s);
        log_sink_free(sink);
    }
    return 0;
}
