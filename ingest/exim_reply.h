/* The reason that Exim gives for a failure, cut so that what the remote server
 * said can be read like any other reply. */
#ifndef EXIM_REPLY_H
#define EXIM_REPLY_H

#include "event.h"

/* The stage of an SMTP command ("RCPT", "EHLO", ...). */
enum stage exim_phase_stage(str command);

/* REPLY = "SMTP error from remote mail server after RCPT TO:<a>: [host x [ip]: ]550 ..." ->
 * PHASE "RCPT TO", REPLY "550 ...", the relay where it was not said before. */
void exim_remote_reply(struct event *);

/* "** ...": result bounced, or expired where Exim gave up after retries; REPLY as above. */
void exim_failure(struct event *);

/* "== ... defer (N)": REPLY holds what follows the number; result deferred. */
void exim_deferral(struct event *);

#endif
