/* waybill ingest --follow: reads files and pipes as they grow, in small transactions. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "ingest_run.h"

struct follow_options {
    int64_t analyze_every_s; /* run analyze beside it, so often; 0: not */
    bool poll;               /* look every second, also where the kernel tells of changes */
    const char *reply_rules; /* for analyze; or NULL */
};

/* Until it is asked to end (SIGTERM, SIGINT: 0), or nothing is left to follow.  in->load is one that shares. */
int follow_run(struct ingest *, struct cli *, const struct follow_options *, char *const *paths, int npaths);

#endif
