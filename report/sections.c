/* Sections that several kinds of report show. */
#include "kinds.h"

static const struct column figures[] = {
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "deliveries", "Deliveries (one per recipient)", CELL_COUNT, TONE_NONE, 0 },
    { "delivered", "Seen in a mailbox", CELL_COUNT, TONE_GOOD, 0 },
    { "accepted", "Accepted by a host out of our sight", CELL_COUNT, TONE_FAIR, 0 },
    { "arrived_share", "Delivered or accepted", CELL_SHARE, TONE_GOOD, 0 },
    { "misplaced", "Junk or quarantine", CELL_COUNT, TONE_ODD, 0 },
    { "pending", "Deferred or on the way", CELL_COUNT, TONE_WARN, 0 },
    { "failed", "Failed (rejected, bounced, expired)", CELL_COUNT, TONE_BAD, 0 },
    { "vanished", "Lost or discarded", CELL_COUNT, TONE_BAD, 0 },
    { "failed_share", "Failed, lost or discarded", CELL_SHARE, TONE_BAD, 0 },
    { "main_reason", "Main reason", CELL_WORD, TONE_NONE, 0 },
    { "main_reason_failed", "Failed, lost or discarded for it", CELL_COUNT, TONE_BAD, 0 },
    { "degraded", "Messages degraded on the way", CELL_COUNT, TONE_WARN, 0 },
    { "degraded_share", "Share of messages degraded", CELL_SHARE, TONE_WARN, 0 },
    { "refusals", "Refused at our door", CELL_COUNT, TONE_MUTED, 0 },
    { "delay_p50", "Delay, median", CELL_SECONDS, TONE_NONE, 0 },
    { "delay_p95", "Delay, 95th percentile", CELL_SECONDS, TONE_NONE, 0 },
    { "worst_receiver", "Receiver with most failures", CELL_TEXT, TONE_BAD, 0 },
    { "worst_failed", "Failures there", CELL_COUNT, TONE_BAD, 0 },
    { "worst_share", "Share of deliveries to it that failed", CELL_SHARE, TONE_BAD, 0 },
    { "first_at", "First message", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last sign of a message", CELL_TIME, TONE_NONE, 0 },
};
const struct section section_figures = {
    "figures",
    "At a glance",
    "A message to several recipients is one message and several deliveries. A host's 250 proves that it took "
    "the message, not that anybody can see it: such deliveries count as accepted.",
    "No message was seen in this period.",
    "queries/report_figures.sql",
    CHART_FIGURES,
    COLUMNS(figures),
};

static const struct column outcomes[] = {
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "meaning", "What it means", CELL_TEXT, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_NONE, COLUMN_SERIES },
    { "share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "class", "Class", CELL_WORD, TONE_NONE, 0 },
};
const struct section section_outcomes = {
    "outcomes",
    "Outcomes",
    "How each delivery ended, from best to worst.",
    "No delivery in this period.",
    "queries/report_outcomes.sql",
    CHART_SHARES,
    COLUMNS(outcomes),
};

static const struct column days[] = {
    { "day", "Day (UTC)", CELL_DAY, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "deliveries", "Total", CELL_COUNT, TONE_NONE, 0 },
    { "delivered", "Delivered", CELL_COUNT, TONE_GOOD, COLUMN_SERIES },
    { "accepted", "Accepted", CELL_COUNT, TONE_FAIR, COLUMN_SERIES },
    { "pending", "Pending", CELL_COUNT, TONE_WARN, COLUMN_SERIES },
    { "misplaced", "Put aside", CELL_COUNT, TONE_ODD, COLUMN_SERIES },
    { "vanished", "Vanished", CELL_COUNT, TONE_MUTED, COLUMN_SERIES },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, COLUMN_SERIES },
};
const struct section section_days = {
    "days",
    "Outcomes by day",
    "Deliveries by the day on which the message was first seen; total: all of them. Put aside: junk and "
    "quarantine. Vanished: discarded or lost after a host had accepted it.",
    "No delivery in this period.",
    "queries/report_days.sql",
    CHART_DAYS,
    COLUMNS(days),
};

