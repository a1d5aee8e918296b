/* Delivery status notifications in mails: RFC 3464 (and its RFC 6533 form), and the bounces of programs that
 * write prose. */
#ifndef DSN_READ_H
#define DSN_READ_H

#include "dsn.h"
#include "report_parts.h"

/* The next notification of a mail from its part *at on, which moves behind what was read; false if there is
 * none.  A notification inside the message that another one returns is that message's business.  origin and
 * the recipients' classes are left to the caller. */
bool dsn_from_parts(struct arena *, const struct report_parts *, size_t *at, struct dsn *);

/* dsn_prose.c: a notice without fields.  Fills form, recipients and their actions; false if this mail is none. */
bool dsn_from_prose(struct arena *, const struct report_parts *, struct dsn *);

/* The reply for an address in the words of a notice; "" if they have none. */
str dsn_reply_in_text(struct arena *, str text, str address);

/* dsn_reply.c.  What the words behind an address come down to: the SMTP reply if they hold one, else their
 * first paragraph; in one line. */
str dsn_reply_of(struct arena *, str words);
/* The reply of a notice whose words behind the address have none: so_far, a better one, or "" to keep so_far. */
str dsn_reply_of_notice(struct arena *, str text, str address, str so_far);
/* The host that a reply names first: "host mx.example [192.0.2.1] said". */
str dsn_host_of_reply(str reply);

/* Code and enhanced code out of the recipient's reply and status. */
void dsn_read_reply(struct dsn_recipient *);

/* Finds the SMTP reply in a text: from its basic code on ("550 5.1.1 ..."); STR_NONE if there is none.
 * A failure's begins with 4 or 5. */
size_t dsn_find_reply(str text);
size_t dsn_find_failure(str text);

/* The words with one blank between them: folds leave any number. */
str dsn_one_line(struct arena *, str);

#endif
