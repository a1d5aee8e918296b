/* What one log line says, in the terms of waybill-formats(7).
 *
 * A log format turns a framed line into one struct event.  Views point into the
 * line and live as long as it does.  Absent means not said: empty view, 0,
 * WHEN_NONE, NAN.  Nothing is invented. */
#ifndef EVENT_H
#define EVENT_H

#include "chain.h"
#include "when.h"

#define EVENT_KINDS(X)              \
    X(NONE, "")                     \
    X(ARRIVAL, "arrival")           \
    X(ATTEMPT, "attempt")           \
    X(REFUSAL, "refusal")           \
    X(FILTER, "filter")             \
    X(AUTH, "auth")                 \
    X(FILING, "filing")             \
    X(NOTIFICATION, "notification") \
    X(REMOVAL, "removal")           \
    X(ENGAGEMENT, "engagement")     \
    X(SESSION, "session")           \
    X(IGNORED, "ignored")           \
    X(REJECT, "reject")
#define EVENT_ENUM(id, text) EVENT_##id,
enum event_kind { EVENT_KINDS(EVENT_ENUM) EVENT_KIND_COUNT };

/* Every text field of an event: enum suffix, name in patterns (?<name>...) and in C.
 * Formats name their PCRE2 groups after these. */
#define EVENT_FIELDS(X)                                                                \
    X(QUEUE_ID, queue_id)                                                              \
    X(MESSAGE_ID, message_id) /* with its angle brackets cut off */                    \
    X(MAIL_FROM, mail_from)   /* "" with has_mail_from set: the null sender */         \
    X(RECIPIENT, recipient)                                                            \
    X(ORIG_RECIPIENT, orig_recipient)                                                  \
    X(SIZE, size)                                                                      \
    X(NRCPT, nrcpt)                                                                    \
    X(CLIENT_NAME, client_name)                                                        \
    X(CLIENT_IP, client_ip)                                                            \
    X(CLIENT_PORT, client_port)                                                        \
    X(HELO, helo)                                                                      \
    X(AUTH_USER, auth_user)                                                            \
    X(PROTOCOL, protocol)                                                              \
    X(ORIG_QUEUE_ID, orig_queue_id)                                                    \
    X(RELAY_NAME, relay_name)                                                          \
    X(RELAY_IP, relay_ip)                                                              \
    X(RELAY_PORT, relay_port)                                                          \
    X(DELAY, delay)                                                                    \
    X(DELAYS, delays)                                                                  \
    X(ENHANCED, enhanced)                                                              \
    X(CODE, code)                                                                      \
    X(STATUS, status) /* the format's own word for the result */                       \
    X(REPLY, reply)                                                                    \
    X(NEXT_QUEUE_ID, next_queue_id)                                                    \
    X(NEW_QUEUE_ID, new_queue_id)                                                      \
    X(TLS_VERSION, tls_version)                                                        \
    X(TLS_CIPHER, tls_cipher)                                                          \
    X(TLS_VERIFIED, tls_verified)                                                      \
    X(PHASE, phase) /* SMTP command or state the line names: RCPT, DATA, ... */        \
    X(ACTION, action)                                                                  \
    X(ENGINE, engine)                                                                  \
    X(METHOD, method)                                                                  \
    X(DOMAIN, domain)                                                                  \
    X(SELECTOR, selector)                                                              \
    X(RESULT, result)                                                                  \
    X(REASON, reason)                                                                  \
    X(SCORE, score)                                                                    \
    X(REQUIRED, required)                                                              \
    X(TESTS, tests)                                                                    \
    X(SESSION, session)                                                                \
    X(USER, user)                                                                      \
    X(MAILBOX, mailbox)                                                                \
    X(DETAIL, detail)                                                                  \
    X(SUBJECT, subject)                                                                \
    X(CTLADDR, ctladdr)       /* the alias or sender that answers for it */            \
    X(UID, uid)               /* local user id of a pickup */                          \
    X(VIA, via)               /* router/transport of Exim, delivery agent of others */ \
    X(USER_AGENT, user_agent) /* of who opened or clicked */
#define EVENT_FIELD_ENUM(id, name) FIELD_##id,
enum event_field { EVENT_FIELDS(EVENT_FIELD_ENUM) FIELD_COUNT };

enum attempt_result {
    RESULT_NONE,
    RESULT_SENT,
    RESULT_DEFERRED,
    RESULT_BOUNCED,
    RESULT_EXPIRED,
    RESULT_DISCARDED,
};

