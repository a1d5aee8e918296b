/* What the files of the Sendmail format share. */
#ifndef LOG_SENDMAIL_IMPL_H
#define LOG_SENDMAIL_IMPL_H

#include "log_sendmail.h"

/* log_sendmail.c: "a" of "<a>", an address without "IPv6:", a peer into the client's fields. */
str sendmail_unwrap(str s);
str sendmail_bare_ip(str s);
void sendmail_set_client(struct event *, struct sendmail_peer);

/* log_sendmail_pieces.c: puts together what stands on several lines.  A numbered piece becomes the whole text with the
 * last one.  A list of equates begins with a line of one, goes on with others, and is whole with the last. */
void sendmail_join_pieces(const struct line *, struct sendmail_part *);
bool sendmail_begins_list(const struct line *, const struct sendmail_part *);
bool sendmail_goes_on(const struct line *, struct sendmail_part *, bool *whole);

/* log_sendmail_mail.c: whether no other equate stands behind a value. */
bool sendmail_is_one_value(str value);
/* log_sendmail_mail.c: "1+02:03:04" as seconds (one text at a time), and the two lists of equates. */
str sendmail_seconds(str s);
void sendmail_from(str rest, struct event *);
void sendmail_to(str rest, struct event *);

/* log_sendmail_refusal.c: of rulesets, filters and the daemon itself. */
void sendmail_refusal(str rest, struct event *);

#endif
