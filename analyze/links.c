/* Links the nodes of a group into trees, one per journey. */
#include <stdlib.h>

#include "hash.h"
#include "ways.h"

static const when HANDIN_SPAN = 30 * WHEN_SECOND; /* between a local delivery and what it hands in */
static const when SAME_TIME = 10 * WHEN_MINUTE;   /* between a delivery and an arrival nothing else links */

static struct node **
via_bucket(const struct assembly *a, const struct attempt *t)
{
    return &a->by_via[hash_more_int(0, (int64_t)(uintptr_t)t) & a->table_mask];
}

static void
node_lead(struct assembly *a, struct node *child, struct attempt *via)
{
    child->via = via;
    if (via == NULL)
        return;
    struct node **head = via_bucket(a, via);
    child->same_via = *head;
    *head = child;
}

struct node *
node_after(const struct assembly *a, const struct node *n, const struct attempt *t)
{
    struct node *first = NULL;
    for (struct node *c = *via_bucket(a, t); c; c = c->same_via)
        if (c->via == t && c->parent == n && (first == NULL || c->index < first->index))
            first = c;
    if (first || t->next_queue_id.n == 0)
        return first;
    struct node *other = NULL; /* another recipient's attempt of the same transaction */
    for (struct node *c = a->by_id[hash_bytes(t->next_queue_id) & a->table_mask]; c; c = c->same_id)
        if (c->parent == n && str_eq(c->t.queue_id, t->next_queue_id) &&
            (other == NULL || c->index < other->index))
            other = c;
    return other;
}

/* The top of a node's tree; ways are halved as they are gone. */
static struct node *
top_of(struct node *n)
{
    while (n->above != n)
        n = n->above = n->above->above;
    return n;
}

/* A child without a parent is the top of its own tree: it is above the new parent only if that is there too. */
bool
may_follow(struct node *child, struct node *parent)
{
    return child->parent == NULL && top_of(parent) != child;
}

static bool
set_parent(struct assembly *a, struct node *child, struct node *parent, struct attempt *via)
{
    if (!may_follow(child, parent))
        return false;
    child->parent = child->above = parent;
    node_lead(a, child, via);
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
                set_parent(a, next, a->nodes[i], t);
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
            set_parent(a, n, before, NULL);
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
            struct node *n = node_of_field(a, &msg->received[i]);
            if (n == NULL || n == later)
                continue;
            if (later)
                set_parent(a, later, n, NULL);
            later = n;
        }
    }
}

static int
by_birth_then_index(const void *x, const void *y)
{
    const struct node *p = *(struct node *const *)x, *q = *(struct node *const *)y;
    int c = by_birth(p, q);
    return c ? c : p->index < q->index ? -1 : p->index > q->index;
}

/* The nodes of logs that nothing led to yet, by birth: what was sent first came first, too. */
static struct node **
collect_parentless(struct assembly *a, bool local, size_t *n)
{
    struct node **found = NULL;
    size_t room = 0;
    *n = 0;
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *x = a->nodes[i];
        if (!x->parent && x->in_log && (x->t.flags & TRANSIT_LOCAL ? local : !local && x->nattempts))
            ARENA_PUSH(a->arena, found, *n, room) = x;
    }
    if (*n > 1)
        qsort(found, *n, sizeof *found, by_birth_then_index);
    return found;
}

/* A list or a sieve script hands the message in anew, on the host where it was just delivered. */
static void
link_local_handins(struct assembly *a)
{
    size_t n;
    struct node **handed = collect_parentless(a, true, &n);
    if (n == 0)
        return;
    struct ways ws = ways_collect(a, true);
    for (size_t i = 0; i < n; i++) {
        const struct way *w = ways_nearest(a, &ws, (str){ 0 }, handed[i]->t.host, handed[i], HANDIN_SPAN);
        if (w)
            set_parent(a, handed[i], w->node, w->t);
    }
}

static bool
have_two_hosts(const struct assembly *a)
{
    for (size_t i = 1; i < a->nnodes; i++)
        if (a->nodes[i]->in_log && !str_eq(a->nodes[i]->t.host, a->nodes[0]->t.host))
            return true;
    return false;
}

/* A receiver that keeps no log for us: its acceptance alone shows it. */
static struct node *
imply_receiver(struct assembly *a, struct node *n, struct attempt *t)
{
    bool same_host = is_loopback(t->relay_ip) || is_loopback(t->relay_host);
    struct node *next = node_new(a);
    next->t = (struct transit){ .host = same_host         ? n->t.host
                                        : t->relay_host.n ? t->relay_host
                                                          : t->relay_ip,
                                .at = t->at,
                                .born_at = t->at,
                                .active_at = WHEN_NONE,
                                .removed_at = WHEN_NONE,
                                .queue_id = t->next_queue_id,
                                .size = -1,
                                .nrcpt = -1,
                                .tls_version = t->tls_version,
                                .tls_cipher = t->tls_cipher };
    next->implied = next->hop = true;
    next->parent = next->above = n;
    node_lead(a, next, t);
    node_enter(a, next);
    return next;
}

