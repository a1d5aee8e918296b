/* OpenSMTPD's log (5.3 to 7.x), written through syslog as "smtpd".
 *
 * A text is "SESSION smtp|mta|mda EVENT key=value ..." (until 6.3 "event=EVENT"), "PART: words" of older releases
 * ("smtp-in: New session ...", "relay: Ok for ..."), or words of the daemon.  The Message-ID is never said: the
 * queue id of a message is its msgid, the first eight digits of the evpid that each recipient has. */
#ifndef LOG_OPENSMTPD_H
#define LOG_OPENSMTPD_H

#include "format.h"
#include "logrow.h"

/* A text cut at its joints; the rows whose program is its kind match its rest. */
struct opensmtpd_part {
    str session; /* 16 hexadecimal digits, or empty */
    str kind;    /* "smtp", "mta", "mda", "filters" within a session; else "words" */
    str rest;
};
struct opensmtpd_part opensmtpd_cut(str text);

/* The table, for the self-proof. */
const struct log_row *opensmtpd_rows(size_t *n);

#endif
