/* Verdicts beside the journey they are about: which host of it spoke, and of which delivery.
 *
 * What follows from them for a recipient is decided in delivery.c; here they are found again. */
#include <stdlib.h>

#include "hash.h"
#include "journey_impl.h"

/* Attempts are looked through so long for a delivery agent's user; then it stays unknown. */
enum { MAX_LOOKED = 256 };

struct places {
    struct assembly *a;
    struct node **of_attempt; /* the node of each attempt of the list */
    const struct attempt **attempts;
    size_t n;
    struct lookup sessions, users;
};

static str
local_part(str address)
{
    struct str_cut at = str_rcut(address, '@');
    return at.found ? at.head : address;
}

/* "bob+list" -> "bob". */
static str
mailbox_part(str local)
{
    struct str_cut plus = str_cut(local, '+');
    return plus.found && plus.head.n ? plus.head : local;
}

/* "NAME-TIME-PID-COUNT-RANDOM", "NAME-PID-TIME-COUNT" as older ones have it: the process, which the log names. */
static str
cyrus_process(str id)
{
    enum { RANDOM = 11, TIME = 9 }; /* digits */
    struct str_cut last = str_rcut(id, '-');
    struct str_cut count = last.tail.n >= RANDOM ? str_rcut(last.head, '-') : last;
    struct str_cut second = str_rcut(count.head, '-'), first = str_rcut(second.head, '-');
    str pid = second.tail.n > TIME ? first.tail : second.tail;
    return str_digits(pid) ? pid : (str){ 0 };
}

/* The session that an LMTP reply names whole. */
static str
full_session_of(str reply)
{
    size_t id = str_find(reply, S("SESSIONID=<"));
    return id != STR_NONE ? str_cut(str_skip(reply, id + 11), '>').head : (str){ 0 };
}

/* What the agent's own lines call it: "250 2.0.0 <a@b> SESSION Saved"; of Cyrus the process. */
static str
session_of(str reply)
{
    size_t saved = str_find(reply, S(" Saved"));
    if (saved != STR_NONE)
        return str_rcut(str_head(reply, saved), ' ').tail;
    return cyrus_process(full_session_of(reply));
}

static void
find_places(struct places *p)
{
    struct assembly *a = p->a;
    size_t room = 0;
    for (size_t i = 0; i < a->nnodes; i++)
        room += a->nodes[i]->nattempts;
    p->attempts = ARENA_ARRAY(a->arena, const struct attempt *, room + 1);
    p->of_attempt = ARENA_ARRAY(a->arena, struct node *, room + 1);
    for (size_t i = 0; i < a->nnodes; i++)
        for (size_t k = 0; k < a->nodes[i]->nattempts; k++) {
            p->attempts[p->n] = a->nodes[i]->attempts[k];
            p->of_attempt[p->n++] = a->nodes[i];
        }
    lookup_init(&p->sessions, a->arena, p->n);
    lookup_init(&p->users, a->arena, p->n);
    for (size_t i = p->n; i-- > 0;) {
        str session = session_of(p->attempts[i]->reply);
        if (session.n)
            lookup_add(&p->sessions, hash_bytes(session), i);
        str local = local_part(p->attempts[i]->recipient), base = mailbox_part(local);
        lookup_add(&p->users, hash_folded(base), i);
    }
}

static bool
is_user(str user, str recipient)
{
    struct str_cut at = str_rcut(recipient, '@'), of = str_rcut(user, '@');
    if (str_ieq(user, recipient))
        return true;
    str local = at.found ? at.head : recipient;
    if (of.found)
        return at.found && str_ieq(of.tail, at.tail) && str_ieq(of.head, mailbox_part(local));
    return str_ieq(user, local) || str_ieq(user, mailbox_part(local));
}

static when
apart(when x, when y)
{
    return x > y ? x - y : y - x;
}

/* Those that share the session's transaction with it, itself included: which of them is meant cannot be told. */
static size_t
share_session(const struct places *p, str session, size_t with)
{
    str full = full_session_of(p->attempts[with]->reply);
    size_t n = 0, looked = 0;
    LOOKUP_EACH(&p->sessions, hash_bytes(session), i)
    {
        n += str_eq(full_session_of(p->attempts[i]->reply), full);
        if (++looked > MAX_LOOKED)
            break;
    }
    return n;
}

/* A process takes several messages, a session several recipients: the nearest in time, of its user if there is one. */
static size_t
place_in_session(const struct places *p, const struct verdict *v)
{
    size_t best = SIZE_MAX, looked = 0;
    bool best_is_users = false;
    LOOKUP_EACH(&p->sessions, hash_bytes(v->session), i)
    {
        const struct attempt *t = p->attempts[i];
        if (++looked > MAX_LOOKED)
            break;
        if (!str_eq(session_of(t->reply), v->session))
            continue;
        bool users = v->recipient.n && is_user(v->recipient, t->recipient);
        bool nearer = best == SIZE_MAX || apart(t->at, v->at) < apart(p->attempts[best]->at, v->at) ||
                      (apart(t->at, v->at) == apart(p->attempts[best]->at, v->at) && i < best);
        if (users > best_is_users || (users == best_is_users && nearer)) {
            best = i; /* aliases have other names */
            best_is_users = users;
        }
    }
    bool open = best != SIZE_MAX && v->recipient.n == 0 && share_session(p, v->session, best) > 1;
    return open ? SIZE_MAX : best;
}

