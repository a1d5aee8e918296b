/* How ways end: in a queue, at a filter, with a reply, or with nothing. */
#include "delivery_impl.h"

/* Refusals by queue id, those without one by recipient. */
void
refusals_index(struct assembly *a)
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
        refusals_index(f->a);
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
        if (r->queue_id.n == 0 && address_is(r->recipient, address) && nearer && str_eq(r->host, n->t.host)) {
            nearest = d;
            found = r;
        }
    }
    return found;
}

/* A host of ours accepted it and no queue of it ever had it. */
void
end_unqueued(struct follow *f, struct node *n, str address)
{
    struct judged *j = judged_filter(n, address);
    if (filter_keeps(j)) {
        end_filtered(f, address, j, n->via);
        return;
    }
    const struct refusal *r = discard_for(f, n, address);
    if (f->original.n == 0 && r)
        f->original = address = r->recipient;
    bool dropped = (n->t.flags & TRANSIT_DISCARDED) || (r && str_has(r->action, S("discard")));
    struct delivery *d = row_add(f, address, dropped ? OUTCOME_DISCARDED : OUTCOME_LOST, n->via);
    d->decided_by = n->t.host;
    d->decided_at = r ? r->at : node_at(n);
    row_class(d, STAGE_QUEUE, REASON_NONE);
    if (r) {
        d->reply = r->reply;
        d->code = r->code;
        d->enhanced = r->enhanced;
        d->class = r->class;
        if (d->class.stage == STAGE_UNKNOWN)
            d->class.stage = r->stage;
        if (dropped)
            row_class_dropped(d, r);
        if (dropped && (d->class.reason == REASON_NONE || d->class.reason == REASON_UNDEFINED))
            d->class.reason = d->class.stage == STAGE_CONTENT ? REASON_CONTENT_REFUSED : REASON_POLICY;
    }
    if (!dropped && f->a->options->now - node_at(n) < f->a->options->grace)
        d->outcome = OUTCOME_IN_TRANSIT;
}

/* A filter on the same host named the queue id under which it handed the message back; nothing ever bore it. */
static void
end_swallowed(struct follow *f, struct node *n, str address)
{
    bool young = f->a->options->now - n->via->at < f->a->options->grace;
    struct delivery *d = row_add(f, address, young ? OUTCOME_IN_TRANSIT : OUTCOME_LOST, n->via);
    row_class(d, STAGE_CONTENT, REASON_NONE);
    d->decided_by = n->parent ? n->parent->t.host : n->t.host;
}

/* The filter's own line lists whom the message was for that it kept, and no other line does. */
static bool
end_filtered_listed(struct follow *f, struct judged *j, const struct attempt *via)
{
    enum { MAX_LISTED = 100 };
    str list = j->v->recipient, first = f->original;
    if (via || str_find_char(list, ',') == STR_NONE)
        return false;
    for (size_t i = 0; list.n && i < MAX_LISTED; i++) {
        struct str_cut c = str_cut(list, ',');
        f->original = str_unwrap(str_trim(c.head), '<', '>');
        f->original = f->original.n ? f->original : str_trim(c.head);
        end_filtered(f, f->original, j, NULL);
        list = c.tail;
    }
    f->original = first;
    return true;
}

