/* Country and network of an address by MaxMind databases (.mmdb); common/geo.c is the owner of libmaxminddb. */
#ifndef GEO_H
#define GEO_H

#include "arena.h"
#include "diag.h"

enum { GEO_MAX_FILES = 8 };

struct geo;

struct geo_answer {
    str country;  /* ISO 3166 code, "" if unknown */
    uint32_t asn; /* number of the autonomous system, 0 if unknown */
    str as_name;
};

/* Opens databases; names are separated by blanks.  NULL with diag filled (EXIT_NO_INPUT) on failure. */
struct geo *geo_open(const char *files, struct diag *);
void geo_close(struct geo *); /* NULL is fine */

/* What the databases say; the first that knows a thing counts.  The address is canonical text. */
struct geo_answer geo_find(struct geo *, struct arena *, str address);

/* Of the databases' types and build times; a change asks for a new look. */
uint64_t geo_digest(const struct geo *);

#endif