/* What a line does to its transit, beside its kind. */
enum event_flag {
    EVENT_BIRTH = 1 << 0,         /* a queue id is born here (client=, pickup, <=) */
    EVENT_HAS_MAIL_FROM = 1 << 1, /* mail_from was said, even if empty */
    EVENT_ACTIVE = 1 << 2,        /* the queue took it (from=<..>, size=..) */
    EVENT_HELD = 1 << 3,          /* an operator or a filter holds it */
    EVENT_RELEASED = 1 << 4,
    EVENT_DISCARDED = 1 << 5,  /* the whole message is dropped silently */
    EVENT_DELETED = 1 << 6,    /* removed by an operator */
    EVENT_EXPIRED = 1 << 7,    /* the queue gave up (qmgr status=expired) */
    EVENT_REQUEUED = 1 << 8,   /* goes on under another id */
    EVENT_TLS = 1 << 9,        /* a session's TLS, to be joined by pid */
    EVENT_TO_REMOTE = 1 << 10, /* TLS or connection towards a remote server, not from a client */
    EVENT_LOST = 1 << 11,      /* the connection broke inside a transaction */
    EVENT_TRIED = 1 << 12,     /* one address of a try failed; no recipient's result yet */
    EVENT_DISCONNECT = 1 << 13,
    EVENT_LOCAL = 1 << 14, /* the attempt stored it on this host */
    EVENT_FINAL_REMOVAL = 1 << 15,
    EVENT_MESSAGE_REFUSED = 1 << 16, /* the message under this queue id was refused (milter, cleanup) */
    EVENT_YEAR_ASSUMED = 1 << 17,
    EVENT_ZONE_ASSUMED = 1 << 18,
    EVENT_FROZEN = 1 << 19,
    EVENT_AWAITS = 1 << 20, /* a later line of its message says who the sender and the client were */
    EVENT_NO_TLS = 1 << 24, /* the log never tells of TLS: its absence means nothing */
};

struct event {
    enum event_kind kind;
    unsigned flags;          /* enum event_flag */
    when at;                 /* UTC */
    str host;                /* who wrote the line */
    str program;             /* tag without [pid]: "postfix/smtpd" */
    str text;                /* the message part of the line, unescaped */
    int64_t pid;             /* 0: not said */
    uint64_t offset, length; /* the line in the decompressed source, with its end */
    uint64_t line;           /* number of the line, from 1 */

    enum attempt_result result;
    enum stage stage; /* of a refusal */
    const char *why;  /* reason of an ignored or rejected line */
    const char *row;  /* id of the format's row that matched */
    str field[FIELD_COUNT];
    str recipients; /* of the line, beside RECIPIENT, as written, with commas: an event each */
    str named; /* of an arrival: whom it is for, as written, with blanks; they are no events of their own */
};

#define EV(e, name) ((e)->field[FIELD_##name])

/* What judges say (FILTER, AUTH, FILING) and what readers do (ENGAGEMENT), in fields:
 *   engine      who judged, in lower case: amavis, rspamd, opendkim, postgrey, dovecot, sendgrid, ...
 *               (empty: the program)
 *   queue_id    of the message in the MTA that asked; message_id; where neither is said, client_ip and
 *               mail_from find the message that comes next from there
 *   recipient   whom it is about, several separated by commas; user, of a delivery agent
 *   action      FILTER and FILING: what was done, in the engine's own words ("Blocked SPAM {Discarded...}",
 *               "add header", "greylist", "stored", "discarded"); ENGAGEMENT: open, click, complaint, unsubscribe
 *   score, required, tests;  method, domain, selector, result, reason
 *   mailbox     where it was filed or quarantined; of a forward or vacation reply the recipient is its target
 *   detail      amavis' directions in braces; of engagement the link that was followed
 *   session     a delivery agent's, as its reply names it; next_queue_id: under which it was handed on */

str event_kind_word(enum event_kind);
str attempt_result_word(enum attempt_result);
str event_field_name(enum event_field);
enum event_field event_field_from(str name); /* FIELD_COUNT: no such field */

/* Makes the next of the recipients the event's own; false if none is left. */
bool event_next_recipient(struct event *);

/* The parts that formats share.  Each cuts what it finds out of the reply text. */
void event_parse_reply(struct event *); /* REPLY -> CODE, ENHANCED (unless said), NEXT_QUEUE_ID */

#endif
