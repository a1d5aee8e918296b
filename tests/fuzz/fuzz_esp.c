/* Whatever the bytes: events are told or values rejected, and every byte is accounted for. */
#include "esp.h"

#include "../unit/log_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_sink *sink = log_sink_new();
    struct source s;
    source_open_memory(&s, "fuzz", str_of((const char *)data, size));
    if (!esp_read(&s, &(struct ingest_options){ .now = 0 }, &sink->sink) ||
        sink->account.recorded + sink->account.ignored + sink->account.rejected != size)
        abort();
    source_close(&s);
    log_sink_free(sink);
    return 0;
}
