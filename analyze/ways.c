/* Ways, sorted once and searched by bisection: what nothing surer links is linked by recipient and time.  It does
 * not decide whether a node wants a way (links.c). */
#include "ways.h"

#include <stdlib.h>

enum { MAX_PATH_SEEN = 100, MAX_BACK = 16 };

when
time_between(when x, when y)
{
    if (x == WHEN_NONE || y == WHEN_NONE)
        return INT64_MAX;
    return x < y ? y - x : x - y;
}

int
by_birth(const struct node *p, const struct node *q)
{
    when x = node_at(p), y = node_at(q);
    if (x != y)
        return x < y ? -1 : 1;
    return str_cmp(p->t.queue_id, q->t.queue_id);
}

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
    if (c == 0)
        c = by_birth(p->node, q->node);
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

/* Whether an attempt's next node is known: one that only its reply names may stand between it and others. */
static bool
led_somewhere(const struct assembly *a, const struct node *n, const struct attempt *t)
{
    const struct node *next = node_after(a, n, t);
    return next && !next->implied;
}

struct ways
ways_collect(struct assembly *a, bool local)
{
    struct ways ws = { 0 };
    size_t place = 0;
    for (size_t k = 0; k < a->nnodes; k++)
        for (size_t j = 0; j < a->nodes[k]->nattempts; j++, place++) {
            struct attempt *t = a->nodes[k]->attempts[j];
            if (t->result != RESULT_SENT || t->local != local || (!local && led_somewhere(a, a->nodes[k], t)))
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

void
ways_close(struct ways *ws, struct way *w)
{
    w->open = (size_t)(w - ws->w) + 1;
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

/* Who handed it in with a password, or as the same client on the same host before, sent it (anew); it did not come
 * this way. */
static bool
is_sent_anew(const struct way *w, const struct node *n)
{
    if (w->t->next_queue_id.n && n->t.auth_user.n)
        return true;
    const struct node *p = n->t.client_ip.n ? w->node : NULL;
    for (int i = 0; p && i < MAX_PATH_SEEN; p = p->parent, i++)
        if (str_eq(p->t.host, n->t.host) && str_eq(p->t.client_ip, n->t.client_ip))
            return true;
    return false;
}

/* Whether n may have come this way. */
static bool
fits(const struct way *w, struct node *n)
{
    if (w->node == n || !may_follow(n, w->node))
        return false;
    if (!w->t->local)
        return !is_sent_anew(w, n);
    when born = w->node->t.born_at, at = node_at(n); /* by one clock */
    return born == WHEN_NONE || at == WHEN_NONE || when_second(born) <= when_second(at);
}

/* The first way in i..end that n may have come. */
static struct way *
first_fit(const struct assembly *a, struct ways *ws, size_t i, size_t end, struct node *n)
{
    for (i = first_open(ws, i); i < end; i = first_open(ws, i + 1)) {
        struct way *w = &ws->w[i];
        if (!w->t->local && led_somewhere(a, w->node, w->t))
            ways_close(ws, w);
        else if (fits(w, n))
            return w;
    }
    return NULL;
}

/* Of local deliveries of one moment, i..end, the one whose queue was born last before n's. */
static struct way *
last_born_before(struct ways *ws, size_t i, size_t end, struct node *n)
{
    size_t low = i, high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_birth(ws->w[middle].node, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (int back = 0; low > i && back < MAX_BACK; back++)
        if (fits(&ws->w[--low], n))
            return &ws->w[low];
    return NULL;
}

/* Of the ways of one moment. */
static struct way *
fit_of_moment(const struct assembly *a, struct ways *ws, size_t i, size_t end, struct node *n)
{
    struct way *w = i < end && ws->w[i].t->local ? last_born_before(ws, i, end, n) : NULL;
    return w ? w : first_fit(a, ws, i, end, n);
}

static struct way *
better_way(struct way *x, struct way *y, when at)
{
    if (x == NULL || y == NULL)
        return x ? x : y;
    when dx = time_between(x->t->at, at), dy = time_between(y->t->at, at);
    return dx < dy || (dx == dy && x->place < y->place) ? x : y;
}

struct way *
ways_nearest(const struct assembly *a, struct ways *ws, str key, str host, struct node *n, when span)
{
    when at = node_at(n);
    size_t from = lower_bound(ws, key, host, at - span), middle = lower_bound(ws, key, host, at),
           next = lower_bound(ws, key, host, at + 1), end = lower_bound(ws, key, host, at + span + 1);
    struct way *best = fit_of_moment(a, ws, middle, next, n);
    if (best == NULL && (best = first_fit(a, ws, next, end, n))) {
        size_t moment = lower_bound(ws, key, host, best->t->at);
        best = fit_of_moment(a, ws, moment, lower_bound(ws, key, host, best->t->at + 1), n);
    }
    while (middle > from) { /* moment by moment back */
        size_t moment = lower_bound(ws, key, host, ws->w[middle - 1].t->at);
        struct way *before = fit_of_moment(a, ws, moment, middle, n);
        if (before)
            return better_way(before, best, at);
        middle = moment;
    }
    return best;
}

struct way *
ways_of_recipient(const struct assembly *a, struct ways *ws, str recipient, struct node *n, when span,
                  struct way *best)
{
    size_t i = lower_bound(ws, recipient, (str){ 0 }, WHEN_NONE);
    while (recipient.n && i < ws->n && cmp_folded(ws->w[i].key, recipient) == 0) {
        str host = ws->w[i].node->t.host;
        if (!str_eq(host, n->t.host))
            best = better_way(best, ways_nearest(a, ws, recipient, host, n, span), node_at(n));
        i = lower_bound(ws, recipient, host, INT64_MAX);
    }
    return best;
}
