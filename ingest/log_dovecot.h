/* Dovecot's log: deliveries (lmtp, lda, sieve), log-ins, and the server's own life.
 *
 * A text is "SERVICE(WHO)<pid><session>: [LEVEL: ]message".  What stands in the parentheses depends on the version:
 *   2.0, 2.1  lmtp(123, user@domain): SESSION: msgid=...    lda(user): msgid=...
 *   2.2       lmtp(user@domain): SESSION: msgid=...         imap(user): ...
 *   2.3, 2.4  lmtp(user@domain)<123><SESSION>: msgid=...    lmtp(123): Connect from local
 * deliver and dovecot-lda may also be the tag itself: "deliver(user)[123]: msgid=...".
 * Dovecot's own file has "STAMP SERVICE(...): Info: message" and no host. */
#ifndef LOG_DOVECOT_H
#define LOG_DOVECOT_H

#include "format.h"
#include "logrow.h"

const struct log_row *dovecot_rows(size_t *n);

/* "Nov 21 22:11:35 lmtp(...): Info: text" and with "YYYY-MM-DD hh:mm:ss"; see format.h. */
bool dovecot_frame(str whole, struct line *, struct civil *, bool *zoned, int *offset_s);

/* A text cut at its joints: user, session and pid go to the event, and of a delivery the Message-ID.
 * kind is what rows call a program: "delivery", "login", "auth", "reader" or "server"; "fault" for what has a level
 * above Info and no outcome in it. */
struct dovecot_part {
    str kind, rest;
};
struct dovecot_part dovecot_cut(const struct line *, struct event *);

#endif
