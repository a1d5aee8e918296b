/* Fetches what report/trace.h shows. */
#ifndef TRACE_LOAD_H
#define TRACE_LOAD_H

#include "db.h"
#include "trace.h"

/* A query's rows as report/ takes them. */
bool load_rows(struct db *, struct arena *, const char *query, const str *params, size_t nparams,
               struct rows *, struct diag *);

/* All of a journey; t->journey has no row if there is none of that id. */
bool load_trace(struct db *, struct arena *, str journey_id, struct trace *t, struct diag *);

/* What no figure can show yet; GAP_NONE also where the database does not say. */
enum gap { GAP_NONE, GAP_NOTHING_INGESTED, GAP_NOT_ANALYZED };
enum gap load_gap(struct db *, struct arena *);

/* Reads the evidence of a loaded trace from the sources' files. */
bool load_evidence(struct db *, struct arena *, struct trace *t, struct diag *);

/* Cells that a text for people may take: the width of the terminal (COLUMNS, or what it says), else 80. */
size_t terminal_width(const char *output_path);

#endif