/* In the queue, and nobody tried to deliver it as far as the log tells. */
void
end_untried(struct follow *f, struct node *n, str address)
{
    const struct assembly *a = f->a;
    unsigned flags = n->t.flags;
    if (n->implied && n->via && is_loopback(n->via->relay_ip) && stored_copy(f, address, n->t.host) == NULL) {
        end_swallowed(f, n, address);
        return;
    }
    if (n->implied || !n->in_log) {
        row_add_kept(f, address, OUTCOME_ACCEPTED, n->via, n->t.host);
        return;
    }
    struct judged *j = judged_filter(n, address);
    if (filter_keeps(j) && !(flags & (TRANSIT_DELETED | TRANSIT_RELEASED))) {
        const struct refusal *told = f->original.n ? NULL : discard_for(f, n, address);
        if (told) /* nobody tried: the line that put it on hold names whom it was for */
            f->original = address = told->recipient;
        if (end_filtered_listed(f, j, n->via))
            return;
        end_filtered(f, address, j, n->via);
        return;
    }
    bool young = a->options->now - node_at(n) < a->options->grace;
    struct delivery *d;
    if (flags & TRANSIT_DELETED) {
        const struct refusal *held = f->original.n ? NULL : discard_for(f, n, address);
        if (held) /* nobody tried: only the line that put it on hold names whom it was for */
            f->original = address = held->recipient;
        d = row_add(f, address, OUTCOME_DISCARDED, NULL);
        row_class(d, STAGE_QUEUE, REASON_DELETED);
    } else if (flags & TRANSIT_DISCARDED) {
        end_unqueued(f, n, address);
        return;
    } else if ((flags & TRANSIT_HELD) && !(flags & TRANSIT_RELEASED)) {
        const struct refusal *r = discard_for(f, n, address);
        if (f->original.n == 0 &&
            r) /* nobody tried yet: only the line that put it on hold names whom it is for */
            f->original = address = r->recipient;
        d = row_add(f, address, OUTCOME_DEFERRED, NULL);
        row_class(d, r ? r->stage : STAGE_QUEUE, REASON_HELD);
        if (r)
            d->reply = r->reply;
    } else if (flags & (TRANSIT_REMOVED | TRANSIT_REQUEUED)) {
        row_add_kept(f, address, OUTCOME_ACCEPTED, n->via,
                     n->t.host); /* its attempts stand in a log we lack */
        return;
    } else {
        const struct group_message *m = stored_copy(f, address, n->t.host);
        if (m) {
            row_add_kept(f, address, OUTCOME_STORED, n->via, n->t.host);
            return;
        }
        d = row_add(f, address, young ? OUTCOME_IN_TRANSIT : OUTCOME_LOST, NULL);
        row_class(d, STAGE_QUEUE, REASON_NONE);
    }
    d->decided_by = n->t.host;
    d->decided_at = (flags & TRANSIT_DELETED) && n->t.removed_at != WHEN_NONE ? n->t.removed_at : node_at(n);
}

str
relay_of(const struct attempt *t)
{
    return t->relay_host.n ? t->relay_host : t->relay_ip;
}

static bool
said_by_remote(const struct attempt *t)
{
    return t->code > 0 && relay_of(t).n > 0;
}

/* The queue gave up, and says no more than that. */
static bool
only_gave_up(const struct attempt *t)
{
    enum reason r = t->class.reason;
    return t->result == RESULT_EXPIRED && t->code == 0 &&
           (r == REASON_NONE || r == REASON_UNDEFINED || r == REASON_EXPIRED);
}

/* Sendmail does not try a host again that failed a moment ago for another message, and gives no reason then. */
bool
says_no_more(const struct attempt *t)
{
    return t->result == RESULT_DEFERRED && t->code == 0 &&
           (t->reply.n == 0 || str_eq(t->reply, S("Deferred")));
}

/* A delivery agent on the same host: Postfix names it where others name a relay. */
static bool
is_agent(const struct attempt *t)
{
    str by = t->relay_host;
    return t->local || (t->relay_ip.n == 0 && by.n && !str_has(by, S(".")) && !str_eq(by, S("none")));
}

/* Not sent: why the last attempt failed, and whether that was the end. */
void
end_failed(struct follow *f, struct node *n, str address, const struct attempt *last,
           const struct attempt *tried)
{
    bool closed =
        (n->t.flags & TRANSIT_EXPIRED) && n->t.removed_at != WHEN_NONE && n->t.removed_at > last->at;
    when ended = closed ? n->t.removed_at : last->at;
    bool was_expired = last->result == RESULT_EXPIRED;
    if (tried && (only_gave_up(last) || says_no_more(last)))
        last = tried;
    unsigned flags = n->t.flags;
    enum outcome outcome = OUTCOME_DEFERRED;
    if (flags & TRANSIT_REFUSED) /* nobody tried: the log lists whom the refused message was for */
        outcome = OUTCOME_REJECTED;
    else if (last->result == RESULT_BOUNCED)
        outcome = OUTCOME_BOUNCED;
    else if (was_expired || (flags & TRANSIT_EXPIRED))
        outcome = OUTCOME_EXPIRED;
    else if (flags & TRANSIT_DELETED)
        outcome = OUTCOME_DISCARDED;
    else if (flags & TRANSIT_REMOVED)
        outcome = OUTCOME_EXPIRED;
    struct delivery *d = row_add(f, address, outcome, last);
    if (says_no_more(last) && !str_starts(last->enhanced, S("4.4."))) /* its code is as empty as its words */
        row_class(d, STAGE_QUEUE, REASON_UNDEFINED);
    d->decided_at = (flags & TRANSIT_DELETED) && n->t.removed_at != WHEN_NONE ? n->t.removed_at : ended;
    d->decided_by = said_by_remote(last) ? relay_of(last) : n->t.host;
    if (flags & TRANSIT_DELETED)
        row_class(d, STAGE_QUEUE, REASON_DELETED);
    else if (outcome == OUTCOME_DEFERRED && (flags & TRANSIT_HELD) && !(flags & TRANSIT_RELEASED))
        d->class.reason = REASON_HELD;
    else if (outcome == OUTCOME_EXPIRED &&
             (d->class.reason == REASON_NONE || d->class.reason == REASON_UNDEFINED))
        d->class.reason = REASON_EXPIRED;
    if (outcome == OUTCOME_BOUNCED)
        row_explain_refusal(f, d, n, address);
    struct judged *failed = judged_filing(f->a, last, DISPOSAL_FAILED);
    if (failed && (d->class.stage == STAGE_UNKNOWN || d->class.reason == REASON_UNDEFINED)) {
        row_judge(f, d, failed);
        row_class(d, STAGE_MAILBOX,
                  str_ifind(failed->v->reply, S("quota")) != STR_NONE ? REASON_MAILBOX_FULL
                                                                      : REASON_SYSTEM_ERROR);
    }
    struct judged *rejected = judged_filing(f->a, last, DISPOSAL_REJECTED);
    if (rejected && outcome == OUTCOME_BOUNCED) { /* the recipient's own rule, told in the dialogue */
        row_judge(f, d, rejected);
        row_class(d, STAGE_ROUTING, REASON_FILTERED);
    }
    bool broken = d->class.reason == REASON_SYSTEM_ERROR || d->class.reason == REASON_SYSTEM_FULL;
    if (broken && d->class.stage == STAGE_QUEUE && is_agent(last))
        d->class.stage = STAGE_MAILBOX;
    if (d->class.stage == STAGE_UNKNOWN)
        d->class.stage = STAGE_QUEUE;
}

