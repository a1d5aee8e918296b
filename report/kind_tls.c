/* report tls: encryption, as receivers reported it (RFC 8460) and as our own hops show it. */
#include "kinds.h"

static const struct column overview[] = {
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "domains", "Domains", CELL_COUNT, TONE_NONE, 0 },
    { "successful", "Successful sessions", CELL_COUNT, TONE_GOOD, 0 },
    { "failed", "Failed sessions", CELL_COUNT, TONE_BAD, 0 },
    { "failed_share", "Failed share", CELL_SHARE, TONE_BAD, 0 },
    { "sessions_before", "Sessions in the period before", CELL_COUNT, TONE_NONE, 0 },
    { "failed_share_before", "Failed share in the period before", CELL_SHARE, TONE_NONE, 0 },
};
static const struct section section_overview = {
    "overview",
    "At a glance",
    "What senders reported of their TLS sessions with our domains' hosts (RFC 8460). A report counts for "
    "the day that holds the middle of its period.",
    "No TLS reports for this period, nor for the one before.",
    "queries/report_tls_overview.sql",
    CHART_FIGURES,
    COLUMNS(overview),
};

static const struct column findings[] = {
    { "severity", "Severity", CELL_WORD, TONE_NONE, 0 },
    { "code", "Finding", CELL_WORD, TONE_NONE, 0 },
    { "subject", "Who", CELL_TEXT, TONE_NONE, 0 },
    { "sessions", "Sessions", CELL_COUNT, TONE_NONE, 0 },
    { "detail", "What", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_tls_findings = {
    "findings",
    "What to look at",
    "Failures with what they mean and what helps, policies that senders no longer find, reporters that fell "
    "silent. Without --since the last seven days that reports tell of are compared with the seven before.",
    "No failure, no reporter silent.",
    "queries/report_tls_findings.sql",
    CHART_NONE,
    COLUMNS(findings),
    .rows = 100,
    .top = true,
};

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
    .rows = 100,
    .top = true,
};

static const struct column failures[] = {
    { "result_type", "Result", CELL_WORD, TONE_NONE, 0 },
    { "policy_domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "receiving_mx_hostname", "MX", CELL_TEXT, TONE_NONE, 0 },
    { "failed", "Sessions", CELL_COUNT, TONE_BAD, 0 },
    { "senders", "Senders", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "detail", "Detail", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "meaning", "It means", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "advice", "What helps", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_failures = {
    "failures",
    "Failed sessions",
    "By the kind of failure, most sessions first.",
    "No TLS reports name a failure in this period.",
    "queries/report_tls_failures.sql",
    CHART_NONE,
    COLUMNS(failures),
    .rows = 100,
    .top = true,
};

static const struct column days[] = {
    { "day", "Day (UTC)", CELL_DAY, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "successful", "Successful", CELL_COUNT, TONE_GOOD, COLUMN_SERIES },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, COLUMN_SERIES },
    { "failed_share", "Share", CELL_SHARE, TONE_BAD, 0 },
};
static const struct section section_days_tls = {
    "days",
    "Sessions by day",
    "By the day that holds the middle of the report's period.",
    "No TLS reports for this period.",
    "queries/report_tls_days.sql",
    CHART_DAYS,
    COLUMNS(days),
};

static const struct column mx[] = {
    { "mx", "MX", CELL_TEXT, TONE_NONE, 0 },
    { "domains", "Domains", CELL_COUNT, TONE_NONE, 0 },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, 0 },
    { "result_types", "Kinds", CELL_COUNT, TONE_NONE, 0 },
    { "senders", "Senders", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "first_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "To", CELL_TIME, TONE_NONE, 0 },
    { "results", "Results", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_mx = {
    "mx",
    "Failed sessions by MX",
    "The hosts with which sessions failed, most failures first.",
    "No TLS reports name a failure in this period.",
    "queries/report_tls_mx.sql",
    CHART_NONE,
    COLUMNS(mx),
    .rows = 100,
    .top = true,
};

static const struct column changes[] = {
    { "change", "Change", CELL_WORD, TONE_NONE, 0 },
    { "result_type", "Result", CELL_WORD, TONE_NONE, 0 },
    { "policy_domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "receiving_mx_hostname", "MX", CELL_TEXT, TONE_NONE, 0 },
    { "failed", "Sessions", CELL_COUNT, TONE_BAD, 0 },
    { "failed_before", "Before", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_changes = {
    "changes",
    "New since the period before",
    "Failures never reported before (new), not in the period before (again), over (ended), or moved at least "
    "threefold and by ten sessions.",
    "No failure is new, over or moved strongly; or there is nothing earlier to compare with.",
    "queries/report_tls_changes.sql",
    CHART_NONE,
    COLUMNS(changes),
    .rows = 100,
    .top = true,
};

static const struct column reporters[] = {
    { "reporter", "Reporter", CELL_TEXT, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "successful", "Successful", CELL_COUNT, TONE_GOOD, 0 },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, 0 },
    { "failed_share", "Share", CELL_SHARE, TONE_BAD, 0 },
    { "first_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "To", CELL_TIME, TONE_NONE, 0 },
    { "reports_before", "Before", CELL_COUNT, TONE_NONE, 0 },
    { "state", "State", CELL_WORD, TONE_NONE, 0 },
};
static const struct section section_reporters = {
    "reporters",
    "Reporters",
    "Who reported, and for which time; before: reports in the period before. Silent ones sent reports then, "
    "and none now: to is where their last one ended.",
    "No TLS reports for this period, nor for the one before.",
    "queries/report_tls_reporters.sql",
    CHART_NONE,
    COLUMNS(reporters),
    .rows = 200,
    .top = true,
};

static const struct column resends[] = {
    { "reporter", "Reporter", CELL_TEXT, TONE_NONE, 0 },
    { "report_id", "Report", CELL_TEXT, TONE_NONE, 0 },
    { "begin_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "state", "State", CELL_WORD, TONE_NONE, 0 },
    { "policies", "Policies", CELL_COUNT, TONE_NONE, 0 },
    { "failures", "Failures", CELL_COUNT, TONE_NONE, 0 },
    { "successful", "Successful", CELL_COUNT, TONE_GOOD, 0 },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, 0 },
    { "path", "Source", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_EXACT },
    { "byte_offset", "Offset", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_resends = {
    "resends",
    "Reports that came again with another content",
    "Same reporter, report id, domain and period. The fuller one counts (more policies, then more failures, "
    "then more sessions), whichever came first; the others are set aside.",
    "No report came again with another content.",
    "queries/report_tls_resends.sql",
    CHART_NONE,
    COLUMNS(resends),
    .rows = 200,
    .top = true,
};

const struct report_kind kind_tls = {
    "tls",
    "TLS",
    "TLS reports, what failed and why, what is new; and the encryption of the hops we saw",
    { &section_overview, &section_tls_findings, &section_policies, &section_days_tls, &section_failures,
      &section_mx, &section_changes, &section_reporters, &section_resends, &section_hop_tls },
    "",
};
