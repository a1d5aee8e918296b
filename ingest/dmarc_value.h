/* The values of a DMARC aggregate report, read leniently (RFC 9990, RFC 7489 appendix C).
 *
 * Each takes trimmed text and tells whether it could be read. */
#ifndef DMARC_VALUE_H
#define DMARC_VALUE_H

#include "arena.h"
#include "when.h"

/* Without blanks around it, also those beyond ASCII: no-break spaces, joiners, byte order marks. */
str dmarc_trim(str);

/* Seconds since 1970 (also with a fraction, or in milliseconds as some write), an RFC 3339 date with or
 * without time and zone, or an RFC 5322 date. */
bool dmarc_time(str, when *out);

/* A count of messages, 0..2^63-1; "12.0" and "1.2e1" are 12. */
bool dmarc_count(str, int64_t *out);

/* The canonical text of an address: without brackets, prefix length and zone; IPv4 mapped into IPv6 is
 * IPv4. */
bool dmarc_address(struct arena *, str, str *out);

enum dmarc_vocabulary {
    DMARC_POLICY = 1, /* p, sp, np */
    DMARC_ALIGNMENT,  /* adkim, aspf */
    DMARC_DISPOSITION,
    DMARC_EVALUATED, /* policy_evaluated/dkim and /spf */
    DMARC_DKIM_RESULT,
    DMARC_SPF_RESULT,
    DMARC_SCOPE,
    DMARC_REASON,
    DMARC_YES_NO,
    DMARC_DISCOVERY,
    DMARC_VOCABULARIES
};

/* The standards' word for what was said, whatever its case; "" if it means none of them. */
str dmarc_word(enum dmarc_vocabulary, str said);

#endif
