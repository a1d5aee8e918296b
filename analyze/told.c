/* What notifications of delivery and complaints tell of a group's journeys.
 *
 * A notification speaks for hosts whose logs we do not have: it decides where logs end at "accepted", "deferred"
 * or in silence.  Where logs or a stored copy tell how it ended, they have precedence: if both agree nothing
 * changes, if not a finding says so.  A warning of delay is no failure: the recipient waits until the host
 * gives up.  A complaint changes no outcome; it is a finding. */
#include <math.h>

#include "journey_impl.h"

static const when RETRY_DAYS = 5 * WHEN_DAY; /* so long hosts try that do not say it (RFC 5321 4.5.4.1) */

enum { MAX_TOLD_FINDINGS = 1000 }; /* of one journey */

/* The deliveries of all journeys of the group, by their addresses. */
struct place {
    size_t journey, delivery;
};
struct told {
    struct assembly *a;
    struct assembled *all;
    size_t n;
    struct lookup by_address;
    struct place *places;
    size_t nplaces;
};

static void
index_name(struct told *t, struct place p, str name)
{
    if (name.n == 0)
        return;
    t->places[t->nplaces] = p;
    lookup_add(&t->by_address, hash_folded(name), t->nplaces++);
}

static void
index_delivery(struct told *t, struct place p)
{
    const struct delivery *d = &t->all[p.journey].deliveries[p.delivery];
    for (const struct trail *s = d->trail; s; s = s->before)
        index_name(t, p, s->address);
    index_name(t, p, d->final_recipient);
    index_name(t, p, d->recipient);
}

static size_t
count_names(const struct delivery *d)
{
    size_t n = 2;
    for (const struct trail *s = d->trail; s; s = s->before)
        n++;
    return n;
}

static bool
ends_at(const struct delivery *d, str address)
{
    return str_ieq(d->recipient, address) || str_ieq(d->final_recipient, address);
}

/* An address that the recipient had somewhere on its way: a host on the way may write the notification. */
static bool
went_by(const struct delivery *d, str address)
{
    for (const struct trail *s = d->trail; s; s = s->before)
        if (str_ieq(s->address, address))
            return true;
    return false;
}

/* Those there are, with room for one more of each notification. */
static void
index_deliveries(struct told *t)
{
    size_t total = 2 * t->a->group->ntold + 1;
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->all[i].ndeliveries; k++)
            total += count_names(&t->all[i].deliveries[k]);
    t->places = ARENA_ARRAY(t->a->arena, struct place, total);
    t->nplaces = 0;
    lookup_init(&t->by_address, t->a->arena, total);
    for (size_t i = t->n; i-- > 0;)
        for (size_t k = t->all[i].ndeliveries; k-- > 0;)
            index_delivery(t, (struct place){ i, k });
}

static struct delivery *
delivery_at(const struct told *t, struct place p)
{
    return &t->all[p.journey].deliveries[p.delivery];
}

/* Whether logs leave open what became of it. */
static bool
is_open(enum outcome o)
{
    return o == OUTCOME_NONE || o == OUTCOME_ACCEPTED || o == OUTCOME_DEFERRED || o == OUTCOME_IN_TRANSIT ||
           o == OUTCOME_LOST;
}

static bool
is_failure(enum outcome o)
{
    return o == OUTCOME_BOUNCED || o == OUTCOME_EXPIRED || o == OUTCOME_REJECTED || o == OUTCOME_DISCARDED;
}

static bool
agrees(enum outcome o, enum dsn_action action)
{
    return is_open(o) || (action == DSN_FAILED) == is_failure(o);
}

/* The delivery to an address in the latest journey that began before the notification, else in the first; of
 * several that one address became, one of which the notification may speak. */
static bool
find_address(const struct told *t, const struct group_told *g, str address, bool on_the_way,
             struct place *found)
{
    bool any = false, fits = false;
    when at = g->at;
    if (address.n == 0)
        return false;
    uint64_t hash = hash_folded(address);
    LOOKUP_EACH(&t->by_address, hash, i)
    {
        struct place p = t->places[i];
        const struct delivery *d = delivery_at(t, p);
        if (!(on_the_way ? went_by(d, address) : ends_at(d, address)))
            continue;
        when begun = t->all[p.journey].journey.first_at;
        bool before = at == WHEN_NONE || begun <= at + WHEN_HOUR; /* clocks differ */
        bool later = any && begun > t->all[found->journey].journey.first_at;
        bool agreeing = agrees(d->outcome, g->r.action);
        bool better = any && p.journey == found->journey && agreeing && !fits;
        if (!any || (before && later) || better) {
            *found = p;
            fits = agreeing;
        }
        any = true;
    }
    return any;
}

static bool
find_delivery(const struct told *t, const struct group_told *g, struct place *found)
{
    if (find_address(t, g, g->r.final_recipient, false, found) ||
        find_address(t, g, g->r.original_recipient, false, found) ||
        find_address(t, g, g->r.final_recipient, true, found))
        return true;
    if (t->n == 1 && t->all[0].ndeliveries == 1 && t->all[0].deliveries[0].outcome == OUTCOME_ACCEPTED) {
        *found = (struct place){ 0, 0 }; /* forwarded beyond our sight under another address */
        return true;
    }
    return false;
}

