/* CSV (RFC 4180) as programs and providers write it: with any separator and either line end, quotes amid a field as
 * they stand.  A quote that is never closed costs its own line only. */
#ifndef CSV_H
#define CSV_H

#include "arena.h"
#include "source.h"

enum { CSV_RECORD_MAX = 256 << 10 }; /* so far a quoted line end is looked for */

/* Of comma, semicolon and tab the one that stands in the first line most often. */
char csv_separator(str text);

/* Where the first record's line feed stands; STR_NONE: beyond these bytes, or, at the end of all, nowhere. */
size_t csv_record_end(str s, char between, bool eof);

/* The length of the source's next record with its line feed; 0: there is none.  False: it cannot be read. */
bool csv_next(struct source *, char between, size_t *length, struct diag *);

/* The inside of a field in such quotes: doubled ones become one. */
str csv_unquote(str inside, char quote, struct arena *);

/* csv_cut() of a field that is not empty. */
bool csv_cut_some(str *record, char between, str *field, struct arena *);

/* Cuts the first field off, without quotes and blanks around it; false: it was the last. */
static inline bool
csv_cut(str *record, char between, str *field, struct arena *a)
{
    if (record->n == 0 || record->p[0] != between)
        return csv_cut_some(record, between, field, a);
    *field = (str){ record->p, 0 };
    *record = str_skip(*record, 1);
    return true;
}

/* All fields of a record, as many as there is room for; a byte order mark before them is left out. */
size_t csv_fields(str record, char between, str *fields, size_t room, struct arena *);

#endif
