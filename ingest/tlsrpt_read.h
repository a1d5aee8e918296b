/* TLS reports (RFC 8460): JSON, in whatever container report.c found it. */
#ifndef TLSRPT_READ_H
#define TLSRPT_READ_H

#include "report.h"
#include "tlsrpt.h"

enum { TLSRPT_MAX_BYTES = 32 << 20 }; /* of one report; RFC 8460 5.2: senders keep them below 10 MB */

/* How sure a look at the first bytes makes us that this is a TLS report, 0 to 100. */
int tlsrpt_recognise(str head);

/* Reads one report; false and the reason where it is none.  True with a reason: it is damaged, and *where is
 * the end of what could be read; else *why is NULL. */
bool tlsrpt_parse(struct arena *, str text, struct tls_report *, const char **why, size_t *where);

#endif