static str
domain_of(struct arena *a, str address)
{
    return arena_lower(a, str_rcut(address, '@').tail);
}

static struct place
add_delivery(struct told *t, const struct group_told *g)
{
    struct assembled *out = &t->all[0];
    str first = g->r.original_recipient.n ? g->r.original_recipient : g->r.final_recipient;
    ARENA_PUSH(t->a->arena, out->deliveries, out->ndeliveries, out->deliveries_room) = (struct delivery){
        .recipient = first,
        .final_recipient = g->r.final_recipient,
        .outcome = OUTCOME_NONE,
        .decided_at = WHEN_NONE,
        .first_attempt_at = WHEN_NONE,
        .last_attempt_at = WHEN_NONE,
        .delay_s = NAN,
        .receiver = domain_of(t->a->arena, g->r.final_recipient),
    };
    struct place p = { 0, out->ndeliveries - 1 };
    index_delivery(t, p);
    return p;
}

static void
decide(struct journey *j, struct delivery *d, const struct group_told *g, enum outcome outcome)
{
    const struct dsn_recipient *r = &g->r;
    bool bad = outcome == OUTCOME_BOUNCED || outcome == OUTCOME_EXPIRED || outcome == OUTCOME_DEFERRED;
    d->outcome = outcome;
    d->attempt_id = 0;
    d->final_recipient = r->final_recipient;
    d->code = r->code;
    d->enhanced = r->enhanced;
    d->reply = r->reply;
    d->decided_by = r->code > 0 && r->remote_mta.n ? r->remote_mta : g->told_by;
    d->decided_at = r->last_attempt_at != WHEN_NONE ? r->last_attempt_at : g->at;
    d->class = bad ? r->class : (struct reply_class)
    {
        0
    };
    if (bad && d->class.stage == STAGE_UNKNOWN)
        d->class.stage = STAGE_QUEUE;
    if (bad && d->class.reason == REASON_MAILBOX_FULL && r->code == 0 && r->remote_mta.n == 0)
        d->class.stage = STAGE_MAILBOX; /* no other host said so */
    if (bad && d->class.reason == REASON_NONE)
        d->class.reason = outcome == OUTCOME_EXPIRED ? REASON_EXPIRED : REASON_UNDEFINED;
    if (bad && d->class.rule == NULL)
        d->class.rule = "dsn";
    if (d->decided_at == WHEN_NONE)
        return;
    if (d->decided_at > j->last_at)
        j->last_at = d->decided_at;
    d->delay_s = (double)(d->decided_at - j->first_at) / (double)WHEN_SECOND;
}

/* Gave up after tries, rather than at once. */
static bool
is_expired(const struct dsn_recipient *r)
{
    static const char *const words[] = { "retry timeout exceeded", "failing for a long time",
                                         "message timed out",
                                         "in the queue too long" }; /* Exim: always 5.0.0 */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ifind(r->reply, str_from(words[i])) != STR_NONE)
            return true;
    str status = r->status.n ? r->status : r->enhanced;
    return str_starts(status, S("4.")) || str_eq(status, S("5.4.7")) || r->code / 100 == 4 ||
           r->class.reason == REASON_EXPIRED;
}

static void
apply(struct told *t, struct place p, const struct group_told *g)
{
    struct delivery *d = delivery_at(t, p);
    struct journey *j = &t->all[p.journey].journey;
    const struct dsn_recipient *r = &g->r;
    if (!is_open(d->outcome)) {
        if (d->outcome == OUTCOME_DISCARDED && d->class.reason == REASON_DELETED && r->action == DSN_FAILED)
            d->outcome = OUTCOME_BOUNCED; /* cancelled by an operator, and its sender was told (exim -Mg) */
        if (is_failure(d->outcome) && r->action == DSN_FAILED && d->reply.n == 0) {
            d->reply = r->reply;
            d->code = d->code > 0 ? d->code : r->code;
            d->enhanced = d->enhanced.n ? d->enhanced : r->enhanced;
        }
        return;
    }
    switch (r->action) {
    case DSN_FAILED: decide(j, d, g, is_expired(r) ? OUTCOME_EXPIRED : OUTCOME_BOUNCED); break;
    case DSN_DELIVERED: decide(j, d, g, OUTCOME_STORED); break;
    case DSN_RELAYED:
    case DSN_EXPANDED:
        if (d->outcome != OUTCOME_ACCEPTED)
            decide(j, d, g, OUTCOME_ACCEPTED);
        break;
    case DSN_DELAYED: {
        when until = r->will_retry_until != WHEN_NONE ? r->will_retry_until
                     : g->at != WHEN_NONE             ? g->at + RETRY_DAYS
                                                      : WHEN_NONE;
        bool waits = until != WHEN_NONE && t->a->options->now < until;
        if (waits && (d->outcome == OUTCOME_NONE || d->outcome == OUTCOME_ACCEPTED))
            decide(j, d, g, OUTCOME_DEFERRED);
        else if (d->outcome == OUTCOME_NONE)
            decide(j, d, g, OUTCOME_ACCEPTED);
        break;
    }
    default: break;
    }
}

