/* Cells as people read them.
 *
 * Input is what PostgreSQL writes; a text that is not of its column's type is shown as it is.
 * Results live in the arena or point into the input. */
#ifndef CELL_H
#define CELL_H

#include "kind.h"

/* "1,234", "12.3 %", "5 min 02 s", "1.4 MB", "2026-11-21 22:11:35"; "–" for null. */
str cell_human(struct arena *, enum cell_type, str raw);

bool cell_is_number(enum cell_type);   /* set to the right */
const char *cell_unit(enum cell_type); /* "s", "bytes", "UTC", ... or "" */

/* The value of a numeric cell; NAN if there is none. */
double cell_value(str raw);

/* A moment as PostgreSQL writes it ("2026-11-21 22:11:35.68+00"), or WHEN_NONE. */
when cell_when(str raw);

/* As in "2026-11-21 22:11:35", with milliseconds if asked; "–" for WHEN_NONE.  UTC. */
str when_human(struct arena *, when, bool millis);
str seconds_human(struct arena *, double);
str count_human(struct arena *, double);

#endif
