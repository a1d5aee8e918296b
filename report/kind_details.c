/* report details: every delivery, refusal and finding of a period, one a row: what the figures of the other reports
 * count, so that each figure leads to the messages behind it (--where). */
#include "kinds.h"

enum { SHOWN = 100 }; /* as text and as a page; CSV and JSON have all */

static const struct column deliveries[] = {
    { "at", "Sent", CELL_TIME, TONE_NONE, 0 },
    { "mail_from", "From", CELL_TEXT, TONE_NONE, 0 },
    { "recipient", "To", CELL_TEXT, TONE_NONE, 0 },
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "class", "Class", CELL_WORD, TONE_NONE, 0 },
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "decided_by", "Decided by", CELL_TEXT, TONE_NONE, 0 },
    { "decided_at", "Decided", CELL_TIME, TONE_NONE, 0 },
    { "attempts", "Attempts", CELL_COUNT, TONE_NONE, 0 },
    { "delay_s", "Delay", CELL_SECONDS, TONE_NONE, 0 },
    { "journey_id", "Journey", CELL_JOURNEY, TONE_NONE, 0 },
    { "message_id", "Message-ID", CELL_TEXT, TONE_NONE, COLUMN_EXACT },
    { "reply", "Reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "rule", "Rule", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_deliveries = {
    "deliveries",
    "Deliveries",
    "One row per message and recipient, by the time at which the message was first seen.",
    "No such delivery in this period.",
    "queries/report_details_deliveries.sql",
    CHART_NONE,
    COLUMNS(deliveries),
    .rows = SHOWN,
};

static const struct column refusals[] = {
    { "at", "At", CELL_TIME, TONE_NONE, 0 },
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "client_ip", "Client", CELL_TEXT, TONE_NONE, 0 },
    { "client_name", "Its name", CELL_TEXT, TONE_NONE, 0 },
    { "helo", "HELO", CELL_TEXT, TONE_NONE, 0 },
    { "mail_from", "From", CELL_TEXT, TONE_NONE, 0 },
    { "recipient", "To", CELL_TEXT, TONE_NONE, 0 },
    { "queue_id", "Queue id", CELL_TEXT, TONE_NONE, 0 },
    { "reply", "Reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "rule", "Rule", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "source", "Source", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_EXACT },
    { "byte_offset", "Offset", CELL_COUNT, TONE_NONE, 0 },
    { "byte_length", "Length", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_refused = {
    "refusals",
    "Refused at the door",
    "One row per refusal, with the file that tells of it, and where in it.",
    "No such refusal in this period.",
    "queries/report_details_refusals.sql",
    CHART_NONE,
    COLUMNS(refusals),
    .rows = SHOWN,
};

static const struct column findings[] = {
    { "at", "Sent", CELL_TIME, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "severity", "Severity", CELL_WORD, TONE_NONE, 0 },
    { "code", "Finding", CELL_WORD, TONE_NONE, 0 },
    { "journey_id", "Journey", CELL_JOURNEY, TONE_NONE, 0 },
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "mail_from", "From", CELL_TEXT, TONE_NONE, 0 },
    { "message_id", "Message-ID", CELL_TEXT, TONE_NONE, COLUMN_EXACT },
    { "detail", "Detail", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_found = {
    "findings",
    "Findings",
    "One row per finding. One message may have several of one kind; the tables of other reports count it "
    "once.",
    "No such finding in this period.",
    "queries/report_details_findings.sql",
    CHART_NONE,
    COLUMNS(findings),
    .rows = SHOWN,
};

static const struct column discards[] = {
    { "at", "At", CELL_TIME, TONE_NONE, 0 },
    { "mail_from", "From", CELL_TEXT, TONE_NONE, 0 },
    { "recipient", "To", CELL_TEXT, TONE_NONE, 0 },
    { "outcome", "Outcome", CELL_WORD, TONE_NONE, 0 },
    { "receiver", "Receiver", CELL_TEXT, TONE_NONE, 0 },
    { "stage", "Stage", CELL_WORD, TONE_NONE, 0 },
    { "reason", "Reason", CELL_WORD, TONE_NONE, 0 },
    { "decided_by", "Decided by", CELL_TEXT, TONE_NONE, 0 },
    { "client_ip", "Client", CELL_TEXT, TONE_NONE, 0 },
    { "client_name", "Its name", CELL_TEXT, TONE_NONE, 0 },
    { "helo", "HELO", CELL_TEXT, TONE_NONE, 0 },
    { "reply", "Reply", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "rule", "Rule", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "source", "Source", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_EXACT },
    { "byte_offset", "Offset", CELL_COUNT, TONE_NONE, 0 },
    { "byte_length", "Length", CELL_COUNT, TONE_NONE, 0 },
};
static const struct section section_discards = {
    "discards",
    "Thrown away at the door",
    "One row per recipient that a host of ours took and threw away before any queue had it, and that no "
    "delivery counts: report failures has them among what looked fine.",
    "No such discard in this period.",
    "queries/report_details_discards.sql",
    CHART_NONE,
    COLUMNS(discards),
    .rows = SHOWN,
};

const struct report_kind kind_details = {
    "details",
    "Details",
    "every delivery, refusal, discard and finding: what the figures count",
    { &section_deliveries, &section_refused, &section_discards, &section_found },
    "",
};