/* A message that only its notifications tell of. */
static void
add_journey(struct told *t, const struct group_told *g)
{
    struct assembly *a = t->a;
    struct component *more = ARENA_ARRAY(a->arena, struct component, (size_t)a->ncomponents + 1);
    if (a->ncomponents)
        memcpy(more, a->components, (size_t)a->ncomponents * sizeof *more);
    a->components = more;
    a->ncomponents++;
    when first = g->original_at != WHEN_NONE && (g->at == WHEN_NONE || g->original_at <= g->at)
                     ? g->original_at
                     : g->at;
    if (first == WHEN_NONE)
        first = 0;
    t->all[0] = (struct assembled){ .journey = { .journey_id = a->group->key,
                                                 .group_key = a->group->key,
                                                 .message_id = g->message_id,
                                                 .mail_from = g->mail_from,
                                                 .has_mail_from = g->has_mail_from,
                                                 .header_from = g->header_from,
                                                 .subject = g->subject,
                                                 .first_at = first,
                                                 .last_at = first,
                                                 .size = -1 } };
    t->n = 1;
}

void
told_outcomes(struct assembly *a, struct assembled *all, size_t *n)
{
    struct told t = { .a = a, .all = all, .n = *n };
    bool indexed = false;
    for (size_t i = 0; i < a->group->ntold; i++) {
        const struct group_told *g = &a->group->told[i];
        struct place p;
        if (g->r.action == DSN_UNKNOWN)
            continue;
        if (t.n == 0)
            add_journey(&t, g);
        if (!indexed)
            index_deliveries(&t);
        indexed = true;
        if (!find_delivery(&t, g, &p))
            p = add_delivery(&t, g);
        apply(&t, p, g);
    }
    *n = t.n;
}

/* Findings ------------------------------------------------------------------------------------------- */

static void
find(struct assembly *a, struct assembled *out, enum stage stage, const char *severity, const char *code,
     str detail)
{
    size_t same = 0;
    for (size_t i = 0; i < out->nfindings && same < MAX_TOLD_FINDINGS; i++) {
        if (out->findings[i].code == NULL || strcmp(out->findings[i].code, code) != 0)
            continue;
        same++;
        if (str_eq(out->findings[i].detail, detail))
            return;
    }
    if (same < MAX_TOLD_FINDINGS)
        ARENA_PUSH(a->arena, out->findings, out->nfindings, out->findings_room) =
            (struct finding){ .stage = stage, .severity = severity, .code = code, .detail = detail };
}

static void
find_complaint(struct told *t, const struct group_told *g)
{
    struct place p = { 0, 0 };
    find_address(t, g, g->r.final_recipient, false, &p);
    bool praise = str_eq(g->type, S("not-spam"));
    find(t->a, &t->all[p.journey], STAGE_CLIENT, praise ? "note" : "degradation",
         praise ? "not_spam" : "complaint",
         arena_printf(t->a->arena, "%.*s%s%.*s reports it as %.*s", PRSTR(g->r.final_recipient),
                      g->r.final_recipient.n ? " through " : "", PRSTR(g->told_by),
                      PRSTR(g->type.n ? g->type : S("unwanted"))));
}

static void
find_notice(struct told *t, const struct group_told *g)
{
    struct place p;
    if (!find_delivery(t, g, &p))
        return;
    const struct delivery *d = delivery_at(t, p);
    struct assembled *out = &t->all[p.journey];
    if (g->r.action == DSN_DELAYED)
        find(t->a, out, g->r.class.stage ? g->r.class.stage : STAGE_QUEUE, "degradation", "delayed",
             arena_printf(t->a->arena, "%.*s reports a delay for %.*s%s%.*s", PRSTR(g->told_by),
                          PRSTR(g->r.final_recipient), g->r.reply.n ? ": " : "",
                          PRSTR(str_head(g->r.reply, 300))));
    else if (g->r.action == DSN_FAILED && !is_failure(d->outcome) && !is_open(d->outcome))
        find(t->a, out, STAGE_QUEUE, "note", "dsn_disagrees",
             arena_printf(t->a->arena, "%.*s reports a failure for %.*s, which is %.*s: %.*s",
                          PRSTR(g->told_by), PRSTR(g->r.final_recipient), PRSTR(outcome_word(d->outcome)),
                          PRSTR(str_head(g->r.reply, 300))));
}

void
told_findings(struct assembly *a, struct assembled *all, size_t n)
{
    struct told t = { .a = a, .all = all, .n = n };
    if (a->group->ntold == 0 || n == 0)
        return;
    index_deliveries(&t);
    for (size_t i = 0; i < a->group->ntold; i++) {
        const struct group_told *g = &a->group->told[i];
        if (g->r.action == DSN_UNKNOWN)
            find_complaint(&t, g);
        else
            find_notice(&t, g);
    }
}
