/* Attempts and refusals: one record for each try and recipient, one for each reply that refused. */
#include <math.h>

#include "hash.h"
#include "tracker_impl.h"

double
number_or_nan(str s)
{
    double d;
    return s.n && str_to_double(s, &d) ? d : NAN;
}

static void
parse_delays(str s, float out[4])
{
    for (int i = 0; i < 4; i++) {
        struct str_cut c = str_cut(s, '/');
        out[i] = (float)number_or_nan(c.head);
        s = c.tail;
    }
}

/* The identity of what was said, the same in any file that holds the line. */
static uint64_t
attempt_identity(const struct event *e)
{
    uint64_t id = hash_more(hash_bytes(e->host), EV(e, QUEUE_ID));
    id = hash_more_int(id, when_second(e->at));
    id = hash_more(hash_more(id, EV(e, RECIPIENT)), EV(e, ORIG_RECIPIENT));
    id = hash_more(hash_more(id, EV(e, RELAY_NAME)), EV(e, RELAY_IP));
    id = hash_more(hash_more(id, EV(e, REPLY)), EV(e, DELAYS));
    return hash_more_int(id, e->result);
}

static void
attempt_tls(struct tracker *tr, struct open_transit *o, struct attempt *a, const struct event *e)
{
    struct pool_chain *m = &o->attempt_memory;
    a->tls_version = pool_copy(&tr->pool, m, EV(e, TLS_VERSION));
    a->tls_cipher = pool_copy(&tr->pool, m, EV(e, TLS_CIPHER));
    struct session *s = session_find(tr->sessions, e->host, e->pid, true);
    if (a->tls_version.n == 0 && s == NULL)
        tls_want(tr, e, true, EV(e, RELAY_IP), a->attempt_id);
    if (a->tls_version.n || s == NULL || !str_eq(session_peer(s), EV(e, RELAY_IP)) || EV(e, RELAY_IP).n == 0)
        return;
    a->tls_version = pool_copy(&tr->pool, m, session_tls_version(s));
    a->tls_cipher = pool_copy(&tr->pool, m, session_tls_cipher(s));
}

bool
take_attempt(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    bool good = true;
    if (e->flags & EVENT_DISCARDED)
        o->t.flags |= TRANSIT_DISCARDED;
    if (EV(e, RECIPIENT).n == 0 && (e->flags & EVENT_DISCARDED)) { /* all of it, before any was tried */
        struct event dropped = *e;
        dropped.stage = str_has(e->text, S("ACL")) ? STAGE_ENVELOPE : STAGE_ROUTING;
        EV(&dropped, ACTION) = S("discard");
        return refusal_hand_out(tr, &dropped, o, e->text);
    }
    if (o->nattempts >= TRACKER_MAX_ATTEMPTS) {
        good = open_hand_out(tr, o);
        open_note_line(o, e);
    }
    struct pool_chain *m = &o->attempt_memory;
    struct open_attempt *oa = pool_take(&tr->pool, m, sizeof *oa);
    struct attempt *a = &oa->a;
    *oa = (struct open_attempt){ .next = NULL };
    uint64_t id = attempt_identity(e);
    for (struct open_attempt *other = o->attempts; other; other = other->next)
        if (other->a.attempt_id == id) /* said twice within the second */
            id = hash_more_int(id, 1);
    a->attempt_id = id;
    a->at = e->at;
    a->recipient = pool_copy(&tr->pool, m, EV(e, RECIPIENT));
    a->orig_recipient = pool_copy(&tr->pool, m, EV(e, ORIG_RECIPIENT));
    a->relay_host = pool_copy(&tr->pool, m, EV(e, RELAY_NAME));
    a->relay_ip = pool_copy(&tr->pool, m, EV(e, RELAY_IP));
    a->relay_port = (int)str_cut_number(EV(e, RELAY_PORT), 5).value;
    a->result = e->result;
    a->local = (e->flags & EVENT_LOCAL) != 0;
    a->code = (int)str_cut_number(EV(e, CODE), 3).value;
    a->enhanced = pool_copy(&tr->pool, m, EV(e, ENHANCED));
    a->reply = pool_copy(&tr->pool, m, EV(e, REPLY));
    a->next_queue_id = pool_copy(&tr->pool, m, EV(e, NEXT_QUEUE_ID));
    a->delay_s = number_or_nan(EV(e, DELAY));
    parse_delays(EV(e, DELAYS), a->delays);
    attempt_tls(tr, o, a, e);
    a->origin = (struct origin){ e->offset, e->length };
    *(o->last_attempt ? &o->last_attempt->next : &o->attempts) = oa;
    o->last_attempt = oa;
    o->nattempts++;
    return good;
}

