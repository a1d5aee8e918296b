/* report dmarc: what receivers reported of mail that bears our domains, and what authentication was seen. */
#include "kinds.h"

static const struct column overview[] = {
    { "reports", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "domains", "Domains", CELL_COUNT, TONE_NONE, 0 },
    { "senders", "Senders", CELL_COUNT, TONE_NONE, 0 },
    { "addresses", "Addresses", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "pass_share", "Pass share", CELL_SHARE, TONE_GOOD, 0 },
    { "both", "Aligned by both", CELL_COUNT, TONE_NONE, 0 },
    { "dkim_only", "Aligned by DKIM only", CELL_COUNT, TONE_NONE, 0 },
    { "spf_only", "Aligned by SPF only", CELL_COUNT, TONE_NONE, 0 },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, 0 },
    { "own_fail", "Fail, from own sources", CELL_COUNT, TONE_BAD, 0 },
    { "unknown_fail", "Fail, from unknown sources", CELL_COUNT, TONE_NONE, 0 },
    { "acted_on", "Quarantined or rejected", CELL_COUNT, TONE_NONE, 0 },
    { "messages_before", "Messages in the period before", CELL_COUNT, TONE_NONE, 0 },
    { "pass_share_before", "Pass share in the period before", CELL_SHARE, TONE_NONE, 0 },
};
static const struct section section_overview = {
    "overview",
    "At a glance",
    "What receivers reported. A report counts for the day that holds the middle of its period; the period "
    "before is the one of same length that ends where this one begins.",
    "No DMARC report for this period, nor for the one before.",
    "queries/report_dmarc_overview.sql",
    CHART_FIGURES,
    COLUMNS(overview),
};

