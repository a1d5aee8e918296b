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

/* Finds the SMTP reply in a text: from its basic code on ("550 5.1.1 ..."); STR_NONE if there is none. */
size_t dsn_find_reply(str text);

/* The words with one blank between them: folds leave any number. */
str dsn_one_line(struct arena *, str);

#endif
