/* What became of each recipient of one journey.
 *
 * Follows an address from the first queue we see through every attempt to the
 * host that decided: attempts give way to the next hop, the last hop's own
 * state or a stored message gives the outcome.  Aliases, lists and forwards
 * multiply: one row per address it ended at. */
#include <math.h>

#include "journey_impl.h"

/* Queues on one path (MTAs give up on loops at 50 or fewer), rows of a journey, and steps on the way to
 * them: where several addresses become several others in queue after queue, paths double at each. */
enum { MAX_PATH = 100, MAX_DELIVERIES = 100000, MAX_STEPS = 1000000 };

struct follow {
    struct assembly *a;
    struct assembled *out;
    int component;
    str original; /* as the first queue had it */
    int attempts; /* along the path */
    when first, last;
    int depth;
};

static bool
same_address(str x, str y)
{
    return x.n && str_ieq(x, y);
}

static str
domain_of(str address)
{
    struct str_cut c = str_rcut(address, '@');
    return c.found ? c.tail : (str){ 0 };
}

static str
lower(struct arena *a, str s)
{
    str copy = arena_copy(a, s);
    char *p = (char *)(uintptr_t)copy.p;
    for (size_t i = 0; i < copy.n; i++)
        p[i] = str_lower_char(p[i]);
    return copy;
}

/* Placement ---------------------------------------------------------------------------------------- */

static str
without_tag(struct arena *a, str address)
{
    struct str_cut at = str_rcut(address, '@');
    size_t plus = str_find_char(at.head, '+');
    return at.found && plus != STR_NONE && plus > 0 ? arena_join(a, str_head(at.head, plus), S("@"), at.tail)
                                                    : address;
}

static str
copy_name(const struct group *g, const struct component *c, size_t entry)
{
    const struct group_message *m = &g->messages[c->messages[entry / 2]];
    return entry % 2 ? m->message->delivered_to : m->mailbox;
}

static void
index_copies(struct assembly *a, struct component *c)
{
    lookup_init(&c->mailboxes, a->arena, 2 * c->nmessages);
    for (size_t i = 2 * c->nmessages; i-- > 0;)
        lookup_add(&c->mailboxes, hash_folded(copy_name(a->group, c, i)), i);
    c->has_mailboxes = true;
}

/* The first message whose mailbox, or also Delivered-To, is an address; best if that comes before. */
static size_t
copy_for(const struct assembly *a, const struct component *c, str address, bool delivered_to, size_t best)
{
    uint64_t hash = hash_folded(address);
    LOOKUP_EACH(&c->mailboxes, hash, i)
    if ((delivered_to || i % 2 == 0) && i / 2 < best && same_address(copy_name(a->group, c, i), address))
        return i / 2;
    return best;
}

static const struct group_message *
stored_copy(const struct follow *f, str final)
{
    struct assembly *a = f->a;
    struct component *c = &a->components[f->component];
    if (c->nmessages == 0)
        return NULL;
    if (!c->has_mailboxes)
        index_copies(a, c);
    size_t best = copy_for(a, c, final, true, SIZE_MAX);
    best = copy_for(a, c, without_tag(a->arena, final), true, best);
    best = copy_for(a, c, f->original, false, best);
    best = copy_for(a, c, without_tag(a->arena, f->original), false, best);
    if (best != SIZE_MAX)
        return &a->group->messages[c->messages[best]];
    const struct group_message *only = &a->group->messages[c->messages[0]];
    return c->nmessages == 1 && only->mailbox.n == 0 && only->message->delivered_to.n == 0 ? only : NULL;
}

