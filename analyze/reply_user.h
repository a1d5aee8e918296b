/* Rules of the user's own, before ours: waybill-rules(5).
 *
 * One rule a line: an id, a reason, and what must hold.  The first rule in the
 * file that holds decides; its id is reported as "user.ID". */
#ifndef REPLY_USER_H
#define REPLY_USER_H

#include "reply_rules.h"

#define USER_RULES_MAX 4096 /* rules of a file */
#define USER_TEXTS_MAX 4    /* text=, unless= of one rule, each */
#define USER_TEXT_MAX  200  /* bytes of one */

/* The rule that decides, or NULL.  Of a rule, reason, stage, retry, id and provider (what to report, or
 * NULL) are filled. */
const struct reply_rule *reply_user_find(str normal, str host, const struct reply_facts *);

/* Counts the loads, for memories of earlier answers. */
unsigned reply_user_generation(void);

#endif
