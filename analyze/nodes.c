/* The hosts that a group's messages passed: parts of transits merged, Received fields beside them. */
#include <math.h>
#include <stdlib.h>

#include "hash.h"
#include "journey_impl.h"

bool
is_loopback(str s)
{
    s = str_unwrap(s, '[', ']').n ? str_unwrap(s, '[', ']') : s;
    return str_starts(s, S("127.")) || str_eq(s, S("::1")) || str_ieq(s, S("localhost")) ||
           str_istarts(s, S("localhost."));
}

bool
is_same_host(str x, str y)
{
    return x.n && y.n &&
           (str_ieq(x, y) || str_ieq(str_cut(x, '.').head, y) || str_ieq(str_cut(y, '.').head, x));
}

when
node_at(const struct node *n)
{
    if (n->t.born_at != WHEN_NONE)
        return n->t.born_at;
    return n->t.at;
}

/* Nodes and their index ------------------------------------------------------------------------------- */

struct node *
node_new(struct assembly *a)
{
    struct node *n = ARENA_NEW(a->arena, struct node);
    n->component = -1;
    n->t.born_at = n->t.active_at = n->t.removed_at = n->t.at = WHEN_NONE;
    n->t.size = n->t.nrcpt = -1;
    n->index = a->nnodes;
    n->above = n;
    ARENA_PUSH(a->arena, a->nodes, a->nnodes, a->nodes_room) = n;
    return n;
}

/* Received fields without an id are told apart by their time. */
static struct node **
id_bucket(const struct assembly *a, str queue_id, when at)
{
    uint64_t hash = queue_id.n ? hash_bytes(queue_id) : hash_more_int(0, at);
    return &a->by_id[hash & a->table_mask];
}

void
node_enter(struct assembly *a, struct node *n)
{
    struct node **head = id_bucket(a, n->t.queue_id, n->t.at);
    n->same_id = *head;
    *head = n;
}

static void
make_tables(struct assembly *a)
{
    size_t most = a->group->ntransits + a->group->nattempts / 2, size = 4;
    for (size_t i = 0; i < a->group->nmessages; i++)
        most += a->group->messages[i].message->nreceived;
    while (size < most)
        size *= 2;
    a->by_id = ARENA_ARRAY(a->arena, struct node *, size);
    a->by_via = ARENA_ARRAY(a->arena, struct node *, size);
    a->table_mask = size - 1;
}

static int
by_root_then_time(const void *x, const void *y)
{
    const struct group_transit *p = x, *q = y;
    if (p->root_id != q->root_id)
        return p->root_id < q->root_id ? -1 : 1;
    if (p->t.at != q->t.at)
        return p->t.at < q->t.at ? -1 : 1;
    if (p->t.flags != q->t.flags)
        return p->t.flags > q->t.flags ? -1 : 1;
    const str mine[] = { p->t.message_id, p->t.mail_from, p->t.client_name, p->t.program, p->t.tls_version };
    const str theirs[] = { q->t.message_id, q->t.mail_from, q->t.client_name, q->t.program,
                           q->t.tls_version };
    int c = 0;
    for (size_t i = 0; i < sizeof mine / sizeof *mine && c == 0; i++)
        c = str_cmp(theirs[i], mine[i]); /* what is said before what is not */
    return c;
}

static void
take_text(str *into, str value)
{
    if (into->n == 0)
        *into = value;
}

/* Two files may tell the same moment, one to the second and one finer: the finer one is right. */
static void
take_earliest(when *into, when value)
{
    if (value == WHEN_NONE)
        return;
    if (*into == WHEN_NONE || when_second(value) < when_second(*into) ||
        (when_second(value) == when_second(*into) && value > *into))
        *into = value;
}

static void
merge_part(struct node *n, const struct transit *t)
{
    struct transit *m = &n->t;
    take_earliest(&m->at, t->at);
    take_earliest(&m->born_at, t->born_at);
    take_earliest(&m->active_at, t->active_at);
    take_earliest(&m->removed_at, t->removed_at);
    take_text(&m->program, t->program);
    take_text(&m->message_id, t->message_id);
    take_text(&m->mail_from, t->mail_from);
    m->has_mail_from |= t->has_mail_from;
    if (m->size < 0)
        m->size = t->size;
    if (m->nrcpt < 0)
        m->nrcpt = t->nrcpt;
    take_text(&m->client_name, t->client_name);
    take_text(&m->client_ip, t->client_ip);
    take_text(&m->helo, t->helo);
    take_text(&m->auth_user, t->auth_user);
    take_text(&m->protocol, t->protocol);
    take_text(&m->tls_version, t->tls_version);
    take_text(&m->tls_cipher, t->tls_cipher);
    take_text(&m->orig_queue_id, t->orig_queue_id);
    m->flags |= t->flags;
}

