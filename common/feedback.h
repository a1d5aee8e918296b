/* A feedback report (ARF, RFC 5965): a complaint, or an authentication failure
 * (RFC 6591, RFC 9991), also in the plain-text forms of programs that know no ARF.
 *
 * Texts are views or lie in the arena it was read with; absent is empty, -1,
 * WHEN_NONE. */
#ifndef FEEDBACK_H
#define FEEDBACK_H

#include "record.h"

struct feedback {
    uint64_t key;         /* the same report has one key, however it comes */
    uint64_t message_key; /* of the reported message; 0: its Message-ID is not known */
    bool is_failure;      /* of authentication; else a complaint */
    str feedback_type;    /* lower case: "abuse", "fraud", "not-spam", "auth-failure", ... */
    str version, user_agent;
    when at; /* date of the report */
    str reported_by, report_message_id;
    str reported_domain, reported_uri, reporting_mta, source_ip, raw_source_ip;
    int64_t incidents; /* -1: not said */
    when arrival_at;
    str original_mail_from, original_rcpt_to; /* several recipients: joined by ", " */
    bool has_mail_from;                       /* with an empty original_mail_from: the null sender */
    str original_envelope_id, original_message_id, original_from, original_subject, original_headers;
    str authentication_results, auth_failure, delivery_result, identity_alignment;
    str dkim_domain, dkim_selector, dkim_identity, spf_dns;
    struct origin origin;
};

#endif
