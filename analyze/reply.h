/* Classes of SMTP replies: from what a server said to stage, reason and whether to try again.
 *
 * In this order: what marks a provider decides first (the remote
 * host's name, or marks in the text such as "- gsmtp" or "[TSS04]"), then the
 * text, then the enhanced code (RFC 3463), then the basic one (RFC 5321 4.2).
 * The rule that decided has an id that never changes its meaning:
 *
 *   user.ID               a rule of the user's own (reply_user_load)
 *   google.rate           a provider's own wording or mark
 *   google.7.26           a provider's own meaning of an enhanced code
 *   text.user_unknown.3   a wording of many servers
 *   enhanced.5.1.1        the registered meaning of an enhanced code
 *   code.550              the basic code; the reason is mostly "undefined"
 *   none                  nothing to go by
 *
 * Replies may come bare ("550 5.1.1 ..."), in several lines joined by blanks,
 * or wrapped in the words of the MTA that got them: Postfix ("host H[ip] said:
 * ... (in reply to RCPT TO command)"), Exim ("SMTP error from remote mail
 * server after RCPT TO:<a>: ..."), qmail, Sendmail, DSN ("smtp; 550 ...").
 * A success (2xx) has reason NONE.
 *
 * Addresses in a reply are not read as words: "<spam@example.org>: user
 * unknown" is about a user. */
#ifndef REPLY_H
#define REPLY_H

#include "chain.h"
#include "diag.h"

/* Classes one reply.  Any thread, any time; the strings of the result are
 * static, rule is never NULL.  Texts beyond REPLY_TEXT_MAX bytes are read at
 * their head and tail only. */
#define REPLY_TEXT_MAX 4096
reply_classifier reply_classify;

/* What a text itself tells: the codes, and the host where the wrapping names it. */
struct reply_parts {
    str host;                   /* context's, else the text's, else empty */
    int code;                   /* context's, else the text's, else 0 */
    str enhanced;               /* context's, else the text's, else empty */
    int class, subject, detail; /* of enhanced; class 0 where there is none */
};
struct reply_parts reply_split(const struct reply_context *);

/* Takes the user's own rules (waybill-rules(5)) from the bytes of a file, in place of those taken before; no
 * rules: none.  False (EXIT_USAGE, "path:line: why") leaves all as it was.  Not while others classify. */
bool reply_user_load(str bytes, const char *path, struct diag *);

/* How many rules there are, and the id of each: for tests and listings. */
size_t reply_rule_count(void);
const char *reply_rule_id(size_t);

#endif
