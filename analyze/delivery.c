/* What became of each recipient of one journey.
 *
 * Follows an address from the first queue we see through every attempt to the
 * host that decided: attempts give way to the next hop, the last hop's own
 * state or a stored message gives the outcome.  Aliases, lists and forwards
 * multiply: one row per address it ended at. */
#include <math.h>

#include "delivery_impl.h"

/* Queues on one path (MTAs give up on loops at 50 or fewer), rows of a journey, and steps on the way to
 * them: where several addresses become several others in queue after queue, paths double at each. */
enum { MAX_PATH = 100, MAX_DELIVERIES = 100000, MAX_STEPS = 1000000 };

/* A shorter id of a filter may stand in any reply. */
enum { SESSION_LEAST = 8 };

static void follow_into(struct follow *f, struct node *n, str address);

/* Whether the nearest queue above whose log we have handed on mail for this address. */
static bool
was_handed_on(const struct assembly *a, const struct node *n, str address)
{
    struct node *p = n->parent;
    for (int i = 0; p && p->nattempts == 0 && i < MAX_PATH; i++)
        p = p->parent;
    if (p == NULL || p->nattempts == 0)
        return false;
    const struct addresses *ad = node_addresses(a, p);
    uint64_t hash = hash_folded(address);
    LOOKUP_EACH(&ad->recipient, hash, i)
    if (address_is(p->attempts[i]->recipient, address))
        return true;
    return false;
}

/* Whether any address that led into a node is the one this attempt was given. */
static bool
is_claimed(const struct assembly *a, const struct node *n, const struct attempt *t)
{
    return was_handed_on(a, n, given(t)) || was_handed_on(a, n, t->recipient);
}

enum fit { FIT_OTHERS, FIT_PERHAPS, FIT_NAMED };

/* Whether an address may have come to a node: it is named there or further down, or at least not all that is
 * named there are other recipients of the same message. */
static enum fit
fit_of(struct follow *f, struct node *n, str address, int depth)
{
    enum { MAX_LOOK_AHEAD = 4 };
    if (has_recipient(f->a, n, address))
        return FIT_NAMED;
    for (size_t i = 0; i < n->nattempts && f->a->steps++ < MAX_STEPS; i++)
        if (!is_claimed(f->a, n, n->attempts[i]))
            return FIT_PERHAPS;
    if (n->nattempts)
        return FIT_OTHERS;
    enum fit best = FIT_OTHERS;
    bool any = false;
    for (struct node *c = n->first_child; c && best < FIT_NAMED && depth < MAX_LOOK_AHEAD;
         c = c->next_child) {
        if (!c->hop || f->a->steps++ >= MAX_STEPS)
            continue;
        enum fit fit = fit_of(f, c, address, depth + 1);
        best = fit > best ? fit : best;
        any = true;
    }
    if (any)
        return best;
    str header = n->received ? n->received->for_address : (str){ 0 };
    return header.n && !str_ieq(header, address) && was_handed_on(f->a, n, header) ? FIT_OTHERS : FIT_PERHAPS;
}

/* Of the nodes below (by_place: to which no attempt leads) the one that knows the address, else the first that
 * may have got it. */
static struct node *
child_for(struct follow *f, struct node *n, str address, bool by_place)
{
    struct node *best = NULL;
    enum fit most = FIT_OTHERS;
    for (struct node *c = n->first_child; c && most < FIT_NAMED && f->a->steps < MAX_STEPS;
         c = c->next_child, f->a->steps++) {
        if (!c->hop || (by_place && c->via))
            continue;
        enum fit fit = fit_of(f, c, address, 0);
        if (fit > most) {
            most = fit;
            best = c;
        }
    }
    return best;
}

/* No attempt is known here: it went on under another id, or stands behind a host without a log. */
static void
untried(struct follow *f, struct node *n, str address)
{
    struct node *next = child_for(f, n, address, false);
    if (next)
        follow_into(f, next, address);
    else
        end_untried(f, n, address);
}

