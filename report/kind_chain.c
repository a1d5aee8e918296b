/* report chain: the stages in their order, the receivers, the delays, the encryption. */
#include "kinds.h"

static const struct column chain[] = {
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reached", "Reached", CELL_COUNT, TONE_NONE, 0 },
    { "passed", "Passed", CELL_COUNT, TONE_GOOD, COLUMN_SERIES },
    { "degraded", "Degraded", CELL_COUNT, TONE_WARN, COLUMN_SERIES },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, COLUMN_SERIES },
    { "deferred", "Deferred", CELL_COUNT, TONE_ODD, COLUMN_SERIES },
    { "out_of_sight", "Out of sight", CELL_COUNT, TONE_FAIR, COLUMN_SERIES },
    { "failed_share", "Share failed", CELL_SHARE, TONE_NONE, 0 },
    { "refused", "Refusals", CELL_COUNT, TONE_NONE, 0 },
    { "meaning", "What happens there", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_QUIET },
};
static const struct section section_chain = {
    "stages",
    "The chain, stage by stage",
    "Deliveries that reached each stage, and how they left it. A stage counts as passed when a later one was "
    "reached. Junk and quarantine count as failed in routing or where they were decided. Out of sight: "
    "accepted by a host whose later stages nobody told us of. Degraded: the message was, for this recipient "
    "or another. Refusals at our own door are beside, not in, the flow.",
    "No delivery in this period.",
    "queries/report_chain.sql",
    CHART_FLOW,
    COLUMNS(chain),
};

static const struct column receivers[] = {
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_NONE, 0 },
    { "delivered", "Delivered", CELL_COUNT, TONE_GOOD, 0 },
    { "accepted", "Accepted", CELL_COUNT, TONE_FAIR, 0 },
    { "deferred", "Deferred", CELL_COUNT, TONE_WARN, 0 },
    { "misplaced", "Put aside", CELL_COUNT, TONE_ODD, 0 },
    { "vanished", "Vanished", CELL_COUNT, TONE_MUTED, 0 },
    { "failed", "Failed", CELL_COUNT, TONE_BAD, 0 },
    { "failed_share", "Share failed", CELL_SHARE, TONE_BAD, 0 },
    { "degraded", "Degraded", CELL_COUNT, TONE_WARN, 0 },
    { "main_reason", "Main reason", CELL_WORD, TONE_NONE, 0 },
    { "delay_p50", "Median", CELL_SECONDS, TONE_NONE, 0 },
    { "delay_p95", "95 %", CELL_SECONDS, TONE_NONE, 0 },
};
static const struct section section_receivers = {
    "receivers",
    "Receivers, worst first",
    "By the domain or host that decided. The failed share counts vanished deliveries too; delays are those "
    "of delivered and accepted ones.",
    "No delivery in this period.",
    "queries/report_receivers.sql",
    CHART_NONE,
    COLUMNS(receivers),
    .rows = 50,
};

static const struct column delay_days[] = {
    { "day", "Day (UTC)", CELL_DAY, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_NONE, 0 },
    { "p50", "Median", CELL_SECONDS, TONE_GOOD, COLUMN_SERIES },
    { "p95", "95 %", CELL_SECONDS, TONE_WARN, COLUMN_SERIES },
    { "max", "Longest", CELL_SECONDS, TONE_BAD, COLUMN_SERIES },
};
static const struct section section_delay_days = {
    "delay_days",
    "Delay by day",
    "From the first sign of a message to its delivery or acceptance. Normal is up to ten seconds; "
    "greylisting adds five to fifteen minutes.",
    "No delivery with a known delay.",
    "queries/report_delay_days.sql",
    CHART_LINES,
    COLUMNS(delay_days),
};

static const struct column delays[] = {
    { "from_host", "From", CELL_TEXT, TONE_NONE, 0 },
    { "to_host", "To", CELL_TEXT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "p50", "Median", CELL_SECONDS, TONE_NONE, 0 },
    { "p95", "95 %", CELL_SECONDS, TONE_NONE, 0 },
    { "max", "Longest", CELL_SECONDS, TONE_NONE, 0 },
    { "skewed", "Skewed", CELL_COUNT, TONE_WARN, 0 },
    { "example", "Slowest", CELL_JOURNEY, TONE_NONE, 0 },
};
static const struct section section_delays = {
    "delays",
    "Delay from host to host, slowest first",
    "Between the arrival at one host and at the next; a message that takes this way twice counts twice. A "
    "negative delay is the difference of two clocks: skewed counts such hops.",
    "No message was seen at two hosts.",
    "queries/report_delays.sql",
    CHART_NONE,
    COLUMNS(delays),
    .rows = 50,
};

