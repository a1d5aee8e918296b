/* For tests: a sink that writes reports as JSON and keeps the reasons of rejects. */
#ifndef DMARC_SINK_H
#define DMARC_SINK_H

#include "dmarc_json.h"
#include "dmarc_xml.h"

struct dmarc_sink {
    struct sink sink;
    struct account account;
    struct buf json, rejects;
    struct dmarc_json writer;
    size_t begun, ended, records;
};

static bool
dmarc_sink_begin(struct sink *s, const struct dmarc_report *r)
{
    struct dmarc_sink *d = (struct dmarc_sink *)(void *)s;
    d->begun++;
    dmarc_json_begin(&d->writer, &d->json, S("test"), r);
    return true;
}

static bool
dmarc_sink_record(struct sink *s, const struct dmarc_record *r)
{
    struct dmarc_sink *d = (struct dmarc_sink *)(void *)s;
    d->records++;
    dmarc_json_record(&d->writer, r);
    return true;
}

static bool
dmarc_sink_end(struct sink *s, const struct dmarc_report *r)
{
    struct dmarc_sink *d = (struct dmarc_sink *)(void *)s;
    d->ended++;
    dmarc_json_end(&d->writer, r);
    buf_char(&d->json, '\n');
    return true;
}

static bool
dmarc_sink_reject(struct sink *s, const struct reject *r)
{
    struct dmarc_sink *d = (struct dmarc_sink *)(void *)s;
    buf_printf(&d->rejects, "%ju:%ju+%ju %.*s|", (uintmax_t)r->line, (uintmax_t)r->origin.offset,
               (uintmax_t)r->origin.length, PRSTR(r->reason));
    return true;
}

static const struct sink_ops dmarc_sink_ops = { .dmarc_begin = dmarc_sink_begin,
                                                .dmarc_record = dmarc_sink_record,
                                                .dmarc_end = dmarc_sink_end,
                                                .reject = dmarc_sink_reject };

static inline void
dmarc_sink_init(struct dmarc_sink *d)
{
    *d = (struct dmarc_sink){ 0 };
    d->account.first_at = d->account.last_at = WHEN_NONE;
    d->sink = (struct sink){ .ops = &dmarc_sink_ops, .account = &d->account };
}

static inline void
dmarc_sink_free(struct dmarc_sink *d)
{
    buf_free(&d->json);
    buf_free(&d->rejects);
}

static inline uint64_t
dmarc_sink_bytes(const struct dmarc_sink *d)
{
    return d->account.recorded + d->account.rejected + d->account.ignored;
}

/* One document, handed over in pieces of that size (0: at once); returns the bytes used up. */
static inline size_t
dmarc_sink_read(struct dmarc_sink *d, str text, size_t piece)
{
    struct dmarc_xml *p = dmarc_xml_new(&d->sink, (struct origin){ 0, 0 }, false);
    size_t at = 0, shown = piece ? 0 : text.n;
    do {
        shown = piece && text.n - shown > piece ? shown + piece : text.n;
        at += dmarc_xml_push(p, str_of(text.p + at, shown - at), shown == text.n);
    } while (shown < text.n && !dmarc_xml_done(p));
    dmarc_xml_finish(p, NULL);
    dmarc_xml_free(p);
    return at;
}

#endif
