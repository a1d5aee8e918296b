/* What the files of journey assembly share. */
#ifndef JOURNEY_IMPL_H
#define JOURNEY_IMPL_H

#include "journey.h"

/* One host that the message passed: a transit, a Received field, or both. */
struct node {
    struct transit t;                /* merged parts; queue_id and host also of header-only nodes */
    bool in_log, in_header, implied; /* implied: only the sender's acceptance names it */
    const struct received *received;
    struct attempt **attempts; /* in order of time */
    size_t nattempts, attempts_room;
    struct node *parent;
    struct attempt *via; /* the attempt that led here, where one did */
    int component, depth, seq;
    bool hop; /* whether it counts as one: a queue had it */
};

struct assembly {
    struct arena *arena;
    struct group *group;
    const struct journey_options *options;
    struct node **nodes;
    size_t nnodes, nodes_room;
    int ncomponents;
    int *message_component; /* of each of the group's messages */
};

/* nodes.c */
void nodes_build(struct assembly *);
struct node *node_for(const struct assembly *, str queue_id, when near, const struct node *not_this);
/* links.c */
void nodes_link(struct assembly *);
/* The node that an attempt led to, or NULL. */
struct node *node_after(const struct assembly *, const struct node *, const struct attempt *);
/* hops.c */
void hops_build(struct assembly *, int component, struct assembled *);
/* delivery.c */
void deliveries_build(struct assembly *, int component, struct assembled *);
/* findings.c */
void findings_build(struct assembly *, int component, struct assembled *);

/* When a node first saw the message. */
when node_at(const struct node *);

/* Loopback and the name "localhost": a content filter beside the MTA. */
bool is_loopback(str host_or_ip);

#endif
