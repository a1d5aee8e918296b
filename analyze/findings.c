/* Failures and degradations of one journey, each with its stage. */
#include <math.h>

#include "hash.h"
#include "journey_impl.h"

static const double SLOW_HOP_S = 300, SLOW_QUEUE_S = 300;

/* Findings under way: the same is said once. */
struct findings {
    struct assembly *a;
    struct assembled *out;
    struct lookup known; /* doubled as they grow */
    size_t room;
};

static uint64_t
hash_finding(const struct finding *f)
{
    return hash_more(hash_more_int(hash_more_int(0, f->hop_seq), f->stage), f->detail);
}

static bool
is_known(struct findings *fs, const struct finding *f, uint64_t hash)
{
    LOOKUP_EACH(&fs->known, hash, i)
    {
        const struct finding *o = &fs->out->findings[i];
        if (o->hop_seq == f->hop_seq && o->stage == f->stage && strcmp(o->code, f->code) == 0 &&
            str_eq(o->detail, f->detail))
            return true;
    }
    return false;
}

static void
add(struct findings *fs, int seq, enum stage stage, const char *severity, const char *code, str detail)
{
    struct finding f = {
        .hop_seq = seq, .stage = stage, .severity = severity, .code = code, .detail = detail
    };
    struct assembled *out = fs->out;
    if (out->nfindings == fs->room) {
        fs->room = fs->room ? fs->room * 2 : 8;
        lookup_init(&fs->known, fs->a->arena, fs->room);
        for (size_t i = out->nfindings; i-- > 0;)
            lookup_add(&fs->known, hash_finding(&out->findings[i]), i);
    }
    uint64_t hash = hash_finding(&f);
    if (is_known(fs, &f, hash))
        return;
    lookup_add(&fs->known, hash, out->nfindings);
    ARENA_PUSH(fs->a->arena, out->findings, out->nfindings, out->findings_room) = f;
}

static bool
is_failure(enum outcome o)
{
    return o == OUTCOME_REJECTED || o == OUTCOME_BOUNCED || o == OUTCOME_EXPIRED || o == OUTCOME_DISCARDED ||
           o == OUTCOME_LOST;
}

static void
of_deliveries(struct findings *fs)
{
    struct assembly *a = fs->a;
    const struct assembled *out = fs->out;
    for (size_t i = 0; i < out->ndeliveries; i++) {
        const struct delivery *d = &out->deliveries[i];
        str to = d->final_recipient.n ? d->final_recipient
                 : d->recipient.n     ? d->recipient
                                      : S("a recipient whom nobody names");
        enum stage stage = d->class.stage ? d->class.stage : STAGE_QUEUE;
        const char *reason = d->class.reason ? reason_word(d->class.reason).p : outcome_word(d->outcome).p;
        str why = d->judge ? verdict_text(a->arena, d->judge) : str_head(d->reply, 300);
        if (is_failure(d->outcome))
            add(fs, 0, stage, "failure", reason,
                arena_printf(a->arena, "%.*s for %.*s%s%.*s", PRSTR(outcome_word(d->outcome)), PRSTR(to),
                             why.n ? ": " : "", PRSTR(why)));
        else if (d->outcome == OUTCOME_DEFERRED)
            add(fs, 0, stage, "degradation", reason,
                arena_printf(a->arena, "still waiting for %.*s%s%.*s", PRSTR(to), d->reply.n ? ": " : "",
                             PRSTR(str_head(d->reply, 300))));
        else if (d->outcome == OUTCOME_JUNK || d->outcome == OUTCOME_QUARANTINED)
            add(fs, 0, d->class.stage == STAGE_CONTENT ? STAGE_CONTENT : STAGE_ROUTING, "failure",
                outcome_word(d->outcome).p,
                arena_printf(a->arena, "filed as %.*s for %.*s%s%.*s", PRSTR(d->placement), PRSTR(to),
                             d->judge ? ": " : "", PRSTR(d->judge ? why : S(""))));
        else if (d->outcome == OUTCOME_CATEGORY)
            add(fs, 0, STAGE_ROUTING, "degradation", "category",
                arena_printf(a->arena, "filed under %.*s for %.*s", PRSTR(d->placement), PRSTR(to)));
        if (d->told_fine && d->told.n)
            add(fs, 0, stage, "note", "silent_loss",
                arena_printf(a->arena, "the sender was told \"%.*s\", yet it was %.*s",
                             PRSTR(str_head(d->told, 200)), PRSTR(outcome_word(d->outcome))));
        if (d->final_recipient.n && !str_ieq(d->final_recipient, d->recipient))
            add(fs, 0, STAGE_ENVELOPE, "note", "address_rewritten",
                arena_printf(a->arena, "%.*s became %.*s", PRSTR(d->recipient), PRSTR(d->final_recipient)));
    }
}

