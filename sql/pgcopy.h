/* Rows for COPY ... FROM STDIN (FORMAT binary), encoded field by field.
 *
 * Callers write one field for every column, in the column list's order.
 * Texts that are not UTF-8 are repaired (utf8_repair) and NULs dropped: the
 * server would refuse the whole COPY. */
#ifndef PGCOPY_H
#define PGCOPY_H

#include "buf.h"
#include "when.h"

void pgcopy_header(struct buf *);
void pgcopy_trailer(struct buf *);
void pgcopy_row(struct buf *, int columns);

void pgcopy_null(struct buf *);
void pgcopy_text(struct buf *, str); /* an empty text too */
void pgcopy_some(struct buf *, str); /* empty is null */

/* Columns with an index: a B-tree refuses rows of more than a third of a page, and what it refuses ends a
 * whole load.  Cut at the border of a character, once the text is valid UTF-8. */
enum { PGCOPY_KEY_MAX = 2000 };
str pgcopy_cut(str);
void pgcopy_key(struct buf *, str); /* as pgcopy_some */
void pgcopy_bytes(struct buf *, str);
void pgcopy_int8(struct buf *, int64_t);
void pgcopy_int4(struct buf *, int32_t);
void pgcopy_int2(struct buf *, int16_t);
void pgcopy_bool(struct buf *, bool);
void pgcopy_float8(struct buf *, double); /* NAN is null */
void pgcopy_float4(struct buf *, float);
void pgcopy_when(struct buf *, when);   /* WHEN_NONE is null */
void pgcopy_inet(struct buf *, str ip); /* what is no IPv4 or IPv6 address is null */

/* Null where it is not known. */
#define PGCOPY_IF(type, c_type)                                                \
    static inline void pgcopy_##type##_if(struct buf *b, bool known, c_type v) \
    {                                                                          \
        if (known)                                                             \
            pgcopy_##type(b, v);                                               \
        else                                                                   \
            pgcopy_null(b);                                                    \
    }
PGCOPY_IF(int8, int64_t)
PGCOPY_IF(int4, int32_t)
PGCOPY_IF(int2, int16_t)
PGCOPY_IF(bool, bool)
#undef PGCOPY_IF

#endif
