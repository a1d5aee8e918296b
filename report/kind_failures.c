/* report failures: what was not delivered, and what only seemed to be. */
#include "kinds.h"

static const struct column stages[] = {
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_BAD, 0 },
    { "share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "receivers", "Receivers", CELL_COUNT, TONE_NONE, 0 },
    { "main_reason", "Main reason", CELL_WORD, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
};
static const struct section section_stages = {
    "stages",
    "Where deliveries failed",
    "Every failed, lost or discarded delivery belongs to the one stage that ended it.",
    "No delivery failed.",
    "queries/report_failure_stages.sql",
    CHART_NONE,
    COLUMNS(stages),
};

static const struct column failures[] = {
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_BAD, 0 },
    { "share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "before", "Before", CELL_COUNT, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
    { "reply", "Usual reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "rule", "Rule", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_failures = {
    "failures",
    "Failures, worst first",
    "Deliveries that failed, grouped by stage, reason and receiver. Before: as many did so in the period of "
    "same length before. The reply is the one most often heard, the rule the one that gave it its reason.",
    "No delivery failed.",
    "queries/report_failures.sql",
    CHART_NONE,
    COLUMNS(failures),
    .rows = 100,
};

static const struct column earlier[] = {
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_BAD, 0 },
    { "first_at", "Sent", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last tried or ended", CELL_TIME, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
    { "reply", "Usual reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_earlier = {
    "earlier",
    "Sent earlier, ended or tried now",
    "A message counts for the day on which it was first seen. These were seen in the 31 days before the "
    "period and expired, bounced or vanished in it, or were tried in vain: news of this period that is in "
    "none of its other figures.",
    "Nothing that was sent before the period failed in it.",
    "queries/report_earlier.sql",
    CHART_NONE,
    COLUMNS(earlier),
    .rows = 100,
};

static const struct column silent[] = {
    { "what", "What became of it", CELL_TEXT, TONE_NONE, 0 },
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "decided_by", "Decided by", CELL_TEXT, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_BAD, 0 },
    { "share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
    { "told", "What the sender was told", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "reply", "What the log says", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_silent = {
    "silent",
    "Looked fine and was not",
    "The sender heard a 250, yet nobody will find the message in the inbox: lost after acceptance, "
    "discarded, quarantined, or filed as junk. No bounce tells of these. Lost: the logs of the host that "
    "took it cover the time and know nothing of it.",
    "Nothing vanished and nothing was put aside.",
    "queries/report_silent.sql",
    CHART_NONE,
    COLUMNS(silent),
    .rows = 100,
};

static const struct column deferrals[] = {
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "deliveries", "Deliveries", CELL_COUNT, TONE_WARN, 0 },
    { "attempts", "Attempts", CELL_COUNT, TONE_NONE, 0 },
    { "delay_max", "Longest", CELL_SECONDS, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "example", "Example", CELL_JOURNEY, TONE_NONE, 0 },
    { "reply", "Usual reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_deferrals = {
    "waiting",
    "Still waiting",
    "Deliveries that are retried, held, or younger than the grace period.",
    "Nothing is waiting.",
    "queries/report_deferrals.sql",
    CHART_NONE,
    COLUMNS(deferrals),
    .rows = 100,
};

static const struct column examples[] = {
    { "at", "Sent", CELL_TIME, TONE_NONE, 0 },
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "recipient", "Recipient", CELL_TEXT, TONE_NONE, 0 },
    { "alike", "Alike", CELL_COUNT, TONE_NONE, 0 },
    { "example", "Journey", CELL_JOURNEY, TONE_NONE, 0 },
    { "command", "See it", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_examples = {
    "examples",
    "Examples",
    "The latest delivery of each kind of failure; alike: how many there are of its kind.",
    "No example.",
    "queries/report_failure_examples.sql",
    CHART_NONE,
    COLUMNS(examples),
};

const struct report_kind kind_failures = {
    "failures",
    "Failures",
    "what was not delivered, and what only seemed to be",
    { &section_stages, &section_failures, &section_earlier, &section_silent, &section_deferrals,
      &section_examples, &section_refusals },
    "",
};
