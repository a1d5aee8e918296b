/* A DMARC aggregate report (RFC 9990, RFC 7489 appendix C, the old drafts).
 *
 * Texts are UTF-8.  "raw" texts keep what was written; the enums of the
 * standards are normalised beside them (lower case, known words only, else "").
 * A parser hands out the report's head once, then one record after the other,
 * so that a report of any length is read in constant memory. */
#ifndef DMARC_H
#define DMARC_H

#include "record.h"

struct dmarc_report {
    uint64_t report_key; /* its identity: hash of reporter, report id (or first record), domain, period */
    str org_name, email, extra_contact_info, report_id, error, generator, version;
    when begin_at, end_at;
    str domain, p, sp, np, adkim, aspf, fo, testing, discovery_method;
    int pct;       /* -1: not said */
    str extension; /* what it holds, as XML */
    str problems;  /* what had to be repaired or was missing; "" if nothing */
    struct origin origin;
};

struct dmarc_reason {
    str type, comment;
};

struct dmarc_auth {
    str method; /* "dkim" or "spf" */
    str domain, selector, scope, result, raw_result, human_result;
};

struct dmarc_record {
    uint64_t report_key;
    int64_t seq;   /* position in its report, from 0 */
    str source_ip; /* canonical text of an IPv4 or IPv6 address; "" if unreadable */
    str raw_source_ip;
    int64_t count;
    str disposition, raw_disposition, dkim, spf; /* as evaluated: pass, fail; "" if not said */
    str raw_dkim, raw_spf;
    str header_from, envelope_from, envelope_to;
    bool has_envelope_from;
    struct dmarc_reason *reasons;
    size_t nreasons;
    struct dmarc_auth *auth;
    size_t nauth;
    str extension;        /* elements of other vocabularies, as XML */
    struct origin origin; /* its bytes in the source where known, else the report's */
};

#endif