/* The connection broke between the end of the data and the reply: the other host may have taken it. */
static bool
is_unsure(const struct attempt *t)
{
    return t->result == RESULT_DEFERRED && t->code == 0 &&
           (str_has(t->reply, S("message may be sent more than once")) ||
            str_has(t->reply, S("in response to end of data")) ||
            str_has(t->reply, S("timeout after end of data")));
}

/* Whether the try before was put off for the same reason: each retry says it again, in other figures. */
static bool
was_said(const struct node *n, size_t i)
{
    enum { LOOK_BACK = 200 };
    const struct attempt *t = n->attempts[i];
    for (size_t k = i; k-- > 0 && i - k < LOOK_BACK;) {
        const struct attempt *o = n->attempts[k];
        if (o->result == RESULT_DEFERRED && o->class.reason == t->class.reason &&
            o->class.stage == t->class.stage && str_ieq(o->recipient, t->recipient) &&
            str_ieq(o->relay_host, t->relay_host))
            return true;
    }
    return false;
}

/* Attempts that were not the last word on their recipient. */
static void
of_attempts(struct findings *fs, const struct node *n)
{
    struct assembly *a = fs->a;
    for (size_t i = 0; i < n->nattempts; i++) {
        const struct attempt *t = n->attempts[i];
        if (t->result == RESULT_DEFERRED && !is_no_try(t) && !was_said(n, i)) {
            enum stage stage = t->class.stage ? t->class.stage : STAGE_QUEUE;
            const char *reason = t->class.reason ? reason_word(t->class.reason).p : "deferred";
            add(fs, n->seq, stage, "degradation", reason,
                arena_printf(a->arena, "deferred: %.*s", PRSTR(str_head(t->reply, 300))));
        }
        if (is_unsure(t))
            add(fs, n->seq, STAGE_DATA, "note", "possible_duplicate",
                arena_printf(a->arena, "the connection broke before the reply: %.*s may have two copies",
                             PRSTR(t->recipient)));
        bool remote = t->result == RESULT_SENT && !t->local && t->relay_ip.n && !is_loopback(t->relay_ip);
        const struct node *next = node_after(a, n, t);
        if (remote && t->tls_version.n == 0 && !(next && next->t.tls_version.n) &&
            !(n->t.flags & TRANSIT_NO_TLS))
            add(fs, n->seq, STAGE_TLS, "degradation", "plaintext",
                arena_printf(a->arena, "sent to %.*s without TLS", PRSTR(t->relay_host)));
        if (!isnan(t->delays[0]) && t->result == RESULT_SENT &&
            (double)(t->delays[0] + t->delays[1]) > SLOW_QUEUE_S)
            add(fs, n->seq, STAGE_QUEUE, "degradation", "waited_in_queue",
                arena_printf(a->arena, "%.0f s in the queue before %.*s",
                             (double)(t->delays[0] + t->delays[1]), PRSTR(t->relay_host)));
    }
}

static void
of_hops(struct findings *fs)
{
    struct assembly *a = fs->a;
    const struct assembled *out = fs->out;
    for (size_t i = 0; i < out->nhops; i++) {
        const struct hop *h = &out->hops[i];
        if (h->clock_skew)
            add(fs, h->seq, STAGE_QUEUE, "note", "clock_skew",
                arena_printf(a->arena, "%.*s has it %.0f s before the hop before: clocks differ",
                             PRSTR(h->host), -h->delay_s));
        else if (h->delay_s > SLOW_HOP_S)
            add(fs, h->seq, STAGE_QUEUE, "degradation", "slow_hop",
                arena_printf(a->arena, "%.0f s to reach %.*s", h->delay_s, PRSTR(h->host)));
        if (str_eq(h->client_name, S("unknown")))
            add(fs, h->seq, STAGE_HELO, "degradation", "client_name_unknown",
                arena_printf(a->arena, "%.*s has no confirmed name", PRSTR(h->client_ip)));
    }
}

