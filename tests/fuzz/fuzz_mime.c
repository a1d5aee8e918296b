/* The MIME tree with its transfer encodings, and mailboxes: every byte must be accounted for. */
#include "message_read.h"
#include "mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct format format_mbox;

static bool
see(void *ctx, const struct mime_part *p)
{
    const struct message *m = ctx;
    if (p->offset > m->raw.n || p->depth > MESSAGE_MAX_MIME_DEPTH)
        __builtin_trap();
    volatile char last = p->body.n ? p->body.p[p->body.n - 1] : 0;
    (void)last;
    return true;
}

static bool
on_message(struct sink *s, const struct message *m, const struct message_source *from)
{
    return s->account != NULL && m->raw.n == from->origin.length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = { 0 };
    struct message m;
    str text = str_of((const char *)data, n);
    message_parse_headers(&m, &arena, text);
    mime_walk(&arena, &m, see, &m);
    arena_free(&arena);

    static const struct sink_ops ops = { .message = on_message };
    struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    struct sink sink = { .ops = &ops, .account = &account };
    struct ingest_options options = { .stored_at = WHEN_NONE };
    struct source source;
    source_open_memory(&source, "fuzz", text);
    bool good = format_mbox.read(&source, &options, &sink);
    source_close(&source);
    if (good && account.recorded + account.rejected + account.ignored != n)
        __builtin_trap();
    return 0;
}