static void
build_transits(struct assembly *a)
{
    struct group *g = a->group;
    if (g->ntransits > 1)
        qsort(g->transits, g->ntransits, sizeof *g->transits, by_root_then_time);
    struct node *n = NULL;
    for (size_t i = 0; i < g->ntransits; i++) {
        const struct group_transit *gt = &g->transits[i];
        if (gt->t.flags & TRANSIT_STORED) /* its message is here: that tells all it knows */
            continue;
        if (n == NULL || n->t.transit_id != gt->root_id) {
            n = node_new(a);
            n->t.transit_id = gt->root_id;
            n->t.host = gt->t.host;
            n->t.queue_id = gt->t.queue_id;
            n->in_log = true;
            node_enter(a, n);
        }
        merge_part(n, &gt->t);
    }
}

static int
by_time(const void *x, const void *y)
{
    const struct attempt *p = *(struct attempt *const *)x, *q = *(struct attempt *const *)y;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    if ((p->result == RESULT_EXPIRED) !=
        (q->result == RESULT_EXPIRED)) /* giving up comes after the last try */
        return q->result == RESULT_EXPIRED ? -1 : 1;
    return p->attempt_id < q->attempt_id ? -1 : p->attempt_id > q->attempt_id;
}

static int
find_root(const void *key, const void *item)
{
    uint64_t id = *(const uint64_t *)key, root = (*(struct node *const *)item)->t.transit_id;
    return id < root ? -1 : id > root;
}

static void
attach_attempts(struct assembly *a)
{
    struct group *g = a->group;
    for (size_t i = 0; i < g->nattempts && a->nnodes; i++) {
        struct node **n = bsearch(&g->attempt_roots[i], a->nodes, a->nnodes, sizeof *a->nodes, find_root);
        if (n)
            ARENA_PUSH(a->arena, (*n)->attempts, (*n)->nattempts, (*n)->attempts_room) = &g->attempts[i];
    }
    for (size_t i = 0; i < a->nnodes; i++)
        if (a->nodes[i]->nattempts > 1)
            qsort(a->nodes[i]->attempts, a->nodes[i]->nattempts, sizeof *a->nodes[i]->attempts, by_time);
}

struct node *
node_for(const struct assembly *a, str queue_id, when near, const struct node *not_this)
{
    struct node *best = NULL;
    when distance = 0;
    if (queue_id.n == 0)
        return NULL;
    for (struct node *n = *id_bucket(a, queue_id, near); n; n = n->same_id) {
        if (n == not_this || !str_eq(n->t.queue_id, queue_id))
            continue;
        when at = node_at(n);
        when d = at == WHEN_NONE || near == WHEN_NONE ? 0 : at < near ? near - at : at - near;
        if (best == NULL || d < distance || (d == distance && n->index < best->index)) {
            best = n;
            distance = d;
        }
    }
    return best;
}

/* The id of a Received field, as the acceptance named it: Gmail puts the date behind it in the field alone
 * ("x5-20020a05si12plb.57.2026.09.14.10.00.01" after "250 2.0.0 OK 1789380001 x5-20020a05si12plb.57 - gsmtp"). */
static str
field_id(const struct received *r)
{
    str rest = r->id;
    for (int parts = 6; parts > 0; parts--) {
        size_t dot = str_rfind_char(rest, '.');
        str number = dot == STR_NONE ? (str){ 0 } : str_skip(rest, dot + 1);
        if (number.n != (parts == 1 ? 4 : 2) || !str_digits(number))
            return r->id;
        rest = str_head(rest, dot);
    }
    return rest;
}

struct node *
node_of_field(const struct assembly *a, const struct received *r)
{
    if (field_id(r).n)
        return node_for(a, field_id(r), r->at, NULL);
    for (struct node *n = *id_bucket(a, field_id(r), r->at); n; n = n->same_id)
        if (!n->in_log && n->t.queue_id.n == 0 && n->t.at == r->at && str_ieq(n->received->by, r->by))
            return n;
    return NULL;
}

