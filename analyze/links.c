/* Links the nodes of a group into trees, one per journey. */
#include <stdlib.h>

#include "hash.h"
#include "journey_impl.h"

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
static bool
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

static when
distance(when x, when y)
{
    if (x == WHEN_NONE || y == WHEN_NONE)
        return INT64_MAX;
    return x < y ? y - x : x - y;
}

/* Ways ---------------------------------------------------------------------------------------------- */

/* An attempt that may have led somewhere, and a sorted list of them: by key, host, time. */
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

static int
cmp_folded(str x, str y)
{
    for (size_t i = 0; i < x.n && i < y.n; i++) {
        int d = (unsigned char)str_lower_char(x.p[i]) - (unsigned char)str_lower_char(y.p[i]);
        if (d)
            return d;
    }
    return x.n < y.n ? -1 : x.n > y.n;
}

static int
cmp_way(const struct way *w, str key, str host, when at)
{
    int c = cmp_folded(w->key, key);
    if (c == 0)
        c = str_cmp(w->node->t.host, host);
    if (c)
        return c;
    return w->t->at < at ? -1 : w->t->at > at;
}

static int
by_way(const void *x, const void *y)
{
    const struct way *p = x, *q = y;
    int c = cmp_way(p, q->key, q->node->t.host, q->t->at);
    return c ? c : p->place < q->place ? -1 : p->place > q->place;
}

/* The first way that is not before this. */
static size_t
lower_bound(const struct ways *ws, str key, str host, when at)
{
    size_t low = 0, high = ws->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cmp_way(&ws->w[middle], key, host, at) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct ways
collect_ways(struct assembly *a, bool local)
{
    struct ways ws = { 0 };
    size_t place = 0;
    for (size_t k = 0; k < a->nnodes; k++)
        for (size_t j = 0; j < a->nodes[k]->nattempts; j++, place++) {
            struct attempt *t = a->nodes[k]->attempts[j];
            if (t->result != RESULT_SENT || t->local != local || (!local && node_after(a, a->nodes[k], t)))
                continue;
            ARENA_PUSH(a->arena, ws.w, ws.n, ws.room) = (struct way){
                .key = local ? (str){ 0 } : t->recipient, .node = a->nodes[k], .t = t, .place = place
            };
        }
    if (ws.n > 1)
        qsort(ws.w, ws.n, sizeof *ws.w, by_way);
    for (size_t i = 0; i < ws.n; i++)
        ws.w[i].open = i;
    return ws;
}

static size_t
first_open(struct ways *ws, size_t i)
{
    while (i < ws->n && ws->w[i].open != i) {
        size_t next = ws->w[i].open;
        if (next < ws->n)
            ws->w[i].open = ws->w[next].open;
        i = next;
    }
    return i;
}

/* The first way in i..end of a tree that n does not head. */
static const struct way *
first_fit(const struct assembly *a, struct ways *ws, size_t i, size_t end, struct node *n)
{
    for (i = first_open(ws, i); i < end; i = first_open(ws, i + 1)) {
        struct way *w = &ws->w[i];
        if (!w->t->local && node_after(a, w->node, w->t))
            w->open = i + 1;
        else if (w->node != n && may_follow(n, w->node))
            return w;
    }
    return NULL;
}

static const struct way *
better_way(const struct way *x, const struct way *y, when at)
{
    if (x == NULL || y == NULL)
        return x ? x : y;
    when dx = distance(x->t->at, at), dy = distance(y->t->at, at);
    return dx < dy || (dx == dy && x->place < y->place) ? x : y;
}

/* Of the ways with a key from a host the one nearest to a node's beginning, no further than span. */
static const struct way *
nearest_way(const struct assembly *a, struct ways *ws, str key, str host, struct node *n, when span)
{
    when at = node_at(n);
    size_t from = lower_bound(ws, key, host, at - span), middle = lower_bound(ws, key, host, at),
           end = lower_bound(ws, key, host, at + span + 1);
    const struct way *best = first_fit(a, ws, middle, end, n);
    while (middle > from) { /* moment by moment back */
        size_t moment = lower_bound(ws, key, host, ws->w[middle - 1].t->at);
        const struct way *before = first_fit(a, ws, moment, middle, n);
        if (before)
            return better_way(before, best, at);
        middle = moment;
    }
    return best;
}

/* A list or a sieve script hands the message in anew, on the host where it was just delivered. */
static void
link_local_handins(struct assembly *a)
{
    struct ways ws = { 0 };
    bool collected = false;
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i];
        if (n->parent || !n->in_log || !(n->t.flags & TRANSIT_LOCAL))
            continue;
        if (!collected) {
            ws = collect_ways(a, true);
            collected = true;
        }
        const struct way *w = nearest_way(a, &ws, (str){ 0 }, n->t.host, n, HANDIN_SPAN);
        if (w)
            set_parent(a, n, w->node, w->t);
    }
}