/* The attempt that handed a message to a delivery agent: its reply names the session, else the recipient, at
 * about the time. */
static size_t
place_of_filing(const struct places *p, const struct verdict *v)
{
    static const when SPAN = 10 * WHEN_MINUTE;
    size_t best = SIZE_MAX, looked = 0;
    when distance = SPAN;
    if (v->session.n && (best = place_in_session(p, v)) != SIZE_MAX)
        return best;
    if (v->recipient.n == 0)
        return SIZE_MAX;
    uint64_t hash = hash_folded(mailbox_part(local_part(v->recipient)));
    LOOKUP_EACH(&p->users, hash, k)
    {
        const struct attempt *t = p->attempts[k];
        when d = t->at > v->at ? t->at - v->at : v->at - t->at;
        if (++looked > MAX_LOOKED)
            break;
        if (d < distance && is_user(v->recipient, t->recipient) && t->result != RESULT_NONE) {
            distance = d;
            best = k;
        }
    }
    return best;
}

/* A filing that names nobody, of a transaction with several recipients: the one that no other filing is about. */
static void
place_by_elimination(const struct places *p, const struct group *g, struct judged *j)
{
    str session = j->v->session, full = { 0 };
    size_t rest = SIZE_MAX, looked = 0, left = 0;
    size_t near =
        place_in_session(p, &(struct verdict){ .session = session, .recipient = S("-"), .at = j->v->at });
    if (near == SIZE_MAX)
        return;
    full = full_session_of(p->attempts[near]->reply);
    LOOKUP_EACH(&p->sessions, hash_bytes(session), i)
    {
        bool claimed = !str_eq(full_session_of(p->attempts[i]->reply), full);
        if (++looked > MAX_LOOKED)
            return;
        for (size_t k = 0; k < g->nverdicts && k < MAX_LOOKED && !claimed; k++)
            claimed = p->a->judged[k].attempt == p->attempts[i] && p->a->judged[k].v->kind == EVENT_FILING;
        if (!claimed) {
            rest = i;
            left++;
        }
    }
    if (left != 1)
        return;
    j->attempt = p->attempts[rest];
    j->node = p->of_attempt[rest];
}

static int
find_root(const void *key, const void *item)
{
    uint64_t id = *(const uint64_t *)key, root = (*(struct node *const *)item)->t.transit_id;
    return id < root ? -1 : id > root;
}

static struct node *
node_of_root(const struct assembly *a, uint64_t root)
{
    struct node **found =
        root && a->nlogged ? bsearch(&root, a->nodes, a->nlogged, sizeof *a->nodes, find_root) : NULL;
    return found ? *found : NULL;
}

static struct node *
node_near(const struct assembly *a, const struct verdict *v)
{
    struct node *best = NULL;
    when distance = 0;
    for (size_t i = 0; i < a->nnodes && i < MAX_LOOKED; i++) {
        struct node *n = a->nodes[i];
        when at = node_at(n), d = at > v->at ? at - v->at : v->at - at;
        if (at == WHEN_NONE || (v->host.n && !str_eq(n->t.host, v->host)))
            continue;
        if (best == NULL || d < distance) {
            best = n;
            distance = d;
        }
    }
    return best;
}

static void
place(struct places *p, const struct group_verdict *gv, struct judged *j)
{
    struct assembly *a = p->a;
    *j = (struct judged){ .v = &gv->v, .m = verdict_meaning(&gv->v) };
    if (gv->v.kind == EVENT_FILING) {
        if (p->attempts == NULL)
            find_places(p);
        size_t i = place_of_filing(p, &gv->v);
        if (i != SIZE_MAX) {
            j->attempt = p->attempts[i];
            j->node = p->of_attempt[i];
        }
    }
    if (j->node == NULL)
        j->node = node_of_root(a, gv->root_id);
    if (j->node == NULL && gv->v.queue_id.n) {
        struct node *n = node_for(a, gv->v.queue_id, gv->v.at, NULL);
        j->node = n && str_eq(n->t.host, gv->v.host) ? n : NULL;
    }
    if (j->node == NULL)
        j->node = node_near(a, &gv->v);
}

static bool
objects(const struct judged *j)
{
    return j->m.disposal >= DISPOSAL_TAGGED && j->m.disposal != DISPOSAL_DEFERRED;
}

static int
by_time(const void *x, const void *y)
{
    const struct verdict *p = &((const struct group_verdict *)x)->v,
                         *q = &((const struct group_verdict *)y)->v;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return p->verdict_id < q->verdict_id ? -1 : p->verdict_id > q->verdict_id;
}

