/* One run of ingest: what cmd_ingest.c (files as they are) and follow.c (files that grow) share. */
#ifndef INGEST_RUN_H
#define INGEST_RUN_H

#include "cli.h"
#include "format.h"
#include "lines.h"
#include "load.h"
#include "ndjson.h"
#include "walk.h"

struct ingest {
    struct ingest_options options;
    const struct format *forced;
    str options_text;
    struct db *db;
    struct load *load; /* NULL with --dry-run */
    struct ndjson *ndjson;
    struct sink *sink;
    struct arena arena;  /* one file's */
    str memory;          /* the source's bytes where it is no file */
    int64_t file_status; /* of the file that is read (file_status.h); 0: it is none, or only a part of one */
    const char *refused; /* why they are not to be read, or NULL */
    uint64_t known_rejects; /* of the last source that was known already */
    struct account total;
    uint64_t files, known, unreadable, unknown;
    bool place_by_folder;
    bool many;                /* several files may come: large ones are read beside each other */
    struct ingest_jobs *jobs; /* ingest_jobs.c; NULL: none yet */
    when started_at;
    struct buf arguments;
    bool failed; /* database or output gone: stop */
    struct diag diag;
};

/* For ingest_options.progress, on a terminal. */
bool ingest_show_progress(const struct ingest_options *, const struct source *);

/* Reads one file that walk found; false: stop (in->failed, or interrupted). */
bool ingest_file(void *in, const struct walk_file *);
void ingest_problem(void *in, const char *text); /* what walk could not read */

/* Reads an open source, whose head is in its window. */
bool ingest_source(struct ingest *, struct source *, const struct walk_file *);

/* Reads a message that is no file, as one in a Maildir: f names it.  The caller commits.  refused: why it is not to
 * be read (raw is then its beginning), or NULL; rejects: how many of its records could not be read. */
bool ingest_mail(struct ingest *, const struct walk_file *f, str raw, const char *refused, uint64_t *rejects);
bool ingest_commit(struct ingest *);

/* Fills in->diag and in->failed; always false. */
bool ingest_fail(struct ingest *, const struct diag *);

/* What the database knows of a source, by its first bytes: nothing; its beginning, so that there is more to read
 * (source says from where); all of it.  Of a damaged source that is all that can be had.  INGEST_KNOWN with
 * in->failed: the database is gone. */
enum ingest_known { INGEST_NEW, INGEST_MORE, INGEST_KNOWN };
enum ingest_known
ingest_look_up(struct ingest *, const struct source *, const struct format *, struct load_source *);

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

/* Reads the lines that file borders cut in two, as far as both ends are there. */
bool ingest_join_fragments(struct ingest *);

/* Commits, says what was read, releases, and gives the exit code. */
int ingest_finish(struct ingest *, bool strict);

#endif