static enum outcome
folder_outcome(str folder)
{
    static const struct {
        const char *word;
        enum outcome outcome;
    } words[] = {
        { "INBOX", OUTCOME_INBOX },
        { "Junk", OUTCOME_JUNK },
        { "Spam", OUTCOME_JUNK },
        { "Bulk", OUTCOME_JUNK },
        { "Quarantine", OUTCOME_QUARANTINED },
        { "Category", OUTCOME_CATEGORY },
        { "Promotions", OUTCOME_CATEGORY },
        { "Social", OUTCOME_CATEGORY },
        { "Updates", OUTCOME_CATEGORY },
        { "Forums", OUTCOME_CATEGORY },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ifind(folder, str_from(words[i].word)) != STR_NONE)
            return words[i].outcome;
    return OUTCOME_STORED;
}

/* Rows ---------------------------------------------------------------------------------------------- */

static struct delivery *
add_row(struct follow *f, str final, enum outcome outcome, const struct attempt *t)
{
    struct assembled *o = f->out;
    struct delivery d = {
        .recipient = f->original,
        .final_recipient = final,
        .outcome = outcome,
        .attempts = f->attempts,
        .first_attempt_at = f->first,
        .last_attempt_at = f->last,
        .decided_at = t ? t->at : WHEN_NONE,
        .delay_s = NAN,
        .receiver = lower(f->a->arena, domain_of(final.n ? final : f->original)),
    };
    if (t) {
        d.code = t->code;
        d.enhanced = t->enhanced;
        d.reply = t->reply;
        d.attempt_id = t->attempt_id;
        d.class = t->class;
        if (t->class.rule == NULL)
            d.class = (struct reply_class){ 0 };
    }
    ARENA_PUSH(f->a->arena, o->deliveries, o->ndeliveries, o->deliveries_room) = d;
    return &o->deliveries[o->ndeliveries - 1];
}

/* It lies somewhere, or a host took it that we cannot look into: a stored copy tells where. */
static void
add_kept(struct follow *f, str final, enum outcome outcome, const struct attempt *t, str by)
{
    const struct group_message *m = stored_copy(f, final);
    struct delivery *d = add_row(f, final, outcome, t);
    d->decided_by = by;
    d->class = (struct reply_class){ 0 };
    if (m == NULL)
        return;
    const struct message *msg = m->message;
    str folder = m->folder.n ? m->folder : msg->placement_folder;
    if (folder.n) {
        d->placement = folder;
        d->outcome = folder_outcome(folder);
    } else {
        d->outcome = OUTCOME_STORED;
    }
    if (d->decided_at == WHEN_NONE)
        d->decided_at = m->stored_at;
}

static bool
said_by_remote(const struct attempt *t)
{
    return t->code > 0 && t->relay_host.n + t->relay_ip.n > 0;
}

/* Who an attempt spoke with: some logs know addresses only. */
static str
relay_of(const struct attempt *t)
{
    return t->relay_host.n ? t->relay_host : t->relay_ip;
}

static void
set_class(struct delivery *d, enum stage stage, enum reason reason)
{
    d->class.stage = stage;
    d->class.reason = reason;
    d->class.rule = "state";
}

static void follow_into(struct follow *f, struct node *n, str address);

/* Refusals by queue id, those without one by recipient. */
static void
index_refusals(struct assembly *a)
{
    const struct group *g = a->group;
    lookup_init(&a->refusals, a->arena, g->nrefusals);
    for (size_t i = g->nrefusals; i-- > 0;) {
        const struct refusal *r = &g->refusals[i].r;
        lookup_add(&a->refusals, hash_folded(r->queue_id.n ? r->queue_id : r->recipient), i);
    }
    a->has_refusals = true;
}

