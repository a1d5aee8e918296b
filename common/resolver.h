/* Live DNS look-ups through the system's resolvers; common/resolver.c is the owner of libunbound.
 *
 * Each look-up has a time limit; after several time-outs in a row the network
 * is taken to be away, and every further look-up times out at once. */
#ifndef RESOLVER_H
#define RESOLVER_H

#include "arena.h"
#include "diag.h"

enum resolver_status { RESOLVER_OK, RESOLVER_NODATA, RESOLVER_NXDOMAIN, RESOLVER_SERVFAIL, RESOLVER_TIMEOUT };

enum {
    RESOLVER_TIMEOUT_MS = 5000, /* of one look-up */
    RESOLVER_GIVE_UP = 2,       /* time-outs in a row */
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
struct resolver *resolver_new(struct diag *); /* NULL: libunbound cannot start */
void resolver_free(struct resolver *);

/* name in presentation form; type is the record type's number (class IN). */
void resolver_ask(struct resolver *, struct arena *, const char *name, int type, struct resolver_answer *);

#endif
