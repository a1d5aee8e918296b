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

uint64_t
second_id(struct second_ids *ids, uint64_t id, when at, size_t most)
{
    if (when_second(at) != ids->second) {
        for (size_t i = 0; i < ids->nused; i++)
            ids->slot[ids->used[i]].first = 0;
        ids->second = when_second(at);
        ids->n = ids->nused = 0;
    }
    size_t i = id % ID_SLOTS;
    while (ids->slot[i].first && ids->slot[i].first != id)
        i = (i + 1) % ID_SLOTS;
    bool again = ids->slot[i].first != 0, kept = ids->n < most;
    if (again)
        id = hash_more_int(ids->slot[i].last, 1);
    else if (kept && id) {
        ids->slot[i].first = id;
        ids->used[ids->nused++] = (unsigned short)i;
    }
    if (kept) {
        ids->slot[i].last = id;
        ids->n++;
    }
    return id;
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
attempt_identity(const struct open_transit *o, const struct event *e)
{
    uint64_t id = hash_more_int(o->hash, when_second(e->at));
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
    struct session *s = session_find(tr->sessions, e->host, session_number(e), true);
    if (a->tls_version.n == 0 && s == NULL && EV(e, SESSION).n == 0)
        tls_want(tr, e, true, EV(e, RELAY_IP), a->attempt_id);
    if (a->tls_version.n || s == NULL || session_tls_version(s).n == 0)
        return;
    str peer = session_peer(s);
    bool same = peer.n && (str_eq(peer, EV(e, RELAY_IP)) || str_ieq(peer, EV(e, RELAY_NAME)));
    if (!same && EV(e, SESSION).n == 0)
        return;
    a->tls_version = pool_copy(&tr->pool, m, session_tls_version(s));
    a->tls_cipher = pool_copy(&tr->pool, m, session_tls_cipher(s));
}

/* Sendmail's ctladdr is the alias that a recipient came from, else the local sender. */
static bool
is_alias(const struct open_transit *o, const struct event *e)
{
    str by = EV(e, CTLADDR);
    return by.n && o->t.has_mail_from && !str_ieq(by, o->t.mail_from) && !str_ieq(by, EV(e, RECIPIENT)) &&
           (o->t.flags & TRANSIT_LOCAL) == 0 &&
           !str_ieq(str_cut(by, '@').head, str_cut(o->t.mail_from, '@').head);
}

/* An id that none of these is: what was said twice within the second is two attempts. */
static uint64_t
beyond(const struct buf *ids, uint64_t id)
{
    uint64_t other;
    for (size_t at = 0; at < ids->n; at += sizeof other) {
        memcpy(&other, ids->p + at, sizeof other);
        if (other == id)
            id = hash_more_int(id, 1);
    }
    return id;
}

/* The same beyond all that were said, of which the first and the last id of each are kept. */
static uint64_t
beyond_said(struct tracker *tr, struct open_transit *o, uint64_t id)
{
    struct buf *said = &o->said;
    uint64_t one[2] = { id, id }, bit = 1ull << id % 64, *bits = &o->said_bits[id / 64 % SAID_WORDS];
    bool perhaps = (*bits & bit) != 0;
    *bits |= bit;
    for (size_t at = 0; perhaps && at < said->n; at += sizeof one) {
        memcpy(one, said->p + at, sizeof one);
        if (one[0] != id)
            continue;
        one[1] = hash_more_int(one[1], 1);
        memcpy(said->p + at, one, sizeof one);
        return one[1];
    }
    one[0] = one[1] = id;
    pool_append(&tr->pool, &o->attempt_memory, said, one, sizeof one);
    return id;
}

void
attempts_remember(struct open_transit *o)
{
    when second = when_second(o->last_attempt->a.at);
    if (o->told_at != second)
        o->told.n = 0;
    o->told_at = second;
    for (const struct open_attempt *a = o->attempts; a; a = a->next)
        if (when_second(a->a.at) == second)
            buf_put(&o->told, &a->a.attempt_id, sizeof a->a.attempt_id);
}

/* Stamp and pid that Exim writes once more behind those of syslog. */
enum { MAX_BEFORE_ID = 64 };

/* What is said of a message: the line without the queue id that it may begin with. */
str
without_id(const struct event *e)
{
    str id = EV(e, QUEUE_ID), text = e->text;
    size_t at = id.n ? str_find(text, id) : STR_NONE;
    if (at == STR_NONE || at > MAX_BEFORE_ID)
        return text;
    text = str_skip(text, at + id.n);
    return str_trim_left(text.n && text.p[0] == ':' ? str_skip(text, 1) : text);
}

/* A line that decides about the whole message: for each of those that its arrival named. */
static bool
take_attempts(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    bool good = true;
    for (str rest = o->named; rest.n && good;) {
        struct str_cut c = str_cut(rest, ' ');
        struct event one = *e;
        EV(&one, RECIPIENT) = c.head;
        good = c.head.n == 0 || take_attempt(tr, o, &one);
        rest = c.tail;
    }
    return good;
}

/* Frozen before anybody tried: whom it is for only its arrival told. */
bool
take_freeze(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (o->tried || (o->t.flags & TRANSIT_HELD))
        return true;
    struct event frozen = *e;
    frozen.result = RESULT_DEFERRED;
    EV(&frozen, REPLY) = without_id(e);
    return take_attempts(tr, o, &frozen);
}

/* Returned, and the notice alone says why: Sendmail finds that aliases go round before it tries anybody. */
bool
take_returned(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct event returned = *e;
    returned.result = RESULT_BOUNCED;
    EV(&returned, RECIPIENT) = EV(&returned, PHASE) = (str){ 0 };
    return take_attempt(tr, o, &returned);
}

bool
take_attempt(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    bool good = true;
    if (EV(e, RECIPIENT).n == 0 && o->named.n)
        return take_attempts(tr, o, e);
    if (e->flags & EVENT_DISCARDED)
        o->t.flags |= TRANSIT_DISCARDED;
    if (e->flags & EVENT_MESSAGE_REFUSED)
        o->t.flags |= TRANSIT_REFUSED;
    if (EV(e, RECIPIENT).n == 0 && (e->flags & EVENT_DISCARDED)) { /* all of it, before any was tried */
        struct event dropped = *e;
        bool at_data = str_has(e->text, S("DATA ACL")) || str_has(e->text, S("system filter"));
        dropped.stage = at_data ? STAGE_CONTENT : str_has(e->text, S("ACL")) ? STAGE_ENVELOPE : STAGE_ROUTING;
        EV(&dropped, ACTION) = S("discard");
        return refusal_hand_out(tr, &dropped, o, e->text);
    }
    if (o->nattempts >= TRACKER_MAX_ATTEMPTS) {
        good = open_hand_out(tr, o);
        open_note_line(tr, o, e);
    }
    struct pool_chain *m = &o->attempt_memory;
    struct open_attempt *oa = pool_take(&tr->pool, m, sizeof *oa);
    struct attempt *a = &oa->a;
    *oa = (struct open_attempt){ .next = NULL };
    uint64_t id = attempt_identity(o, e);
    if (o->told.n && o->told_at == when_second(e->at))
        id = beyond(&o->told, id);
    a->attempt_id = beyond_said(tr, o, id);
    a->at = e->at;
    a->recipient = pool_copy(&tr->pool, m, EV(e, RECIPIENT));
    a->orig_recipient = pool_copy(&tr->pool, m, EV(e, ORIG_RECIPIENT));
    if (is_alias(o, e))
        a->orig_recipient = pool_copy(&tr->pool, m, EV(e, CTLADDR));
    a->relay_host = pool_copy(&tr->pool, m, EV(e, RELAY_NAME));
    a->relay_ip = pool_copy(&tr->pool, m, EV(e, RELAY_IP));
    a->relay_port = (int)str_cut_number(EV(e, RELAY_PORT), 5).value;
    a->result = e->result;
    a->local = (e->flags & EVENT_LOCAL) != 0;
    a->stage = EV(e, PHASE).n ? e->stage : STAGE_UNKNOWN;
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
    o->tried = true;
    return good;
}

/* What an event says of a refusal, and its identity: the same in any file that holds the line. */
static struct refusal
refusal_of(struct tracker *tr, const struct event *e, const struct open_transit *o, str reply)
{
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
    r.refusal_id = second_id(&tr->refusal_ids, id, e->at, REFUSAL_IDS);
    struct session *s =
        EV(e, SESSION).n ? session_find(tr->sessions, e->host, session_number(e), false) : NULL;
    if (s && r.client_ip.n == 0 && r.client_name.n == 0) {
        r.client_name = session_client_name(s);
        r.client_ip = session_client_ip(s);
    }
    if (s && r.auth_user.n == 0)
        r.auth_user = session_auth_user(s);
    return r;
}

/* Exim and others log what they answered without its code, but not without its kind. */
static int
code_of(const struct refusal *r)
{
    if (r->code)
        return r->code;
    return str_eq(r->action, S("reject")) ? 550 : str_eq(r->action, S("defer")) ? 450 : 0;
}

bool
refusal_give(struct tracker *tr, struct refusal *r)
{
    struct sink *sink = tr->sink;
    if (tr->muted || sink->ops->refusal == NULL)
        return true;
    if (sink->classify)
        r->class = sink->classify(&(struct reply_context){
            .text = r->reply, .code = code_of(r), .enhanced = r->enhanced, .stage = r->stage });
    if (r->class.rule && r->code == 0 && str_starts(str_from(r->class.rule), S("code.")))
        r->class.rule = "none"; /* the reply has none */
    if (r->class.rule && (r->class.reason == REASON_NONE || r->class.reason == REASON_UNDEFINED)) {
        if (str_has(r->action, S("hold")) || str_has(r->action, S("quarantine")))
            r->class.reason = REASON_HELD;
        else if (str_eq(r->action, S("abort")))
            r->class.reason = REASON_CONNECTION_LOST;
        else if (str_eq(r->action, S("auth-failure")))
            r->class.reason = REASON_LOGIN_FAILED;
        else if (str_has(r->action, S("discard")))
            r->class.reason = r->stage == STAGE_CONTENT ? REASON_CONTENT_REFUSED : REASON_POLICY;
    }
    if (str_eq(r->action, S("unlogged")))
        r->class = (struct reply_class){
            .stage = r->stage,
            .reason = r->stage == STAGE_TLS ? REASON_TLS_REQUIRED : REASON_UNDEFINED,
            .rule = "session",
        };
    return sink->ops->refusal(sink, r);
}

bool
refusal_hand_out(struct tracker *tr, const struct event *e, const struct open_transit *o, str reply)
{
    struct refusal r = refusal_of(tr, e, o, reply);
    return refusal_give(tr, &r);
}

/* What waited: now it is known who it was. */
static bool
emit_refusal(struct tracker *tr, struct refusal *r, const struct open_transit *o)
{
    const struct transit *t = &o->t;
    if (r->client_ip.n == 0 && r->client_name.n == 0) {
        r->client_ip = t->client_ip;
        r->client_name = t->client_name;
    }
    if (!r->has_mail_from && t->has_mail_from) {
        r->mail_from = t->mail_from;
        r->has_mail_from = true;
    }
    if (r->auth_user.n == 0)
        r->auth_user = t->auth_user;
    if (r->message_id.n == 0)
        r->message_id = t->message_id;
    r->message_key = r->message_id.n ? hash_bytes(r->message_id) : 0;
    return refusal_give(tr, r);
}

bool
refusals_hand_out_awaiting(struct tracker *tr, struct open_transit *o)
{
    bool good = true;
    for (struct awaiting *w = o->awaiting; w && good; w = w->next)
        if (!w->if_sent || o->t.has_mail_from) {
            good = emit_refusal(tr, &w->r, o);
            if (!tr->muted && (tr->waited_since == WHEN_NONE || w->r.at < tr->waited_since))
                tr->waited_since = w->r.at;
        }
    o->awaiting = o->last_awaiting = NULL;
    o->nawaiting = 0;
    return good;
}

/* Its texts outlive the line. */
void
refusal_keep(struct tracker *tr, struct refusal *r, struct pool_chain *memory)
{
    str *texts[] = {
        &r->host,      &r->queue_id,  &r->message_id, &r->client_name, &r->client_ip, &r->helo,
        &r->mail_from, &r->recipient, &r->auth_user,  &r->action,      &r->enhanced,  &r->reply
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = pool_copy(&tr->pool, memory, *texts[i]);
}

bool
refusal_await(struct tracker *tr, struct open_transit *o, const struct refusal *r, bool if_sent)
{
    if (o->nawaiting >= MAX_AWAITING && !refusals_hand_out_awaiting(tr, o))
        return false;
    struct awaiting *w = pool_take(&tr->pool, &o->memory, sizeof *w);
    *w = (struct awaiting){ .r = *r, .if_sent = if_sent };
    refusal_keep(tr, &w->r, &o->memory);
    *(o->last_awaiting ? &o->last_awaiting->next : &o->awaiting) = w;
    o->last_awaiting = w;
    o->nawaiting++;
    return true;
}

bool
refusal_await_sender(struct tracker *tr, struct open_transit *o, const struct event *e, str reply)
{
    struct refusal r = refusal_of(tr, e, o, reply);
    return refusal_await(tr, o, &r, (e->flags & EVENT_LOST) != 0);
}

bool
take_refusal(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct session *s = e->pid ? session_find(tr->sessions, e->host, e->pid, false) : NULL;
    if (s)
        session_set_refused(s);
    if (o && (str_eq(EV(e, PHASE), S("DATA")) || str_eq(EV(e, PHASE), S("END-OF-MESSAGE"))) &&
        str_ends(EV(e, ACTION), S("reject")))
        o->denied = true;
    if (o && (e->flags & EVENT_MESSAGE_REFUSED))
        o->t.flags |= TRANSIT_REFUSED;
    if (o && (e->flags & EVENT_DISCARDED))
        o->t.flags |= TRANSIT_DISCARDED;
    if (o && (e->flags & EVENT_HELD))
        o->t.flags |= TRANSIT_HELD;
    if (o && (e->flags & (EVENT_MESSAGE_REFUSED | EVENT_DISCARDED)))
        open_start_closing(tr, o, e->at);
    /* A check of a field above the Message-ID: that comes with the next line, and names the message. */
    bool nameless =
        (e->flags & (EVENT_MESSAGE_REFUSED | EVENT_DISCARDED | EVENT_HELD)) && o && o->t.message_id.n == 0;
    if (o && ((e->flags & EVENT_AWAITS) || nameless))
        return refusal_await_sender(tr, o, e, EV(e, REPLY));
    if (o == NULL && parked_is_for(e)) {
        struct refusal r = refusal_of(tr, e, NULL, EV(e, REPLY));
        return parked_take(tr, e, &r);
    }
    return refusal_hand_out(tr, e, o, EV(e, REPLY));
}
