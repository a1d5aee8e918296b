/* Rows of deliveries: where a message lies, and what filters and delivery agents said of it. */
#include <math.h>

#include "delivery_impl.h"
#include "folder.h"

bool
address_is(str x, str y)
{
    return x.n && str_ieq(x, y);
}

static str
domain_of(str address)
{
    struct str_cut c = str_rcut(address, '@');
    return c.found ? c.tail : (str){ 0 };
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
    if ((delivered_to || i % 2 == 0) && i / 2 < best && address_is(copy_name(a->group, c, i), address))
        return i / 2;
    return best;
}

/* Whether all that was handed on, to where nothing more is seen, went to one address. */
static bool
has_one_end(const struct assembly *a, struct component *c)
{
    str end = { 0 };
    for (size_t i = 0; i < c->nnodes && c->ends == ENDS_UNCOUNTED; i++)
        for (size_t k = 0; k < c->nodes[i]->nattempts; k++) {
            const struct attempt *t = c->nodes[i]->attempts[k];
            const struct node *next = node_after(a, c->nodes[i], t);
            if (t->result != RESULT_SENT || (next && next->in_log))
                continue;
            if (end.n && !str_ieq(end, t->recipient)) {
                c->ends = ENDS_SEVERAL;
                break;
            }
            end = t->recipient;
        }
    if (c->ends == ENDS_UNCOUNTED)
        c->ends = ENDS_ONE;
    return c->ends == ENDS_ONE;
}

/* Whether a copy that lies nobody says where is this recipient's: its trace fields name the address or, where the
 * message went to several, the host that took it.  What has no trace field is the sender's own. */
static bool
is_copy_for(const struct follow *f, struct component *c, const struct message *m, str final, str by)
{
    bool names_others = false, passed = false;
    for (size_t i = 0; i < m->nreceived; i++) {
        str to = m->received[i].for_address;
        if (address_is(to, final) || address_is(to, f->original))
            return true;
        names_others |= to.n > 0;
        passed |= is_same_host(m->received[i].by, by);
    }
    if (c->nnodes == 0 || (m->nreceived && has_one_end(f->a, c)))
        return true;
    return passed && !names_others;
}

const struct group_message *
stored_copy(const struct follow *f, str final, str by)
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
    bool unnamed = c->nmessages == 1 && only->mailbox.n == 0 && only->message->delivered_to.n == 0;
    return unnamed && is_copy_for(f, c, only->message, final, by) ? only : NULL;
}

/* Rows ---------------------------------------------------------------------------------------------- */

struct delivery *
row_add(struct follow *f, str final, enum outcome outcome, const struct attempt *t)
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
        .trail = f->trail,
        .receiver = arena_lower(f->a->arena, domain_of(final.n ? final : f->original)),
    };
    if (t) {
        d.code = t->code;
        d.enhanced = t->enhanced;
        d.reply = t->reply;
        d.attempt_id = t->attempt_id;
        d.told_fine =
            t->result == RESULT_SENT || (t->result == RESULT_DISCARDED && (t->code > 0 || f->accepted.n));
        d.told = t->code > 0 || f->accepted.n == 0 ? t->reply : f->accepted;
        d.class = t->class;
        if (t->class.rule == NULL)
            d.class = (struct reply_class){ 0 };
    }
    if (t == NULL && f->accepted.n) {
        d.told_fine = true;
        d.told = f->accepted;
    }
    ARENA_PUSH(f->a->arena, o->deliveries, o->ndeliveries, o->deliveries_room) = d;
    return &o->deliveries[o->ndeliveries - 1];
}

