/* What lines of Courier build on.  Keys are the host and the queue id; a table is of fixed size, and what it forgets
 * is told less exactly. */
#ifndef LOG_COURIER_MEMORY_H
#define LOG_COURIER_MEMORY_H

#include "event.h"

/* The words of a reply stand on lines of their own before the result: kept by message and address.  Lines of one reply
 * are joined by blanks; recall puts them before what the result says itself. */
void courier_remember_words(str host, const struct event *);
void courier_recall_words(str host, struct event *);

void courier_note_new(str host, const struct event *); /* newmsg */
void courier_note_deferral(str host, str queue_id);    /* a recipient has to wait */
bool
courier_note_dsn(str host, const struct event *); /* its last notification; true: recipients waited in vain */
bool courier_try_is_over(str host, str queue_id); /* completed; true: it stays in the queue */
/* A try begins.  The queue id of the message that this one notifies of, or empty. */
str courier_note_start(str host, const struct event *);

#endif
