/* report summary: what came in, how it ended, what was found; as a page, everything. */
#include "kinds.h"

static const struct column formats[] = {
    { "format", "Format", CELL_TEXT, TONE_NONE, 0 },
    { "sources", "Sources", CELL_COUNT, TONE_NONE, 0 },
    { "bytes", "Bytes", CELL_BYTES, TONE_NONE, 0 },
    { "lines", "Lines", CELL_COUNT, TONE_NONE, 0 },
    { "records", "Records", CELL_COUNT, TONE_NONE, 0 },
    { "rejected", "Rejected", CELL_COUNT, TONE_NONE, 0 },
    { "rejected_share", "Share", CELL_SHARE, TONE_NONE, 0 },
    { "first_at", "First", CELL_TIME, TONE_NONE, 0 },
    { "last_at", "Last", CELL_TIME, TONE_NONE, 0 },
};
static const struct section section_formats = {
    "input",
    "What was read",
    "Sources with records in this period, by format.",
    "Nothing was read.",
    "queries/report_source_formats.sql",
    CHART_NONE,
    COLUMNS(formats),
};

static const struct column rejects[] = {
    { "reason", "Reason", CELL_TEXT, TONE_NONE, 0 },
    { "format", "Format", CELL_TEXT, TONE_NONE, 0 },
    { "records", "Records", CELL_COUNT, TONE_NONE, 0 },
    { "bytes", "Bytes", CELL_BYTES, TONE_NONE, 0 },
    { "sources", "Sources", CELL_COUNT, TONE_NONE, 0 },
    { "example", "First at", CELL_TEXT, TONE_NONE, COLUMN_LONG },
    { "excerpt", "Excerpt", CELL_TEXT, TONE_NONE, COLUMN_LONG },
};
static const struct section section_rejects = {
    "rejected",
    "What could not be read",
    "Records set aside with the reason; their neighbours went in.",
    "Everything could be read.",
    "queries/report_rejects.sql",
    CHART_NONE,
    COLUMNS(rejects),
    .rows = 50,
};

const struct report_kind kind_summary = {
    "summary",
    "Summary",
    "what came in, how it ended, what was found",
    { &section_figures, &section_outcomes, &section_days, &section_hours, &section_findings,
      &section_refusals, &section_formats, &section_rejects },
    "chain failures dmarc",
};
