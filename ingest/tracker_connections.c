/* Connections: TLS that is told on a line of its own, clients that break off. */
#include "hash.h"
#include "tracker_impl.h"

/* TLS is looked for in a neighbouring file only so close to the edge. */
static const when EDGE_SPAN = 10 * WHEN_MINUTE;

/* What tells sessions apart: their own name, else the process. */
int64_t
session_number(const struct event *e)
{
    uint64_t hash = EV(e, SESSION).n ? hash_bytes(EV(e, SESSION)) : 0;
    return hash ? (int64_t)(hash >> 2) : e->pid;
}

/* A fact whose connection began before this source: its TLS may stand in another one. */
bool
tls_want(struct tracker *tr, const struct event *e, bool outgoing, str peer, uint64_t fact_id)
{
    struct sink *sink = tr->sink;
    if (tr->muted || sink->ops->edge == NULL || e->pid == 0 || peer.n == 0 ||
        e->at - tr->first_at > EDGE_SPAN)
        return true;
    return sink->ops->edge(sink, &(struct session_edge){ .wanted = true,
                                                         .outgoing = outgoing,
                                                         .host = e->host,
                                                         .peer = peer,
                                                         .pid = e->pid,
                                                         .at = e->at,
                                                         .fact_id = fact_id });
}

static bool
tls_have(void *ctx, const struct session *s, const struct session_info *info)
{
    struct tracker *tr = ctx;
    struct sink *sink = tr->sink;
    return sink->ops->edge(sink, &(struct session_edge){ .outgoing = info->outgoing,
                                                         .going_on = tr->goes_on,
                                                         .host = info->host,
                                                         .peer = session_peer(s),
                                                         .pid = info->pid,
                                                         .at = info->at,
                                                         .tls_version = session_tls_version(s),
                                                         .tls_cipher = session_tls_cipher(s) });
}

/* A client that broke off inside a transaction: the message never got into the queue. */
static bool
take_lost(struct tracker *tr, const struct event *e)
{
    struct session *s = session_find(tr->sessions, e->host, e->pid, false);
    str queue_id = EV(e, QUEUE_ID).n ? EV(e, QUEUE_ID) : s ? session_queue_id(s) : (str){ 0 };
    str phase = EV(e, PHASE);
    bool in_data = str_eq(phase, S("DATA")) || str_eq(phase, S("BDAT")); /* after its end it was taken */
    if (!in_data || queue_id.n == 0)
        return true;
    uint64_t hash = hash_more(hash_bytes(e->host), queue_id);
    struct open_transit *o = open_find(tr, hash, e->host, queue_id);
    if (o == NULL || o->denied || (o->t.flags & TRANSIT_ACTIVE))
        return true;
    o->t.flags |= TRANSIT_LOST;
    open_note_line(tr, o, e);
    open_start_closing(tr, o, e->at);
    struct event lost = *e;
    lost.stage = STAGE_DATA;
    EV(&lost, ACTION) = S("abort");
    return refusal_hand_out(tr, &lost, o, without_id(e));
}

/* The line names the message; its sender's line follows if there was one. */
bool
take_lost_message(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (o->t.flags & TRANSIT_ACTIVE)
        return true;
    bool again = (o->t.flags & TRANSIT_LOST) != 0;
    o->t.flags |= TRANSIT_LOST;
    struct event lost = *e;
    lost.stage = str_eq(EV(e, PHASE), S("DATA")) ? STAGE_DATA : STAGE_ENVELOPE;
    EV(&lost, ACTION) = S("abort");
    return again || refusal_await_sender(tr, o, &lost, EV(e, REPLY).n ? EV(e, REPLY) : without_id(e));
}

/* Postfix logs no reply to a MAIL that comes before STARTTLS or AUTH where it wants them: only the counts at the
 * end of the session tell ("ehlo=1 mail=0/1").  So for services that clients log in to, where users miss a mail. */
static bool
take_unlogged(struct tracker *tr, const struct event *e, const struct session *s)
{
    str counts = EV(e, DETAIL);
    bool for_users = str_has(e->program, S("submission")) || str_has(e->program, S("smtps"));
    if (!for_users || session_is_refused(s) || !str_has(counts, S("mail=0/")) || str_has(counts, S("auth=")))
        return true;
    struct event refused = *e;
    bool tls = str_has(counts, S("starttls=1")) || session_tls_version(s).n ||
               str_has(e->program, S("smtps")) || str_has(e->program, S("submissions"));
    refused.stage = tls ? STAGE_SUBMISSION : STAGE_TLS;
    EV(&refused, ACTION) = S("unlogged");
    return refusal_hand_out(tr, &refused, NULL, e->text);
}

