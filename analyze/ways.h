/* Ways: attempts that may have led to a node which nothing surer links, found by recipient, host and time. */
#ifndef WAYS_H
#define WAYS_H

#include "journey_impl.h"

/* One such attempt.  A list of them is sorted by key, host, time, and, for logs that tell whole seconds alone, by
 * the order in which the queues were born. */
struct way {
    str key; /* the recipient where it counts, else empty */
    struct node *node;
    struct attempt *t;
    size_t place; /* its number in the order of nodes and attempts */
    size_t open;  /* the first way from here on that did not yet lead anywhere, perhaps by steps */
};

struct ways {
    struct way *w;
    size_t n, room;
};

/* Local deliveries, or what other hosts accepted. */
struct ways ways_collect(struct assembly *, bool local);
/* Of the ways with a key from a host the one nearest to a node's beginning, no further than span, or NULL. */
struct way *ways_nearest(const struct assembly *, struct ways *, str key, str host, struct node *, when span);
/* The nearest open way of a recipient from another host, or best. */
struct way *ways_of_recipient(const struct assembly *, struct ways *, str recipient, struct node *, when span,
                              struct way *best);
/* It led somewhere. */
void ways_close(struct ways *, struct way *);

/* Nodes by birth, those of one second by queue id: Postfix and Exim count up. */
int by_birth(const struct node *, const struct node *);
/* Whether the child may come below the parent: it has no parent yet, and does not head its tree. */
bool may_follow(struct node *child, struct node *parent);
/* Time between two moments; INT64_MAX if one is unknown. */
when time_between(when, when);

#endif
