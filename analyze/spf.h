/* SPF: may this host send for that domain (RFC 7208)?
 *
 * One call is one check_host() for one identity.  The DNS source decides the
 * moment; nothing is remembered between calls. */
#ifndef SPF_H
#define SPF_H

#include "auth_word.h"
#include "dns.h"
#include "ip.h"

/* Limits of RFC 7208 section 4.6.4, and ours. */
enum {
    SPF_MAX_LOOKUPS = 10,       /* terms that ask the DNS */
    SPF_MAX_MX = 10,            /* exchanges of one mx; more are an error */
    SPF_MAX_PTR = 10,           /* names of one ptr; more are ignored */
    SPF_VOID_LIMIT = 2,         /* the usual number of void look-ups */
    SPF_MAX_SECONDS = 60,       /* for all of it; section 4.6.4 wants 20 at least */
    SPF_MAX_RECORD = 65535,     /* bytes of one record */
    SPF_MAX_IDENTITY = 1000,    /* bytes of a local part or HELO that macros see */
    SPF_MAX_EXPLANATION = 1000, /* bytes of the explanation; longer ones are dropped */
};

struct spf_request {
    str ip, helo;
    str mail_from;      /* "" for the null sender: postmaster@HELO is checked */
    str receiver;       /* %{r} of explanations; "" is "unknown" */
    bool helo_identity; /* check HELO itself, whatever mail_from says */
    int void_limit;     /* void look-ups allowed (SPF_VOID_LIMIT) */
    when now;           /* %{t} */
};

struct spf_result {
    enum auth_word result;
    str domain;   /* the domain checked */
    str identity; /* "mailfrom" or "helo" */
    str ip, helo;
    str mechanism;   /* the term that decided, as written; "" where none did */
    str explanation; /* of a fail, where the domain gives one (section 6.2) */
    str problem;     /* why it is an error, none or unknown; or a remark */
    when
        age; /* how far the records that were used lie from the moment asked for; 0: of that time, or undated */
    int lookups;      /* terms that asked the DNS */
    int void_lookups; /* answers without records that count against the limit: NXDOMAIN and NODATA to a,
                             mx, exists, ptr, and to the addresses of exchanges; a host that has addresses of
                             the other family is no void */
};

void spf_check(struct arena *, struct dns *, const struct spf_request *, struct spf_result *);

#endif
