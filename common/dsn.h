/* A delivery status notification: a bounce, a warning of delay, a receipt.
 *
 * RFC 3464 in the first place, and the notices of programs that know none of
 * it.  Texts are views or lie in the arena it was read with; absent is empty,
 * 0, WHEN_NONE. */
#ifndef DSN_H
#define DSN_H

#include "record.h"

#define DSN_ACTIONS(X)        \
    X(UNKNOWN, "")            \
    X(FAILED, "failed")       \
    X(DELAYED, "delayed")     \
    X(DELIVERED, "delivered") \
    X(RELAYED, "relayed")     \
    X(EXPANDED, "expanded")
#define DSN_ACTION_ENUM(id, text) DSN_##id,
enum dsn_action { DSN_ACTIONS(DSN_ACTION_ENUM) DSN_ACTION_COUNT };

enum { DSN_MAX_RECIPIENTS = 10000 }; /* of one notification; the rest is not read */

struct dsn_recipient {
    str final_recipient, original_recipient; /* addresses without their type */
    enum dsn_action action;
    str status;     /* as written in Status */
    int code;       /* basic code of the reply */
    str enhanced;   /* the reply's own code, else the status */
    str reply;      /* Diagnostic-Code without its type, else the words of the notice */
    str reply_type; /* "smtp", "x-postfix", ...; "" for words of a notice */
    str remote_mta;
    when last_attempt_at, will_retry_until;
    str final_log_id;
    struct reply_class class; /* rule NULL: not classified */
};

struct dsn {
    uint64_t dsn_key;                     /* the same notification has one key, however it comes */
    uint64_t message_key;                 /* of the message it is about; 0: its Message-ID is not known */
    const char *form;                     /* "rfc3464", "qmail", "exim", ... */
    when at;                              /* date of the notification */
    str message_id, reported_by, subject; /* of the notification */
    str reporting_mta, received_from_mta, envelope_id, original_queue_id;
    when arrival_at; /* of the original */
    str original_message_id, original_mail_from, original_from, original_subject;
    when original_date;
    struct dsn_recipient *recipients;
    size_t nrecipients;
    struct origin origin;
};

str dsn_action_word(enum dsn_action);
enum dsn_action dsn_action_from(str word); /* of any case; UNKNOWN for other words */

#endif
