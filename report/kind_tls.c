/* report tls: encryption, as receivers reported it (RFC 8460) and as our own hops show it. */
#include "kinds.h"

static const struct column policies[] = {
    { "policy_domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "policy_type", "Policy", CELL_WORD, TONE_NONE, 0 },
    { "mx_host", "MX", CELL_TEXT, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "successful", "Successful", CELL_COUNT, TONE_GOOD, 0 },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, 0 },
    { "failed_share", "Share", CELL_SHARE, TONE_BAD, 0 },
    { "first_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "To", CELL_TIME, TONE_NONE, 0 },
};
static const struct section section_policies = {
    "policies",
    "Sessions by policy",
    "What senders reported of their TLS sessions with our domains' hosts.",
    "No TLS reports for this period.",
    "queries/report_tls_policies.sql",
    CHART_NONE,
    COLUMNS(policies),
};

static const struct column failures[] = {
    { "result_type", "Result", CELL_WORD, TONE_NONE, 0 },
    { "policy_domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "receiving_mx_hostname", "MX", CELL_TEXT, TONE_NONE, 0 },
    { "failed", "Sessions", CELL_COUNT, TONE_BAD, 0 },
    { "senders", "Senders", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "detail", "Detail", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_failures = {
    "failures",
    "Failed sessions",
    "By the kind of failure, most sessions first.",
    "No TLS reports name a failure in this period.",
    "queries/report_tls_failures.sql",
    CHART_NONE,
    COLUMNS(failures),
};

const struct report_kind kind_tls = {
    "tls",
    "TLS",
    "TLS reports, and the encryption of the hops we saw",
    { &section_policies, &section_failures, &section_hop_tls },
    "",
};
