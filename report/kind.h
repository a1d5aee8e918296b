/* Reports: what a kind of report shows, and how its tables come out as text, HTML, CSV and JSON.
 *
 * A kind is data: a list of sections, each with its query's name, columns and chart
 * (report/kind_*.c, registered in report_kinds.def).  This floor never sees a database: the caller
 * runs each section's query with two parameters (since, until; null: open) and hands the rows over
 * as struct table.  Outputs are printers, registered in outputs.def.
 *
 * The same tables give the same bytes: nothing here looks at the clock, the locale or the terminal. */
#ifndef KIND_H
#define KIND_H

#include "arena.h"
#include "buf.h"
#include "when.h"

/* What a column holds; cells are texts as PostgreSQL writes them, p is NULL for SQL null. */
enum cell_type {
    CELL_TEXT,    /* anything */
    CELL_WORD,    /* a word of the chain: outcome, stage, reason, ... */
    CELL_COUNT,   /* an integer */
    CELL_SHARE,   /* 0..1 */
    CELL_SECONDS, /* a duration, may be negative */
    CELL_BYTES,
    CELL_TIME,    /* a moment; shown in UTC */
    CELL_DAY,     /* a date */
    CELL_JOURNEY, /* a journey's id: an example that can be traced */
};

/* How good what a column counts is; colours charts and badges. */
enum tone { TONE_NONE, TONE_GOOD, TONE_FAIR, TONE_MUTED, TONE_WARN, TONE_ODD, TONE_BAD };

enum column_flag {
    COLUMN_LONG = 1 << 0,   /* prose: in text it stands below its row */
    COLUMN_SERIES = 1 << 1, /* drawn by the section's chart */
    COLUMN_QUIET = 1 << 2,  /* with COLUMN_LONG: not in text, where it would only repeat */
    COLUMN_EXACT = 1 << 3,  /* to be copied: in text it stands below its row, neither cut nor wrapped */
};

struct column {
    const char *name;  /* as the query, CSV and JSON name it */
    const char *title; /* as people read it */
    enum cell_type type;
    enum tone tone;
    unsigned flags; /* enum column_flag */
};

enum chart {
    CHART_NONE,
    CHART_FIGURES, /* one row, shown as name and value */
    CHART_SHARES,  /* one bar, cut by the series column; first column names the parts */
    CHART_DAYS,    /* stacked columns over days; first column is the day */
    CHART_LINES,   /* lines over days, logarithmic; first column is the day */
    CHART_FLOW, /* the flow through the stages: stage, reached, passed, degraded, failed, deferred, out_of_sight */
};

struct section {
    const char *name;
    const char *title;
    const char *explanation; /* what it counts and how to read it */
    const char *empty;       /* what no row means */
    const char *query;       /* "queries/report_x.sql" */
    enum chart chart;
    const struct column *columns;
    size_t ncolumns;
    size_t rows;   /* how many are shown beside other sections; 0: all */
    bool optional; /* left out of a report where it has no rows */
    bool top;      /* the query gives only so many (waybill.rows), for the rest would cost too much */
};

enum { KIND_MAX_SECTIONS = 16 };

struct report_kind {
    const char *name;
    const char *title;
    const char *summary;                               /* one line for --help */
    const struct section *sections[KIND_MAX_SECTIONS]; /* NULL-terminated */
    const char *page; /* kinds that follow it in an HTML page, separated by blanks, or "" */
};

extern const struct report_kind *const report_kinds[]; /* NULL-terminated */
const struct report_kind *report_kind_find(str name);
const struct section *report_section_find(const struct report_kind *, str name);

/* The rows of a section; its columns are the section's. */
struct table {
    const struct section *section;
    size_t rows;      /* that are shown */
    size_t total;     /* that there are; of a section with top, one more than rows means "more" */
    const str *cells; /* total * section->ncolumns */
};

static inline str
table_cell(const struct table *t, size_t row, size_t column)
{
    return t->cells[row * t->section->ncolumns + column];
}
/* The column of that name, or SIZE_MAX. */
size_t table_column(const struct table *, const char *name);
/* What of a table is not shown, as a sentence ("12 more rows, with 340 deliveries: ..."), or empty. */
str table_left_out(struct arena *, const struct report_kind *, const struct table *);

/* A kind with its tables. */
struct chapter {
    const struct report_kind *kind;
    struct table tables[KIND_MAX_SECTIONS];
    size_t ntables;
};

struct trace; /* trace.h */

struct report {
    const struct chapter *chapters; /* one; several only in an HTML page */
    size_t nchapters;
    bool one_section;  /* --section: CSV without the section's name in each row */
    when since, until; /* WHEN_NONE: open */
    when now;          /* WHEN_NONE: not given, then no clock time appears */
    str sources, bytes, records, rejected, first_at, last_at; /* what it rests on (queries/report_from.sql) */
    const struct trace *const *traces; /* the examples, for outputs that can embed them */
    size_t ntraces;
    size_t width; /* of the terminal, for text */
};

/* An output. */
struct output_format {
    const char *name;
    bool whole; /* for programs: tables are not cut */
    bool page;  /* takes the chapters of the kind's page, and traces */
    void (*print)(struct buf *, const struct report *);
};
extern const struct output_format *const output_formats[]; /* NULL-terminated */
const struct output_format *output_format_find(str name);

#endif
