/* Authentication of one message: SPF, DKIM, DMARC and ARC together, and what is to be remarked about them.
 *
 * Who delivered the message to us is not in the message for certain; it comes
 * in a struct auth_context, from logs, or guessed from the trace fields. */
#ifndef AUTH_H
#define AUTH_H

#include "arc.h"
#include "auth_from.h"
#include "chain.h"
#include "dkim.h"
#include "dmarc_policy.h"
#include "message.h"
#include "spf.h"

/* As known from logs or the trusted Received; empty: not known. */
struct auth_context {
    str client_ip, helo, mail_from;
    bool has_mail_from; /* with an empty mail_from: the null sender */
    when received_at;   /* WHEN_NONE: not known; then policy.now counts */
    bool in_mailbox;    /* the host that checked it filed it: what it put into the subject since is undone */
    size_t hop;         /* index in message.received that this was read from; SIZE_MAX: elsewhere */
};

struct auth_policy {
    int min_rsa_bits; /* 1024 (RFC 8301) */
    bool allow_rsa_sha1, dkim_legacy;
    int dmarc;            /* 9989 or 7489 */
    const char *psl_file; /* NULL: the system's list */
    int void_limit;       /* SPF_VOID_LIMIT */
    when now;
    struct psl *psl; /* set by auth_policy_open */
    /* The trust boundary: lists with commas or blanks between; NULL: guessed (see auth_trust). */
    const char *authserv_ids;  /* names by which our servers sign their results */
    const char *trusted_hosts; /* our hosts, or domains of them, as "by" in Received names them */
};

/* Opens what the policy needs (the Public Suffix List for 7489); false with diag filled if it is not to be had. */
bool auth_policy_open(struct auth_policy *, struct diag *);
void auth_policy_close(struct auth_policy *);

struct auth_verdict {
    struct spf_result spf;    /* of MAIL FROM (postmaster@HELO for the null sender) */
    struct spf_result helo;   /* of HELO itself; domain "" where it was not said */
    struct dkim_result *dkim; /* from the top */
    size_t ndkim;
    struct dkim_result *google; /* X-Google-DKIM-Signature, from the top; they count for nothing */
    size_t ngoogle;
    struct from_view from; /* whose domain DMARC judges */
    struct dmarc_result dmarc;
    struct arc_result arc;
    /* How far the records that were used lie from the time of reception; 0: they are of that time, or undated. */
    when spf_age, dkim_age, dmarc_age, arc_age;
};

/* Says of each recorded result whether it is trusted, and whether it was forged. */
void auth_trust(struct arena *, struct message *, const struct auth_policy *);

/* Sets dns->at to the time of reception, so that the records of then count. */
void auth_check(struct arena *, const struct message *, const struct auth_context *, struct dns *,
                const struct auth_policy *, struct auth_verdict *);

/* Whether the verdict is bad: DMARC fails; or, where DMARC has no say, SPF fails or every signature is broken,
 * and nothing else passes. */
bool auth_is_bad(const struct auth_verdict *);

/* Guesses the context.  mail_from is the Return-Path.  The client is that of the border hop: from the top, the
 * first Received by SMTP that names a client with a public address (none of those inside of a service); where
 * there is none, the first with an address other than loopback.  Hops below one in which the client logged in
 * are not looked at: that is a user's own machine, for which no SPF record speaks.  received_at is that hop's time, else the topmost readable one.
 * False if no client was found; what was found is filled in all the same. */
bool auth_context_from_message(struct arena *, const struct message *, struct auth_context *);

struct auth_finding {
    enum stage stage;
    const char *severity; /* failure, degradation, note */
    const char *code;     /* one word for programs */
    str text;
    int hop; /* position in the journey, 1 nearest the sender; 0: no hop */
};

/* What is to be remarked, authentication first (differences to what was recorded included), then the hops.
 * Returns the number. */
size_t
auth_findings(struct arena *, const struct message *, const struct auth_verdict *, struct auth_finding **);

#endif