/* A stored copy tells where it lies, and by its filters' fields perhaps why. */
static bool
is_marked_spam(const struct message *m)
{
    static const char *const words[] = { "spam", "yes", "junk", "phishing", "spm" };
    for (size_t i = 0; i < m->nspam; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (str_ieq(m->spam[i].verdict, str_from(words[k])))
                return true;
    return false;
}

/* Junk has its reason from the filter that marked it, else the one that is known without. */
static void
explain_junk(struct follow *f, struct delivery *d, enum reason otherwise)
{
    if (d->outcome != OUTCOME_JUNK && d->outcome != OUTCOME_QUARANTINED)
        return;
    row_class(d, STAGE_ROUTING, f->objection ? f->objection->m.reason : otherwise);
    if (f->objection)
        f->objection->decides = true;
}

/* It lies somewhere, or a host took it that we cannot look into: a stored copy tells where. */
void
row_add_kept(struct follow *f, str final, enum outcome outcome, const struct attempt *t, str by)
{
    const struct group_message *m = stored_copy(f, final, by);
    struct delivery *d = row_add(f, final, outcome, t);
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
    explain_junk(f, d, is_marked_spam(msg) ? REASON_SPAM : REASON_NONE);
}

void
row_class(struct delivery *d, enum stage stage, enum reason reason)
{
    d->class.stage = stage;
    d->class.reason = reason;
    d->class.rule = "state";
}

void
row_class_dropped(struct delivery *d, const struct refusal *r)
{
    if (str_has(r->action, S("milter")) &&
        (d->class.reason == REASON_FILTERED || d->class.reason == REASON_NONE ||
         d->class.reason == REASON_UNDEFINED))
        row_class(d, STAGE_CONTENT, REASON_CONTENT_REFUSED);
}

/* Filters and delivery agents ----------------------------------------------------------------------- */

void
row_judge(struct follow *f, struct delivery *d, struct judged *j)
{
    j->decides = true;
    d->judge = j->v;
    d->decided_by = verdict_by(f->a->arena, j->v);
    d->decided_at = j->v->at;
    if (j->v->code > 0) {
        d->code = j->v->code;
        d->enhanced = j->v->enhanced;
    }
}

void
row_returned(struct delivery *d)
{
    bool told = d->judge && d->judge->code >= 400;
    d->reply = told ? d->judge->reply : (str){ 0 };
    if (!told) {
        d->code = 0;
        d->enhanced = (str){ 0 };
    }
}

/* A filter kept it back. */
void
end_filtered(struct follow *f, str address, struct judged *j, const struct attempt *t)
{
    bool kept = j->m.disposal == DISPOSAL_QUARANTINED;
    struct delivery *d = row_add(f, address, kept ? OUTCOME_QUARANTINED : OUTCOME_DISCARDED, t);
    row_judge(f, d, j);
    d->class = (struct reply_class){ 0 };
    row_class(d, STAGE_CONTENT, j->m.reason);
    if (kept)
        d->placement = j->v->mailbox.n ? j->v->mailbox : S("quarantine");
}

static void
end_stored(struct follow *f, str address, struct judged *j, const struct attempt *t)
{
    struct delivery *d = row_add(f, address, OUTCOME_STORED, t);
    row_judge(f, d, j);
    d->class = (struct reply_class){ 0 };
    d->placement = j->v->mailbox;
    if (d->placement.n)
        d->outcome = folder_outcome(d->placement);
    explain_junk(f, d, REASON_FILTERED);
}

/* What the delivery agent did with it, whatever it told the MTA; false: nothing that ends the way here. */
bool
end_filed(struct follow *f, str address, const struct attempt *t, bool goes_on)
{
    struct judged *j = judged_filing(f->a, t, DISPOSAL_STORED);
    if (j) {
        end_stored(f, address, j, t);
        return !goes_on; /* a copy was kept, another went on */
    }
    if (goes_on)
        return false;
    if ((j = judged_filing(f->a, t, DISPOSAL_FORWARDED)) != NULL) {
        struct delivery *d = row_add(f, j->v->mailbox.n ? j->v->mailbox : address, OUTCOME_ACCEPTED, t);
        row_judge(f, d, j);
        d->class = (struct reply_class){ 0 };
        return true;
    }
    bool rejected = (j = judged_filing(f->a, t, DISPOSAL_REJECTED)) != NULL;
    if (j == NULL && (j = judged_filing(f->a, t, DISPOSAL_DISCARDED)) == NULL &&
        (j = judged_filing(f->a, t, DISPOSAL_DUPLICATE)) == NULL)
        return false;
    struct delivery *d = row_add(f, address, rejected ? OUTCOME_BOUNCED : OUTCOME_DISCARDED, t);
    row_judge(f, d, j);
    d->class = (struct reply_class){ 0 };
    row_class(d, STAGE_ROUTING, REASON_FILTERED);
    if (rejected)
        row_returned(d);
    return true;
}

bool
filter_keeps(const struct judged *j)
{
    return j && (j->m.disposal == DISPOSAL_DISCARDED || j->m.disposal == DISPOSAL_QUARANTINED);
}

/* A refusal that says no more than "no": the filter's own line knows why. */
void
row_explain_refusal(struct follow *f, struct delivery *d, const struct node *n, str address)
{
    struct judged *j = judged_filter(n, address);
    bool vague = d->class.reason == REASON_NONE || d->class.reason == REASON_UNDEFINED ||
                 d->class.reason == REASON_CONTENT_REFUSED || d->class.reason == REASON_POLICY ||
                 d->class.reason == REASON_HELD;
    if (j && vague && j->m.disposal == DISPOSAL_TAGGED &&
        j->m.reason == REASON_VIRUS) /* ClamAV tells its find alone */
        row_class(d, STAGE_CONTENT, REASON_VIRUS);
    if (j == NULL || j->m.disposal < DISPOSAL_REJECTED)
        return;
    str by = d->decided_by;
    when at = d->decided_at;
    row_judge(f, d, j);
    if (at != WHEN_NONE)
        d->decided_at = at;
    if (by.n && !str_eq(by, j->v->host)) /* a remote host's word stays its own */
        d->decided_by = by;
    if (vague)
        row_class(d, STAGE_CONTENT, j->m.reason);
}