/* A DISCARD at RCPT is logged without a queue id: by the recipient, within seconds of the phantom's birth. */
static const struct refusal *
discard_for(const struct follow *f, const struct node *n, str address)
{
    const struct group *g = f->a->group;
    const struct refusal *found = NULL;
    if (g->nrefusals == 0)
        return NULL;
    if (!f->a->has_refusals)
        index_refusals(f->a);
    uint64_t by_id = hash_folded(n->t.queue_id), by_address = hash_folded(address);
    LOOKUP_EACH(&f->a->refusals, by_id, i)
    {
        const struct refusal *r = &g->refusals[i].r;
        if (r->queue_id.n && str_eq(r->queue_id, n->t.queue_id) && str_eq(r->host, n->t.host)) {
            found = r;
            break;
        }
    }
    if (found)
        return found;
    when nearest = 10 * WHEN_SECOND;
    LOOKUP_EACH(&f->a->refusals, by_address, k)
    {
        const struct refusal *r = &g->refusals[k].r;
        when d = r->at > node_at(n) ? r->at - node_at(n) : node_at(n) - r->at;
        bool nearer = d < nearest || (found && d == nearest && r->at < found->at);
        if (r->queue_id.n == 0 && same_address(r->recipient, address) && nearer &&
            str_eq(r->host, n->t.host)) {
            nearest = d;
            found = r;
        }
    }
    return found;
}

/* A host of ours accepted it and no queue of it ever had it. */
static void
end_unqueued(struct follow *f, struct node *n, str address)
{
    const struct refusal *r = discard_for(f, n, address);
    bool dropped = (n->t.flags & TRANSIT_DISCARDED) || (r && str_has(r->action, S("discard")));
    struct delivery *d = add_row(f, address, dropped ? OUTCOME_DISCARDED : OUTCOME_LOST, n->via);
    d->decided_by = n->t.host;
    d->decided_at = r ? r->at : node_at(n);
    set_class(d, STAGE_QUEUE, REASON_NONE);
    if (r) {
        d->reply = r->reply;
        d->code = r->code;
        d->enhanced = r->enhanced;
        d->class = r->class;
        if (d->class.stage == STAGE_UNKNOWN)
            d->class.stage = r->stage;
        if (dropped && (d->class.reason == REASON_NONE || d->class.reason == REASON_UNDEFINED))
            d->class.reason = d->class.stage == STAGE_CONTENT ? REASON_CONTENT_REFUSED : REASON_POLICY;
    }
    if (!dropped && f->a->options->now - node_at(n) < f->a->options->grace)
        d->outcome = OUTCOME_IN_TRANSIT;
}

/* Of the nodes below (by_place: to which no attempt leads) the one that knows the address, else the first. */
static struct node *
child_for(struct follow *f, struct node *n, str address, bool by_place)
{
    struct node *first = NULL;
    for (struct node *c = n->first_child; c && f->a->steps < MAX_STEPS; c = c->next_child, f->a->steps++) {
        if (!c->hop || (by_place && c->via))
            continue;
        if (has_recipient(f->a, c, address))
            return c;
        if (first == NULL)
            first = c;
    }
    return first;
}

/* In the queue, and nobody tried to deliver it as far as the log tells. */
static void
end_untried(struct follow *f, struct node *n, str address)
{
    const struct assembly *a = f->a;
    unsigned flags = n->t.flags;
    struct node *next =
        child_for(f, n, address, false); /* under another id, or behind a host without a log */
    if (next) {
        follow_into(f, next, address);
        return;
    }
    if (n->implied || !n->in_log) {
        add_kept(f, address, OUTCOME_ACCEPTED, n->via, n->t.host);
        return;
    }
    bool young = a->options->now - node_at(n) < a->options->grace;
    struct delivery *d;
    if (flags & TRANSIT_DELETED) {
        d = add_row(f, address, OUTCOME_DISCARDED, NULL);
        set_class(d, STAGE_QUEUE, REASON_DELETED);
    } else if (flags & TRANSIT_DISCARDED) {
        end_unqueued(f, n, address);
        return;
    } else if ((flags & TRANSIT_HELD) && !(flags & TRANSIT_RELEASED)) {
        const struct refusal *r = discard_for(f, n, address);
        d = add_row(f, address, OUTCOME_DEFERRED, NULL);
        set_class(d, r ? r->stage : STAGE_QUEUE, REASON_HELD);
        if (r)
            d->reply = r->reply;
    } else if (flags & (TRANSIT_REMOVED | TRANSIT_REQUEUED)) {
        add_kept(f, address, OUTCOME_ACCEPTED, n->via, n->t.host); /* its attempts stand in a log we lack */
        return;
    } else {
        const struct group_message *m = stored_copy(f, address);
        if (m) {
            add_kept(f, address, OUTCOME_STORED, n->via, n->t.host);
            return;
        }
        d = add_row(f, address, young ? OUTCOME_IN_TRANSIT : OUTCOME_LOST, NULL);
        set_class(d, STAGE_QUEUE, REASON_NONE);
    }
    d->decided_by = n->t.host;
    d->decided_at = node_at(n);
}

