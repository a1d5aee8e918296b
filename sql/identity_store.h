/* Keeps whose the addresses in DMARC reports are. */
#ifndef IDENTITY_STORE_H
#define IDENTITY_STORE_H

#include "buf.h"
#include "db.h"
#include "when.h"

struct identity_row { /* empty texts are not known */
    str ip, standing, service, title, kind, known_by, mark, ptr, ptr_status;
    bool confirmed; /* of ptr */
    str org_domain, country, as_name;
    uint32_t asn;
    when seen_at; /* WHEN_NONE: before all time */
};

/* All zero but db, which is in no transaction, is a store. */
struct identity_store {
    struct db *db;
    struct buf rows;
    size_t n;
    bool ready;
};

/* Takes a row; every so many are committed.  The last are only by identity_store_flush. */
bool identity_store_put(struct identity_store *, const struct identity_row *, struct diag *);
bool identity_store_flush(struct identity_store *, struct diag *);
void identity_store_free(struct identity_store *); /* db stays */

#endif
