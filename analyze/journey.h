/* Assembles the journeys of a group.
 *
 * How transits are linked, in this order of trust: the queue id that a
 * receiver's acceptance named; the id a content filter or a requeue handed on;
 * Received fields of stored messages; a local hand-in right at a local
 * delivery (mailing list, sieve redirect); the same recipient at about the
 * same time.  What nothing links is a journey of its own: one Message-ID may
 * have been used twice. */
#ifndef JOURNEY_H
#define JOURNEY_H

#include "assembled.h"

struct journey_options {
    when now;   /* the present for "lost" and "in transit" */
    when grace; /* so long a host of ours may be silent about a message it took */
};

/* Gives n journeys, in the arena, in the order of their first signs; the earliest of a group has the group's
 * key for its id. */
struct assembled *journey_assemble(struct arena *, struct group *, const struct journey_options *, size_t *n);

#endif
