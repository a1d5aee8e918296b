/* The table dns_record: DNS answers with the time they were seen. */
#ifndef DNS_STORE_H
#define DNS_STORE_H

#include "db.h"
#include "when.h"

/* One record or negative answer, as the table has it; texts are ASCII. */
struct dns_stored {
    str name, type, rdata, rcode, origin;
    when first_seen, last_seen; /* WHEN_NONE: since ever, for ever */
};

/* Adds rows; where the same answer was seen about that time, its time is widened (queries/dns_put.sql). */
bool dns_store_put(struct db *, const struct dns_stored *, size_t n, struct diag *);

/* Lets the next analysis judge anew what other DNS records may change (results unknown, or by records of another time).
 * source: what that analysis will ask, in which case nothing is done if the last one asked the same; "" in any case. */
bool dns_store_reopen(struct db *, str source, struct diag *);

/* Each row, by name and type. */
bool
dns_store_each(struct db *, bool (*each)(void *ctx, const struct dns_stored *), void *ctx, struct diag *);

#endif