/* A receiver, or several that one local delivery handed it to, took it. */
static void
follow_sent(struct follow *f, struct node *n, str address, const struct attempt *done)
{
    struct node *next = node_after(f->a, n, done);
    struct judged *kept = n->njudged ? judged_filter(n, address) : NULL;
    if (filter_keeps(kept) && kept->v->recipient.n) {
        /* the others' copies went on; or the filter itself is whom Postfix sent it to, and its reply names the verdict */
        bool is_told = kept->v->session.n >= SESSION_LEAST && str_has(done->reply, kept->v->session);
        if (next ? fit_of(f, next, address, 0) != FIT_NAMED : is_told) {
            end_filtered(f, address, kept, done);
            return;
        }
    }
    enum fate fate = next ? FATE_KEPT : fate_of(done);
    if (fate == FATE_RETURNED) {
        end_returned(f, n, address, done);
        return;
    }
    if (fate != FATE_KEPT) {
        end_discarded(f, n, address, done);
        return;
    }
    if (end_filed(f, address, done, next != NULL))
        return;
    if (next == NULL) {
        row_add_kept(f, address, done->local ? OUTCOME_STORED : OUTCOME_ACCEPTED, done,
                     done->local || relay_of(done).n == 0 ? n->t.host : relay_of(done));
        return;
    }
    struct follow accepted = *f;
    if (done->code > 0 && done->reply.n)
        accepted.accepted = done->reply;
    f = &accepted;
    bool many = next->via == done && done->local;
    for (; next; next = many ? next->next_child : NULL) {
        if (many && next->via != done)
            continue;
        if (next->hop)
            follow_into(f, next, address);
        else
            end_unqueued(f, next, address);
    }
}

static const struct trail *
trail_of(const struct follow *f, str address)
{
    if (f->a->group->ntold == 0 || (f->trail && str_ieq(f->trail->address, address)))
        return f->trail;
    struct trail *t = ARENA_NEW(f->a->arena, struct trail);
    *t = (struct trail){ address, f->trail };
    return t;
}

/* One address in one queue. */
static void
follow_address(struct follow *from, struct node *n, str address)
{
    struct follow f = *from;
    struct addresses *ad = node_addresses(f.a, n);
    const struct attempt *last = NULL, *done = NULL, *tried = NULL;
    struct judged *objection = n->njudged ? judged_filter(n, address) : NULL;
    if (objection)
        f.objection = objection;
    uint64_t hash = hash_folded(address);
    if (f.out->ndeliveries >= MAX_DELIVERIES || ++f.a->steps > MAX_STEPS)
        return;
    f.trail = trail_of(&f, address);
    LOOKUP_EACH(&ad->recipient, hash, i)
    {
        const struct attempt *t = n->attempts[i];
        if (!str_ieq(t->recipient, address))
            continue;
        ad->seen[i] = 1;
        if (is_no_try(t)) {
            last = last ? last : t;
            continue;
        }
        f.attempts++;
        if (f.first == WHEN_NONE || t->at < f.first) /* clocks differ, and lines come late */
            f.first = t->at;
        f.last = t->at;
        if (t->result == RESULT_DEFERRED && (tried == NULL || !says_no_more(t)))
            tried = t;
        last = t;
        bool decides =
            done == NULL || !done->local || t->local; /* a mailbox is the end, whoever told of it first */
        if ((t->result == RESULT_SENT || t->result == RESULT_DISCARDED) && decides)
            done = t;
    }
    if (done && done->result == RESULT_DISCARDED) {
        end_discarded(&f, n, address, done);
        return;
    }
    if (done) {
        follow_sent(&f, n, address, done);
        return;
    }
    struct node *next = n->t.flags & TRANSIT_REQUEUED ? child_for(&f, n, address, true) : NULL;
    if (next)
        follow_into(&f, next, address);
    else
        end_failed(&f, n, address, last, tried);
}

