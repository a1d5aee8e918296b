/* Assembles the journeys of a group: nodes, links, then what each tree of nodes says. */
#include "journey.h"

#include <math.h>
#include <stdlib.h>

#include "hash.h"
#include "journey_impl.h"

/* A journey of several recipients has the outcome that needs most attention. */
static int
gravity(enum outcome o)
{
    static const enum outcome worst_first[] = {
        OUTCOME_LOST,        OUTCOME_EXPIRED,  OUTCOME_BOUNCED,  OUTCOME_REJECTED,   OUTCOME_DISCARDED,
        OUTCOME_QUARANTINED, OUTCOME_JUNK,     OUTCOME_DEFERRED, OUTCOME_IN_TRANSIT, OUTCOME_ACCEPTED,
        OUTCOME_STORED,      OUTCOME_CATEGORY, OUTCOME_INBOX,
    };
    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++)
        if (worst_first[i] == o)
            return (int)i;
    return 99;
}

static void
stretch(struct journey *j, when at)
{
    if (at == WHEN_NONE)
        return;
    if (j->first_at == WHEN_NONE || at < j->first_at)
        j->first_at = at;
    if (j->last_at == WHEN_NONE || at > j->last_at)
        j->last_at = at;
}

static void
take_node(struct journey *j, const struct node *n)
{
    stretch(j, node_at(n));
    stretch(j, n->t.removed_at);
    for (size_t i = 0; i < n->nattempts; i++)
        stretch(j, n->attempts[i]->at);
    if (j->message_id.n == 0)
        j->message_id = n->t.message_id;
    if (!j->has_mail_from && n->t.has_mail_from) {
        j->has_mail_from = true;
        j->mail_from = n->t.mail_from;
    }
    if (j->size < 0)
        j->size = n->t.size;
}

static void
take_message(struct journey *j, const struct group_message *m)
{
    const struct message *msg = m->message;
    stretch(j, m->stored_at);
    if (j->first_at == WHEN_NONE)
        stretch(j, msg->date);
    if (j->message_id.n == 0)
        j->message_id = msg->message_id;
    if (j->header_from.n == 0 && msg->nfrom)
        j->header_from = msg->from[0].address;
    if (j->subject.n == 0)
        j->subject = msg->subject;
    if (!j->has_mail_from && msg->has_return_path) {
        j->has_mail_from = true;
        j->mail_from = msg->return_path;
    }
    if (j->size < 0)
        j->size = (int64_t)msg->raw.n;
}

/* A component that never was in a queue and stored nothing is a journey only if it is all we know of it. */
static bool
is_journey(const struct component *c, bool any_queued)
{
    bool refused = false;
    for (size_t i = 0; i < c->nnodes; i++) {
        if (c->nodes[i]->hop)
            return true;
        refused |= (c->nodes[i]->t.flags & (TRANSIT_REFUSED | TRANSIT_DISCARDED)) != 0;
    }
    return c->nmessages > 0 || (refused && !any_queued);
}

static struct assembled
assemble_one(struct assembly *a, int component)
{
    const struct component *c = &a->components[component];
    struct assembled out = {
        .journey = { .group_key = a->group->key, .first_at = WHEN_NONE, .last_at = WHEN_NONE, .size = -1 }
    };
    struct journey *j = &out.journey;
    for (size_t i = 0; i < c->nnodes; i++)
        take_node(j, c->nodes[i]);
    for (size_t i = 0; i < c->nmessages; i++) {
        struct group_message *m = &a->group->messages[c->messages[i]];
        ARENA_PUSH(a->arena, out.messages, out.nmessages, out.messages_room) = m;
        take_message(j, m);
    }
    if (j->first_at == WHEN_NONE)
        j->first_at = j->last_at = 0;
    hops_build(a, component, &out);
    relays_build(a, component, &out);
    deliveries_build(a, component, &out);
    judged_tell(a, component, &out);
    return out;
}

/* Once every delivery has its outcome. */
static void
finish_one(struct assembly *a, int component, struct assembled *out)
{
    struct journey *j = &out->journey;
    findings_build(a, component, out);
    j->hops = (int)out->nhops;
    j->recipients = (int)out->ndeliveries;
    for (size_t i = 0; i < out->ndeliveries; i++)
        if (i == 0 || gravity(out->deliveries[i].outcome) < gravity(j->outcome))
            j->outcome = out->deliveries[i].outcome;
}

/* The id of a further journey in a group: by its first node, so that it does not depend on the others. */
static uint64_t
own_id(const struct assembly *a, int component, uint64_t key)
{
    const struct component *c = &a->components[component];
    for (size_t i = 0; i < c->nnodes; i++) {
        const struct node *n = c->nodes[i];
        if (n->parent == NULL)
            return hash_more_int(hash_more(hash_more(hash_more_int(key, 1), n->t.host), n->t.queue_id),
                                 when_second(node_at(n)));
    }
    if (c->nmessages)
        return hash_more(key, str_of((const char *)a->group->messages[c->messages[0]].sha256, 32));
    return key;
}

struct assembled *
journey_assemble(struct arena *arena, struct group *g, const struct journey_options *options, size_t *n)
{
    struct assembly a = { .arena = arena, .group = g, .options = options };
    nodes_build(&a);
    nodes_link(&a);
    judged_build(&a);
    bool any_queued = false;
    for (size_t i = 0; i < a.nnodes; i++)
        any_queued |= a.nodes[i]->hop;
    size_t room = (size_t)a.ncomponents + 2; /* one may come from notifications alone */
    struct assembled *all = ARENA_ARRAY(arena, struct assembled, room);
    int *component = ARENA_ARRAY(arena, int, room);
    *n = 0;
    for (int c = 0; c < a.ncomponents; c++) {
        if (!is_journey(&a.components[c], any_queued))
            continue;
        all[*n] = assemble_one(&a, c);
        if (all[*n].nhops + all[*n].ndeliveries + all[*n].nmessages == 0)
            continue; /* a refusal that does not say for whom: it stands among the refusals */
        all[*n].journey.journey_id = *n == 0 ? g->key : own_id(&a, c, g->key);
        component[*n] = c;
        ++*n;
    }
    size_t seen = *n;
    told_outcomes(&a, all, n);
    for (size_t i = 0; i < *n; i++)
        finish_one(&a, i < seen ? component[i] : a.ncomponents - 1, &all[i]);
    told_findings(&a, all, *n);
    return all;
}
