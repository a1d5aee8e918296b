/* DKIM signatures of a message (RFC 6376, 8301, 8463, 8616).
 *
 * Two verdicts are kept apart: verified says that the cryptography holds,
 * result what is to be made of it under the policy.  Messages are verified as
 * stored and, where that fails, with what storing does to them undone. */
#ifndef DKIM_H
#define DKIM_H

#include "auth_word.h"
#include "dns.h"
#include "message.h"

enum {
    DKIM_MAX_SIGNATURES = 20,      /* evaluated; the topmost ones */
    DKIM_MAX_SIGNED_HEADERS = 500, /* names in h= */
    DKIM_MAX_FIELD = 65536,        /* bytes of one signature field */
    DKIM_MAX_KEY_RECORD = 16384,   /* bytes */
    DKIM_MAX_COPIED = 100,         /* fields in z= that are looked at */
    DKIM_MAX_FOOTER_LINES = 100,   /* lines at the end of a changed body that are tried as a list's footer */
    DKIM_MAX_SUSPECTS = 20,        /* fields that are tried as the one that was added */
    DKIM_MAX_TRIALS = 100,         /* verifications of one message that serve explanations alone */
    DKIM_MAX_WORK = 1 << 30,       /* bytes put into canonical form and hashed, of one message */
    DKIM_FUTURE_SLACK_S = 300,     /* t= may lie so far after reception unremarked */
};

struct dkim_policy {
    int min_rsa_bits;
    bool allow_rsa_sha1;
    bool legacy;      /* a missing v= is fine */
    when received_at; /* t= and x= are judged at this time */
};

/* A field that z= has a copy of, and that is another one now. */
struct dkim_changed {
    str name, was, now; /* unfolded; now.p NULL: it is gone */
};

/* Whether the body hash holds; it needs no key. */
enum dkim_body { DKIM_BODY_UNKNOWN, DKIM_BODY_SAME, DKIM_BODY_CHANGED };

struct dkim_result {
    enum auth_word result;
    bool verified;
    str domain, selector; /* d=, s= */
    str identity;         /* i=, decoded; "@" d= where none is given */
    str algorithm;        /* a= */
    int key_bits;         /* 0: no key was had */
    str canonicalization; /* "relaxed/simple", always both */
    uint64_t body_length; /* bytes of the canonical body that are covered */
    uint64_t body_total;  /* all of them */
    bool limited;         /* l= was given */
    str *signed_headers;  /* the names in h= */
    size_t nsigned;
    str reason;          /* why it is no plain pass; "" for a pass without remarks */
    str variant;         /* which repairs of the stored message verified: "" as stored, else some of
                                   "CRLF", ">From", "dots", "added fields", "some >From", "CR CR LF", "padding", with
                                   commas between */
    str change;          /* what must be undone for it to verify, where that was found; never a pass */
    bool footer, tagged; /* change: lines were added to the body; a tag to the subject */
    enum dkim_body body;
    bool no_key;                /* its key record is not there (any more), or revoked */
    str key_status;             /* how the key's question was answered: a word of dns_status_word */
    bool testing;               /* the key says t=y */
    bool several_keys;          /* more than one TXT record at the key's name */
    bool old_key;               /* the source has no key of that time; this one is the nearest */
    when key_from, key_until;   /* when that record was valid, as far as the source knows */
    when signed_at, expires_at; /* t=, x=; WHEN_NONE: not given */
    struct dkim_changed *changed;
    size_t nchanged;
    size_t raw_index; /* of its header */
};

/* One message under verification: its signatures share canonical bodies and their digests. */
struct dkim;
struct dkim *dkim_open(struct arena *, struct dns *, const struct message *, const struct dkim_policy *);
void dkim_close(struct dkim *);

/* Every signature of the message, from the top.  Returns their number; none at all is AUTH_NONE. */
size_t dkim_check(struct dkim *, struct dkim_result **out);

/* X-Google-DKIM-Signature fields, which speak of the message inside of Google: they may not hold outside, and
 * never count for DMARC. */
size_t dkim_check_google(struct dkim *, struct dkim_result **out);

#endif
