/* Work on a list of files by several processes, the results in the order of the list. */
#ifndef CHECK_WORKERS_H
#define CHECK_WORKERS_H

#include "buf.h"

enum { WORKERS_MOST = 64, WORKERS_MIN_FILES = 4 /* fewer are not worth a process */ };

struct workers {
    const char **paths;
    size_t n;
    void (*start)(void *ctx); /* in each process, before its first file; may be NULL */
    int (*work)(void *ctx, const char *path, struct buf *out); /* adds to out, gives an exit code */
    bool (*take)(void *ctx, size_t index, int code,
                 struct buf *out); /* here, file after file; false to stop */
    void *ctx;
};

/* As many processes as there are cores, or none where that is not worth it.  False where take said so. */
bool workers_run(const struct workers *);

#endif