/* What filters, checks and delivery agents said that no delivery rests on. */
static void
of_filter(struct findings *fs, const struct told_verdict *t)
{
    struct meaning m = verdict_meaning(t->verdict);
    enum stage stage = m.reason == REASON_GREYLISTED ? STAGE_ENVELOPE : STAGE_CONTENT;
    str text = verdict_text(fs->a->arena, t->verdict);
    if (m.disposal == DISPOSAL_DEFERRED || m.disposal == DISPOSAL_TAGGED)
        add(fs, t->hop_seq, stage, "degradation",
            m.disposal == DISPOSAL_DEFERRED ? reason_word(m.reason).p
            : m.reason == REASON_VIRUS      ? "virus"
                                            : "marked_as_spam",
            text);
    else if (m.disposal > DISPOSAL_DEFERRED && !t->decides)
        add(fs, t->hop_seq, stage, "degradation", reason_word(m.reason).p, text);
    else if (m.near && !t->decides)
        add(fs, t->hop_seq, stage, "degradation", "near_spam_threshold", text);
}

static void
of_filing(struct findings *fs, const struct told_verdict *t)
{
    str text = verdict_text(fs->a->arena, t->verdict);
    switch (verdict_meaning(t->verdict).disposal) {
    case DISPOSAL_FAILED: add(fs, t->hop_seq, STAGE_MAILBOX, "degradation", "not_stored", text); break;
    case DISPOSAL_ANSWERED: add(fs, t->hop_seq, STAGE_ROUTING, "note", "vacation_reply", text); break;
    case DISPOSAL_FORWARDED: add(fs, t->hop_seq, STAGE_ROUTING, "note", "forwarded", text); break;
    default: break;
    }
}

static void
of_auths(struct findings *fs)
{
    struct assembly *a = fs->a;
    const struct assembled *out = fs->out;
    static const char *const bad[] = { "fail", "softfail", "permerror", "temperror", "policy" };
    for (size_t i = 0; i < out->nauths; i++) {
        const struct told_auth *t = &out->auths[i];
        const char *failed = NULL;
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
            if (str_ieq(t->result, str_from(bad[k])))
                failed = bad[k];
        if (failed)
            add(fs, 0, STAGE_AUTHENTICATION, "degradation",
                arena_printf(a->arena, "%.*s_%s", PRSTR(t->method), failed).p,
                arena_printf(a->arena, "%.*s: %.*s %.*s%s%.*s%s%.*s", PRSTR(t->said_by), PRSTR(t->method),
                             PRSTR(t->result), t->domain.n ? " for " : "", PRSTR(t->domain),
                             t->reason.n ? ": " : "", PRSTR(str_head(t->reason, 200))));
    }
}

static void
of_verdicts(struct findings *fs)
{
    for (size_t i = 0; i < fs->out->nverdicts; i++) {
        const struct told_verdict *t = &fs->out->verdicts[i];
        if (t->verdict->kind == EVENT_FILTER)
            of_filter(fs, t);
        else if (t->verdict->kind == EVENT_FILING)
            of_filing(fs, t);
        else if (t->verdict->kind == EVENT_ENGAGEMENT && str_ieq(t->verdict->action, S("complaint")))
            add(fs, 0, STAGE_CLIENT, "degradation", "complaint",
                arena_printf(fs->a->arena, "%.*s complained of it as spam (told by %.*s)",
                             PRSTR(t->verdict->recipient), PRSTR(t->verdict->engine)));
    }
    of_auths(fs);
}

void
findings_build(struct assembly *a, int component, struct assembled *out)
{
    const struct component *c = &a->components[component];
    struct findings fs = { .a = a, .out = out };
    of_deliveries(&fs);
    for (size_t i = 0; i < c->nnodes; i++)
        of_attempts(&fs, c->nodes[i]);
    of_hops(&fs);
    of_verdicts(&fs);
    if (out->cut || (a->group->dropped && component == 0))
        add(&fs, 0, STAGE_QUEUE, "note", "cut_short",
            a->group->dropped
                ? arena_printf(a->arena, "%llu more records have this Message-ID: not looked at",
                               (unsigned long long)a->group->dropped)
                : S("more ways and recipients than are followed"));
}
