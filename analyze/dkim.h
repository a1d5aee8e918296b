/* DKIM signatures of a message (RFC 6376, 8301, 8463, 8616).
 *
 * Two verdicts are kept apart: verified says that the cryptography holds,
 * result what is to be made of it under the policy. */
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
    DKIM_FUTURE_SLACK_S = 300,     /* t= may lie so far after reception unremarked */
};

struct dkim_policy {
    int min_rsa_bits;
    bool allow_rsa_sha1;
    bool legacy;      /* a missing v= is fine */
    when received_at; /* t= and x= are judged at this time */
};

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
    str reason; /* why it is no plain pass; "" for a pass without remarks */
    str variant; /* which repair of the stored message verified: "" as stored, "CRLF", ">From", "CRLF, >From" */
    bool testing;               /* the key says t=y */
    bool several_keys;          /* more than one TXT record at the key's name */
    when signed_at, expires_at; /* t=, x=; WHEN_NONE: not given */
    size_t raw_index;           /* of its header */
};

/* Every signature of the message, from the top.  Returns their number; none at all is AUTH_NONE. */
size_t dkim_check(struct arena *, struct dns *, const struct message *, const struct dkim_policy *,
                  struct dkim_result **out);

#endif
