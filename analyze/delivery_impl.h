/* What the files of deliveries share. */
#ifndef DELIVERY_IMPL_H
#define DELIVERY_IMPL_H

#include "journey_impl.h"

/* An address on its way from queue to queue. */
struct follow {
    struct assembly *a;
    struct assembled *out;
    int component;
    str original; /* as the first queue had it */
    int attempts; /* along the path */
    when first, last;
    int depth;
    const struct trail *trail; /* addresses so far, if notifications will ask for them */
    str accepted;              /* the latest acceptance on the path, in the words of who took it */
    struct judged *objection;  /* the weightiest of the filters passed so far */
};

bool address_is(str, str); /* without regard to case; an empty one is none */

/* delivery_rows.c */
struct delivery *row_add(struct follow *, str final, enum outcome, const struct attempt *);
/* It lies somewhere, or a host took it that we cannot look into: a stored copy tells where. */
void row_add_kept(struct follow *, str final, enum outcome, const struct attempt *, str by);
void row_class(struct delivery *, enum stage, enum reason);
void
row_class_dropped(struct delivery *, const struct refusal *); /* a milter that says no more than "discard" */
/* Accepted, then returned: the acceptance is not why (a notification may tell). */
void row_returned(struct delivery *);
void row_judge(struct follow *, struct delivery *, struct judged *); /* whose word decided */
/* A refusal that says no more than "no": the filter's own line knows why. */
void row_explain_refusal(struct follow *, struct delivery *, const struct node *, str address);
/* The copy of a recipient, whom that host took it for; or NULL. */
const struct group_message *stored_copy(const struct follow *, str final, str host);
bool filter_keeps(const struct judged *); /* in quarantine, or for nobody; NULL: no */
void end_filtered(struct follow *, str address, struct judged *, const struct attempt *);
/* What the delivery agent did with it, whatever it told the MTA; goes_on: a further host has it, too.
 * False: nothing that ends the way here. */
bool end_filed(struct follow *, str address, const struct attempt *, bool goes_on);

/* delivery_fate.c */
enum fate { FATE_KEPT, FATE_THROWN, FATE_QUARANTINED, FATE_RETURNED };
enum fate fate_of(const struct attempt *); /* of what was "sent": what the words beside it betray */
/* delivery_ends.c */
str relay_of(const struct attempt *);   /* who it spoke with: some logs know addresses only */
void refusals_index(struct assembly *); /* by queue id, those without one by recipient */
void end_unqueued(struct follow *, struct node *, str address); /* accepted, and never in a queue */
bool says_no_more(const struct attempt *);                      /* put off, and no reason given */
void end_untried(struct follow *, struct node *, str address);  /* in the queue, and no attempt is known */
/* tried: the last one put off, or NULL; where the queue only gave up, that tells why */
void end_failed(struct follow *, struct node *, str address, const struct attempt *last,
                const struct attempt *tried);
void end_discarded(struct follow *, struct node *, str address, const struct attempt *);
/* A filter took it and returned it to the sender. */
void end_returned(struct follow *, struct node *, str address, const struct attempt *);
void end_looping(struct follow *, const struct node *, str address);

#endif
