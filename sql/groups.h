/* The database side of analyze: groups of records out, assembled journeys in.
 *
 * groups_open takes a consistent view of what was ingested, finds what is new
 * (or all of it), and streams it group by group over several sessions, ordered
 * by key; the results go back by COPY in one transaction.  One analyze works
 * on a database at a time. */
#ifndef GROUPS_H
#define GROUPS_H

#include "assembled.h"
#include "db.h"

struct groups;

struct groups_plan {
    bool all;   /* redo everything */
    when now;   /* for "lost"; WHEN_NONE: the latest time in the database */
    when grace; /* so long a host of ours may be silent about a message it took */
    str dns;    /* what is noted as the DNS source used */
};

bool groups_open(struct groups **, struct db *, const struct groups_plan *, struct diag *);
/* The latest time that any source tells of (or the plan's now). */
when groups_now(const struct groups *);

/* The next group, in the arena (reset by the caller between groups); false at the end (d->code 0). Messages
 * come raw: message.raw is set, the caller parses. */
bool groups_next(struct groups *, struct arena *, struct group *, struct diag *);

/* Takes one journey with its parts. */
void groups_put(struct groups *, const struct assembled *);
struct auth_row {
    str method, domain, selector, result, reason, said_by;
    int aligned; /* -1: no such thing, else 0 or 1 */
    when at;
    when
        records_age; /* how far the DNS records that were used lie from at; 0: they are of that time, or undated */
    const unsigned char *sha256; /* of the stored message it is about, or NULL */
};
void groups_put_auth(struct groups *, const struct journey *, const struct auth_row *);

/* Makes indexes where they lack, notes what was analyzed, and commits. */
bool groups_commit(struct groups *, struct diag *);
void groups_free(struct groups *);

#endif
