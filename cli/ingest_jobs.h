/* Large log files of one run, each read by a process of its own, into one batch.
 *
 * Reading is most of the work of ingest and needs no database; the rows come
 * through a pipe (load_relay).  Processes rather than threads: the floors below
 * keep what they need in statics, and a reader that dies costs its batch only. */
#ifndef INGEST_JOBS_H
#define INGEST_JOBS_H

#include "ingest_run.h"

enum { INGEST_JOBS_MOST = 8, INGEST_JOB_BYTES = 4 << 20 /* smaller files are not worth a process */ };

/* What reading a source came to. */
struct ingest_read {
    bool good; /* else diag says why; EXIT_NO_INPUT: what was read counts */
    bool at_end, damaged;
    struct diag diag;
    struct account account;
    struct lines_result lines;
    uint64_t offset; /* bytes read */
    unsigned char sha256[32];
};

/* Reads in this process. */
void
ingest_read(struct ingest *, struct source *, const struct format *, struct lines_from, struct ingest_read *);

/* Ends a source that was read, in the batch; false: stop. */
bool ingest_settle(struct ingest *, struct load_source *, const struct format *, struct lines_from,
                   const struct ingest_read *);

/* Whether a source is read beside others: a large log, and there are cores and files enough. */
bool ingest_jobs_want(const struct ingest *, const struct source *, const struct format *);

/* Begins to read a source that load_begin began; waits while all cores are busy. */
bool ingest_jobs_start(struct ingest *, struct source *, const struct format *, struct lines_from,
                       const struct load_source *);

/* Whether one that is being read begins with the same bytes: then it decides what the next one is. */
bool ingest_jobs_read(const struct ingest *, const struct source *);

/* Waits for all, and ends their sources; before anything that needs the batch's session. */
bool ingest_jobs_wait(struct ingest *);

void ingest_jobs_free(struct ingest *); /* after the last wait */

#endif
