/* Queries of reports, and the sums that several of them share.
 *
 * A query says in a line "-- needs: a b" which sums it reads; queries/report_with_a.sql makes them from the same
 * parameters, and may need others.  They are made once per report, as temporary tables of its transaction
 * (queries/report_begin_tables.sql).  Where none may be made (a standby server, a role without the right), they become
 * common table expressions of each query: slower, with the same result. */
#ifndef REPORT_QUERY_H
#define REPORT_QUERY_H

#include "db.h"

enum { REPORT_MAX_TABLES = 16, REPORT_MAX_WHERE = 8 };

struct report_tables {
    str made[REPORT_MAX_TABLES]; /* names, each after those that it needs */
    size_t n;
    bool inlined; /* no temporary tables may be made */
};

/* Which rows are wanted: those whose columns, as text, have these values; an empty value stands for null, too. The
 * names are the caller's to check: they go into the query as they are. */
struct report_where {
    str column[REPORT_MAX_WHERE], value[REPORT_MAX_WHERE];
    size_t n;
};

/* Runs an embedded query with as many of params as it uses. */
bool report_query(struct db *, struct arena *, struct report_tables *, const char *path, const str *params,
                  const struct report_where *, struct db_rows *, struct diag *);

#endif