/* Follows each distinct final address that an address became. */
static size_t
follow_named(struct follow *f, struct node *n, str address)
{
    const struct addresses *ad = node_addresses(f->a, n);
    uint64_t hash = hash_folded(address);
    bool itself = false;
    size_t followed = 0;
    LOOKUP_EACH(&ad->given, hash, i)
    if ((ad->first[i] & FIRST_PAIR) && address_is(given(n->attempts[i]), address)) {
        itself |= str_ieq(n->attempts[i]->recipient, address);
        follow_address(f, n, n->attempts[i]->recipient);
        followed++;
    }
    if (itself)
        return followed;
    LOOKUP_EACH(&ad->recipient, hash, i)
    if (address_is(n->attempts[i]->recipient, address)) {
        follow_address(f, n, address);
        return followed + 1;
    }
    return followed;
}

/* Follows the addresses of a node that no address of the node before explains: one was rewritten. */
static size_t
follow_unclaimed(struct follow *f, struct node *n)
{
    const struct addresses *ad = node_addresses(f->a, n);
    size_t followed = 0;
    for (size_t i = 0; i < n->nattempts && f->a->steps++ < MAX_STEPS; i++)
        if ((ad->first[i] & FIRST_RECIPIENT) && !is_claimed(f->a, n, n->attempts[i])) {
            follow_address(f, n, n->attempts[i]->recipient);
            followed++;
        }
    return followed;
}

/* An address enters a queue, perhaps to become others there. */
static void
follow_into(struct follow *from, struct node *n, str address)
{
    struct follow f = *from;
    if (++f.depth > MAX_PATH) {
        end_looping(&f, n, address);
        return;
    }
    if (n->nattempts == 0 || (follow_named(&f, n, address) == 0 && follow_unclaimed(&f, n) == 0))
        untried(&f, n, address);
}

/* Beginnings ----------------------------------------------------------------------------------------- */

static struct follow
start(struct assembly *a, int component, struct assembled *out, str original)
{
    return (struct follow){ .a = a,
                            .out = out,
                            .component = component,
                            .original = original,
                            .first = WHEN_NONE,
                            .last = WHEN_NONE };
}

static void
begin(struct assembly *a, int component, struct assembled *out, struct node *n)
{
    const struct addresses *ad = node_addresses(a, n);
    for (size_t i = 0; i < n->nattempts; i++) {
        str original = given(n->attempts[i]);
        if (!(ad->first[i] & FIRST_GIVEN))
            continue;
        struct follow f = start(a, component, out, original);
        uint64_t hash = hash_folded(original);
        LOOKUP_EACH(&ad->given, hash, k)
        if ((ad->first[k] & FIRST_PAIR) && str_ieq(given(n->attempts[k]), original))
            follow_address(&f, n, n->attempts[k]->recipient);
    }
}

/* A recipient that a later queue added (a copy to an archive, say): no path led to it. */
static void
begin_unseen(struct assembly *a, int component, struct assembled *out, struct node *n)
{
    const struct addresses *ad = node_addresses(a, n);
    for (size_t i = 0; i < n->nattempts; i++)
        if ((ad->first[i] & FIRST_RECIPIENT) && !ad->seen[i]) {
            struct follow f = start(a, component, out, given(n->attempts[i]));
            follow_address(&f, n, n->attempts[i]->recipient);
        }
}

