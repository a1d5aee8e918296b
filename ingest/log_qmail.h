/* Logs of qmail and of what usually stands in front of it.
 *
 * qmail-send (also netqmail, notqmail, qmail-ldap, s/qmail) through multilog
 * (TAI64N labels), tai64nlocal (local civil time) or splogger (syslog, the
 * time once more as seconds in the text); tcpserver, rblsmtpd, spamdyke,
 * chkuser and simscan.
 *
 * A message is known by the number of its inode, which is given out again as
 * soon as it is gone: "new msg" begins another one.  Deliveries have numbers
 * of their own, said with message and recipient only where they start. */
#ifndef LOG_QMAIL_H
#define LOG_QMAIL_H

#include "arena.h"
#include "format.h"
#include "logrow.h"

/* Takes a TAI64N label, a tai64nlocal stamp or splogger's seconds off a line; as format.h's frame. */
bool qmail_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s);

/* The text that rows match: without splogger's seconds, with the name of a neighbour that syslog took off. */
str qmail_text(const struct line *, struct arena *);

/* The table, for the self-proof. */
const struct log_row *qmail_rows(size_t *n);

/* log_qmail_reply.c: what "delivery D: ..." tells -------------------------------------------------- */

/* logsafe() wrote "_" for blanks and "/" for line ends: blanks come back, except in addresses. */
str qmail_words(str safe, struct arena *);
/* Cuts the words of a delivery: result, peer, reply, code, local or forwarded.  DETAIL is the qmail-queue
 * process of a forwarded message, or empty. */
void qmail_report(struct event *, str words, struct arena *);

/* log_qmail_memory.c: deliveries under way, and which process queued what --------------------------- */

void qmail_memory_start(str host, str delivery, str message, str recipient, bool local, when at);
/* False: its beginning was not read.  The views live until the next call. */
bool qmail_memory_end(str host, str delivery, when at, str *message, str *recipient, bool *local);
/* qp (a process id) wrote message; or message was bounced or forwarded by qp.  Of the other kind, what was
 * last said of qp close in time, or empty. */
enum qmail_qp { QP_WROTE, QP_BOUNCE, QP_FORWARD };
void qmail_memory_qp(str host, str qp, enum qmail_qp, str message, when at);
str qmail_memory_message(str host, str qp, enum qmail_qp, when at);

#endif