static const struct column hours[] = {
    { "hour", "Hour (UTC)", CELL_TEXT, TONE_NONE, 0 },
    { "deliveries", "Total", CELL_COUNT, TONE_NONE, 0 },
    { "delivered", "Delivered", CELL_COUNT, TONE_GOOD, COLUMN_SERIES },
    { "accepted", "Accepted", CELL_COUNT, TONE_FAIR, COLUMN_SERIES },
    { "pending", "Pending", CELL_COUNT, TONE_WARN, COLUMN_SERIES },
    { "misplaced", "Put aside", CELL_COUNT, TONE_ODD, COLUMN_SERIES },
    { "vanished", "Vanished", CELL_COUNT, TONE_MUTED, COLUMN_SERIES },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, COLUMN_SERIES },
};
const struct section section_hours = {
    "hours",
    "Outcomes by hour",
    "The same by hour, for a period of up to three days.",
    "No messages in this period, or they lie within an hour, or more than three days apart.",
    "queries/report_hours.sql",
    CHART_DAYS,
    COLUMNS(hours),
    .optional = true,
};

static const struct column refusals[] = {
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "refusals", "Refusals", CELL_COUNT, TONE_NONE, 0 },
    { "share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "clients", "Clients", CELL_COUNT, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
    { "reply", "Usual reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
const struct section section_refusals = {
    "refusals",
    "Refused at the door",
    "What hosts of ours refused in the dialogue. Much of it is meant to be refused; look for senders who "
    "should "
    "have got in. What the logs of the sending host tell, too, is also among the failed deliveries: do not "
    "add "
    "the two.",
    "Nothing was refused.",
    "queries/report_refusals.sql",
    CHART_NONE,
    COLUMNS(refusals),
    .rows = 50,
};

static const struct column findings[] = {
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "severity", "Severity", CELL_WORD, TONE_NONE, 0 },
    { "code", "Finding", CELL_WORD, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
    { "detail", "In the example", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
const struct section section_findings = {
    "findings",
    "Findings",
    "What went wrong (failure) or less well than it should (degradation), by the number of messages; notes "
    "last.",
    "Nothing was found.",
    "queries/report_findings.sql",
    CHART_NONE,
    COLUMNS(findings),
    .rows = 50,
};

static const struct column hop_tls[] = {
    { "from_host", "From", CELL_TEXT, TONE_NONE, 0 },
    { "to_host", "To", CELL_TEXT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "encrypted", "Encrypted", CELL_COUNT, TONE_NONE, 0 },
    { "encrypted_share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "versions", "Versions", CELL_TEXT, TONE_NONE, 0 },
};
const struct section section_hop_tls = {
    "encryption",
    "Encryption between hosts",
    "Messages that a host took over TLS, as its log or its Received field says. A local hand-over needs "
    "none.",
    "No hop in this period.",
    "queries/report_hop_tls.sql",
    CHART_NONE,
    COLUMNS(hop_tls),
    .rows = 50,
};

static const struct column authentication[] = {
    { "method", "Method", CELL_WORD, TONE_NONE, 0 },
    { "said_by", "Said by", CELL_TEXT, TONE_NONE, 0 },
    { "results", "Results", CELL_COUNT, TONE_NONE, 0 },
    { "pass", "Pass", CELL_COUNT, TONE_GOOD, 0 },
    { "fail", "Fail", CELL_COUNT, TONE_BAD, 0 },
    { "weak", "Weak", CELL_COUNT, TONE_WARN, 0 },
    { "none", "None", CELL_COUNT, TONE_MUTED, 0 },
    { "pass_share", "Pass share", CELL_SHARE, TONE_NONE, 0 },
    { "aligned", "Aligned", CELL_COUNT, TONE_NONE, 0 },
};
const struct section section_authentication = {
    "authentication",
    "Authentication as seen",
    "Our own evaluation (waybill) beside what other hosts wrote into the message or their log. Weak: "
    "softfail, neutral or temperror.",
    "No message was authenticated: ingest raw messages or the logs of filters.",
    "queries/report_authentication.sql",
    CHART_NONE,
    COLUMNS(authentication),
    .rows = 100,
};
