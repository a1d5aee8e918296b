/* What the files load*.c share; nobody else's business. */
#ifndef LOAD_IMPL_H
#define LOAD_IMPL_H

#include "load.h"
#include "load_known.h"
#include "load_tables.h"

enum { LOAD_AUTH_SENT = 1024 };

struct load_pending {
    int64_t source_id;
    bool following;
    when since, until; /* WHEN_NONE: as its account says */
};

struct load {
    struct sink sink;    /* first: the sink is the load */
    struct db *db;       /* the batch's transaction; the writer's thread uses it */
    struct db *look;     /* for look-ups beside it */
    struct known *known; /* NULL in a relay */
    struct writer *writer;
    struct arena arena;  /* for a batch */
    struct buf row_text; /* for one row */
    int64_t load_id, source_id;
    bool sharing; /* the lock that keeps other ingests out is the batch's, not the session's */
    bool in_batch, saw_edges, saw_fragments;
    unsigned staged;              /* load_stage.c: what waits in this batch */
    struct load_pending *pending; /* sources ended, not committed */
    size_t npending, pending_room;
    uint64_t batch_bytes;
    int64_t report_instance, report_messages, report_records; /* instance: counts reports of every kind */
    bool saw_reports;
    enum { REPORT_STAGED, REPORT_FRESH } report_is; /* the aggregate report at hand */
    int64_t taken_found;                            /* aggregate reports not staged, of this batch */
    uint64_t auth_sent[LOAD_AUTH_SENT]; /* keys of sets of results that this batch sent, by their hash */
    int64_t mailbox_puts;
    struct load_totals totals;
};

extern const struct sink_ops load_ops;

/* load.c: begins a batch unless one is open. */
bool load_want_batch(struct load *, struct diag *);
/* Asks within the batch; rows live in its arena, and may be NULL where none matter. */
bool load_query(struct load *, const char *name, const str *params, size_t nparams, struct db_rows *rows,
                struct diag *);

/* load_dmarc.c */
bool load_dmarc_begin(struct sink *, const struct dmarc_report *);
bool load_dmarc_record(struct sink *, const struct dmarc_record *);
bool load_dmarc_end(struct sink *, const struct dmarc_report *);

/* load_reports.c */
bool load_tls_report(struct sink *, const struct tls_report *);
bool load_feedback(struct sink *, const struct feedback *);
bool load_dsn(struct sink *, const struct dsn *);
bool load_reputation(struct sink *, const struct reputation *);

/* load_rows.c: fields that many rows have. */
void load_put_origin(struct buf *, const struct load *, struct origin);
void load_put_code(struct buf *, int code);
void load_put_class(struct buf *, const struct reply_class *);
bool load_taken(struct load *); /* false: a COPY failed */

/* load_stage.c: what is taken into its tables at the end of a batch. */
bool load_stage_open(void *load, struct db *, size_t table, struct diag *); /* a writer_opener */
bool load_stage_has(const struct load *, enum load_table);                  /* and those beside it */
bool load_stage_merge(struct load *, struct diag *);

/* load_dedupe.c: keeps once what the sources of this batch tell together with others. */
bool load_dedupe(struct load *, struct diag *);
/* The same for one source; since and until may be null. */
bool load_dedupe_source(struct load *, str source_id, str since, str until, struct diag *);

#endif
