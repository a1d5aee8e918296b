/* What the formats of filters and delivery agents share.
 *
 * Each of these programs writes one kind of line that matters and many about
 * itself, so a format here is a table of rows (logrow.h), the names of its
 * programs, and a few words put into the terms of event.h.
 *
 * Terms, beside those of event.h: a filter's ACTION is its own word for what
 * it does to the message, in lower case; RESULT its verdict of the content
 * ("spam", "ham", "virus", ...) where it says one apart from the action.  The
 * RESULT of an authentication is a word of RFC 8601, or "signed" or
 * "unsigned" where a signature was made or not. */
#ifndef LOG_FAMILY_H
#define LOG_FAMILY_H

#include "format.h"
#include "logrow.h"

/* Longer texts are no line of any of these programs: they are rejected before a pattern sees them. */
enum { LOG_TEXT_MAX = 64 << 10 };

struct log_family {
    const struct log_row *(*rows)(size_t *n);
    const char *unknown;     /* why a line that no row matches is rejected */
    struct log_table *table; /* compiled at first use */
};

/* Finds the row for the text and fills the event, or makes it a reject. */
bool log_family_match(struct log_family *, str program, str text, struct event *);

/* After a text that no row matches: if it cannot speak of a message, it is about the program itself, and ignored. */
void log_ignore_own_life(struct event *, bool about_a_message);

/* In a program's own file: a line without a stamp is the rest of a text with line ends, and ignored. */
bool log_ignore_rest(const struct line *, struct event *);

/* Whether a text begins with a queue id, as filters write it before what they say of a message. */
bool log_has_leading_id(str text);

/* Whether a tag is one of the names (NULL-terminated), in any case. */
bool log_is_named(str program, const char *const *names);

/* What stands behind the last slash of a tag: "cyrus/lmtpunix" -> "lmtpunix". */
str log_tag_tail(str program);

/* Drops a QUEUE_ID that is a filter's word for none ("NOQUEUE", "undef", "unknown-jobid"). */
void log_keep_queue_id(struct event *);

/* "Pass", "SoftFail", "Temp-Error" -> "pass", "softfail", "temperror": RFC 8601's word, or the text itself. */
str log_auth_word(str);

/* "<a@b>,<c@d>" -> "a@b,c@d", for RECIPIENT; valid until the next call of the thread.  A longer list is as written. */
str log_recipient_list(str);

/* The part behind the last "@" of an address, or the whole if it has none. */
str log_domain_of(str address);

/* "Sat Nov 21 22:11:35 2026" at the start of s, as ctime(3) and asctime(3) write it; length 24, or 0. */
size_t log_ctime(str s, struct civil *);

/* The id of a message whose program gives it none, made of host, time and text of the line ("msmtp-..."), and of what else
 * tells such lines apart; valid until the next call of the thread. */
str log_made_id(const char *program, const struct event *, uint64_t more);

/* A line that also says that a message is done with: the format's more() is log_removal_more(), which says so once. */
void log_removal_follows(str queue_id);
void log_removal_forget(void); /* before each line */
bool log_removal_more(struct event *);

#endif
