/* DNS answers in the database: kept while analyze asks, read back as a source, imported and exported. */
#ifndef DNS_KEEP_H
#define DNS_KEEP_H

#include "cli.h"
#include "db.h"
#include "dns_history.h"
#include "dns_store.h"

/* Answers that a run has got, each name and type once. */
struct dns_keep {
    struct arena arena;
    struct dns_stored *rows;
    size_t n, room;
    uint64_t *asked; /* hashes of names and types, open addressing; 0: free */
    size_t nasked, asked_room;
};

void dns_keep_attach(struct dns_keep *, struct dns *); /* notes what this source answers from now on */
bool dns_keep_save(struct dns_keep *, struct db *, struct diag *); /* stores the rows and forgets them */

/* next behind what the database has; next itself where it has nothing.  NULL with diag filled on failure. */
struct dns *dns_with_history(struct db *, struct dns *next, struct diag *);
struct dns *dns_of_database(const char *conninfo, struct diag *);

int db_dns(struct cli *, int argc, char **argv); /* waybill db dns import FILE, db dns export */

#endif