/* Not sent: why the last attempt failed, and whether that was the end. */
static void
end_failed(struct follow *f, struct node *n, str address, const struct attempt *last)
{
    unsigned flags = n->t.flags;
    enum outcome outcome = OUTCOME_DEFERRED;
    if (last->result == RESULT_BOUNCED)
        outcome = OUTCOME_BOUNCED;
    else if (last->result == RESULT_EXPIRED || (flags & TRANSIT_EXPIRED))
        outcome = OUTCOME_EXPIRED;
    else if (flags & TRANSIT_DELETED)
        outcome = OUTCOME_DISCARDED;
    else if (flags & TRANSIT_REMOVED)
        outcome = OUTCOME_EXPIRED;
    struct delivery *d = add_row(f, address, outcome, last);
    d->decided_by = said_by_remote(last) ? relay_of(last) : n->t.host;
    if (flags & TRANSIT_DELETED)
        set_class(d, STAGE_QUEUE, REASON_DELETED);
    else if (outcome == OUTCOME_DEFERRED && (flags & TRANSIT_HELD) && !(flags & TRANSIT_RELEASED))
        d->class.reason = REASON_HELD;
    else if (outcome == OUTCOME_EXPIRED &&
             (d->class.reason == REASON_NONE || d->class.reason == REASON_UNDEFINED))
        d->class.reason = REASON_EXPIRED;
    if (d->class.stage == STAGE_UNKNOWN)
        d->class.stage = STAGE_QUEUE;
}

static void
end_discarded(struct follow *f, struct node *n, str address, const struct attempt *t)
{
    struct delivery *d = add_row(f, address, OUTCOME_DISCARDED, t);
    if (str_has(t->reply, S("deleted by administrative action"))) { /* Exchange */
        set_class(d, STAGE_QUEUE, REASON_DELETED);
        d->decided_by = n->t.host;
        return;
    }
    bool early = str_has(t->reply, S("ACL")) || str_has(t->reply, S("RCPT"));
    bool content = str_has(t->reply, S("discarded, id")) || str_has(t->reply, S("SPAM")) ||
                   str_has(t->reply, S("INFECTED")) || str_has(t->reply, S("BANNED")) ||
                   str_has(t->reply, S("deleted by transport agent"));
    set_class(d,
              early                                 ? STAGE_ENVELOPE
              : content || is_loopback(t->relay_ip) ? STAGE_CONTENT
                                                    : STAGE_ROUTING,
              early                                 ? REASON_POLICY
              : content || is_loopback(t->relay_ip) ? REASON_CONTENT_REFUSED
                                                    : REASON_FILTERED);
    d->decided_by = t->relay_host.n && !is_loopback(t->relay_host) ? t->relay_host : n->t.host;
}

/* It went round and round: the path is longer than any that arrives. */
static void
end_looping(struct follow *f, const struct node *n, str address)
{
    struct delivery *d = add_row(f, address, OUTCOME_IN_TRANSIT, NULL);
    set_class(d, STAGE_ROUTING, REASON_LOOP);
    d->decided_by = n->t.host;
    d->decided_at = node_at(n);
}

