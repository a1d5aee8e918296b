/* Large log files of one run, each read by a process of its own, into one batch.
 *
 * Reading is most of the work of ingest and needs no database; the rows come
 * through a pipe (load_relay).  Processes rather than threads: the floors below
 * keep what they need in statics, and a reader that dies costs its batch only. */
#ifndef INGEST_JOBS_H
#define INGEST_JOBS_H

#include "ingest_run.h"

enum { INGEST_JOBS_MOST = 8, INGEST_JOB_BYTES = 4 << 20 /* smaller files are not worth a process */ };

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
