/* The sink of databases: takes the records of ingest into the tables, in batches.
 *
 * A batch holds any number of sources and is one transaction; the account of a
 * source is committed with its rows, so that a run killed at any moment leaves
 * whole batches.  Idempotence (ARCHITECTURE.md):
 *   - a source whose bytes are known, under whatever name, is skipped;
 *   - one that begins with a known source's bytes goes on where that ended;
 *   - where sources of a host overlap in time, equal records are kept once;
 *   - messages are known by their SHA-256, reports by their identity.
 * One loader works on a database at a time (advisory lock). */
#ifndef LOAD_H
#define LOAD_H

#include "db.h"
#include "sink.h"

struct load;

/* Waits for another ingest to end (saying so).  classify may be NULL. */
bool load_new(struct load **, struct db *, reply_classifier *classify, struct diag *);
/* The same for a loader that stays: other ingests take turns with it, batch by batch. */
bool load_new_sharing(struct load **, struct db *, reply_classifier *classify, struct diag *);
void load_free(struct load *); /* an uncommitted batch is rolled back */
struct sink *load_sink(struct load *);

/* A source that is read, or one that is known. */
struct load_source {
    str path, host, format, options;
    int64_t source_id; /* of the known source, or the one this will have */
    uint64_t bytes;    /* of the known source */
    uint64_t resume_offset;
    unsigned char sha256[32];
    bool whole;        /* the known source was read to its end */
    bool damaged;      /* or to where its compression is broken */
    bool following;    /* or as it grew, to the last line that was whole: state "following" */
    uint64_t rejected; /* records of the known source that could not be read */
    uint64_t head_length;
    unsigned char head_sha256[32];
    int64_t file_status; /* of the file it is read from, before it was opened (cli/file_status.h); 0: none */
};

/* Looks up sources whose head is that of these bytes (the first LOAD_HEAD bytes of the source, or all of
 * it), or, where it grows, a beginning of that.  Fills up to max candidates, the longest first. */
enum { LOAD_HEAD = 4096, LOAD_MAX_CANDIDATES = 16 };
bool load_find(struct load *, str head, bool grows, struct load_source *found, size_t max, size_t *n,
               struct diag *);

/* Whether these are all the bytes of a known source, read to its end; looks at LOAD_HEAD bytes at most, so that
 * a longer source is not found.  False with d->code set: the database failed. */
bool load_find_whole(struct load *, str bytes, int64_t *source_id, struct diag *);

/* The path is one more name of a known source, which is all that the file of that status holds (0: not known). */
bool load_add_path(struct load *, int64_t source_id, str path, int64_t file_status, struct diag *);

/* Whether a file of that status was read to its end; only told where many were looked up. */
bool load_skip_file(struct load *, int64_t file_status);

/* Begins a source; s->source_id is chosen unless resuming. */
bool load_begin(struct load *, struct load_source *s, bool resuming, str head, struct diag *);

/* Ends it for this batch, with its account up to here. */
struct load_result {
    uint64_t bytes, resume_offset, lines;
    unsigned char sha256[32]; /* of the bytes */
    str state;                /* "whole", "following", "damaged", "partial" or "unknown" (format) */
    when since, until;        /* of what this batch tells of it; WHEN_NONE: as the account says */
};
bool load_end(struct load *, const struct load_source *s, const struct account *, const struct load_result *,
              struct diag *);

/* Totals of what commits found to be there already. */
struct load_totals {
    int64_t transits, attempts, refusals, verdicts, messages, reports, duplicates;
    int64_t reports_found, reports_imported; /* of every kind; committed */
};

/* A source may be read by a forked process, several at once: there load_relay makes a load whose rows go
 * through fd, and load_relay_end sends the last of them; here load_take receives them (on any thread, until
 * the end; false if it came early), and load_add counts what was told.  Between load_begin and load_end;
 * nothing else of the load may need the session meanwhile. */
struct load_told {
    struct load_totals totals;
    bool saw_edges, saw_fragments;
};
struct load *load_relay(const struct load *, int fd);
struct load_told load_relay_end(struct load *);
bool load_take(struct load *, int fd);
void load_add(struct load *, const struct load_told *);
bool load_failed(struct load *, struct diag *); /* rows were refused, and why; waits for those on their way */

/* Whether the batch is large enough to commit now; and the commit. */
bool load_is_full(const struct load *);
bool load_commit(struct load *, struct diag *);

/* For a loader that shares.  Opens a batch; busy: another ingest is at work, none was opened. */
bool load_try_batch(struct load *, bool *busy, struct diag *);
/* Goes on with a source of an earlier batch, of which so many bytes were committed; same: nobody else read
 * on meanwhile.  Else begin it anew, by load_find. */
bool load_go_on(struct load *, const struct load_source *s, uint64_t bytes, bool *same, struct diag *);
/* When a path was read last; WHEN_NONE: never. */
bool load_last_read(struct load *, str path, when *, struct diag *);

/* A line whose beginning ended one source and whose end began another.  load_next_join takes back what the
 * beginning alone had said, and begins a record of the first source; false with d->code 0: none is left. */
struct load_join {
    int64_t tail_source, head_source;
    uint64_t offset; /* of the line in the first source */
    uint64_t head_length;
    str line, host, format;
    str since, until; /* the times of its neighbours; p NULL: not known */
};
bool load_next_join(struct load *, struct arena *, struct load_join *, struct diag *);
/* read: the joined line was understood; else both pieces stay as they are. */
bool load_end_join(struct load *, const struct load_join *, bool read, struct diag *);

struct load_totals load_totals(const struct load *);

/* The account of a run, kept in ingest_run; counts in the order of the enum. */
enum load_run_count {
    RUN_FILES,
    RUN_KNOWN,
    RUN_UNKNOWN,
    RUN_UNREADABLE,
    RUN_BYTES,
    RUN_FOUND,
    RUN_IMPORTED,
    RUN_DUPLICATE,
    RUN_PARTLY,
    RUN_REJECTED,
    RUN_NO_REPORT,
    RUN_RECORDS,
    RUN_REJECTS,
    LOAD_RUN_COUNTS
};
struct load_run {
    when started_at;
    str arguments, state; /* whole, failed, interrupted */
    int64_t counts[LOAD_RUN_COUNTS];
};
bool load_note_run(struct load *, const struct load_run *, struct diag *); /* outside of a batch */

#endif
