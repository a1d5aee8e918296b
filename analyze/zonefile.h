/* Master files (RFC 1035 section 5), entry by entry.
 *
 * A reader of syntax alone: it knows quoting, escapes, parentheses, comments,
 * $ORIGIN, $TTL, omitted owners, and our ";@" directives, and says what each
 * entry is.  What records mean is the caller's business. */
#ifndef ZONEFILE_H
#define ZONEFILE_H

#include "arena.h"

enum {
    ZONEFILE_MAX_TOKENS = 1024, /* of one entry */
};

struct zone_token {
    str text; /* raw, escapes kept, quotes cut off */
    bool quoted;
};

enum zone_step { ZONE_RECORD, ZONE_DIRECTIVE, ZONE_BAD, ZONE_END };

struct zone_entry {
    size_t line;               /* where it starts, from 1 */
    str owner;                 /* ZONE_RECORD: as dns_name makes it; "" is the root */
    str type;                  /* ZONE_RECORD: the type's word */
    struct zone_token *tokens; /* rdata of a record; words of a directive, the first is its name */
    size_t n;
    const char *reason; /* ZONE_BAD */
};

struct zonefile {
    struct arena *arena;
    str rest;
    size_t line;
    str origin, owner; /* absolute, without the last dot */
    bool has_owner;
};

struct zonefile zonefile_init(struct arena *, str text);
enum zone_step zonefile_next(struct zonefile *, struct zone_entry *);

/* A token as a name, relative ones completed with the origin; false if it cannot be one. "" is the root. */
bool zonefile_name(struct zonefile *, struct zone_token, str *out);

/* A token as the bytes it stands for; false on a bad escape. */
bool zonefile_bytes(struct zonefile *, struct zone_token, str *out);

#endif
