/* The Authenticated Received Chain (RFC 8617).
 *
 * Each host that handled a message may have left a set of three fields with one
 * instance number: what it found (ARC-Authentication-Results), a signature of
 * the message as it handed it on (ARC-Message-Signature), and a seal over all
 * sets so far (ARC-Seal).  A chain that holds says that nobody tampered with
 * the sets; whether their word counts is the reader's decision. */
#ifndef ARC_H
#define ARC_H

#include "dkim.h"

enum {
    ARC_MAX_SETS = 50,     /* RFC 8617 section 4.2.1 */
    ARC_MAX_FIELD = 65536, /* bytes of one ARC-Seal */
    ARC_MAX_FIELDS = 1000, /* fields that are looked at; more break the chain */
};

/* One set.  Indices are of message.headers; SIZE_MAX: the field is not there. */
struct arc_set {
    int instance;
    size_t results, signature, seal;
    const struct auth_results *recorded; /* what its sealer found; NULL: not readable */
    str domain, selector, algorithm;     /* of the seal */
    str cv;                              /* what it says of the chain before it: none, pass, fail */
    enum auth_word seal_result;
    str seal_reason;
    int seal_bits;
    when sealed_at;             /* t=; WHEN_NONE: not given */
    bool checked;               /* the chain was whole, so that seal and signature were verified */
    struct dkim_result message; /* the ARC-Message-Signature */
};

struct arc_result {
    enum auth_word result; /* none, pass, fail; temperror, unknown: the DNS hides it */
    int instances;         /* the highest instance number */
    int oldest_pass;     /* the oldest set from which on every message signature holds; 0: all do, or there is
                              no chain (RFC 8617 section 5.2) */
    int failed_instance; /* which set broke it; 0: none, or no set in particular */
    str reason;          /* why it is no pass */
    struct arc_set *sets; /* by instance, 1 first; of a broken chain some lack fields */
    size_t nsets;
};

void arc_check(struct dkim *, struct arc_result *);

#endif