static const struct column dmarc_findings[] = {
    { "severity", "Severity", CELL_WORD, TONE_NONE, 0 },
    { "code", "Finding", CELL_WORD, TONE_NONE, 0 },
    { "subject", "Who", CELL_TEXT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "detail", "What", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_dmarc_findings = {
    "findings",
    "What to look at",
    "Sources that are new, failing, or failing anew; reporters that fell silent; policies that changed. "
    "Without --since the last seven days that reports tell of are compared with the seven before.",
    "Nothing new, nothing failing anew, no reporter silent.",
    "queries/report_dmarc_findings.sql",
    CHART_NONE,
    COLUMNS(dmarc_findings),
    .rows = 100,
    .top = true,
};

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
    "in alignment with it: both, or only the one. Quarantined and rejected is what the receiver did.",
    "No DMARC report for this period.",
    "queries/report_dmarc_domains.sql",
    CHART_NONE,
    COLUMNS(domains),
    .rows = 100,
    .top = true,
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
    "By the day that holds the middle of the report's period.",
    "No DMARC report for this period.",
    "queries/report_dmarc_days.sql",
    CHART_DAYS,
    COLUMNS(days),
};

static const struct column senders[] = {
    { "sender", "Sender", CELL_TEXT, TONE_NONE, 0 },
    { "standing", "Standing", CELL_WORD, TONE_NONE, 0 },
    { "kind", "Kind", CELL_TEXT, TONE_NONE, 0 },
    { "addresses", "Addresses", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "pass", "Pass", CELL_COUNT, TONE_GOOD, 0 },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, 0 },
    { "pass_share", "Pass share", CELL_SHARE, TONE_GOOD, 0 },
    { "both", "Both", CELL_COUNT, TONE_NONE, 0 },
    { "dkim_only", "DKIM only", CELL_COUNT, TONE_NONE, 0 },
    { "spf_only", "SPF only", CELL_COUNT, TONE_NONE, 0 },
    { "before", "Before", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_senders = {
    "senders",
    "Who sends, most messages first",
    "Addresses by service, else by the organisation of their reverse name, their network's owner, or their "
    "network. Own: declared (analyze --own). Known: a service that sends for others. Forwarder: passes "
    "others' mail on. Before: messages in the period before.",
    "No DMARC report for this period.",
    "queries/report_dmarc_senders.sql",
    CHART_NONE,
    COLUMNS(senders),
    .rows = 100,
    .top = true,
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
    { "sender", "Sender", CELL_TEXT, TONE_NONE, 0 },
    { "standing", "Standing", CELL_WORD, TONE_NONE, 0 },
    { "ptr", "Reverse name", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "country", "Country", CELL_TEXT, TONE_NONE, 0 },
    { "network", "Network", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "known_by", "Known by", CELL_TEXT, TONE_NONE, COLUMN_LONG },
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
    .rows = 100,
    .top = true,
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
    { "reports_before", "Before", CELL_COUNT, TONE_NONE, 0 },
    { "state", "State", CELL_WORD, TONE_NONE, 0 },
};
static const struct section section_reporters = {
    "reporters",
    "Reporters",
    "Who reported, and for which time; before: reports in the period before. Silent ones sent reports then, "
    "and none now: to is where their last one ended.",
    "No DMARC report for this period.",
    "queries/report_dmarc_reporters.sql",
    CHART_NONE,
    COLUMNS(reporters),
    .rows = 200,
    .top = true,
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
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "change", "Change", CELL_TEXT, TONE_NONE, 0 },
    { "published", "In DNS", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_policies = {
    "policies",
    "Policies as reporters found them",
    "p for the domain, sp for its subdomains, np for those that do not exist; adkim and aspf: r relaxed, s "
    "strict. More than one row for a domain: the policy changed, or reporters differ. In DNS: the record as "
    "it was last seen (analyze --dns live).",
    "No DMARC report for this period.",
    "queries/report_dmarc_policies.sql",
    CHART_NONE,
    COLUMNS(policies),
    .rows = 200,
    .top = true,
};

static const struct column overrides[] = {
    { "domain", "Header From", CELL_TEXT, TONE_NONE, 0 },
    { "disposition", "Disposition", CELL_WORD, TONE_NONE, 0 },
    { "type", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "reporters", "Reporters", CELL_COUNT, TONE_NONE, 0 },
    { "reasons", "As written", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "meaning", "It means", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_overrides = {
    "overrides",
    "Where receivers did other than the policy asked",
    "The reasons they gave.",
    "No receiver gave a reason to do otherwise.",
    "queries/report_dmarc_overrides.sql",
    CHART_NONE,
    COLUMNS(overrides),
    .rows = 50,
    .top = true,
};

static const struct column next[] = {
    { "domain", "Header From", CELL_TEXT, TONE_NONE, 0 },
    { "policy", "Policy", CELL_TEXT, TONE_NONE, 0 },
    { "next_policy", "Next", CELL_TEXT, TONE_NONE, 0 },
    { "sender", "Sender", CELL_TEXT, TONE_NONE, 0 },
    { "standing", "Standing", CELL_WORD, TONE_NONE, 0 },
    { "addresses", "Addresses", CELL_COUNT, TONE_NONE, 0 },
    { "hit", "Would be hit", CELL_COUNT, TONE_BAD, 0 },
    { "hit_share", "Of the domain", CELL_SHARE, TONE_BAD, 0 },
    { "advice", "What to do", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_next = {
    "next",
    "What the next stricter policy would hit",
    "Messages that pass neither way, by the policy last seen and the one above it: none, quarantine, "
    "reject; first in full, where pct is below 100 or t=y tests it. Under reject it is what is refused now.",
    "Every message passes: the next policy would hit nothing.",
    "queries/report_dmarc_next.sql",
    CHART_NONE,
    COLUMNS(next),
    .rows = 100,
    .top = true,
};

static const struct column changes[] = {
    { "change", "Change", CELL_WORD, TONE_NONE, 0 },
    { "source_ip", "Source", CELL_TEXT, TONE_NONE, 0 },
    { "domain", "Header From", CELL_TEXT, TONE_NONE, 0 },
    { "sender", "Sender", CELL_TEXT, TONE_NONE, 0 },
    { "standing", "Standing", CELL_WORD, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, 0 },
    { "messages_before", "Before", CELL_COUNT, TONE_NONE, 0 },
    { "fail_before", "Fail before", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_changes = {
    "changes",
    "New since the period before",
    "Addresses never seen before (new; new_failing: nothing of theirs passes), those that passed and fail "
    "now, and those whose volume moved at least threefold and by a hundred messages.",
    "No address is new, fails anew or moved strongly; or there is nothing earlier to compare with.",
    "queries/report_dmarc_changes.sql",
    CHART_NONE,
    COLUMNS(changes),
    .rows = 100,
    .top = true,
};

static const struct column resends[] = {
    { "reporter", "Reporter", CELL_TEXT, TONE_NONE, 0 },
    { "report_id", "Report", CELL_TEXT, TONE_NONE, 0 },
    { "domain", "Domain", CELL_TEXT, TONE_NONE, 0 },
    { "begin_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "state", "State", CELL_WORD, TONE_NONE, 0 },
    { "records", "Records", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "pass", "Pass", CELL_COUNT, TONE_GOOD, 0 },
    { "path", "Source", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_EXACT },
    { "byte_offset", "Offset", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_resends = {
    "resends",
    "Reports that came again with another content",
    "Same reporter, report id, domain and period. The fuller one counts (more records, then more messages), "
    "whichever came first; the others are set aside.",
    "No report came again with another content.",
    "queries/report_dmarc_resends.sql",
    CHART_NONE,
    COLUMNS(resends),
    .rows = 200,
    .top = true,
};

const struct report_kind kind_dmarc = {
    "dmarc",
    "DMARC",
    "aggregate reports: who sends, what passes, what is new, what the next policy would hit",
    { &section_overview, &section_dmarc_findings, &section_domains, &section_days_dmarc, &section_senders,
      &section_next, &section_changes, &section_sources, &section_reporters, &section_policies,
      &section_overrides, &section_resends, &section_authentication },
    "",
};
