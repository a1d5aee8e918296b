/* Sendmail's log (8.6 to 8.18), written through syslog by the MTA (sendmail, sm-mta) and the submission
 * program (sm-msp-queue).
 *
 * A text is "ID: REST", "ID[n]: REST" for a piece of a long one, "NOQUEUE: REST", or REST alone.  Solaris puts
 * "[ID 801593 mail.info] " before.  REST is a list of equates ("from=..., size=...", "to=..., stat=..."), or
 * words of the daemon. */
#ifndef LOG_SENDMAIL_H
#define LOG_SENDMAIL_H

#include "format.h"
#include "logrow.h"

/* A text cut at its joints; the rows whose program is its kind match its rest. */
struct sendmail_part {
    str id;   /* of the queue or, before a message began, of the session; or empty */
    str kind; /* "message": with an id; "daemon": without; "piece": of a split line */
    str rest;
    uint64_t piece; /* its number, 0 where the line is whole */
};
struct sendmail_part sendmail_cut(str text);

/* A peer as Sendmail names it: "user@host.example. [192.0.2.1] (may be forged)", "[IPv6:2001:db8::1]",
 * "root@localhost".  Without user, final dot, brackets; a name that is the bracketed address is none. */
struct sendmail_peer {
    str name, ip, user;
};
struct sendmail_peer sendmail_peer(str relay);

/* The table, for the self-proof. */
const struct log_row *sendmail_rows(size_t *n);

#endif
