/* Bytes of a pipe, FIFO or socket that are the stream's until their lines are committed.
 *
 * A pipe is looked into (tee(2), MSG_PEEK), not emptied: what is not committed stays in it, so that a waybill that is
 * killed loses nothing if someone else keeps the pipe open, and a producer that is faster than the
 * database waits.  What cannot be looked into (a terminal), and a line that does not fit into the
 * pipe, is kept in memory instead. */
#ifndef FOLLOW_STREAM_H
#define FOLLOW_STREAM_H

#include <sys/types.h>

#include "arena.h"
#include "buf.h"
#include "crypto.h"

enum {
    STREAM_MOST = 1 << 20,  /* uncommitted bytes, beside one long line */
    STREAM_MARK_LEAST = 64, /* bytes of a commit that are worth a mark */
};

struct stream {
    int fd;
    int aux[2]; /* tee's other pipe; -1: none */
    enum { STREAM_READ, STREAM_TEE, STREAM_PEEK } how;
    char name[64];   /* of the pipe itself: "pipe 12:4711" */
    struct buf kept; /* from the last commit on */
    size_t given;    /* of them, to the reader */
    size_t drained;  /* the first ones of kept that are in the pipe no longer */
    size_t stuck_at; /* kept.n when the last look found nothing new */
    bool ended;
    bool named; /* a FIFO: it stays when we end */
};

void stream_open(struct stream *, int fd);
void stream_close(struct stream *);

/* Looks for more without waiting; whether there are bytes that the reader was not given, or the end. */
bool stream_fill(struct stream *);
/* Whether everything in the pipe has been seen, so that poll would only tell of that. */
bool stream_is_stuck(const struct stream *);

/* A source_reader; ctx is the stream.  0 means: nothing now. */
ssize_t stream_read(void *ctx, char *p, size_t n);
/* Somebody else empties the pipe: forgets what was seen in it. */
void stream_forget(struct stream *);
void stream_rewind(struct stream *); /* gives everything since the last commit once more */

/* The first n bytes of kept are committed: takes them out of the pipe. */
void stream_commit(struct stream *, size_t n);

/* What a commit of n bytes leaves in the database, in case the process ends before stream_commit: how many of these
 * are still in the pipe, and their hash. */
size_t stream_mark(const struct stream *, size_t n, unsigned char sha256[32]);
bool stream_begins_with(const struct stream *, size_t n, const unsigned char sha256[32]);

#endif
