/* DMARC: does an authenticated domain belong to the author's, and what does the author's domain ask for if none does
 * (RFC 9989, with the tree walk; or RFC 7489, with the Public Suffix List)? */
#ifndef DMARC_POLICY_H
#define DMARC_POLICY_H

#include "auth_word.h"
#include "dns.h"
#include "psl.h"

enum {
    DMARC_MAX_WALK = 8,         /* queries of one walk (RFC 9989 section 4.10) */
    DMARC_MAX_IDENTIFIERS = 32, /* authenticated domains looked at */
};

/* What SPF or DKIM said about one domain. */
struct dmarc_identifier {
    str domain;
    enum auth_word result;
    bool dkim; /* else SPF's MAIL FROM */
};

struct dmarc_request {
    str domain; /* of the author (From) */
    const struct dmarc_identifier *identifiers;
    size_t nidentifiers;
    int method;      /* 9989 or 7489 */
    struct psl *psl; /* for 7489 */
};

struct dmarc_result {
    enum auth_word result; /* pass, fail, none, temperror, permerror, unknown */
    str domain;            /* the author's */
    str org_domain;        /* its organizational domain */
    str record_domain;     /* where the record was found; "" none */
    str record;            /* its text */
    str policy;      /* what it asks for a mail that fails: none, quarantine, reject; "" without a record */
    str disposition; /* what follows: none for a pass; else policy, one step lower in test mode */
    bool spf_aligned, dkim_aligned; /* a pass whose domain is aligned */
    uint32_t aligned;               /* which identifiers are: one bit for each, by its index */
    bool several_records;           /* more than one at a name that was asked: they are ignored */
    str reason;
    int queries; /* DNS questions asked */
    when age;    /* how far the records that were used lie from the moment asked for */
};

void dmarc_check(struct arena *, struct dns *, const struct dmarc_request *, struct dmarc_result *);

#endif