/* Goes a way; where a reply named another queue, that one stands between. */
static void
go_way(struct assembly *a, struct ways *ws, struct node *n, struct way *w)
{
    bool gone;
    if (w->t->next_queue_id.n) {
        struct node *between = node_after(a, w->node, w->t);
        if (between == NULL)
            between = imply_receiver(a, w->node, w->t);
        gone = set_parent(a, n, between, NULL);
    } else {
        gone = set_parent(a, n, w->node, w->t);
    }
    if (gone)
        ways_close(ws, w);
}

/* A delivery whose reply named no id we know, and an arrival elsewhere of the same recipient right then. */
static void
link_by_recipient(struct assembly *a)
{
    size_t n;
    struct node **come = have_two_hosts(a) ? collect_parentless(a, false, &n) : NULL;
    if (come == NULL)
        return;
    struct ways ws = ways_collect(a, false);
    for (size_t i = 0; i < n && ws.n; i++) {
        struct node *c = come[i];
        const struct addresses *ad = node_addresses(a, c);
        struct way *best = NULL;
        for (size_t k = 0; k < c->nattempts; k++) {
            const struct attempt *t = c->attempts[k];
            if (ad->first[k] & FIRST_RECIPIENT)
                best = ways_of_recipient(a, &ws, t->recipient, c, SAME_TIME, best);
            if ((ad->first[k] & FIRST_GIVEN) && t->orig_recipient.n)
                best = ways_of_recipient(a, &ws, t->orig_recipient, c, SAME_TIME, best);
        }
        if (best)
            go_way(a, &ws, c, best);
    }
}

/* k if the parent's attempt may have led to n and is nearer than the best so far. */
static size_t
nearer(const struct assembly *a, const struct node *n, size_t k, size_t best)
{
    const struct node *p = n->parent;
    const struct attempt *t = p->attempts[k];
    when d = time_between(t->at, node_at(n)),
         least = best == SIZE_MAX ? INT64_MAX : time_between(p->attempts[best]->at, node_at(n));
    if (t->result != RESULT_SENT || t->next_queue_id.n || d > SAME_TIME || d > least ||
        (d == least && k > best) || node_after(a, p, t))
        return best;
    return k;
}

static size_t
nearest_of_recipient(const struct assembly *a, const struct node *n, str recipient, size_t best)
{
    struct node *p = n->parent;
    const struct addresses *ad = node_addresses(a, p);
    uint64_t hash = hash_folded(recipient);
    LOOKUP_EACH(&ad->recipient, hash, k)
    if (recipient.n && str_ieq(p->attempts[k]->recipient, recipient))
        best = nearer(a, n, k, best);
    return best;
}

/* Where Received fields gave a parent, the attempt that led from it: for the same recipient, at about the time. */
static void
complete_ways(struct assembly *a)
{
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i], *p = n->parent;
        size_t best = SIZE_MAX;
        if (p == NULL || n->via || p->nattempts == 0 || (n->t.flags & TRANSIT_REQUEUED) ||
            n->t.orig_queue_id.n)
            continue;
        for (size_t k = 0; k < n->nattempts; k++) {
            best = nearest_of_recipient(a, n, n->attempts[k]->recipient, best);
            best = nearest_of_recipient(a, n, n->attempts[k]->orig_recipient, best);
        }
        if (n->received)
            best = nearest_of_recipient(a, n, n->received->for_address, best);
        for (size_t k = 0, named = best; named == SIZE_MAX && k < p->nattempts; k++)
            if (is_same_host(p->attempts[k]->relay_host, n->t.host))
                best = nearer(a, n, k, best);
        for (size_t k = 0, named = best; named == SIZE_MAX && k < p->nattempts; k++)
            best = nearer(a, n, k, best);
        if (best != SIZE_MAX)
            node_lead(a, n, p->attempts[best]);
    }
}

static void
imply_receivers(struct assembly *a)
{
    size_t known = a->nnodes;
    for (size_t i = 0; i < known; i++)
        for (size_t k = 0; k < a->nodes[i]->nattempts; k++) {
            struct attempt *t = a->nodes[i]->attempts[k];
            if (t->result == RESULT_SENT && !t->local && t->next_queue_id.n && !node_after(a, a->nodes[i], t))
                imply_receiver(a, a->nodes[i], t);
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
    components_build(a);
}
