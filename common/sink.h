/* Where ingest puts what it read: a database, NDJSON on stdout, or memory in tests.
 *
 * A sink is a table of functions; a NULL one ignores that kind.  All return
 * false with diag filled only when nothing more can be taken (database gone,
 * disk full); bad data never does that. */
#ifndef SINK_H
#define SINK_H

#include "diag.h"
#include "dmarc.h"
#include "dsn.h"
#include "feedback.h"
#include "message.h"
#include "record.h"
#include "tlsrpt.h"

struct sink;
struct sink_ops {
    /* Lines as parsed; only --dry-run asks for them. */
    bool (*event)(struct sink *, const struct event *);
    /* What the tracker folds out of them. */
    bool (*transit)(struct sink *, const struct transit *);
    bool (*attempt)(struct sink *, const struct attempt *);
    bool (*refusal)(struct sink *, const struct refusal *);
    bool (*verdict)(struct sink *, const struct verdict *);
    bool (*notification)(struct sink *, const struct notification *);
    bool (*message)(struct sink *, const struct message *, const struct message_source *);
    bool (*dmarc_begin)(struct sink *, const struct dmarc_report *);
    bool (*dmarc_record)(struct sink *, const struct dmarc_record *);
    bool (*dmarc_end)(struct sink *, const struct dmarc_report *);
    bool (*reputation)(struct sink *, const struct reputation *);
    bool (*tls_report)(struct sink *, const struct tls_report *);
    bool (*feedback)(struct sink *, const struct feedback *); /* complaints, failure reports */
    bool (*dsn)(struct sink *, const struct dsn *);
    bool (*reject)(struct sink *, const struct reject *);
    /* Lines that the source's edge cut in two, and sessions that were open at its edges: so that
     * what stands in the neighbouring file can be joined. */
    bool (*fragment)(struct sink *, const struct fragment *);
    bool (*edge)(struct sink *, const struct session_edge *);
};

/* What became of the bytes of one source; after a whole source
 * recorded + rejected + ignored == bytes. */
struct account {
    uint64_t bytes;                       /* decompressed */
    uint64_t recorded, rejected, ignored; /* bytes that ended as each */
    uint64_t records, rejects, ignores;   /* how many of each */
    /* Reports that were read (some of them in part), that should be some and could not be, and messages that
     * carry none. */
    uint64_t reports, reports_partly, reports_rejected, not_reports;
    when first_at, last_at; /* WHEN_NONE: no dated record */
};

struct sink {
    const struct sink_ops *ops;
    struct diag diag;
    reply_classifier *classify; /* NULL: leave replies unclassified */
    const char *format;         /* name of the format being read; set by the reader */
    str source;                 /* path being read */
    struct account *account;    /* of the source being read */
};

/* Counts a piece of the source; use one of them for every byte. */
static inline void
account_record(struct account *a, uint64_t bytes, when at)
{
    a->recorded += bytes;
    a->records++;
    if (at != WHEN_NONE) {
        if (a->first_at == WHEN_NONE || at < a->first_at)
            a->first_at = at;
        if (a->last_at == WHEN_NONE || at > a->last_at)
            a->last_at = at;
    }
}

static inline void
account_ignore(struct account *a, uint64_t bytes)
{
    a->ignored += bytes;
    a->ignores++;
}

static inline void
account_reject(struct account *a, uint64_t bytes)
{
    a->rejected += bytes;
    a->rejects++;
}

/* Rejects a piece: counted, and handed to the sink with an excerpt. */
bool sink_reject(struct sink *, uint64_t line, struct origin, str bytes, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
