/* What became of each recipient of one journey.
 *
 * Follows an address from the first queue we see through every attempt to the
 * host that decided: attempts give way to the next hop, the last hop's own
 * state or a stored message gives the outcome.  Aliases, lists and forwards
 * multiply: one row per address it ended at. */
#include <math.h>

#include "journey_impl.h"

enum { MAX_PATH = 60, MAX_DELIVERIES = 100000 };

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

/* The recipient that a queue was given, before its aliases. */
static str
given(const struct attempt *t)
{
    return t->orig_recipient.n ? t->orig_recipient : t->recipient;
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

static const struct group_message *
stored_copy(const struct follow *f, str final)
{
    const struct group *g = f->a->group;
    const struct group_message *only = NULL;
    size_t here = 0;
    str plain = without_tag(f->a->arena, final), first = without_tag(f->a->arena, f->original);
    for (size_t i = 0; i < g->nmessages; i++) {
        const struct group_message *m = &g->messages[i];
        if (f->a->message_component[i] != f->component)
            continue;
        here++;
        only = m;
        str names[] = { m->mailbox, m->message->delivered_to };
        for (size_t k = 0; k < 2; k++)
            if (same_address(names[k], final) || same_address(names[k], plain) ||
                (k == 0 && (same_address(names[k], f->original) || same_address(names[k], first))))
                return m;
    }
    return here == 1 && only->mailbox.n == 0 && only->message->delivered_to.n == 0 ? only : NULL;
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
    return t->code > 0 && t->relay_host.n > 0;
}

static void
set_class(struct delivery *d, enum stage stage, enum reason reason)
{
    d->class.stage = stage;
    d->class.reason = reason;
    d->class.rule = "state";
}

static void follow_into(struct follow *f, struct node *n, str address);

/* A DISCARD at RCPT is logged without a queue id: by the recipient, within seconds of the phantom's birth. */
static const struct refusal *
discard_for(const struct follow *f, const struct node *n, str address)
{
    const struct group *g = f->a->group;
    for (size_t i = 0; i < g->nrefusals; i++) {
        const struct refusal *r = &g->refusals[i].r;
        when d = r->at > node_at(n) ? r->at - node_at(n) : node_at(n) - r->at;
        bool this_one = r->queue_id.n ? str_eq(r->queue_id, n->t.queue_id)
                                      : same_address(r->recipient, address) && d < 10 * WHEN_SECOND;
        if (str_eq(r->host, n->t.host) && this_one)
            return r;
    }
    return NULL;
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

/* In the queue, and nobody tried to deliver it as far as the log tells. */
static void
end_untried(struct follow *f, struct node *n, str address)
{
    const struct assembly *a = f->a;
    unsigned flags = n->t.flags;
    for (size_t i = 0; i < a->nnodes; i++) /* it goes on under another id, or behind a host without a log */
        if (a->nodes[i]->parent == n && a->nodes[i]->hop) {
            follow_into(f, a->nodes[i], address);
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
    d->decided_by = said_by_remote(last) ? last->relay_host : n->t.host;
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
    bool early = str_has(t->reply, S("ACL")) || str_has(t->reply, S("RCPT"));
    bool content = str_has(t->reply, S("discarded, id")) || str_has(t->reply, S("SPAM")) ||
                   str_has(t->reply, S("INFECTED")) || str_has(t->reply, S("BANNED"));
    set_class(d,
              early                                 ? STAGE_ENVELOPE
              : content || is_loopback(t->relay_ip) ? STAGE_CONTENT
                                                    : STAGE_ROUTING,
              early                                 ? REASON_POLICY
              : content || is_loopback(t->relay_ip) ? REASON_CONTENT_REFUSED
                                                    : REASON_FILTERED);
    d->decided_by = t->relay_host.n && !is_loopback(t->relay_host) ? t->relay_host : n->t.host;
}

/* One address in one queue. */
static void
follow_address(struct follow *from, struct node *n, str address)
{
    struct follow f = *from;
    const struct attempt *last = NULL, *done = NULL;
    if (++f.depth > MAX_PATH || f.out->ndeliveries >= MAX_DELIVERIES)
        return;
    for (size_t i = 0; i < n->nattempts; i++) {
        const struct attempt *t = n->attempts[i];
        if (!str_ieq(t->recipient, address))
            continue;
        f.attempts++;
        if (f.first == WHEN_NONE)
            f.first = t->at;
        f.last = t->at;
        last = t;
        if (t->result == RESULT_SENT || t->result == RESULT_DISCARDED)
            done = t;
    }
    if (done && done->result == RESULT_DISCARDED) {
        end_discarded(&f, n, address, done);
        return;
    }
    if (done) {
        struct node *next = node_after(f.a, n, done);
        if (next && !next->hop)
            end_unqueued(&f, next, address);
        else if (next)
            follow_into(&f, next, address);
        else
            add_kept(&f, address, done->local ? OUTCOME_STORED : OUTCOME_ACCEPTED, done,
                     done->local || done->relay_host.n == 0 ? n->t.host : done->relay_host);
        return;
    }
    for (size_t i = 0; (n->t.flags & TRANSIT_REQUEUED) && i < f.a->nnodes; i++)
        if (f.a->nodes[i]->parent == n && f.a->nodes[i]->via == NULL) {
            follow_into(&f, f.a->nodes[i], address);
            return;
        }
    end_failed(&f, n, address, last);
}

/* Whether any address that led into a node is the one this attempt was given. */
static bool
is_claimed(const struct node *n, const struct attempt *t)
{
    const struct node *p = n->parent;
    for (size_t i = 0; p && i < p->nattempts; i++)
        if (same_address(p->attempts[i]->recipient, given(t)) ||
            same_address(p->attempts[i]->recipient, t->recipient))
            return true;
    return false;
}

/* Follows each distinct final address of the attempts that pick() chooses. */
static size_t
follow_matching(struct follow *f, struct node *n, str address, bool unclaimed)
{
    size_t followed = 0;
    for (size_t i = 0; i < n->nattempts; i++) {
        const struct attempt *t = n->attempts[i];
        bool mine = unclaimed ? !is_claimed(n, t)
                              : same_address(given(t), address) || same_address(t->recipient, address);
        bool before = false;
        for (size_t k = 0; k < i && mine && !before; k++)
            before = str_ieq(n->attempts[k]->recipient, t->recipient);
        if (!mine || before)
            continue;
        follow_address(f, n, t->recipient);
        followed++;
    }
    return followed;
}

/* An address enters a queue, perhaps to become others there. */
static void
follow_into(struct follow *from, struct node *n, str address)
{
    struct follow f = *from;
    if (++f.depth > MAX_PATH)
        return;
    if (n->nattempts == 0) {
        end_untried(&f, n, address);
        return;
    }
    if (follow_matching(&f, n, address, false) == 0 && follow_matching(&f, n, address, true) == 0)
        end_untried(&f, n, address);
}

/* Beginnings ----------------------------------------------------------------------------------------- */

static void
begin(struct assembly *a, int component, struct assembled *out, struct node *n)
{
    for (size_t i = 0; i < n->nattempts; i++) {
        str original = given(n->attempts[i]);
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before = str_ieq(given(n->attempts[k]), original);
        if (before)
            continue;
        struct follow f = { .a = a,
                            .out = out,
                            .component = component,
                            .original = original,
                            .first = WHEN_NONE,
                            .last = WHEN_NONE };
        for (size_t k = i; k < n->nattempts; k++) {
            bool seen = false;
            for (size_t j = i; j < k && !seen; j++)
                seen = str_ieq(n->attempts[j]->recipient, n->attempts[k]->recipient) &&
                       str_ieq(given(n->attempts[j]), original);
            if (!seen && str_ieq(given(n->attempts[k]), original))
                follow_address(&f, n, n->attempts[k]->recipient);
        }
    }
}

static bool
has_ancestor_with_attempts(const struct node *n)
{
    for (n = n->parent; n; n = n->parent)
        if (n->nattempts)
            return true;
    return false;
}

/* Refused after its queue id was born: the reply names the recipient. */
static void
add_rejected(struct assembly *a, int component, struct assembled *out, const struct node *n)
{
    for (size_t i = 0; i < a->group->nrefusals; i++) {
        const struct refusal *r = &a->group->refusals[i].r;
        if (!str_eq(r->queue_id, n->t.queue_id) || !str_eq(r->host, n->t.host) || r->recipient.n == 0)
            continue;
        struct follow f = { .a = a,
                            .out = out,
                            .component = component,
                            .original = r->recipient,
                            .first = WHEN_NONE,
                            .last = WHEN_NONE };
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
    for (size_t i = 0; i < a->group->nmessages; i++) {
        const struct group_message *m = &a->group->messages[i];
        if (a->message_component[i] != component)
            continue;
        str to = m->message->delivered_to.n ? m->message->delivered_to : m->mailbox;
        if (to.n == 0 && m->message->nreceived)
            to = m->message->received[0].for_address;
        struct follow f = {
            .a = a, .out = out, .component = component, .original = to, .first = WHEN_NONE, .last = WHEN_NONE
        };
        add_kept(&f, to, OUTCOME_STORED, NULL, m->message->nreceived ? m->message->received[0].by : m->host);
    }
}

void
deliveries_build(struct assembly *a, int component, struct assembled *out)
{
    for (size_t i = 0; i < a->nnodes; i++) {
        struct node *n = a->nodes[i];
        if (n->component != component || has_ancestor_with_attempts(n))
            continue;
        if (n->nattempts)
            begin(a, component, out, n);
    }
    if (out->ndeliveries == 0)
        add_stored(a, component, out);
    for (size_t i = 0; i < a->nnodes && out->ndeliveries == 0; i++) {
        struct node *n = a->nodes[i];
        struct follow f = {
            .a = a, .out = out, .component = component, .first = WHEN_NONE, .last = WHEN_NONE
        };
        if (n->component != component || !n->in_log)
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
}