/* Refused after its queue id was born: the reply names the recipient. */
static void
add_rejected(struct assembly *a, int component, struct assembled *out, const struct node *n)
{
    if (a->group->nrefusals == 0)
        return;
    if (!a->has_refusals)
        refusals_index(a);
    uint64_t hash = hash_folded(n->t.queue_id);
    LOOKUP_EACH(&a->refusals, hash, i)
    {
        const struct refusal *r = &a->group->refusals[i].r;
        if (!str_eq(r->queue_id, n->t.queue_id) || !str_eq(r->host, n->t.host) || r->recipient.n == 0)
            continue;
        struct follow f = start(a, component, out, r->recipient);
        bool dropped = str_has(r->action, S("discard"));
        struct delivery *d = row_add(&f, r->recipient, dropped ? OUTCOME_DISCARDED : OUTCOME_REJECTED, NULL);
        d->class = r->class;
        if (d->class.stage == STAGE_UNKNOWN)
            d->class.stage = r->stage;
        d->code = r->code;
        d->enhanced = r->enhanced;
        d->reply = r->reply;
        d->decided_by = n->t.host;
        d->decided_at = r->at;
        if (dropped)
            row_class_dropped(d, r);
        row_explain_refusal(&f, d, n, r->recipient);
    }
}

/* What was refused or held before its queue had it: the line that says so names the sender. */
static void
take_refused_sender(struct assembly *a, struct assembled *out, const struct node *n)
{
    if (!a->has_refusals)
        refusals_index(a);
    uint64_t hash = hash_folded(n->t.queue_id);
    LOOKUP_EACH(&a->refusals, hash, i)
    {
        const struct refusal *r = &a->group->refusals[i].r;
        if (!r->has_mail_from || !str_eq(r->queue_id, n->t.queue_id) || !str_eq(r->host, n->t.host))
            continue;
        out->journey.has_mail_from = true;
        out->journey.mail_from = r->mail_from;
        return;
    }
}

/* Stored messages that no log tells of. */
static void
add_stored(struct assembly *a, int component, struct assembled *out)
{
    const struct component *c = &a->components[component];
    for (size_t i = 0; i < c->nmessages; i++) {
        const struct group_message *m = &a->group->messages[c->messages[i]];
        str to = m->message->delivered_to.n ? m->message->delivered_to : m->mailbox;
        if (to.n == 0 && m->message->nreceived)
            to = m->message->received[0].for_address;
        struct follow f = start(a, component, out, to);
        row_add_kept(&f, to, OUTCOME_STORED, NULL,
                     m->message->nreceived ? m->message->received[0].by : m->host);
    }
}

void
deliveries_build(struct assembly *a, int component, struct assembled *out)
{
    const struct component *c = &a->components[component];
    a->steps = 0;
    for (size_t i = 0; i < c->nnodes; i++)
        if (c->nodes[i]->nattempts && !c->nodes[i]->fed)
            begin(a, component, out, c->nodes[i]);
    for (size_t i = 0; i < c->nnodes; i++)
        if (c->nodes[i]->nattempts && c->nodes[i]->fed)
            begin_unseen(a, component, out, c->nodes[i]);
    if (out->ndeliveries == 0)
        add_stored(a, component, out);
    for (size_t i = 0; i < c->nnodes && out->ndeliveries == 0; i++) {
        struct node *n = c->nodes[i];
        struct follow f = start(a, component, out, (str){ 0 });
        if (!n->in_log)
            continue;
        if (n->hop)
            untried(&f, n, (str){ 0 });
        else
            add_rejected(a, component, out, n);
    }
    for (size_t i = 0; i < c->nnodes && a->group->nrefusals && !out->journey.has_mail_from; i++)
        take_refused_sender(a, out, c->nodes[i]);
    for (size_t i = 0; i < out->ndeliveries; i++) {
        struct delivery *d = &out->deliveries[i];
        bool ended_badly = d->outcome == OUTCOME_DISCARDED || d->outcome == OUTCOME_LOST ||
                           d->outcome == OUTCOME_QUARANTINED || d->outcome == OUTCOME_JUNK;
        d->told_fine &= ended_badly;
        if (d->decided_at != WHEN_NONE && out->journey.first_at != WHEN_NONE)
            d->delay_s = (double)(d->decided_at - out->journey.first_at) / (double)WHEN_SECOND;
    }
    out->cut = a->steps >= MAX_STEPS || out->ndeliveries >= MAX_DELIVERIES;
}
