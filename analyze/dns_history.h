/* DNS answers kept with the time they were seen (the table dns_record), as rows of text.
 *
 * A row is one record or one negative answer: name (without its last dot) and
 * rdata in presentation form, rdata "" where there is none; rcode noerror (with "" for rdata: no such data),
 * nxdomain, servfail or timeout. */
#ifndef DNS_HISTORY_H
#define DNS_HISTORY_H

#include "buf.h"
#include "dns.h"

struct dns_row {
    str name, type, rdata, rcode;
    when first_seen, last_seen; /* WHEN_NONE: since ever, for ever */
    str origin;                 /* "live", or the file it came from */
};

/* Takes rows; false to stop. */
typedef bool dns_row_taker(void *closure, const struct dns_row *);

/* One answer as rows: all of its records, or the one that says there are none.  DNS_UNKNOWN gives none. */
bool dns_answer_rows(struct arena *, str name, enum dns_type, const struct dns_answer *, when at, str origin,
                     dns_row_taker *, void *closure);

/* All of a snapshot as rows; what it says without "valid" was seen at that time. */
bool
dns_snapshot_rows(struct arena *, struct dns *snapshot, when at, str origin, dns_row_taker *, void *closure);

/* Adds rows to a snapshot's text (waybill-formats(7)); *last is the caller's memory of the last "valid" line,
 * zero at first. */
struct dns_text_state {
    bool any;
    when from, until;
};
void dns_row_text(struct buf *, struct dns_text_state *last, const struct dns_row *);

/* A source of two: what the history (a snapshot) has of the time asked for; else what next has, unless the
 * history's nearest is nearer.  Both are closed with it.  next may be NULL. */
struct dns *dns_history(struct dns *history, struct dns *next);

#endif
