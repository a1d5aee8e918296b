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
