/* DNS answers, from whatever source: live, a snapshot file, nothing.
 *
 * Names are lower case without the last dot, bytes as they are; a dot or
 * backslash inside a label is written "\." or "\\".  A source that has not
 * recorded something says DNS_UNKNOWN, never DNS_NODATA. */
#ifndef DNS_H
#define DNS_H

#include "arena.h"
#include "diag.h"
#include "when.h"

enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_TLSA = 52,
};

enum dns_status {
    DNS_UNKNOWN, /* the source does not say */
    DNS_OK,      /* records, at least one */
    DNS_NODATA,  /* the name exists without records of this type */
    DNS_NXDOMAIN,
    DNS_SERVFAIL,
    DNS_TIMEOUT,
};

enum {
    DNS_MAX_ALIASES = 16,
    DNS_MAX_NAME = 253,
    DNS_MAX_LABEL = 63,
};

struct dns_record {
    str data;       /* A, AAAA: 4 or 16 bytes; TXT: its strings joined; MX, PTR, CNAME, NS: a name;
                             others: their text */
    int preference; /* of MX */
};

struct dns_answer {
    enum dns_status status;
    struct dns_record *records; /* MX by preference */
    size_t n;
    bool aliased;                 /* CNAMEs were followed: the name itself exists, whatever status says */
    bool nearest;                 /* the source has nothing valid at that time; this is the nearest it has */
    when age;                     /* how far that lies away; 0 where nearest is not set */
    bool secure;                  /* DNSSEC validated (live source only) */
    when valid_from, valid_until; /* of what was used; WHEN_NONE: unlimited */
};

/* A source.  Others can be made by whoever fills in query. */
struct dns {
    void (*query)(struct dns *, struct arena *, str name, enum dns_type, when at, struct dns_answer *);
    void (*close)(struct dns *);
    /* Called for every answer that was used, so that it can be kept; may be NULL. */
    void (*seen)(void *closure, str name, enum dns_type, const struct dns_answer *);
    void *closure;
    when at;          /* answers as of then; WHEN_NONE: as of now */
    uint64_t queries; /* asked so far */
    when age;         /* the farthest that an answer's time lay from at; whoever wants to know sets it to 0 */
};

/* Asks.  Always fills the answer; a name no DNS message can carry is DNS_NXDOMAIN. */
void dns_query(struct dns *, struct arena *, str name, enum dns_type, struct dns_answer *);

/* Lower case, without the last dot; false if a label is empty or too long, or the whole is. */
bool dns_name(struct arena *, str text, str *out);

size_t dns_labels(str name);             /* number of labels; 0 for "" */
str dns_parent(str name);                /* without its first label; "" at the top */
str dns_last_labels(str name, size_t n); /* its last n labels */
bool dns_is_below(str name, str above);  /* the same or a subdomain; both as dns_name makes them */

str dns_status_word(enum dns_status); /* "ok", "nodata", "nxdomain", "servfail", "timeout", "unknown" */
str dns_type_word(struct arena *, enum dns_type);
int dns_type_from(str word); /* 0: none; also TYPE99 (RFC 3597) */

/* What --dns says: "live" (the system's resolvers), "live:ADDRESS[@PORT]" (that one), "off", or the path of a snapshot
 * (waybill-formats(7)); NULL with diag filled on failure. */
struct dns *dns_open(const char *how, struct diag *);
bool dns_is_live(const char *how);
void dns_close(struct dns *); /* NULL is fine */

/* A snapshot from memory; name is for messages.  Lines that cannot be read are warned about (unless quiet)
 * and skipped; bad (may be NULL) counts them. */
struct dns *dns_snapshot(const char *name, str text, bool quiet, size_t *bad);
struct dns *dns_snapshot_open(const char *path, struct diag *);

#endif
