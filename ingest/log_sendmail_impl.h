/* What the files of the Sendmail format share. */
#ifndef LOG_SENDMAIL_IMPL_H
#define LOG_SENDMAIL_IMPL_H

#include "log_sendmail.h"

/* log_sendmail.c: "a" of "<a>", an address without "IPv6:", a peer into the client's fields. */
str sendmail_unwrap(str s);
str sendmail_bare_ip(str s);
void sendmail_set_client(struct event *, struct sendmail_peer);

/* log_sendmail_mail.c: "1+02:03:04" as seconds (one text at a time), and the two lists of equates. */
str sendmail_seconds(str s);
void sendmail_from(str rest, struct event *);
void sendmail_to(str rest, struct event *);

/* log_sendmail_refusal.c: of rulesets, filters and the daemon itself. */
void sendmail_refusal(str rest, struct event *);

#endif
