/* Live DNS look-ups through the system's resolvers, or one that is named; common/resolver.c is the owner of libunbound.
 *
 * Each look-up has a time limit, and what timed out is not asked again in the
 * same run.  After several time-outs in a row the resolver is asked for the
 * root: if even that gets no answer, the network is taken to be away, and
 * look-ups time out at once for a while. */
#ifndef RESOLVER_H
#define RESOLVER_H

#include "arena.h"
#include "diag.h"

enum resolver_status { RESOLVER_OK, RESOLVER_NODATA, RESOLVER_NXDOMAIN, RESOLVER_SERVFAIL, RESOLVER_TIMEOUT };

enum {
    RESOLVER_TIMEOUT_MS = 8000, /* of one look-up: slow zones answer the third time they are asked */
    RESOLVER_GIVE_UP = 2,       /* time-outs in a row before the root is asked for */
    RESOLVER_AWAY_MS = 60000,   /* how long an absent network is not asked */
    RESOLVER_DEAD_NAMES = 256,  /* questions without an answer that are remembered */
    RESOLVER_MAX_RECORDS = 200, /* of one answer; more are dropped */
};

struct resolver_answer {
    enum resolver_status status;
    bool aliased; /* CNAMEs were followed */
    bool secure;  /* DNSSEC validated */
    str *rdata;   /* wire form, names uncompressed */
    size_t n;
};

struct resolver;
/* server: "ADDRESS" or "ADDRESS@PORT", which must outlive it; NULL: what the system uses.  Gives NULL where that is no
 * address, or libunbound cannot start. */
struct resolver *resolver_new(const char *server, struct diag *);
void resolver_free(struct resolver *);

/* name in presentation form; type is the record type's number (class IN). */
void resolver_ask(struct resolver *, struct arena *, const char *name, int type, struct resolver_answer *);

#endif
