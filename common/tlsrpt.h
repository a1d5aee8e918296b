/* A TLS report (RFC 8460): what a sender says of its TLS sessions with a domain's hosts.
 *
 * Texts are UTF-8 in the arena it was read with; absent is empty, -1, WHEN_NONE.
 * Words of the standard are kept in lower case, others as written. */
#ifndef TLSRPT_H
#define TLSRPT_H

#include "record.h"

struct tls_failure {
    str result_type, receiving_mx_hostname, receiving_mx_helo, additional_information, failure_reason_code;
    str sending_mta_ip, receiving_ip; /* canonical; "" if none was readable */
    int64_t failed_sessions;
};

struct tls_policy {
    str policy_type, policy_domain;
    str policy_string; /* its strings, a line each */
    str mx_host;       /* names or patterns, joined by ", " */
    int64_t successful_sessions, failed_sessions;
    struct tls_failure *failures;
    size_t nfailures;
};

struct tls_report {
    uint64_t report_key; /* hash of reporter, report id, first policy domain and period: its identity */
    str organization_name, contact_info, report_id;
    when begin_at, end_at;
    str problems; /* what was missing or of a wrong type; "" if nothing */
    struct tls_policy *policies;
    size_t npolicies;
    struct origin origin;
};

#endif