static const struct column waits[] = {
    { "host", "Sending host", CELL_TEXT, TONE_NONE, 0 },
    { "relay_host", "Next host", CELL_TEXT, TONE_NONE, 0 },
    { "attempts", "Attempts", CELL_COUNT, TONE_NONE, 0 },
    { "deferred", "Deferred", CELL_COUNT, TONE_WARN, 0 },
    { "before_queue", "Before", CELL_SECONDS, TONE_NONE, 0 },
    { "in_queue", "In queue", CELL_SECONDS, TONE_NONE, 0 },
    { "connecting", "Connect", CELL_SECONDS, TONE_NONE, 0 },
    { "sending", "Sending", CELL_SECONDS, TONE_NONE, 0 },
    { "total", "Total", CELL_SECONDS, TONE_NONE, 0 },
};
static const struct section section_waits = {
    "waits",
    "Where the sending hosts spent the time",
    "95th percentile of each part of an attempt's delay: before the queue manager took it, in the active "
    "queue, connecting and greeting, sending. Only logs that name the parts count.",
    "No log named the parts of its delays.",
    "queries/report_waits.sql",
    CHART_NONE,
    COLUMNS(waits),
    .rows = 50,
};

static const struct column engines[] = {
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "engine", "Engine", CELL_TEXT, TONE_NONE, 0 },
    { "kind", "Kind", CELL_WORD, TONE_NONE, 0 },
    { "said", "Said", CELL_TEXT, TONE_NONE, 0 },
    { "verdicts", "Times", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "decided", "Decided", CELL_COUNT, TONE_ODD, 0 },
    { "score", "Mean score", CELL_TEXT, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
};
static const struct section section_engines = {
    "engines",
    "What filters and delivery agents said",
    "From their own logs: authentication, content, filing. Decided: the outcome of a delivery rests on it. "
    "Times counts also what belongs to no message that was taken, such as greylisted tries.",
    "No log of a filter or delivery agent was read.",
    "queries/report_engines.sql",
    CHART_NONE,
    COLUMNS(engines),
    .rows = 100,
};
static const struct column reputation[] = {
    { "provider", "Says", CELL_WORD, TONE_NONE, 0 },
    { "subject", "Domain or address", CELL_TEXT, TONE_NONE, 0 },
    { "days", "Days", CELL_COUNT, TONE_NONE, 0 },
    { "latest", "Latest", CELL_WORD, TONE_NONE, 0 },
    { "words", "In all", CELL_TEXT, TONE_NONE, COLUMN_QUIET },
    { "spam_rate", "Spam, worst day", CELL_SHARE, TONE_BAD, 0 },
    { "spf_rate", "SPF, worst", CELL_SHARE, TONE_NONE, 0 },
    { "dkim_rate", "DKIM, worst", CELL_SHARE, TONE_NONE, 0 },
    { "dmarc_rate", "DMARC, worst", CELL_SHARE, TONE_NONE, 0 },
    { "tls_rate", "TLS, worst", CELL_SHARE, TONE_NONE, 0 },
    { "trap_hits", "Spam traps", CELL_COUNT, TONE_BAD, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_NONE, 0 },
    { "failed_share", "Share failed", CELL_SHARE, TONE_BAD, 0 },
};
static const struct section section_reputation = {
    "reputation",
    "What receivers say of our domains and addresses",
    "From Google Postmaster Tools and Microsoft SNDS. Deliveries: those of the domain, by From or else the "
    "envelope, or through the address, that our own traces show in this period.",
    "No receiver's figures for this period.",
    "queries/report_reputation.sql",
    CHART_NONE,
    COLUMNS(reputation),
};

static const struct column engagement[] = {
    { "host", "Provider", CELL_TEXT, TONE_NONE, 0 },
    { "type", "What", CELL_WORD, TONE_NONE, 0 },
    { "events", "Events", CELL_COUNT, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "recipients", "Recipients", CELL_COUNT, TONE_NONE, 0 },
    { "prefetched", "By machines", CELL_COUNT, TONE_WARN, 0 },
    { "prefetched_share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
};
static const struct section section_engagement = {
    "engagement",
    "What readers did",
    "Opens and clicks as sending providers tell them: the stage client. They prove little. Proxies that "
    "protect privacy (Apple Mail) and image caches (Gmail, Yahoo) fetch what nobody has opened, security "
    "gateways follow links, and readers who load no images never show. By machines: the user agent or the "
    "provider betrays one; others do not. No outcome rests on these.",
    "No provider's events of opens, clicks or complaints.",
    "queries/report_engagement.sql",
    CHART_NONE,
    COLUMNS(engagement),
    .rows = 50,
};

static const struct column clocks[] = {
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "ahead", "Ahead by", CELL_SECONDS, TONE_WARN, 0 },
    { "into_it", "Shortest way in", CELL_SECONDS, TONE_NONE, 0 },
    { "out_of_it", "Shortest way out", CELL_SECONDS, TONE_NONE, 0 },
    { "messages", "Messages", CELL_COUNT, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
};
static const struct section section_clocks = {
    "clocks",
    "Clocks that are off",
    "Hosts into which mail seems to travel long and out of which it seems to travel back in time, or the "
    "other way round. The error is half the difference; a negative one is a clock that is behind. Delays "
    "above are as the logs have them.",
    "No clock is off by more than two seconds, as far as mail passed both ways.",
    "queries/report_clocks.sql",
    CHART_NONE,
    COLUMNS(clocks),
    .rows = 20,
};

const struct report_kind kind_chain = {
    "chain",
    "Delivery chain",
    "each stage, receiver and hop: passed, degraded, failed, deferred, delays, TLS",
    { &section_chain, &section_receivers, &section_delay_days, &section_delays, &section_clocks,
      &section_waits, &section_engines, &section_hop_tls, &section_reputation, &section_engagement,
      &section_findings },
    "",
};
