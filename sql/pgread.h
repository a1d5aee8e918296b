/* Reads rows of COPY ... TO STDOUT (FORMAT binary), field by field in the order of the query.
 *
 * Views point into the row and live until the next one is fetched. */
#ifndef PGREAD_H
#define PGREAD_H

#include "arena.h"
#include "when.h"

struct pgread {
    str row;  /* what is left of it */
    bool bad; /* the row ended early: a query and its reader disagree */
};

/* Begins a row; false for the header alone and the trailer (skips the header in front of a row). */
bool pgread_begin(struct pgread *, str row);

str pgread_text(struct pgread *, bool *null);         /* null may be NULL: then null reads as empty */
int64_t pgread_int(struct pgread *, int64_t if_null); /* of 1, 2, 4 or 8 bytes; bool too */
double pgread_float(struct pgread *);                 /* float4 or float8; NAN for null */
when pgread_when(struct pgread *);                    /* WHEN_NONE for null */
str pgread_inet(struct pgread *, struct arena *);     /* "" for null */

#endif
