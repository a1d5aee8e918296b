/* Whose the addresses in DMARC reports are: what analyze does for source_identity. */
#ifndef IDENTIFY_H
#define IDENTIFY_H

#include "cli.h"
#include "db.h"
#include "dns.h"

enum { IDENTIFY_MAX_ASKED = 20000 }; /* addresses whose names a run asks for; the next goes on */

struct identify {
    const char *senders, *own, *maxmind; /* files, or NULL */
    const char *psl;                     /* or NULL: the system's */
    const char *dns_word;                /* what --dns says */
    struct dns *dns;
    bool all; /* ask anew for what is known */
};

/* Takes from the configuration what options leave open, and reads the lists, so that what is wrong with them
 * is told before anything is done.  Ends the program where a file cannot be read (66) or is wrong (64). */
struct identify_lists;
struct identify_lists *identify_open(struct identify *, struct cli *);
void identify_close(struct identify_lists *);

/* Looks at the addresses of new reports, or at all where the lists changed.  *done gets their number. */
bool identify_sources(const struct identify *, struct identify_lists *, struct db *, uint64_t *done,
                      struct diag *);

#endif
