/* Work on a list of files by several processes, the results in the order of the list. */
#ifndef CHECK_WORKERS_H
#define CHECK_WORKERS_H

#include "buf.h"

enum { WORKERS_MOST = 64, WORKERS_MIN_FILES = 4 /* fewer are not worth a process, unless one is shared */ };

struct worker_file {
    const char *path;
    bool shared; /* each process reads it and does its share of its parts */
};

/* Which parts of a file a process is to do: those whose number, counted from 0, leaves nth when divided by of. */
struct worker_share {
    unsigned nth, of;
};

/* Gives the result of one part; false: no more are wanted. */
typedef bool worker_emit(void *to, int code, const struct buf *out);

struct workers {
    const struct worker_file *files;
    size_t n;
    void (*start)(void *ctx); /* in each process, before its first file; may be NULL */
    /* Emits one result a part, in order. */
    void (*work)(void *ctx, const char *path, struct worker_share, worker_emit *emit, void *to);
    bool (*take)(void *ctx, int code, const struct buf *out); /* here, part after part; false to stop */
    void *ctx;
};

/* As many processes as there are cores, or none where that is not worth it.  False where take said so. */
bool workers_run(const struct workers *);

#endif
