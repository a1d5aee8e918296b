/* One message from end to end, as rows that the caller fetched (queries/trace_*.sql), and how it is shown.
 *
 * Like reports, traces know no database: each part is a plain table with named columns, cells as
 * PostgreSQL writes them.  Evidence is read from the sources' own files (evidence.c). */
#ifndef TRACE_H
#define TRACE_H

#include "arena.h"
#include "buf.h"
#include "when.h"

struct rows {
    size_t n, columns;
    const str *names; /* columns */
    const str *cells; /* n * columns; p is NULL for SQL null */
};
/* The cell of that column; an empty view for null or where there is no such column. */
str rows_get(const struct rows *, size_t row, const char *column);

/* The parts of a trace in the order of their queries. */
#define TRACE_PARTS(X)                                    \
    X(journey, "queries/trace_journey.sql") /* one row */ \
    X(deliveries, "queries/trace_deliveries.sql")         \
    X(hops, "queries/trace_hops.sql")                     \
    X(attempts, "queries/trace_attempts.sql")             \
    X(authentication, "queries/trace_authentication.sql") \
    X(verdicts, "queries/trace_verdicts.sql")             \
    X(findings, "queries/trace_findings.sql")             \
    X(refusals, "queries/trace_refusals.sql")             \
    X(messages, "queries/trace_messages.sql")             \
    X(related, "queries/trace_related.sql")

/* A piece of a source that a fact rests on. */
struct evidence {
    str fact; /* "transit/123", "attempt/456", "message/<sha256>", ... */
    str source_id;
    uint64_t offset, length; /* in the decompressed source */
    str path;                /* the file it was read from, or where it should be */
    str text;                /* the bytes, at most EVIDENCE_MOST */
    bool cut;                /* there was more */
    str problem;             /* why the file gives no text; empty if it does */
    bool kept;               /* text is the copy in the database */
};

struct trace {
    str journey_id;
#define X(part, query) struct rows part;
    TRACE_PARTS(X)
#undef X
    const struct evidence *evidence;
    size_t nevidence;
    bool with_evidence;
};

/* What was found for a key.  Without a journey there may still be refusals that name it. */
struct trace_result {
    str key;
    const struct trace *traces;
    size_t ntraces;
    struct rows refusals;
};

void trace_text(struct buf *, const struct trace_result *, size_t width);
void trace_json(struct buf *, const struct trace_result *);
void trace_html(struct buf *, const struct trace_result *); /* a page of its own */
void trace_html_body(struct buf *, const struct trace *);   /* for other pages */

/* Of deliveries and attempts, when there are more than people read: what went well.  JSON has all of it. */
enum { TRACE_LONG = 1000 };
bool trace_leaves_out(const struct rows *, size_t row);
/* "7,999 more went well: ..."; empty where none is left out. */
str trace_left_out(struct arena *, size_t n);

/* Does the reply say its code: at its beginning, or as in "host x said: 550 5.1.1 ..."? */
bool reply_has_code(str reply, str code);

/* evidence.c: what a source is known by. */
struct evidence_source {
    str source_id, path;
    const str *paths; /* every path it was seen at */
    size_t npaths;
    uint64_t head_length;
    str head_sha256; /* hex, of the first head_length bytes */
};
enum { EVIDENCE_MOST = 1 << 16 }; /* bytes shown of one piece */

/* The header of a message: its evidence. */
str evidence_header(str raw);

/* The lines of a transit: its varints (hex, as "\x0041...") read into pieces. */
size_t evidence_lines(struct arena *, uint64_t offset, str varints_hex, struct evidence **out);

/* Sorts pieces by source and offset, drops repeated ones (gives what is left), and reads their bytes.
 * Looks for each source at its paths; a file that is gone, changed or damaged is said in problem. */
size_t
evidence_read(struct arena *, struct evidence *, size_t n, const struct evidence_source *, size_t nsources);

#endif
