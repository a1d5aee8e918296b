/* report --where: the rows of a report that are wanted. */
#ifndef REPORT_WHERE_H
#define REPORT_WHERE_H

#include "kind.h"
#include "report_query.h"

/* Reads "column=value,column=value"; false after saying what is wrong: more than there is room for, no "=", or a
 * column that no section of the kind (or not the one section) has. */
bool
where_parse(const char *text, const struct report_kind *, const struct section *only, struct report_where *);

/* Whether a section has all the columns. */
bool where_fits(const struct report_where *, const struct section *);

#endif
