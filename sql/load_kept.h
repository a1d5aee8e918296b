/* What ingest --follow keeps in the database of the raw lines that it read, in case it is killed when they are gone where
 * they stood: a pipe was emptied, a file truncated.
 *
 * A stream (a pipe by what it is, a file by its source) has pieces: whole lines at positions that grow.  Of a pipe the
 * last lines are kept, for what follows finds its context in them; of both, single lines that others are still
 * awaited for.  All changes are part of the batch that is open. */
#ifndef LOAD_KEPT_H
#define LOAD_KEPT_H

#include "load.h"

struct load_piece {
    int64_t position; /* in the stream */
    str bytes;
    int64_t source_id; /* from which it was read */
    str format;
    int64_t begins_at; /* the position at which that source begins; what was read again lies before it */
};

/* Another process that follows the same stream, or the rest of one that was killed, may still have it. */
bool load_kept_own(struct load *, str stream, bool *ours, struct diag *);
bool load_kept_disown(struct load *, str stream, struct diag *);

bool load_kept_get(struct load *, struct arena *, str stream, struct load_piece **, size_t *n, struct diag *);
bool load_kept_put(struct load *, str stream, const struct load_piece *, struct diag *);
/* Lets go of pieces that end at or before the position, but for those n lines (position and length). */
struct load_kept_line {
    int64_t position;
    uint64_t length;
};
bool load_kept_drop(struct load *, str stream, int64_t position, const struct load_kept_line *, size_t n,
                    struct diag *);
/* Streams to which nothing came for a minute; of whom they are, load_kept_own tells. */
struct load_orphan {
    str stream, format;
    int64_t source_id;
};
bool load_kept_orphans(struct load *, struct arena *, struct load_orphan **, size_t *n, struct diag *);
/* What it waited to tell stands in the batch. */
bool load_kept_settle(struct load *, const struct load_orphan *, struct diag *);

/* Keeps with this batch what it took of a pipe; and what the last one took, 0 bytes if nothing is known. */
bool load_set_mark(struct load *, str stream, uint64_t bytes, const unsigned char sha256[32], struct diag *);
bool load_get_mark(struct load *, str stream, uint64_t *bytes, unsigned char sha256[32], struct diag *);

#endif
