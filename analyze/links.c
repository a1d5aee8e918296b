/* Links the nodes of a group into trees, one per journey. */
#include <stdlib.h>

#include "journey_impl.h"

static const when HANDIN_SPAN = 30 * WHEN_SECOND; /* between a local delivery and what it hands in */
static const when SAME_TIME = 10 * WHEN_MINUTE;   /* between a delivery and an arrival nothing else links */

struct node *
node_after(const struct assembly *a, const struct node *n, const struct attempt *t)
{
    for (size_t i = 0; i < a->nnodes; i++)
        if (a->nodes[i]->parent == n && a->nodes[i]->via == t)
            return a->nodes[i];
    if (t->next_queue_id.n) /* another recipient's attempt of the same transaction */
        for (size_t i = 0; i < a->nnodes; i++)
            if (a->nodes[i]->parent == n && str_eq(a->nodes[i]->t.queue_id, t->next_queue_id))
                return a->nodes[i];
    return NULL;
}

static bool
is_ancestor(const struct node *maybe, const struct node *of)
{
    for (; of; of = of->parent)
        if (of == maybe)
            return true;
    return false;
}

static bool
set_parent(struct node *child, struct node *parent, struct attempt *via)
{
    if (child->parent || is_ancestor(child, parent))
        return false;
    child->parent = parent;
    child->via = via;
    return true;
}

static bool
was_accepted(const struct attempt *t)
{
    return t->result == RESULT_SENT || t->result == RESULT_DISCARDED;
}

/* "250 Ok: queued as X": the surest link there is. */
static void
link_by_next_id(struct assembly *a)
{
    for (size_t i = 0; i < a->nnodes; i++)
        for (size_t k = 0; k < a->nodes[i]->nattempts; k++) {
            struct attempt *t = a->nodes[i]->attempts[k];
            if (!was_accepted(t) || t->next_queue_id.n == 0)
                continue;
            struct node *next = node_for(a, t->next_queue_id, t->at, a->nodes[i]);
            if (next)
                set_parent(next, a->nodes[i], t);
        }
}

/* What a filter reinjected and what an operator requeued say which id they had. */
static void
link_by_orig_id(struct assembly *a)
{
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i];
        if (n->parent || n->t.orig_queue_id.n == 0)
            continue;
        struct node *before = node_for(a, n->t.orig_queue_id, node_at(n), n);
        if (before)
            set_parent(n, before, NULL);
    }
}

/* Neighbouring Received fields are neighbouring hops, the later one on top. */
static void
link_by_headers(struct assembly *a)
{
    for (size_t m = 0; m < a->group->nmessages; m++) {
        const struct message *msg = a->group->messages[m].message;
        struct node *later = NULL;
        for (size_t i = 0; i < msg->nreceived; i++) {
            struct node *n = node_for(a, msg->received[i].id, msg->received[i].at, NULL);
            for (size_t k = 0; n == NULL && k < a->nnodes; k++)
                if (!a->nodes[k]->in_log && a->nodes[k]->t.at == msg->received[i].at &&
                    a->nodes[k]->received && str_ieq(a->nodes[k]->received->by, msg->received[i].by))
                    n = a->nodes[k];
            if (n == NULL || n == later)
                continue;
            if (later)
                set_parent(later, n, NULL);
            later = n;
        }
    }
}

static when
distance(when x, when y)
{
    return x < y ? y - x : x - y;
}

/* A list or a sieve script hands the message in anew, on the host where it was just delivered. */
static void
link_local_handins(struct assembly *a)
{
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i], *best = NULL;
        struct attempt *via = NULL;
        if (n->parent || !n->in_log || !(n->t.flags & TRANSIT_LOCAL))
            continue;
        for (size_t k = 0; k < a->nnodes; k++)
            for (size_t j = 0; a->nodes[k] != n && j < a->nodes[k]->nattempts; j++) {
                struct attempt *t = a->nodes[k]->attempts[j];
                when d = distance(t->at, node_at(n));
                if (!t->local || t->result != RESULT_SENT || !str_eq(a->nodes[k]->t.host, n->t.host) ||
                    d > HANDIN_SPAN || is_ancestor(n, a->nodes[k]))
                    continue;
                if (via == NULL || d < distance(via->at, node_at(n))) {
                    best = a->nodes[k];
                    via = t;
                }
            }
        if (best)
            set_parent(n, best, via);
    }
}

static bool
has_recipient(const struct node *n, str recipient)
{
    for (size_t i = 0; i < n->nattempts; i++)
        if (str_ieq(n->attempts[i]->recipient, recipient) ||
            str_ieq(n->attempts[i]->orig_recipient, recipient))
            return true;
    return false;
}

