/* Failures and degradations of one journey, each with its stage. */
#include <math.h>

#include "journey_impl.h"

static const double SLOW_HOP_S = 300, SLOW_QUEUE_S = 300;

static void
add(struct assembly *a, struct assembled *out, int seq, enum stage stage, const char *severity,
    const char *code, str detail)
{
    struct finding f = {
        .hop_seq = seq, .stage = stage, .severity = severity, .code = code, .detail = detail
    };
    for (size_t i = 0; i < out->nfindings; i++) {
        const struct finding *o = &out->findings[i];
        if (o->hop_seq == seq && o->stage == stage && str_eq(str_from(o->code), str_from(code)) &&
            str_eq(o->detail, detail))
            return;
    }
    ARENA_PUSH(a->arena, out->findings, out->nfindings, out->findings_room) = f;
}

static bool
is_failure(enum outcome o)
{
    return o == OUTCOME_REJECTED || o == OUTCOME_BOUNCED || o == OUTCOME_EXPIRED || o == OUTCOME_DISCARDED ||
           o == OUTCOME_LOST;
}

static void
of_deliveries(struct assembly *a, struct assembled *out)
{
    for (size_t i = 0; i < out->ndeliveries; i++) {
        const struct delivery *d = &out->deliveries[i];
        str to = d->final_recipient.n ? d->final_recipient : d->recipient;
        enum stage stage = d->class.stage ? d->class.stage : STAGE_QUEUE;
        const char *reason = d->class.reason ? reason_word(d->class.reason).p : outcome_word(d->outcome).p;
        if (is_failure(d->outcome))
            add(a, out, 0, stage, "failure", reason,
                arena_printf(a->arena, "%.*s for %.*s%s%.*s", PRSTR(outcome_word(d->outcome)), PRSTR(to),
                             d->reply.n ? ": " : "", PRSTR(str_head(d->reply, 300))));
        else if (d->outcome == OUTCOME_DEFERRED)
            add(a, out, 0, stage, "degradation", reason,
                arena_printf(a->arena, "still waiting for %.*s%s%.*s", PRSTR(to), d->reply.n ? ": " : "",
                             PRSTR(str_head(d->reply, 300))));
        else if (d->outcome == OUTCOME_JUNK || d->outcome == OUTCOME_QUARANTINED)
            add(a, out, 0, STAGE_ROUTING, "failure", outcome_word(d->outcome).p,
                arena_printf(a->arena, "filed as %.*s for %.*s", PRSTR(d->placement), PRSTR(to)));
        else if (d->outcome == OUTCOME_CATEGORY)
            add(a, out, 0, STAGE_ROUTING, "degradation", "category",
                arena_printf(a->arena, "filed under %.*s for %.*s", PRSTR(d->placement), PRSTR(to)));
        if (d->final_recipient.n && !str_ieq(d->final_recipient, d->recipient))
            add(a, out, 0, STAGE_ENVELOPE, "note", "address_rewritten",
                arena_printf(a->arena, "%.*s became %.*s", PRSTR(d->recipient), PRSTR(d->final_recipient)));
    }
}

/* Attempts that were not the last word on their recipient. */
static void
of_attempts(struct assembly *a, struct assembled *out, const struct node *n)
{
    for (size_t i = 0; i < n->nattempts; i++) {
        const struct attempt *t = n->attempts[i];
        if (t->result == RESULT_DEFERRED) {
            enum stage stage = t->class.stage ? t->class.stage : STAGE_QUEUE;
            const char *reason = t->class.reason ? reason_word(t->class.reason).p : "deferred";
            add(a, out, n->seq, stage, "degradation", reason,
                arena_printf(a->arena, "deferred: %.*s", PRSTR(str_head(t->reply, 300))));
        }
        bool remote = t->result == RESULT_SENT && !t->local && t->relay_ip.n && !is_loopback(t->relay_ip);
        const struct node *next = node_after(a, n, t);
        if (remote && t->tls_version.n == 0 && !(next && next->t.tls_version.n))
            add(a, out, n->seq, STAGE_TLS, "degradation", "plaintext",
                arena_printf(a->arena, "sent to %.*s without TLS", PRSTR(t->relay_host)));
        if (!isnan(t->delays[0]) && t->result == RESULT_SENT &&
            (double)(t->delays[0] + t->delays[1]) > SLOW_QUEUE_S)
            add(a, out, n->seq, STAGE_QUEUE, "degradation", "waited_in_queue",
                arena_printf(a->arena, "%.0f s in the queue before %.*s",
                             (double)(t->delays[0] + t->delays[1]), PRSTR(t->relay_host)));
    }
}

static void
of_hops(struct assembly *a, struct assembled *out)
{
    for (size_t i = 0; i < out->nhops; i++) {
        const struct hop *h = &out->hops[i];
        if (h->clock_skew)
            add(a, out, h->seq, STAGE_QUEUE, "note", "clock_skew",
                arena_printf(a->arena, "%.*s has it %.0f s before the hop before: clocks differ",
                             PRSTR(h->host), -h->delay_s));
        else if (h->delay_s > SLOW_HOP_S)
            add(a, out, h->seq, STAGE_QUEUE, "degradation", "slow_hop",
                arena_printf(a->arena, "%.0f s to reach %.*s", h->delay_s, PRSTR(h->host)));
        if (str_eq(h->client_name, S("unknown")))
            add(a, out, h->seq, STAGE_HELO, "degradation", "client_name_unknown",
                arena_printf(a->arena, "%.*s has no confirmed name", PRSTR(h->client_ip)));
    }
}

void
findings_build(struct assembly *a, int component, struct assembled *out)
{
    of_deliveries(a, out);
    for (size_t i = 0; i < a->nnodes; i++)
        if (a->nodes[i]->component == component)
            of_attempts(a, out, a->nodes[i]);
    of_hops(a, out);
}
