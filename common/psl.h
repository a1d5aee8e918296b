/* The Public Suffix List, for the organizational domain of RFC 7489; common/psl.c is the owner of libpsl. */
#ifndef PSL_H
#define PSL_H

#include "arena.h"
#include "diag.h"

struct psl;

/* A list from a file, or the system's where file is NULL; NULL with diag filled on failure. */
struct psl *psl_open(const char *file, struct diag *);
void psl_close(struct psl *); /* NULL is fine */

/* One label more than the public suffix of domain (lower-case A-labels); "" where there is none, because the
 * domain is itself a suffix or no name. */
str psl_organizational(struct psl *, struct arena *, str domain);

#endif