/* A Received field of a delivery agent or a filter on the same host is no hop of its own. */
static bool
is_hop_field(const struct received *r)
{
    if (r->by.n == 0 || is_loopback(r->by))
        return false;
    return !str_istarts(r->protocol, S("LMTP")) && !str_istarts(r->protocol, S("local"));
}

/* The first word behind "from" is what the client said, unless a clause of its own has that (RFC 5321 4.4). */
static str
helo_of(const struct received *r)
{
    if (r->from_helo.n || str_ieq(r->from_name, S("unknown")) || r->from_ip.n == 0)
        return r->from_helo;
    return r->from_name;
}

static void
learn_from_field(struct node *n, const struct received *r)
{
    n->in_header = true;
    if (n->received == NULL)
        n->received = r;
    take_text(&n->t.helo, helo_of(r));
    take_text(&n->t.client_name, r->from_rdns);
    take_text(&n->t.client_ip, r->from_ip);
    take_text(&n->t.protocol, r->protocol);
    take_text(&n->t.tls_version, r->tls_version);
    take_text(&n->t.tls_cipher, r->tls_cipher);
    take_text(&n->t.auth_user, r->auth_user);
}

/* The name that the caller gave the host a message was stored on, for the name that host gives itself. */
static str
host_of(const struct group_message *m, const struct received *r)
{
    return m->host.n && str_ieq(r->by, m->message->received[0].by) ? m->host : r->by;
}

/* Only fields without an id may be those of a node that other headers made: node_for found none. */
static struct node *
header_node(struct assembly *a, const struct group_message *m, const struct received *r)
{
    str host = host_of(m, r);
    if (field_id(r).n == 0)
        for (struct node *n = *id_bucket(a, field_id(r), r->at); n; n = n->same_id)
            if (!n->in_log && n->t.queue_id.n == 0 && n->t.at == r->at && str_ieq(n->t.host, host))
                return n;
    struct node *n = node_new(a);
    n->t.host = host;
    n->t.queue_id = field_id(r);
    n->t.at = n->t.born_at = r->at;
    n->hop = true;
    node_enter(a, n);
    return n;
}

static void
build_header_nodes(struct assembly *a)
{
    for (size_t m = 0; m < a->group->nmessages; m++) {
        const struct message *msg = a->group->messages[m].message;
        for (size_t i = 0; i < msg->nreceived; i++) {
            const struct received *r = &msg->received[i];
            struct node *n = node_for(a, field_id(r), r->at, NULL);
            if (n == NULL && is_hop_field(r))
                n = header_node(a, &a->group->messages[m], r);
            if (n)
                learn_from_field(n, r);
        }
    }
}

/* Postfix asks whether an address exists by a message that it never sends: no try is told of, for it was none. */
static bool
is_probe(const struct node *n)
{
    return n->nattempts == 0 && !n->in_header && !(n->t.flags & TRANSIT_BOUNCE) && n->t.client_ip.n == 0 &&
           str_istarts(n->t.mail_from, S("double-bounce"));
}

/* A queue had it: it became active, was held there, or somebody tried to deliver it. */
static bool
was_queued(const struct node *n)
{
    bool refused = (n->t.flags & TRANSIT_REFUSED) != 0; /* its attempts only name whom it was for */
    if (is_probe(n))
        return false;
    if (n->nattempts && !refused)
        return true;
    if (refused || (n->t.flags & TRANSIT_LOST))
        return false;
    if ((n->t.flags & TRANSIT_DISCARDED) && !(n->t.flags & TRANSIT_ACTIVE))
        return false;
    if (n->t.flags & (TRANSIT_ACTIVE | TRANSIT_HELD | TRANSIT_REMOVED | TRANSIT_REQUEUED))
        return true;
    return n->in_header;
}

void
nodes_build(struct assembly *a)
{
    make_tables(a);
    build_transits(a);
    attach_attempts(a);
    size_t in_logs = a->nlogged = a->nnodes;
    build_header_nodes(a);
    for (size_t i = 0; i < in_logs; i++)
        a->nodes[i]->hop = was_queued(a->nodes[i]);
}
