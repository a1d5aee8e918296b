/* Whatever the bytes: every byte is accounted for, and pieces of any size give what the whole gives. */
#include <stdlib.h>

#include "../unit/dmarc_sink.h"
#include "report.h"

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
    if (size < 1)
        return 0;
    str in = str_of((const char *)data + 1, size - 1);
    struct dmarc_sink whole, pieces, source;
    struct source s;
    dmarc_sink_init(&whole);
    dmarc_sink_init(&pieces);
    dmarc_sink_init(&source);
    size_t used = dmarc_sink_read(&whole, in, 0);
    expect(dmarc_sink_bytes(&whole) == used && whole.begun == whole.ended);
    /* what is left behind a document in UTF-16 depends on the pieces */
    bool wide = in.n >= 2 && (in.p[0] == '\0' || in.p[1] == '\0' || (unsigned char)in.p[0] >= 0xfe);
    if (!wide) {
        expect(dmarc_sink_read(&pieces, in, data[0] + 1u) == used);
        expect(str_eq(buf_str(&whole.json), buf_str(&pieces.json)));
        expect(str_eq(buf_str(&whole.rejects), buf_str(&pieces.rejects)));
    }
    source_open_memory(&s, "fuzz", in);
    expect(report_read_source(&s, &source.sink));
    expect(s.window.n == 0 && dmarc_sink_bytes(&source) == in.n && source.begun == source.ended);
    source_close(&s);
    dmarc_sink_free(&whole);
    dmarc_sink_free(&pieces);
    dmarc_sink_free(&source);
    return 0;
}