void
judged_build(struct assembly *a)
{
    struct group *g = a->group;
    struct places p = { .a = a };
    if (g->nverdicts == 0)
        return;
    qsort(g->verdicts, g->nverdicts, sizeof *g->verdicts, by_time);
    a->judged = ARENA_ARRAY(a->arena, struct judged, g->nverdicts);
    lookup_init(&a->filings, a->arena, g->nverdicts);
    for (size_t i = g->nverdicts; i-- > 0;)
        place(&p, &g->verdicts[i], &a->judged[i]);
    for (size_t i = g->nverdicts, tried = 0; i-- > 0;) {
        struct judged *j = &a->judged[i];
        bool nobodys = j->v->kind == EVENT_FILING && j->attempt == NULL && j->v->recipient.n == 0;
        if (nobodys && j->v->session.n && tried++ < MAX_LOOKED)
            place_by_elimination(&p, g, j);
        if (j->attempt)
            lookup_add(&a->filings, hash_more_int(0, (int64_t)j->attempt->attempt_id), i);
        if (j->node && j->v->kind == EVENT_FILTER && objects(j))
            ARENA_PUSH(a->arena, j->node->judged, j->node->njudged, j->node->judged_room) = j;
    }
    a->told = ARENA_ARRAY(a->arena, struct judged *, (size_t)a->ncomponents + 1);
    for (size_t i = g->nverdicts; i-- > 0;) {
        struct judged *j = &a->judged[i];
        struct judged **first = &a->told[j->node && j->node->component >= 0 ? j->node->component : 0];
        j->next = *first;
        *first = j;
    }
}

/* Whether a list of recipients names an address, or says nothing. */
static bool
is_about(str list, str address)
{
    if (list.n == 0 || address.n == 0)
        return true;
    while (list.n) {
        struct str_cut c = str_cut(list, ',');
        if (str_ieq(str_trim(str_unwrap(str_trim(c.head), '<', '>').n ? str_unwrap(str_trim(c.head), '<', '>')
                                                                      : c.head),
                    address))
            return true;
        list = c.tail;
    }
    return false;
}

struct judged *
judged_filter(const struct node *n, str address)
{
    struct judged *worst = NULL;
    for (size_t i = 0; i < n->njudged && i < MAX_LOOKED; i++) {
        struct judged *j = n->judged[i];
        if (is_about(j->v->recipient, address) && (worst == NULL || j->m.disposal > worst->m.disposal))
            worst = j;
    }
    return worst;
}

struct judged *
judged_filing(const struct assembly *a, const struct attempt *t, enum disposal disposal)
{
    if (a->judged == NULL || t == NULL)
        return NULL;
    uint64_t hash = hash_more_int(0, (int64_t)t->attempt_id);
    LOOKUP_EACH(&a->filings, hash, i)
    if (a->judged[i].attempt == t && a->judged[i].m.disposal == disposal)
        return &a->judged[i];
    return NULL;
}

/* Telling ---------------------------------------------------------------------------------------------- */

static void
tell_auth(struct assembly *a, const struct verdict *v, struct assembled *out)
{
    struct told_auth t = { .method = v->method,
                           .domain = v->domain,
                           .selector = v->selector,
                           .result = v->result,
                           .reason = v->reason,
                           .said_by = verdict_by(a->arena, v),
                           .at = v->at };
    if (str_ends(v->result, S("signed"))) /* made, not checked */
        return;
    if (v->method.n == 0 || (v->result.n == 0 && v->domain.n == 0))
        return;
    for (size_t i = 0; i < out->nauths && i < MAX_LOOKED; i++) {
        struct told_auth *o = &out->auths[i];
        if (!str_eq(o->said_by, t.said_by) || !str_eq(o->method, t.method))
            continue;
        /* one line names the signature, the next tells how it fares (OpenDKIM) */
        bool completes = (o->result.n == 0 && t.domain.n == 0) || (t.result.n == 0 && o->domain.n == 0);
        bool repeats =
            str_eq(o->domain, t.domain) && str_eq(o->selector, t.selector) && str_eq(o->result, t.result);
        if (repeats)
            return;
        if (!completes)
            continue;
        if (o->domain.n == 0) {
            o->domain = t.domain;
            o->selector = t.selector;
        }
        if (o->result.n == 0)
            o->result = t.result;
        if (o->reason.n == 0)
            o->reason = t.reason;
        return;
    }
    ARENA_PUSH(a->arena, out->auths, out->nauths, out->auths_room) = t;
}

void
judged_tell(struct assembly *a, int component, struct assembled *out)
{
    for (const struct judged *j = a->told ? a->told[component] : NULL; j; j = j->next) {
        struct told_verdict t = { .verdict = j->v,
                                  .hop_seq = j->node && j->node->hop ? j->node->seq : 0,
                                  .decides = j->decides };
        ARENA_PUSH(a->arena, out->verdicts, out->nverdicts, out->verdicts_room) = t;
        if (j->v->kind == EVENT_AUTH)
            tell_auth(a, j->v, out);
    }
    size_t kept = 0; /* a signature that nothing was said of is no result */
    for (size_t i = 0; i < out->nauths; i++)
        if (out->auths[i].result.n)
            out->auths[kept++] = out->auths[i];
    out->nauths = kept;
}
