/* The words of the delivery chain: stages, outcomes, reasons.
 *
 * One list each, used by code, rules, schema and reports alike; the texts are
 * what JSON and the database show.  To add a word, add a row. */
#ifndef CHAIN_H
#define CHAIN_H

#include "str.h"

/* In the order in which a message passes them. */
#define STAGES(X)                       \
    X(UNKNOWN, "")                      \
    X(SUBMISSION, "submission")         \
    X(QUEUE, "queue")                   \
    X(DNS, "dns")                       \
    X(CONNECT, "connect")               \
    X(HELO, "helo")                     \
    X(TLS, "tls")                       \
    X(ENVELOPE, "envelope")             \
    X(DATA, "data")                     \
    X(AUTHENTICATION, "authentication") \
    X(CONTENT, "content")               \
    X(ROUTING, "routing")               \
    X(MAILBOX, "mailbox")               \
    X(CLIENT, "client")

/* Per message and recipient. */
#define OUTCOMES(X)               \
    X(NONE, "")                   \
    X(INBOX, "inbox")             \
    X(CATEGORY, "category")       \
    X(JUNK, "junk")               \
    X(QUARANTINED, "quarantined") \
    X(STORED, "stored")           \
    X(ACCEPTED, "accepted")       \
    X(DEFERRED, "deferred")       \
    X(REJECTED, "rejected")       \
    X(BOUNCED, "bounced")         \
    X(EXPIRED, "expired")         \
    X(DISCARDED, "discarded")     \
    X(LOST, "lost")               \
    X(IN_TRANSIT, "in_transit")

#define REASONS(X)                                    \
    X(NONE, "")                                       \
    X(LOGIN_FAILED, "login_failed")                   \
    X(SENDER_REFUSED, "sender_refused")               \
    X(DOMAIN_UNKNOWN, "domain_unknown")               \
    X(NO_MAIL_SERVICE, "no_mail_service")             \
    X(DNS_FAILURE, "dns_failure")                     \
    X(CONNECTION_REFUSED, "connection_refused")       \
    X(CONNECTION_TIMEOUT, "connection_timeout")       \
    X(NETWORK_UNREACHABLE, "network_unreachable")     \
    X(CONNECTION_LOST, "connection_lost")             \
    X(PTR_REQUIRED, "ptr_required")                   \
    X(HELO_REFUSED, "helo_refused")                   \
    X(TLS_REQUIRED, "tls_required")                   \
    X(TLS_FAILED, "tls_failed")                       \
    X(USER_UNKNOWN, "user_unknown")                   \
    X(MAILBOX_DISABLED, "mailbox_disabled")           \
    X(ADDRESS_MOVED, "address_moved")                 \
    X(MAILBOX_FULL, "mailbox_full")                   \
    X(RELAY_DENIED, "relay_denied")                   \
    X(GREYLISTED, "greylisted")                       \
    X(RATE_LIMITED, "rate_limited")                   \
    X(TOO_MANY_CONNECTIONS, "too_many_connections")   \
    X(TOO_MANY_RECIPIENTS, "too_many_recipients")     \
    X(MESSAGE_TOO_LARGE, "message_too_large")         \
    X(PROTOCOL_ERROR, "protocol_error")               \
    X(NOT_RFC_COMPLIANT, "not_rfc_compliant")         \
    X(AUTHENTICATION_FAILED, "authentication_failed") \
    X(BLOCKLISTED, "blocklisted")                     \
    X(BAD_REPUTATION, "bad_reputation")               \
    X(SPAM, "spam")                                   \
    X(VIRUS, "virus")                                 \
    X(CONTENT_REFUSED, "content_refused")             \
    X(POLICY, "policy")                               \
    X(FILTERED, "filtered")                           \
    X(LOOP, "loop")                                   \
    X(SYSTEM_FULL, "system_full")                     \
    X(SYSTEM_ERROR, "system_error")                   \
    X(EXPIRED, "expired")                             \
    X(HELD, "held")                                   \
    X(DELETED, "deleted")                             \
    X(UNDEFINED, "undefined")

#define CHAIN_ENUM_STAGE(id, text)   STAGE_##id,
#define CHAIN_ENUM_OUTCOME(id, text) OUTCOME_##id,
#define CHAIN_ENUM_REASON(id, text)  REASON_##id,
enum stage { STAGES(CHAIN_ENUM_STAGE) STAGE_COUNT };
enum outcome { OUTCOMES(CHAIN_ENUM_OUTCOME) OUTCOME_COUNT };
enum reason { REASONS(CHAIN_ENUM_REASON) REASON_COUNT };

/* The word for a value; "" for the zero value. */
str stage_word(enum stage);
str outcome_word(enum outcome);
str reason_word(enum reason);

/* The value for a word; the zero value for any other text. */
enum stage stage_from(str word);
enum reason reason_from(str word);

/* Why a reply refused or deferred, as a classifier says it. */
struct reply_class {
    enum stage stage;
    enum reason reason;
    const char *provider; /* "google", "microsoft", ... or NULL */
    const char *rule;     /* id of the rule that decided; never NULL */
    bool retryable;
};

/* What a classifier is given; empty views where not known. */
struct reply_context {
    str host;         /* the remote host that spoke, or "" for our own MTA's words */
    str text;         /* the reply, with or without its basic and enhanced codes */
    int code;         /* basic code, 0 where not known */
    str enhanced;     /* "5.1.1" or "" */
    enum stage stage; /* where the dialogue stood (RCPT is envelope, ...), or STAGE_UNKNOWN */
};
typedef struct reply_class reply_classifier(const struct reply_context *);

#endif
