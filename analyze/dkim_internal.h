/* What the dkim_*.c files share; nobody else includes this. */
#ifndef DKIM_INTERNAL_H
#define DKIM_INTERNAL_H

#include "buf.h"
#include "crypto.h"
#include "dkim.h"
#include "taglist.h"

/* dkim_canon.c: canonical forms (RFC 6376 section 3.4). */

/* A repair of what storing did to the message. */
struct dkim_variant {
    bool crlf;    /* bare LF is read as CRLF */
    bool unquote; /* ">From " at a line's start is read as "From " */
};

/* Adds the canonical form of a whole header field (with its line end), that line end included. */
void dkim_canon_header(struct buf *, str field, bool relaxed, bool crlf);

/* Adds the canonical body. */
void dkim_canon_body(struct buf *, str body, bool relaxed, struct dkim_variant);

/* dkim_signature.c: one signature, read. */
struct dkim_signature {
    size_t header; /* its index */
    struct taglist tags;
    bool relaxed_header, relaxed_body;
    enum signature_method method;
    bool method_known, sha1;
    str hash, bytes; /* bh=, b=, decoded */
    bool limited;
    uint64_t limit;         /* l= */
    bool complete;          /* enough of it can be read to try the cryptography */
    enum auth_word problem; /* the result it gets even if it verifies; AUTH_PASS: none */
    const char *reason;
};

/* value is what follows the field's colon; s->header is the caller's.  Fills what r says of the signature. */
void dkim_read_signature(struct arena *, const struct dkim_policy *, str value, struct dkim_signature *,
                         struct dkim_result *);

/* dkim_key.c: key records (section 3.6). */
struct dkim_key {
    enum auth_word error; /* AUTH_PASS: a key; else what the signature gets */
    str reason;
    bool rsa;
    str bytes;         /* decoded p= */
    bool sha1, sha256; /* hashes that h= allows */
    bool testing, strict, several;
};
void dkim_key_fetch(struct arena *, struct dns *, str selector, str domain, bool rsa, struct dkim_key *);

/* Base64 with white space anywhere; false for anything else. */
bool dkim_base64(struct arena *, str text, str *out);

#endif
