/* Mails that are reports (RFC 3464, 5965, prose), and TLS reports: no crash, every byte accounted for. */
#include "message_read.h"
#include "report.h"
#include "tlsrpt_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct format format_message, format_tlsrpt;

static bool
on_dsn(struct sink *s, const struct dsn *d)
{
    for (size_t i = 0; i < d->nrecipients; i++)
        if (d->recipients[i].final_recipient.n == 0 || d->recipients[i].action == DSN_UNKNOWN)
            __builtin_trap();
    return s->account != NULL && d->nrecipients > 0 && d->nrecipients <= DSN_MAX_RECIPIENTS;
}

static bool
on_feedback(struct sink *s, const struct feedback *f)
{
    volatile char last = f->original_headers.n ? f->original_headers.p[f->original_headers.n - 1] : 0;
    (void)last;
    return s->account != NULL;
}

static bool
on_tls(struct sink *s, const struct tls_report *r)
{
    for (size_t i = 0; i < r->npolicies; i++)
        if (r->policies[i].successful_sessions < -1 || r->policies[i].failed_sessions < -1)
            __builtin_trap();
    return s->account != NULL;
}

static const struct sink_ops ops = { .dsn = on_dsn, .feedback = on_feedback, .tls_report = on_tls };

static void
read_as(const struct format *f, str text)
{
    struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    struct sink sink = { .ops = &ops, .account = &account };
    struct ingest_options options = { .stored_at = WHEN_NONE };
    struct source source;
    source_open_memory(&source, "fuzz", text);
    bool good = f->read(&source, &options, &sink);
    uint64_t read = source.offset;
    source_close(&source);
    if (!good || account.recorded + account.rejected + account.ignored != read || read != text.n)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    str text = str_of((const char *)data, n);
    read_as(&format_message, text);
    if (tlsrpt_recognise(text) > 0)
        read_as(&format_tlsrpt, text);
    return 0;
}
