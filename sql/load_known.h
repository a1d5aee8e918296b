/* What the database holds already: sources by the hashes of their heads, reports by their keys.
 *
 * The first few are asked for one by one; when more come, all are read once and kept, for a look-up over
 * the wire costs more than reading a small report.  A database with more than KNOWN_SOURCES sources or
 * KNOWN_REPORTS reports is asked each time.  One loader works on a database at a time, so what was read
 * stays true; what the run itself adds is told by known_add_source() and known_take_report(). */
#ifndef LOAD_KNOWN_H
#define LOAD_KNOWN_H

#include "load.h"

enum {
    KNOWN_ASKED = 16, /* look-ups before all are read */
    KNOWN_SOURCES = 200000,
    KNOWN_REPORTS = 1000000,
};

struct known;
struct known *known_new(struct db *look); /* a session beside the one that loads */
void known_free(struct known *);

/* load_find() over what is there and what the run added; grows: sources may be beginnings of this one. */
bool known_find(struct known *, str head, bool grows, struct load_source *found, size_t max, size_t *n,
                struct diag *);
bool known_id_taken(struct known *, int64_t source_id, bool *taken, struct diag *);
/* Whether it is told already that a source stands there; false where nobody has asked the database. */
bool known_path(const struct known *, int64_t source_id, str path);
/* Whether a file that looks so was read to its end; likewise. */
bool known_file(const struct known *, int64_t file_status);
void known_add_source(struct known *, const struct load_source *);

/* Whether an aggregate report is new; it is known from then on. */
bool known_take_report(struct known *, uint64_t report_key, bool *fresh, struct diag *);

#endif
