/* What each event-id of message tracking means, and what all its rows share. */
#ifndef LOG_EXCHANGE_RULES_H
#define LOG_EXCHANGE_RULES_H

#include "log_exchange.h"

enum act {
    ACT_RECEIVE,
    ACT_ADDED,  /* goes on in this queue: forks, resubmissions, what was loaded at start */
    ACT_SUBMIT, /* mailbox -> transport */
    ACT_SENT,
    ACT_STORED,
    ACT_FAILED,
    ACT_DEFERRED,
    ACT_EXPIRED,
    ACT_DROPPED,
    ACT_NAMES, /* recipients stand for related-recipient-address */
    ACT_REDIRECT,
    ACT_DSN,
    ACT_REFUSED, /* never got into a queue */
    ACT_HELD,
    ACT_AGENTS,
    ACT_NOTE,
    ACT_IGNORE,
};

enum writer { SERVER, CLIENT };

struct exchange_rule {
    str event; /* a literal: NUL behind it */
    enum act act;
    enum writer writer; /* which side wrote the row */
    const char *value;  /* why it is ignored; what it is called */
};

/* NULL: an event that is not known. */
const struct exchange_rule *exchange_rule_of(str event);

str exchange_angle(str);                            /* <a> -> a */
bool exchange_same_server(str x, str y);            /* "EX01" and "ex01.example.com" */
str exchange_queue_id(const struct exchange_row *); /* empty: the row has none */
bool exchange_is_reply(str);                        /* "550 ...", "250-..." */
str exchange_context_reply(str context);            /* "SESSION;250 2.0.0 OK;ClientSubmitTime:..." */
str
exchange_delay(const struct exchange_row *, struct arena *); /* seconds since it came into the organization */
enum attempt_result exchange_failed_how(str reply);

#endif
