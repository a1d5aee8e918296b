/* What the dkim_*.c files share; nobody else includes this. */
#ifndef DKIM_INTERNAL_H
#define DKIM_INTERNAL_H

#include "buf.h"
#include "crypto.h"
#include "dkim.h"
#include "taglist.h"

/* dkim_canon.c: canonical forms (RFC 6376 section 3.4). */

/* Repairs of what storing did to the body. */
struct dkim_variant {
    bool crlf;     /* bare LF is read as CRLF */
    bool unquote;  /* ">From " at a line's start is read as "From " */
    bool single;   /* unquote: only lines with one ">", those of kept left out */
    unsigned kept; /* bit i: the i-th line with one ">" stays quoted */
    bool undot;    /* ".." at a line's start is read as ".", and "." alone ends the body (RFC 5321 4.5.2) */
};

/* Adds the canonical form of a whole header field (with its line end), that line end included. */
void dkim_canon_header(struct buf *, str field, bool relaxed, bool crlf);

/* Adds the canonical body. */
void dkim_canon_body(struct buf *, str body, bool relaxed, struct dkim_variant);

/* What kind of field a signature stands in. */
enum dkim_kind {
    DKIM_OF_MESSAGE, /* DKIM-Signature, X-Google-DKIM-Signature */
    DKIM_OF_ARC, /* ARC-Message-Signature (RFC 8617 4.1.2): i= is its instance, v= is not there, h= may lack
                        From and must not have ARC-Seal */
};

/* dkim_signature.c: one signature, read. */
struct dkim_signature {
    size_t header; /* its index */
    enum dkim_kind kind;
    struct taglist tags;
    bool relaxed_header, relaxed_body;
    bool no_c; /* c= is not there */
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
    bool missing;           /* no such record, or a revoked one */
    enum dns_status status; /* of the question */
    bool old;               /* see dkim_result.old_key */
    when from, until;
};
void dkim_key_fetch(struct arena *, struct dns *, str selector, str domain, bool rsa, struct dkim_key *);

/* dkim-quoted-printable (section 2.11), decoded: white space is ignored, "=XX" is a byte. */
str dkim_decode_qp(struct arena *, str);

/* dkim_verify.c: the bytes of a message that signatures speak of. */

/* Repairs, tried alone and together.  The first three are of bodies. */
enum {
    REPAIR_CRLF = 1,
    REPAIR_UNQUOTE = 2,
    REPAIR_UNDOT = 4,
    REPAIR_ADDED = 8, /* fields that mailboxes add do not count */
    BODY_VARIANTS = 8,
    VARIANTS = 16,
};

/* What is known of one canonical body, so that signatures share it. */
struct dkim_body_known {
    bool sized, hashed[2]; /* of the whole: SHA-1, SHA-256 */
    size_t length;
    unsigned char digest[2][32];
};

struct dkim {
    struct arena *arena;
    struct dns *dns;
    const struct message *message;
    const struct dkim_policy *policy;
    bool relevant[VARIANTS];
    struct dkim_body_known bodies[BODY_VARIANTS][2];
    struct buf canon; /* the canonical body made last */
    int canon_variant;
    bool canon_made, canon_relaxed;
    uint64_t work;       /* bytes handled so far */
    int trials;          /* signatures tried to find out what was changed */
    struct dkim *mended; /* dkim_mend.c's */
    bool is_mended;      /* it was looked at, or is the mended one itself */
    str mending;         /* what was mended */
};

/* A field that is to be read as another text; text.p NULL: as if it were not there. */
struct dkim_edit {
    size_t header;
    str text; /* a whole field with its line end */
};

str dkim_field(const struct message *, size_t header); /* a whole field with its line end */

/* The field with the value of b= taken out; nothing else changes (section 3.7). */
str dkim_without_b(struct arena *, const struct taglist *, str field);

/* Adds the bytes that are signed: the fields of h=, from the bottom up, then the signature itself. */
void dkim_signed_bytes(struct dkim *, const struct dkim_signature *, const struct dkim_result *, int variant,
                       const struct dkim_edit *, size_t nedits, struct buf *);

/* The canonical body; good until the next call. */
str dkim_body(struct dkim *, bool relaxed, int variant);

/* Tries the signature on the message as stored and with repairs, fills what r says of that. */
void
dkim_verify(struct dkim *, const struct dkim_signature *, const struct public_key *, struct dkim_result *);

/* The same without a key: the body alone. */
void dkim_verify_body(struct dkim *, const struct dkim_signature *, struct dkim_result *);

/* dkim_mend.c: the whole message mended, with the same fields, looked at by a state of its own; NULL where nothing is to
 * be mended.  It closes with its parent. */
struct dkim *dkim_mended(struct dkim *);

/* Repairs of other kinds, for signatures that do not verify otherwise; r says so where one helps. */
void dkim_try_mended(struct dkim *, const struct dkim_signature *, struct dkim_result *);
void dkim_try_quotes(struct dkim *, const struct dkim_signature *, const struct public_key *,
                     struct dkim_result *);
void dkim_close_mended(struct dkim *);

bool dkim_worked_too_hard(const struct dkim *); /* DKIM_MAX_WORK is used up */

/* dkim_change.c: what was done to a message whose signature does not hold; key may be NULL. */
void
dkim_explain(struct dkim *, const struct dkim_signature *, const struct public_key *, struct dkim_result *);
void dkim_compare_copies(struct dkim *, const struct dkim_signature *, struct dkim_result *);

/* dkim.c: one field of either kind, wholly judged. */
void dkim_check_field(struct dkim *, size_t header, enum dkim_kind, struct dkim_result *);

/* Base64 with white space anywhere; false for anything else. */
bool dkim_base64(struct arena *, str text, str *out);

#endif