bool
refusal_hand_out(struct tracker *tr, const struct event *e, const struct open_transit *o, str reply)
{
    struct sink *sink = tr->sink;
    struct refusal r = {
        .at = e->at,
        .host = e->host,
        .queue_id = EV(e, QUEUE_ID),
        .client_name = EV(e, CLIENT_NAME),
        .client_ip = EV(e, CLIENT_IP),
        .helo = EV(e, HELO),
        .mail_from = EV(e, MAIL_FROM),
        .has_mail_from = (e->flags & EVENT_HAS_MAIL_FROM) != 0,
        .recipient = EV(e, RECIPIENT),
        .auth_user = EV(e, AUTH_USER),
        .action = EV(e, ACTION),
        .code = (int)str_cut_number(EV(e, CODE), 3).value,
        .enhanced = EV(e, ENHANCED),
        .reply = reply,
        .stage = e->stage,
        .message_id = EV(e, MESSAGE_ID),
        .origin = { e->offset, e->length },
    };
    if (o) {
        if (r.queue_id.n == 0)
            r.queue_id = o->t.queue_id;
        if (r.message_id.n == 0)
            r.message_id = o->t.message_id;
        if (r.client_ip.n == 0) {
            r.client_ip = o->t.client_ip;
            r.client_name = o->t.client_name;
        }
        r.message_key = o->t.message_id.n ? hash_bytes(o->t.message_id) : 0;
    }
    uint64_t id = hash_more_int(hash_bytes(e->host), when_second(e->at));
    id = hash_more(hash_more(hash_more(id, r.queue_id), r.client_ip), r.action);
    id = hash_more(hash_more(hash_more(id, r.mail_from), r.recipient), reply);
    id = hash_more_int(id, e->pid);
    if (when_second(e->at) != tr->refusal_second) {
        tr->refusal_second = when_second(e->at);
        tr->nrefusal_ids = 0;
    }
    for (size_t i = 0; i < tr->nrefusal_ids; i++)
        if (tr->refusal_ids[i] == id)
            id = hash_more_int(id, 1);
    if (tr->nrefusal_ids < sizeof tr->refusal_ids / sizeof *tr->refusal_ids)
        tr->refusal_ids[tr->nrefusal_ids++] = id;
    r.refusal_id = id;
    if (tr->muted || sink->ops->refusal == NULL)
        return true;
    if (sink->classify)
        r.class = sink->classify(&(struct reply_context){
            .text = reply, .code = r.code, .enhanced = r.enhanced, .stage = r.stage });
    if (r.class.rule && (r.class.reason == REASON_NONE || r.class.reason == REASON_UNDEFINED)) {
        if (str_has(r.action, S("hold")) || str_has(r.action, S("quarantine")))
            r.class.reason = REASON_HELD;
        else if (str_has(r.action, S("discard")))
            r.class.reason = r.stage == STAGE_CONTENT ? REASON_CONTENT_REFUSED : REASON_POLICY;
    }
    return sink->ops->refusal(sink, &r);
}

bool
take_refusal(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (o && (e->flags & EVENT_MESSAGE_REFUSED))
        o->t.flags |= TRANSIT_REFUSED;
    if (o && (e->flags & EVENT_DISCARDED))
        o->t.flags |= TRANSIT_DISCARDED;
    if (o && (e->flags & EVENT_HELD))
        o->t.flags |= TRANSIT_HELD;
    if (o && (e->flags & (EVENT_MESSAGE_REFUSED | EVENT_DISCARDED)))
        open_start_closing(tr, o, e->at);
    return refusal_hand_out(tr, e, o, EV(e, REPLY));
}
