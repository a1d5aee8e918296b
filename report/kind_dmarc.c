/* report dmarc: what receivers reported of mail that bears our domains, and what authentication was seen. */
#include "kinds.h"

static const struct column domains[] = {
    { "domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "pass", "Pass", CELL_COUNT, TONE_GOOD, 0 },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, 0 },
    { "pass_share", "Pass share", CELL_SHARE, TONE_GOOD, 0 },
    { "both", "Both", CELL_COUNT, TONE_NONE, 0 },
    { "dkim_only", "DKIM only", CELL_COUNT, TONE_NONE, 0 },
    { "spf_only", "SPF only", CELL_COUNT, TONE_NONE, 0 },
    { "quarantined", "Quarantined", CELL_COUNT, TONE_NONE, 0 },
    { "rejected", "Rejected", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_domains = {
    "domains",
    "Domains, most failures first",
    "Messages that receivers reported, by the domain in the header From. They pass when DKIM or SPF passes "
    "in "
    "alignment with it: both, or only the one. Quarantined and rejected is what the receiver did.",
    "No DMARC report for this period.",
    "queries/report_dmarc_domains.sql",
    CHART_NONE,
    COLUMNS(domains),
};

static const struct column days[] = {
    { "day", "Day (UTC)", CELL_DAY, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "pass", "Pass", CELL_COUNT, TONE_GOOD, COLUMN_SERIES },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, COLUMN_SERIES },
    { "pass_share", "Pass share", CELL_SHARE, TONE_GOOD, 0 },
};
static const struct section section_days_dmarc = {
    "days",
    "DMARC by day",
    "By the day on which the report's period begins.",
    "No DMARC report for this period.",
    "queries/report_dmarc_days.sql",
    CHART_DAYS,
    COLUMNS(days),
};

static const struct column sources[] = {
    { "source_ip", "Source", CELL_TEXT, TONE_NONE, 0 },
    { "domain", "Header From", CELL_TEXT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, 0 },
    { "pass_share", "Pass share", CELL_SHARE, TONE_GOOD, 0 },
    { "dkim_aligned", "DKIM", CELL_COUNT, TONE_NONE, 0 },
    { "spf_aligned", "SPF", CELL_COUNT, TONE_NONE, 0 },
    { "quarantined", "Quarant.", CELL_COUNT, TONE_NONE, 0 },
    { "rejected", "Rejected", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "seen", "Authenticated as", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_sources = {
    "sources",
    "Sending addresses, most failures first",
    "Who sent with our domains in the header From. An address of ours that fails needs SPF or a DKIM key; a "
    "stranger that fails is what the policy is for.",
    "No DMARC report for this period.",
    "queries/report_dmarc_sources.sql",
    CHART_NONE,
    COLUMNS(sources),
};

static const struct column reporters[] = {
    { "reporter", "Reporter", CELL_TEXT, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "domains", "Domains", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "pass", "Pass", CELL_COUNT, TONE_GOOD, 0 },
    { "pass_share", "Pass share", CELL_SHARE, TONE_GOOD, 0 },
    { "first_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "To", CELL_TIME, TONE_NONE, 0 },
};
static const struct section section_reporters = {
    "reporters",
    "Reporters",
    "Who reported, and for which time.",
    "No DMARC report for this period.",
    "queries/report_dmarc_reporters.sql",
    CHART_NONE,
    COLUMNS(reporters),
};

static const struct column policies[] = {
    { "domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "p", "p", CELL_TEXT, TONE_NONE, 0 },
    { "sp", "sp", CELL_TEXT, TONE_NONE, 0 },
    { "np", "np", CELL_TEXT, TONE_NONE, 0 },
    { "adkim", "adkim", CELL_TEXT, TONE_NONE, 0 },
    { "aspf", "aspf", CELL_TEXT, TONE_NONE, 0 },
    { "pct", "pct", CELL_COUNT, TONE_NONE, 0 },
    { "testing", "t", CELL_TEXT, TONE_NONE, 0 },
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "first_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "To", CELL_TIME, TONE_NONE, 0 },
};
static const struct section section_policies = {
    "policies",
    "Policies as reporters found them",
    "p for the domain, sp for its subdomains, np for those that do not exist; adkim and aspf: r relaxed, s "
    "strict.",
    "No DMARC report for this period.",
    "queries/report_dmarc_policies.sql",
    CHART_NONE,
    COLUMNS(policies),
};

static const struct column overrides[] = {
    { "domain", "Header From", CELL_TEXT, TONE_NONE, 0 },
    { "disposition", "Disposition", CELL_WORD, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "reasons", "Reasons", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_overrides = {
    "overrides",
    "Where receivers did other than the policy asked",
    "The reasons they gave.",
    "No receiver gave a reason to do otherwise.",
    "queries/report_dmarc_overrides.sql",
    CHART_NONE,
    COLUMNS(overrides),
};

const struct report_kind kind_dmarc = {
    "dmarc",
    "DMARC",
    "aggregate reports by domain, address, reporter and day; our own view beside them",
    { &section_domains, &section_days_dmarc, &section_sources, &section_reporters, &section_policies,
      &section_overrides, &section_authentication },
    "",
};
