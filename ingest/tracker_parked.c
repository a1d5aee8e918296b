/* HOLD and DISCARD said before the message has its queue id.
 *
 * Postfix opens a queue file at the first recipient it takes.  A restriction that acts on the way there is logged
 * under NOQUEUE, and what it did to the message is told nowhere else: a message held so has a client and a
 * Message-ID, no sender and no recipient.  The same process opens the queue file next, for the same client. */
#include "hash.h"
#include "tracker_impl.h"

static const when PARKED_SPAN = 10 * WHEN_SECOND;

static uint64_t
owner_of(const struct event *e)
{
    return hash_more_int(hash_bytes(e->host), e->pid);
}

static bool
give(struct tracker *tr, struct parked *p)
{
    bool good = refusal_give(tr, &p->r);
    if (!tr->muted && (tr->waited_since == WHEN_NONE || p->r.at < tr->waited_since))
        tr->waited_since = p->r.at;
    parked_release(tr, p);
    return good;
}

void
parked_release(struct tracker *tr, struct parked *p)
{
    pool_release(&tr->pool, &p->memory);
    p->owner = 0;
    tr->nparked--;
}

bool
parked_hand_out(struct tracker *tr, when until)
{
    bool good = true;
    for (size_t i = 0; i < MAX_PARKED && tr->nparked; i++)
        if (tr->parked[i].owner && (until == WHEN_NONE || tr->parked[i].r.at <= until))
            good = give(tr, &tr->parked[i]) && good;
    return good;
}

bool
parked_is_for(const struct event *e)
{
    str action = EV(e, ACTION);
    return e->pid && EV(e, QUEUE_ID).n == 0 && EV(e, CLIENT_IP).n &&
           (str_eq(action, S("hold")) || str_eq(action, S("discard")));
}

bool
parked_take(struct tracker *tr, const struct event *e, const struct refusal *r)
{
    if (tr->nparked && !parked_hand_out(tr, e->at - PARKED_SPAN))
        return false;
    if (tr->nparked == MAX_PARKED && !parked_hand_out(tr, WHEN_NONE))
        return false;
    struct parked *p = tr->parked;
    while (p->owner)
        p++;
    *p = (struct parked){ .owner = owner_of(e), .r = *r };
    refusal_keep(tr, &p->r, &p->memory);
    tr->nparked++;
    return true;
}

/* The message is born: what was said on the way is about it. */
bool
parked_claim(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    uint64_t owner = owner_of(e);
    bool good = true;
    for (size_t i = 0; i < MAX_PARKED && tr->nparked; i++) {
        struct parked *p = &tr->parked[i];
        if (p->owner != owner || e->at - p->r.at > PARKED_SPAN || !str_eq(p->r.client_ip, EV(e, CLIENT_IP)))
            continue;
        o->t.flags |= str_eq(p->r.action, S("hold")) ? TRANSIT_HELD : TRANSIT_DISCARDED;
        p->r.queue_id = o->t.queue_id;
        good = refusal_await(tr, o, &p->r, false) && good;
        parked_release(tr, p);
    }
    return good;
}