void
end_discarded(struct follow *f, struct node *n, str address, const struct attempt *t)
{
    struct judged *j = judged_filter(n, address);
    if (filter_keeps(j)) {
        end_filtered(f, address, j, t);
        return;
    }
    bool kept = fate_of(t) == FATE_QUARANTINED;
    struct delivery *d = row_add(f, address, kept ? OUTCOME_QUARANTINED : OUTCOME_DISCARDED, t);
    if (kept)
        d->placement = S("quarantine");
    if (str_has(t->reply, S("deleted by administrative action"))) { /* Exchange */
        row_class(d, STAGE_QUEUE, REASON_DELETED);
        d->decided_by = n->t.host;
        return;
    }
    bool at_data = str_has(t->reply, S("DATA ACL")) || str_has(t->reply, S("system filter"));
    bool early = !at_data && (str_has(t->reply, S("ACL")) || str_has(t->reply, S("RCPT")));
    bool content = kept || at_data || (!t->local && t->code > 0) || str_has(t->reply, S("discarded, id")) ||
                   str_has(t->reply, S("SPAM")) || str_has(t->reply, S("INFECTED")) ||
                   str_has(t->reply, S("BANNED")) || str_has(t->reply, S("deleted by transport agent"));
    row_class(d,
              early                                 ? STAGE_ENVELOPE
              : content || is_loopback(t->relay_ip) ? STAGE_CONTENT
                                                    : STAGE_ROUTING,
              early                                 ? REASON_POLICY
              : content || is_loopback(t->relay_ip) ? REASON_CONTENT_REFUSED
                                                    : REASON_FILTERED);
    const struct refusal *r = discard_for(f, n, address);
    if (r && r->queue_id.n && str_eq(r->action, S("discard")) && r->stage != STAGE_UNKNOWN) /* by a ruleset */
        row_class(d, r->stage, r->stage == STAGE_CONTENT ? REASON_CONTENT_REFUSED : REASON_POLICY);
    d->decided_by = said_by_remote(t) && !t->local && !is_loopback(relay_of(t)) ? relay_of(t) : n->t.host;
}

void
end_returned(struct follow *f, struct node *n, str address, const struct attempt *t)
{
    struct judged *j = judged_filter(n, address);
    struct delivery *d = row_add(f, address, OUTCOME_BOUNCED, t);
    d->decided_by = n->t.host;
    row_class(d, STAGE_CONTENT, REASON_CONTENT_REFUSED);
    if (j && j->m.disposal >= DISPOSAL_REJECTED) {
        row_judge(f, d, j);
        row_class(d, STAGE_CONTENT, j->m.reason);
    }
    row_returned(d);
}

/* It went round and round: the path is longer than any that arrives. */
void
end_looping(struct follow *f, const struct node *n, str address)
{
    struct delivery *d = row_add(f, address, OUTCOME_IN_TRANSIT, NULL);
    row_class(d, STAGE_ROUTING, REASON_LOOP);
    d->decided_by = n->t.host;
    d->decided_at = node_at(n);
}
