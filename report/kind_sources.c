/* report sources: what was read, what could not be, and the times that nothing covers. */
#include "kinds.h"

static const struct column sources[] = {
    { "path", "Source", CELL_TEXT, TONE_NONE, COLUMN_EXACT },
    { "format", "Format", CELL_TEXT, TONE_NONE, 0 },
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "state", "State", CELL_WORD, TONE_NONE, 0 },
    { "bytes", "Bytes", CELL_BYTES, TONE_NONE, 0 },
    { "lines", "Lines", CELL_COUNT, TONE_NONE, 0 },
    { "records", "Records", CELL_COUNT, TONE_NONE, 0 },
    { "rejected", "Rejected", CELL_COUNT, TONE_BAD, 0 },
    { "ignored", "Ignored", CELL_COUNT, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
    { "sha256", "SHA-256", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_EXACT },
};
static const struct section section_sources = {
    "sources",
    "Sources",
    "Every byte of a source became a record, was rejected with a reason, or is a line known to say nothing "
    "about a message (ignored).",
    "Nothing was read.",
    "queries/report_sources.sql",
    CHART_NONE,
    COLUMNS(sources),
};

static const struct column rejected[] = {
    { "path", "Source", CELL_TEXT, TONE_NONE, COLUMN_EXACT },
    { "format", "Format", CELL_TEXT, TONE_NONE, 0 },
    { "reason", "Reason", CELL_TEXT, TONE_NONE, 0 },
    { "records", "Records", CELL_COUNT, TONE_BAD, 0 },
    { "bytes", "Bytes", CELL_BYTES, TONE_NONE, 0 },
    { "first_line", "Line", CELL_COUNT, TONE_NONE, 0 },
    { "excerpt", "First excerpt", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_rejected = {
    "rejected",
    "What could not be read",
    "By source and reason, most damaged first.",
    "Everything could be read.",
    "queries/report_damaged.sql",
    CHART_NONE,
    COLUMNS(rejected),
    .rows = 100,
};

static const struct column gaps[] = {
    { "host", "Host", CELL_TEXT, TONE_NONE, 0 },
    { "format", "Format", CELL_TEXT, TONE_NONE, 0 },
    { "from_at", "From", CELL_TIME, TONE_NONE, 0 },
    { "to_at", "To", CELL_TIME, TONE_NONE, 0 },
    { "gap_s", "Length", CELL_SECONDS, TONE_WARN, 0 },
    { "next_source", "Next source", CELL_TEXT, TONE_NONE, COLUMN_LONG | COLUMN_EXACT },
};
static const struct section section_gaps = {
    "gaps",
    "Gaps",
    "An hour or more between the end of one log of a host and the beginning of its next: messages of that "
    "time can look lost.",
    "The logs of each host follow each other without a gap.",
    "queries/report_gaps.sql",
    CHART_NONE,
    COLUMNS(gaps),
    .rows = 100,
};

static const struct column runs[] = {
    { "started_at", "Started", CELL_TIME, TONE_NONE, 0 },
    { "state", "State", CELL_WORD, TONE_NONE, 0 },
    { "files", "Files", CELL_COUNT, TONE_NONE, 0 },
    { "known_files", "Known", CELL_COUNT, TONE_NONE, 0 },
    { "unknown_files", "Unknown", CELL_COUNT, TONE_WARN, 0 },
    { "unreadable_files", "Unreadable", CELL_COUNT, TONE_BAD, 0 },
    { "reports_found", "Reports", CELL_COUNT, TONE_NONE, 0 },
    { "reports_imported", "Imported", CELL_COUNT, TONE_GOOD, 0 },
    { "reports_duplicate", "Duplicate", CELL_COUNT, TONE_NONE, 0 },
    { "reports_partly", "Partly read", CELL_COUNT, TONE_WARN, 0 },
    { "reports_rejected", "Rejected", CELL_COUNT, TONE_BAD, 0 },
    { "not_reports", "No report", CELL_COUNT, TONE_NONE, 0 },
    { "rejects", "Rejected records", CELL_COUNT, TONE_BAD, 0 },
    { "arguments", "Paths", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_runs = {
    "runs",
    "Runs",
    "What each run of ingest found. Known: files read before; unknown: of no known format. Reports are those "
    "of DMARC and TLS, notifications and complaints: each is imported, a duplicate, or rejected; partly read "
    "ones are imported too.",
    "No run was noted in this period.",
    "queries/report_runs.sql",
    CHART_NONE,
    COLUMNS(runs),
    .rows = 50,
};

const struct report_kind kind_sources = {
    "sources",
    "Sources",
    "what was read, what could not be, and gaps",
    { &section_sources, &section_rejected, &section_gaps, &section_runs },
    "",
};
