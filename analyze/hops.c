/* The hops of one journey, in order. */
#include <math.h>
#include <stdlib.h>

#include "journey_impl.h"

/* Clocks are read to the second: less than this is no skew. */
static const when SKEW = WHEN_SECOND;

static int
by_depth(const void *x, const void *y)
{
    const struct node *p = *(struct node *const *)x, *q = *(struct node *const *)y;
    if (p->depth != q->depth)
        return p->depth < q->depth ? -1 : 1;
    if (node_at(p) != node_at(q))
        return node_at(p) < node_at(q) ? -1 : 1;
    int c = str_cmp(p->t.host, q->t.host);
    if (c == 0)
        c = str_cmp(p->t.queue_id, q->t.queue_id);
    return c ? c : p->index < q->index ? -1 : p->index > q->index;
}

static const struct node *
hop_before(const struct node *n)
{
    for (n = n->parent; n && !n->hop; n = n->parent)
        ;
    return n;
}

static when
left_at(const struct node *n)
{
    when left = WHEN_NONE;
    for (size_t i = 0; i < n->nattempts; i++)
        if (n->attempts[i]->result == RESULT_SENT)
            left = n->attempts[i]->at;
    return left != WHEN_NONE ? left : n->t.removed_at;
}

static struct hop
hop_of(struct node *n)
{
    struct hop h = {
        .transit_id = n->in_log ? n->t.transit_id : 0,
        .seq = n->seq,
        .host = n->t.host,
        .queue_id = n->t.queue_id,
        .client_name = n->t.client_name,
        .client_helo = n->t.helo,
        .client_ip = n->t.client_ip,
        .protocol = n->t.protocol,
        .tls_version = n->t.tls_version,
        .tls_cipher = n->t.tls_cipher,
        .auth_user = n->t.auth_user,
        .arrived_at = node_at(n),
        .left_at = left_at(n),
        .delay_s = NAN,
        .seen_in = n->in_log && n->in_header ? "both"
                   : n->in_header            ? "header"
                                             : "log",
    };
    if (h.tls_version.n == 0 && n->via && n->via->tls_version.n) {
        h.tls_version = n->via->tls_version;
        h.tls_cipher = n->via->tls_cipher;
    }
    const struct node *before = hop_before(n);
    h.from_seq = before ? before->seq : 0;
    if (before && node_at(before) != WHEN_NONE && h.arrived_at != WHEN_NONE) {
        when d = h.arrived_at - node_at(before);
        h.delay_s = (double)d / (double)WHEN_SECOND;
        h.clock_skew = d < -SKEW;
    }
    return h;
}

static bool
from_outside(const struct node *n)
{
    return n->hop && n->t.client_ip.n && !is_loopback(n->t.client_ip);
}

/* The hop into the host that stored a copy: the topmost of its own trace fields, else the journey's last. */
static int
border_of(const struct assembly *a, const struct message *m, int last)
{
    for (size_t i = 0; i < m->nreceived; i++) {
        const struct node *n = node_of_field(a, &m->received[i]);
        if (n && from_outside(n))
            return n->seq - 1;
    }
    return last;
}

void
hops_build(struct assembly *a, int component, struct assembled *out)
{
    const struct component *c = &a->components[component];
    struct node **nodes = ARENA_ARRAY(a->arena, struct node *, c->nnodes + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->nnodes; i++)
        if (c->nodes[i]->hop)
            nodes[n++] = c->nodes[i];
    if (n > 1)
        qsort(nodes, n, sizeof *nodes, by_depth);
    int last = -1;
    for (size_t i = 0; i < n; i++) {
        nodes[i]->seq = (int)i + 1;
        ARENA_PUSH(a->arena, out->hops, out->nhops, out->hops_room) = hop_of(nodes[i]);
        if (from_outside(nodes[i]))
            last = (int)i;
    }
    for (size_t i = 0; i < out->nmessages; i++)
        out->messages[i]->border_hop = border_of(a, out->messages[i]->message, last);
}
