/* Who sends: known services, the user's own, and what marks an address as theirs.
 *
 * The built-in list is analyze/assets/senders.txt; a user's file of the same form (waybill-senders(5)) goes
 * before it.  A second file declares what is the user's own.  Names are matched by suffix, the longest first;
 * networks by prefix, the longest first. */
#ifndef SENDERS_H
#define SENDERS_H

#include "arena.h"
#include "diag.h"
#include "ip.h"

enum { SENDERS_FILE_MAX = 1 << 20, SENDERS_LINE_MAX = 16384 };

struct sender_service {
    str id, kind, title;
};

struct senders;

/* The built-in list; BUG if that is wrong. */
struct senders *senders_new(void);
void senders_free(struct senders *); /* NULL is fine */

/* Adds the user's services, which go before what is there, or what is the user's own; false with diag filled
 * ("path:line: why", EXIT_USAGE).  The text need not live on. */
bool senders_add(struct senders *, str text, const char *path, struct diag *);
bool senders_add_own(struct senders *, str text, const char *path, struct diag *);

size_t senders_count(const struct senders *);
uint64_t senders_digest(const struct senders *); /* of all that was read; a change asks for a new look */

/* What reports and DNS say of one address.  Names are lower case; domains passed at some receiver. */
struct sender_facts {
    struct ip ip;
    str ptr;                     /* reverse name, "" if none is known */
    bool confirmed;              /* and it leads back to the address */
    const str *dkim, *selectors; /* pairwise */
    size_t ndkim;
    const str *spf;
    size_t nspf;
    bool both;      /* messages passed DKIM and SPF in alignment: nobody stood between */
    bool forwarded; /* receivers said so: forwarded, mailing_list, trusted_forwarder */
    bool relayed;   /* DKIM in alignment passed, and SPF of the same domain failed */
};

struct sender_identity {
    str standing; /* "own", "known", "forwarder", "unknown" */
    str known_by; /* "network", "name", "spf", "dkim", "reports", "relayed"; "" for unknown */
    str mark;     /* the very network, name or domain */
    const struct sender_service *service; /* or NULL; also of what is own */
};

/* Own before known; a network says more than a confirmed name, that more than a passing SPF domain, and that
 * more than a signature, which survives forwarding. */
struct sender_identity senders_identify(const struct senders *, const struct sender_facts *);

#endif
