/* What the files of journey assembly share. */
#ifndef JOURNEY_IMPL_H
#define JOURNEY_IMPL_H

#include "journey.h"
#include "verdict.h"

/* Items of an array by a hash of theirs, the lowest index first if added from the last to the first.
 * Whoever looks compares the items: a chain holds all of one bucket. */
struct lookup {
    uint32_t *heads, *next; /* index + 1; 0: none */
    size_t mask;
};
void lookup_init(struct lookup *, struct arena *, size_t n);
void lookup_add(struct lookup *, uint64_t hash, size_t i);
#define LOOKUP_EACH(l, hash, i)                                                                       \
    for (uint32_t i##_link = (l)->heads[(hash) & (l)->mask], i; i##_link && (i = i##_link - 1, true); \
         i##_link = (l)->next[i])
/* Of a text without regard to ASCII case. */
uint64_t hash_folded(str s);

/* The attempts of one node by address; made when it is first asked for (addresses.c). */
struct addresses {
    struct lookup recipient, given;
    unsigned char *first; /* of each attempt: bits below */
    unsigned char *seen;  /* of the first attempt to a recipient: a delivery row tells of it */
};
enum {
    FIRST_RECIPIENT = 1, /* no earlier attempt has its recipient */
    FIRST_GIVEN = 2,     /* nor the address it was given as */
    FIRST_PAIR = 4,      /* nor both together */
};

/* A verdict with the host, and for a delivery agent the attempt, that it is about. */
struct judged {
    const struct verdict *v;
    struct meaning m;
    struct node *node;             /* NULL: none is known */
    const struct attempt *attempt; /* NULL: none is known */
    bool decides;
    struct judged *next; /* of the same journey */
};

/* One host that the message passed: a transit, a Received field, or both. */
struct node {
    struct transit t;                /* merged parts; queue_id and host also of header-only nodes */
    bool in_log, in_header, implied; /* implied: only the sender's acceptance names it */
    const struct received *received;
    struct attempt **attempts; /* in order of time */
    size_t nattempts, attempts_room;
    struct addresses *addresses;
    struct judged **judged; /* filters that object */
    size_t njudged, judged_room;
    struct node *parent;
    struct attempt *via; /* the attempt that led here, where one did */
    int component, depth, seq;
    bool hop; /* whether it counts as one: a queue had it */
    bool fed; /* a node above it has attempts */

    size_t index;                          /* in the assembly's nodes */
    struct node *same_id, *same_via;       /* chains of by_id, by_via */
    struct node *first_child, *next_child; /* in the order of nodes, once numbered */
    struct node *above;                    /* towards the top of its tree, perhaps by a short cut */
};

enum ends { ENDS_UNCOUNTED, ENDS_ONE, ENDS_SEVERAL };

struct component {
    struct node **nodes; /* in the order of the assembly's */
    size_t nnodes;
    size_t *messages; /* indexes of the group's */
    size_t nmessages;
    struct lookup mailboxes; /* by address; of two names each: 2 * position, + 1 for delivered_to */
    bool has_mailboxes;
    enum ends ends; /* addresses it was handed to, beyond which nothing is seen */
};

struct assembly {
    struct arena *arena;
    struct group *group;
    const struct journey_options *options;
    struct node **nodes;
    size_t nnodes, nodes_room, nlogged; /* nlogged: the first of them, by transit_id */
    struct node **by_id, **by_via;      /* heads of chains */
    size_t table_mask;
    struct component *components;
    int ncomponents;
    struct lookup refusals; /* by queue id, without one by recipient */
    bool has_refusals;
    struct judged *judged; /* one for each of the group's verdicts, in their order */
    struct judged **told;  /* of each component, in their order */
    struct lookup filings; /* of judged, by attempt */
    size_t steps;          /* gone so far to find what became of a journey's recipients */
};

/* nodes.c */
void nodes_build(struct assembly *);
struct node *node_new(struct assembly *);          /* not yet in by_id */
void node_enter(struct assembly *, struct node *); /* its queue id is known now */
struct node *node_for(const struct assembly *, str queue_id, when near, const struct node *not_this);
/* The node of a Received field once all are built, or NULL. */
struct node *node_of_field(const struct assembly *, const struct received *);
/* links.c */
void nodes_link(struct assembly *);
/* The node that an attempt led to, or NULL. */
struct node *node_after(const struct assembly *, const struct node *, const struct attempt *);
/* components.c */
void components_build(struct assembly *);
/* addresses.c */
/* A line that says that it was not tried, for the next time has not come (Exim). */
bool is_no_try(const struct attempt *);
struct addresses *node_addresses(const struct assembly *, struct node *);
str given(const struct attempt *); /* the recipient that a queue was given, before its aliases */
bool has_recipient(const struct assembly *, struct node *, str address); /* given or final */
/* judged.c */
void judged_build(struct assembly *);
void judged_tell(struct assembly *, int component, struct assembled *); /* after deliveries */
/* The weightiest objection of a filter on a node's host to this address, or NULL. */
struct judged *judged_filter(const struct node *, str address);
/* What the delivery agent did last that decides, or NULL; forwards and stored copies may stand beside each other. */
struct judged *judged_filing(const struct assembly *, const struct attempt *, enum disposal);
/* relays.c: which acceptances were found in the next host's log */
void relays_build(struct assembly *, int component, struct assembled *);
/* hops.c */
void hops_build(struct assembly *, int component, struct assembled *);
/* delivery.c */
void deliveries_build(struct assembly *, int component, struct assembled *);
/* findings.c */
void findings_build(struct assembly *, int component, struct assembled *);

/* told.c: what notifications and complaints tell.  told_outcomes may change deliveries, and adds a journey
 * where there is none; told_findings comes after findings_build. */
void told_outcomes(struct assembly *, struct assembled *all, size_t *n);
void told_findings(struct assembly *, struct assembled *all, size_t n);

/* When a node first saw the message. */
when node_at(const struct node *);

/* Loopback and the name "localhost": a content filter beside the MTA. */
bool is_loopback(str host_or_ip);
/* Logs often have the first label of a name alone. */
bool is_same_host(str, str);

#endif