/* A receiver, or several that one local delivery handed it to, took it. */
static void
follow_sent(struct follow *f, struct node *n, str address, const struct attempt *done)
{
    struct node *next = node_after(f->a, n, done);
    if (next == NULL) {
        add_kept(f, address, done->local ? OUTCOME_STORED : OUTCOME_ACCEPTED, done,
                 done->local || relay_of(done).n == 0 ? n->t.host : relay_of(done));
        return;
    }
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

/* One address in one queue. */
static void
follow_address(struct follow *from, struct node *n, str address)
{
    struct follow f = *from;
    struct addresses *ad = node_addresses(f.a, n);
    const struct attempt *last = NULL, *done = NULL;
    uint64_t hash = hash_folded(address);
    if (f.out->ndeliveries >= MAX_DELIVERIES || ++f.a->steps > MAX_STEPS)
        return;
    LOOKUP_EACH(&ad->recipient, hash, i)
    {
        const struct attempt *t = n->attempts[i];
        if (!str_ieq(t->recipient, address))
            continue;
        ad->seen[i] = 1;
        f.attempts++;
        if (f.first == WHEN_NONE)
            f.first = t->at;
        f.last = t->at;
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
        end_failed(&f, n, address, last);
}

/* Whether any address that led into a node is the one this attempt was given. */
static bool
is_claimed(const struct assembly *a, const struct node *n, const struct attempt *t)
{
    struct node *p = n->parent;
    if (p == NULL || p->nattempts == 0)
        return false;
    const struct addresses *ad = node_addresses(a, p);
    const str names[] = { given(t), t->recipient };
    for (size_t k = 0; k < 2; k++) {
        uint64_t hash = hash_folded(names[k]);
        LOOKUP_EACH(&ad->recipient, hash, i)
        if (same_address(p->attempts[i]->recipient, names[k]))
            return true;
    }
    return false;
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
    if ((ad->first[i] & FIRST_PAIR) && same_address(given(n->attempts[i]), address)) {
        itself |= str_ieq(n->attempts[i]->recipient, address);
        follow_address(f, n, n->attempts[i]->recipient);
        followed++;
    }
    if (itself)
        return followed;
    LOOKUP_EACH(&ad->recipient, hash, i)
    if (same_address(n->attempts[i]->recipient, address)) {
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
        end_untried(&f, n, address);
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
        index_refusals(a);
    uint64_t hash = hash_folded(n->t.queue_id);
    LOOKUP_EACH(&a->refusals, hash, i)
    {
        const struct refusal *r = &a->group->refusals[i].r;
        if (!str_eq(r->queue_id, n->t.queue_id) || !str_eq(r->host, n->t.host) || r->recipient.n == 0)
            continue;
        struct follow f = start(a, component, out, r->recipient);
        bool dropped = str_has(r->action, S("discard"));
        struct delivery *d = add_row(&f, r->recipient, dropped ? OUTCOME_DISCARDED : OUTCOME_REJECTED, NULL);
        d->class = r->class;
        if (d->class.stage == STAGE_UNKNOWN)
            d->class.stage = r->stage;
        d->code = r->code;
        d->enhanced = r->enhanced;
        d->reply = r->reply;
        d->decided_by = n->t.host;
        d->decided_at = r->at;
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
        add_kept(&f, to, OUTCOME_STORED, NULL, m->message->nreceived ? m->message->received[0].by : m->host);
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
            end_untried(&f, n, (str){ 0 });
        else
            add_rejected(a, component, out, n);
    }
    for (size_t i = 0; i < out->ndeliveries; i++) {
        struct delivery *d = &out->deliveries[i];
        if (d->decided_at != WHEN_NONE && out->journey.first_at != WHEN_NONE)
            d->delay_s = (double)(d->decided_at - out->journey.first_at) / (double)WHEN_SECOND;
    }
    out->cut = a->steps >= MAX_STEPS || out->ndeliveries >= MAX_DELIVERIES;
}