static void
remember_client(struct tracker *tr, const struct event *e)
{
    struct session *s = session_get(tr->sessions, e->host, session_number(e), false);
    if (str_eq(EV(e, ACTION), S("connect"))) {
        session_clear(s);
        session_set_client(s, EV(e, CLIENT_NAME), EV(e, CLIENT_IP), (e->flags & EVENT_LOCAL) != 0);
    } else if (str_eq(EV(e, ACTION), S("auth"))) {
        session_set_auth_user(s, EV(e, AUTH_USER));
    }
}

/* Sessions that the log gives a name. */
static bool
take_named_session(struct tracker *tr, const struct event *e)
{
    bool outgoing = (e->flags & EVENT_TO_REMOTE) != 0;
    if (e->flags & EVENT_TLS)
        session_set_tls(session_get(tr->sessions, e->host, session_number(e), outgoing), e->host, 0, e->at,
                        (str){ 0 }, EV(e, TLS_VERSION), EV(e, TLS_CIPHER));
    else if (outgoing && str_eq(EV(e, ACTION), S("connect")))
        session_clear(session_get(tr->sessions, e->host, session_number(e), true));
    else if (!outgoing)
        remember_client(tr, e);
    return true;
}

bool
take_session(struct tracker *tr, const struct event *e)
{
    if (e->pid == 0 && EV(e, SESSION).n == 0)
        return true;
    if (EV(e, SESSION).n && !(e->flags & EVENT_LOST))
        return take_named_session(tr, e);
    if (str_eq(EV(e, ACTION), S("auth")) && EV(e, AUTH_USER).n)
        session_set_auth_user(session_get(tr->sessions, e->host, e->pid, false), EV(e, AUTH_USER));
    bool outgoing = (e->flags & EVENT_TO_REMOTE) != 0;
    if (e->flags & EVENT_TLS) {
        struct session *s = session_get(tr->sessions, e->host, e->pid, outgoing);
        str peer = outgoing ? EV(e, RELAY_IP) : EV(e, CLIENT_IP);
        if (peer.n == 0 && outgoing)
            peer = EV(e, RELAY_NAME);
        session_set_tls(s, e->host, e->pid, e->at, peer, EV(e, TLS_VERSION), EV(e, TLS_CIPHER));
        return true;
    }
    if (e->flags & EVENT_LOST)
        return take_lost(tr, e);
    if (!outgoing && str_eq(EV(e, ACTION), S("connect")) && EV(e, CLIENT_NAME).n) {
        session_clear(session_get(tr->sessions, e->host, e->pid, false));
        return true;
    }
    if (e->flags & EVENT_DISCONNECT) {
        struct session *s = session_find(tr->sessions, e->host, e->pid, false);
        str queue_id = s ? session_queue_id(s) : (str){ 0 };
        if (queue_id.n) {
            struct open_transit *o =
                open_find(tr, hash_more(hash_bytes(e->host), queue_id), e->host, queue_id);
            if (o && (o->t.flags & TRANSIT_ACTIVE) == 0)
                open_start_closing(tr, o, e->at);
        }
        bool good = s == NULL || session_is_headless(s) || take_unlogged(tr, e, s);
        if (s)
            session_clear(s);
        return good;
    }
    return true;
}

bool
tls_hand_out_edges(struct tracker *tr)
{
    if (tr->muted || tr->last_at == WHEN_NONE || tr->sink->ops->edge == NULL)
        return true;
    return session_each_tls(tr->sessions, tr->last_at - EDGE_SPAN, tls_have, tr);
}

bool
tls_hand_out_new(struct tracker *tr)
{
    if (tr->muted || tr->last_at == WHEN_NONE || tr->sink->ops->edge == NULL)
        return true;
    when since = tr->last_at - EDGE_SPAN;
    if (tr->tls_told_at != WHEN_NONE && tr->tls_told_at > since)
        since = tr->tls_told_at;
    tr->tls_told_at = tr->last_at;
    tr->goes_on = true;
    bool good = session_each_tls(tr->sessions, since, tls_have, tr);
    tr->goes_on = false;
    return good;
}
