/* Notices of delivery in prose: whether a mail is one, and of what. */
#ifndef DSN_NOTICE_H
#define DSN_NOTICE_H

#include "dsn.h"
#include "message.h"

enum dsn_sender {
    DSN_NO_MACHINE,  /* people, or machines that answer for them */
    DSN_NULL_SENDER, /* the empty return path or the subject of a notice, and no more */
    DSN_DAEMON,
};
enum dsn_sender dsn_sender_of(struct arena *, const struct message *);

struct dsn_notice {
    const char *form; /* whose words they are: "qmail", "exim", ...; "prose": anybody's */
    enum dsn_action action;
};

/* By the text for people, of a machine by the subject, too; false if it is none. */
bool dsn_notice_find(struct arena *, enum dsn_sender, const struct message *, str text, struct dsn_notice *);

#endif