/* The nearest open way of a recipient from another host. */
static const struct way *
way_of_recipient(const struct assembly *a, struct ways *ws, str recipient, struct node *n,
                 const struct way *best)
{
    size_t i = lower_bound(ws, recipient, (str){ 0 }, WHEN_NONE);
    while (recipient.n && i < ws->n && cmp_folded(ws->w[i].key, recipient) == 0) {
        str host = ws->w[i].node->t.host;
        if (!str_eq(host, n->t.host))
            best = better_way(best, nearest_way(a, ws, recipient, host, n, SAME_TIME), node_at(n));
        i = lower_bound(ws, recipient, host, INT64_MAX);
    }
    return best;
}

static bool
have_two_hosts(const struct assembly *a)
{
    for (size_t i = 1; i < a->nnodes; i++)
        if (a->nodes[i]->in_log && !str_eq(a->nodes[i]->t.host, a->nodes[0]->t.host))
            return true;
    return false;
}

/* A delivery whose reply named no id we know, and an arrival elsewhere of the same recipient right then. */
static void
link_by_recipient(struct assembly *a)
{
    struct ways ws = { 0 };
    bool collected = false;
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i];
        const struct way *best = NULL;
        if (n->parent || !n->in_log || (n->t.flags & TRANSIT_LOCAL) || n->nattempts == 0)
            continue;
        if (!collected && !have_two_hosts(a))
            return;
        if (!collected)
            ws = collect_ways(a, false);
        collected = true;
        if (ws.n == 0)
            return;
        const struct addresses *ad = node_addresses(a, n);
        for (size_t k = 0; k < n->nattempts; k++) {
            const struct attempt *t = n->attempts[k];
            if (ad->first[k] & FIRST_RECIPIENT)
                best = way_of_recipient(a, &ws, t->recipient, n, best);
            if ((ad->first[k] & FIRST_GIVEN) && t->orig_recipient.n)
                best = way_of_recipient(a, &ws, t->orig_recipient, n, best);
        }
        if (best)
            set_parent(a, n, best->node, best->t);
    }
}

/* k if the parent's attempt may have led to n and is nearer than the best so far. */
static size_t
nearer(const struct assembly *a, const struct node *n, size_t k, size_t best)
{
    const struct node *p = n->parent;
    const struct attempt *t = p->attempts[k];
    when d = distance(t->at, node_at(n)),
         least = best == SIZE_MAX ? INT64_MAX : distance(p->attempts[best]->at, node_at(n));
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
        for (size_t k = 0, named = best; named == SIZE_MAX && k < p->nattempts; k++)
            best = nearer(a, n, k, best);
        if (best != SIZE_MAX)
            node_lead(a, n, p->attempts[best]);
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
            struct node *next = node_new(a);
            bool same_host = is_loopback(t->relay_ip) || is_loopback(t->relay_host);
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