/* A delivery whose reply named no id we know, and an arrival elsewhere of the same recipient right then. */
static void
link_by_recipient(struct assembly *a)
{
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i], *best = NULL;
        struct attempt *via = NULL;
        if (n->parent || !n->in_log || (n->t.flags & TRANSIT_LOCAL))
            continue;
        for (size_t k = 0; k < a->nnodes; k++)
            for (size_t j = 0; a->nodes[k] != n && j < a->nodes[k]->nattempts; j++) {
                struct attempt *t = a->nodes[k]->attempts[j];
                when d = distance(t->at, node_at(n));
                if (t->result != RESULT_SENT || t->local || d > SAME_TIME ||
                    str_eq(a->nodes[k]->t.host, n->t.host) || !has_recipient(n, t->recipient) ||
                    node_after(a, a->nodes[k], t) || is_ancestor(n, a->nodes[k]))
                    continue;
                if (via == NULL || d < distance(via->at, node_at(n))) {
                    best = a->nodes[k];
                    via = t;
                }
            }
        if (best)
            set_parent(n, best, via);
    }
}

/* Where Received fields gave a parent, the attempt that led from it: for the same recipient, at about the time. */
static void
complete_ways(struct assembly *a)
{
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i], *p = n->parent;
        struct attempt *best = NULL;
        bool best_named = false;
        if (p == NULL || n->via)
            continue;
        for (size_t j = 0; j < p->nattempts; j++) {
            struct attempt *t = p->attempts[j];
            bool named = has_recipient(n, t->recipient);
            if (t->result != RESULT_SENT || distance(t->at, node_at(n)) > SAME_TIME || node_after(a, p, t) ||
                t->next_queue_id.n)
                continue;
            if (best == NULL || (named && !best_named) ||
                (named == best_named && distance(t->at, node_at(n)) < distance(best->at, node_at(n)))) {
                best = t;
                best_named = named;
            }
        }
        if (best && (!(n->t.flags & TRANSIT_REQUEUED)) && n->t.orig_queue_id.n == 0)
            n->via = best;
    }
}

/* A receiver that keeps no log for us: its acceptance alone shows it. */
static void
imply_receivers(struct assembly *a)
{
    size_t known = a->nnodes;
    for (size_t i = 0; i < known; i++)
        for (size_t k = 0; k < a->nodes[i]->nattempts; k++) {
            struct node *n = a->nodes[i];
            struct attempt *t = n->attempts[k];
            if (t->result != RESULT_SENT || t->local || t->next_queue_id.n == 0 || node_after(a, n, t))
                continue;
            struct node *next = ARENA_NEW(a->arena, struct node);
            bool same_host = is_loopback(t->relay_ip) || is_loopback(t->relay_host);
            next->t = (struct transit){ .host = same_host ? n->t.host : t->relay_host,
                                        .at = t->at,
                                        .born_at = t->at,
                                        .active_at = WHEN_NONE,
                                        .removed_at = WHEN_NONE,
                                        .queue_id = t->next_queue_id,
                                        .size = -1,
                                        .nrcpt = -1,
                                        .tls_version = t->tls_version,
                                        .tls_cipher = t->tls_cipher };
            next->component = -1;
            next->implied = next->hop = true;
            next->parent = n;
            next->via = t;
            ARENA_PUSH(a->arena, a->nodes, a->nnodes, a->nodes_room) = next;
        }
}

static int
by_first_sign(const void *x, const void *y)
{
    const struct node *p = *(struct node *const *)x, *q = *(struct node *const *)y;
    if (node_at(p) != node_at(q))
        return node_at(p) < node_at(q) ? -1 : 1;
    int c = str_cmp(p->t.host, q->t.host);
    return c ? c : str_cmp(p->t.queue_id, q->t.queue_id);
}

/* Numbers the trees in the order of their first signs. */
static void
number_components(struct assembly *a)
{
    if (a->nnodes > 1)
        qsort(a->nodes, a->nnodes, sizeof *a->nodes, by_first_sign);
    for (size_t i = 0; i < a->nnodes; i++)
        if (a->nodes[i]->parent == NULL)
            a->nodes[i]->component = a->ncomponents++;
    for (size_t i = 0; i < a->nnodes; i++) {
        int depth = 0;
        const struct node *n = a->nodes[i];
        for (; n->parent; n = n->parent)
            depth++;
        a->nodes[i]->depth = depth;
        a->nodes[i]->component = n->component;
    }
}

/* The journey that a stored message belongs to: the one with most of its Received ids; a message that no
 * log tells of is its headers' journey; without either, a journey of its own. */
static void
place_messages(struct assembly *a)
{
    a->message_component = ARENA_ARRAY(a->arena, int, a->group->nmessages + 1);
    for (size_t m = 0; m < a->group->nmessages; m++) {
        const struct message *msg = a->group->messages[m].message;
        int found = -1;
        for (size_t i = 0; i < msg->nreceived && found < 0; i++) {
            struct node *n = node_for(a, msg->received[i].id, msg->received[i].at, NULL);
            for (size_t k = 0; n == NULL && k < a->nnodes; k++)
                if (a->nodes[k]->received == &msg->received[i])
                    n = a->nodes[k];
            if (n)
                found = n->component;
        }
        if (found < 0)
            found = a->ncomponents == 1 ? 0 : a->ncomponents++;
        a->message_component[m] = found;
    }
}

void
nodes_link(struct assembly *a)
{
    link_by_next_id(a);
    link_by_orig_id(a);
    link_by_headers(a);
    link_local_handins(a);
    link_by_recipient(a);
    complete_ways(a);
    imply_receivers(a);
    number_components(a);
    place_messages(a);
}
