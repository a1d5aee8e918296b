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

/* Adds rows; of what is there already the time is widened. */
bool dns_store_put(struct db *, const struct dns_stored *, size_t n, struct diag *);

/* Each row, by name and type. */
bool
dns_store_each(struct db *, bool (*each)(void *ctx, const struct dns_stored *), void *ctx, struct diag *);

#endif
