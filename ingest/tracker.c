/* Folds log events into transits, attempts and refusals while they are read.
 *
 * What a line means is the formats' business; how lines of one message belong
 * together is decided here.  Messages of several hosts are joined by analyze. */
#include "tracker.h"

#include <stdlib.h>

#include "hash.h"
#include "tracker_impl.h"

struct tracker *
tracker_new(struct sink *sink)
{
    struct tracker *tr = xcalloc(1, sizeof *tr);
    const struct sink_ops *to = sink->ops;
    tr->sink = sink;
    tr->unheard =
        !to->transit && !to->attempt && !to->refusal && !to->verdict && !to->notification && !to->edge;
    tr->sessions = session_table_new();
    tr->refusal_ids.second = tr->verdict_ids.second = tr->first_at = tr->last_at = tr->tls_told_at =
        tr->waited_since = WHEN_NONE;
    return tr;
}

void
tracker_mute(struct tracker *tr, bool muted)
{
    for (size_t i = 0; tr->muted && !muted && i < MAX_PARKED && tr->nparked;
         i++) /* told already by the run before */
        if (tr->parked[i].owner)
            parked_release(tr, &tr->parked[i]);
    tr->muted = muted;
}
/* So long a verdict waits for the message it is about. */
static const when LOOSE_SPAN = 60 * WHEN_SECOND;

/* Events ------------------------------------------------------------------------------------------- */

static void
keep(struct tracker *tr, struct open_transit *o, str *into, str value)
{
    if (value.n && !str_eq(*into, value))
        *into = pool_copy(&tr->pool, &o->memory, value);
}

static void
keep_number(int64_t *into, str value)
{
    uint64_t v;
    if (str_to_u64(value, &v) && v <= INT64_MAX)
        *into = (int64_t)v;
}

/* A log that names its sessions tells of the client when it connects. */
static void
take_birth_in_session(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct transit *t = &o->t;
    struct session *s = session_find(tr->sessions, e->host, session_number(e), false);
    if (s == NULL)
        return;
    keep(tr, o, &t->client_name, session_client_name(s));
    keep(tr, o, &t->client_ip, session_client_ip(s));
    keep(tr, o, &t->auth_user, session_auth_user(s));
    keep(tr, o, &t->tls_version, session_tls_version(s));
    keep(tr, o, &t->tls_cipher, session_tls_cipher(s));
    if (session_is_local(s))
        t->flags |= TRANSIT_LOCAL;
}

static void
take_birth(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct transit *t = &o->t;
    t->born_at = e->at;
    t->flags |= TRANSIT_BORN;
    keep(tr, o, &t->program, e->program);
    if (e->flags & EVENT_LOCAL)
        t->flags |= TRANSIT_LOCAL;
    if (EV(e, SESSION).n) {
        take_birth_in_session(tr, o, e);
        return;
    }
    if (e->pid == 0 || (e->flags & EVENT_LOCAL))
        return;
    struct session *s = session_find(tr->sessions, e->host, e->pid, false);
    if (s == NULL || session_is_headless(s)) {
        open_fix_keys(o);
        tls_want(tr, e, false, EV(e, CLIENT_IP), t->transit_id);
        s = session_get(tr->sessions, e->host, e->pid, false);
        session_set_headless(s);
    } else if (EV(e, TLS_VERSION).n == 0 && str_eq(session_peer(s), EV(e, CLIENT_IP))) {
        keep(tr, o, &t->tls_version, session_tls_version(s));
        keep(tr, o, &t->tls_cipher, session_tls_cipher(s));
    }
    keep(tr, o, &t->auth_user, session_auth_user(s));
    session_set_queue_id(s, EV(e, QUEUE_ID));
}

static bool
take_arrival(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct transit *t = &o->t;
    if (e->flags & EVENT_BIRTH)
        take_birth(tr, o, e);
    if ((e->flags & EVENT_BIRTH) && tr->nparked && !parked_claim(tr, o, e))
        return false;
    /* A birth told after the loss is how some MTAs drop the message. */
    bool dropped = (e->flags & EVENT_BIRTH) && (t->flags & (TRANSIT_LOST | TRANSIT_REFUSED));
    if (e->flags & EVENT_MESSAGE_REFUSED)
        t->flags |= TRANSIT_REFUSED;
    if (dropped || (e->flags & EVENT_MESSAGE_REFUSED))
        open_start_closing(tr, o, e->at);
    if ((e->flags & EVENT_ACTIVE) && !dropped) {
        if (t->active_at == WHEN_NONE)
            t->active_at = e->at;
        t->flags = (t->flags | TRANSIT_ACTIVE) & ~(unsigned)TRANSIT_LOST; /* the queue has it after all */
    }
    if (e->flags & EVENT_HAS_MAIL_FROM) {
        t->has_mail_from = true;
        keep(tr, o, &t->mail_from, EV(e, MAIL_FROM));
        if (EV(e, MAIL_FROM).n == 0)
            t->flags |= TRANSIT_NULL_SENDER;
        if (EV(e, MAIL_FROM).n == 0 && EV(e, SESSION).n && (t->flags & TRANSIT_LOCAL))
            t->flags |= TRANSIT_BOUNCE; /* the MTA's own, through its own door */
    }
    if (e->named.n && o->named.n == 0)
        o->named = pool_copy(&tr->pool, &o->memory, str_head(e->named, MAX_NAMED));
    keep(tr, o, &t->message_id, EV(e, MESSAGE_ID));
    keep(tr, o, &t->client_name, EV(e, CLIENT_NAME));
    keep(tr, o, &t->client_ip, EV(e, CLIENT_IP));
    keep(tr, o, &t->helo, EV(e, HELO));
    keep(tr, o, &t->auth_user, EV(e, AUTH_USER));
    keep(tr, o, &t->protocol, EV(e, PROTOCOL));
    keep(tr, o, &t->tls_version, EV(e, TLS_VERSION));
    keep(tr, o, &t->tls_cipher, EV(e, TLS_CIPHER));
    keep(tr, o, &t->orig_queue_id, EV(e, ORIG_QUEUE_ID));
    keep_number(&t->size, EV(e, SIZE));
    keep_number(&t->nrcpt, EV(e, NRCPT));
    if (str_eq(EV(e, ACTION), S("bounce")))
        t->flags |= TRANSIT_BOUNCE;
    if (str_eq(EV(e, ACTION), S("clone")) && t->message_id.n == 0) { /* the same message in two envelopes */
        uint64_t hash = open_hash(tr, e->host, EV(e, ORIG_QUEUE_ID));
        const struct open_transit *other = open_find(tr, hash, e->host, EV(e, ORIG_QUEUE_ID));
        if (other)
            keep(tr, o, &t->message_id, other->t.message_id);
    }
    return true;
}

/* A bounce that says which message it is about ("<= <> R=ID"): the notice of that one. */
static bool
notice_of_bounce(struct tracker *tr, const struct event *e)
{
    struct sink *sink = tr->sink;
    if (tr->muted || !str_eq(EV(e, ACTION), S("bounce")) || EV(e, DETAIL).n == 0 ||
        sink->ops->notification == NULL)
        return true;
    uint64_t hash = open_hash(tr, e->host, EV(e, DETAIL));
    struct open_transit *about = open_find(tr, hash, e->host, EV(e, DETAIL));
    if (about == NULL)
        return true; /* its own line tells in the file where it stands */
    open_fix_keys(about);
    struct notification n = { .transit_id = about->t.transit_id,
                              .message_key = about->t.message_key,
                              .at = e->at,
                              .host = e->host,
                              .queue_id = EV(e, DETAIL),
                              .new_queue_id = EV(e, QUEUE_ID),
                              .type = S("bounce"),
                              .origin = { e->offset, e->length } };
    return sink->ops->notification(sink, &n);
}

/* The MTA wrote the notification itself: no client, no pickup, its first line is its birth. */
static bool
bear_notification(struct tracker *tr, const struct event *e)
{
    bool good = true;
    struct event birth = *e;
    EV(&birth, QUEUE_ID) = EV(e, NEW_QUEUE_ID);
    uint64_t hash = hash_more(hash_bytes(e->host), EV(e, NEW_QUEUE_ID));
    struct open_transit *before = open_find(tr, hash, e->host, EV(e, NEW_QUEUE_ID));
    if (before && (before->t.flags & (TRANSIT_REMOVED | TRANSIT_BOUNCE)) == TRANSIT_REMOVED &&
        before->t.born_at != WHEN_NONE)
        good = open_close(tr, before); /* its id is given out again */
    struct open_transit *n = open_for(tr, &birth, &good);
    open_note_line(tr, n, &birth);
    n->t.flags |= TRANSIT_BORN | TRANSIT_BOUNCE;
    if (!n->t.has_mail_from) { /* RFC 3464 2: sent from the null address, said or not */
        n->t.has_mail_from = true;
        n->t.flags |= TRANSIT_NULL_SENDER;
    }
    if (n->t.born_at == WHEN_NONE && !n->id_fixed)
        n->t.born_at = n->t.at;
    return good;
}

static bool
take_notification(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (e->flags & EVENT_EXPIRED)
        o->t.flags |= TRANSIT_EXPIRED;
    if ((e->flags & EVENT_EXPIRED) && EV(e, NEW_QUEUE_ID).n == 0)
        return true;
    if (EV(e, REPLY).n && !o->tried && !str_has(EV(e, ACTION), S("notify")) && !take_returned(tr, o, e))
        return false;
    open_fix_keys(o);
    struct sink *sink = tr->sink;
    struct notification n = {
        .transit_id = o->t.transit_id,
        .message_key = o->t.message_key,
        .at = e->at,
        .host = e->host,
        .queue_id = EV(e, QUEUE_ID),
        .new_queue_id = EV(e, NEW_QUEUE_ID),
        .type = EV(e, ACTION),
        .origin = { e->offset, e->length },
    };
    if (n.new_queue_id.n && !bear_notification(tr, e))
        return false;
    return tr->muted || sink->ops->notification == NULL || sink->ops->notification(sink, &n);
}

static bool
take_removal(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (e->flags & EVENT_FINAL_REMOVAL) {
        o->t.flags |= TRANSIT_REMOVED;
        o->t.removed_at = e->at;
    }
    if (e->flags & EVENT_DISCARDED)
        o->t.flags |= TRANSIT_DISCARDED;
    if (e->flags & EVENT_DELETED) {
        o->t.flags |= TRANSIT_DELETED;
        o->t.removed_at = e->at;
    }
    if (e->flags & EVENT_REQUEUED) {
        o->t.flags |= TRANSIT_REQUEUED;
        o->t.removed_at = e->at;
    }
    if ((e->flags & EVENT_FROZEN) && !take_freeze(tr, o, e))
        return false;
    if (e->flags & (EVENT_HELD | EVENT_FROZEN))
        o->t.flags |= TRANSIT_HELD;
    if (e->flags & EVENT_RELEASED)
        o->t.flags |= TRANSIT_RELEASED;
    if (e->flags & EVENT_MESSAGE_REFUSED)
        o->t.flags |= TRANSIT_REFUSED;
    if (open_is_done(o))
        open_start_closing(tr, o, e->at);
    return true;
}

/* Too much is kept: hands out what is known so far, and lets those go that were silent longest. */
static bool
make_room(struct tracker *tr)
{
    bool good = tracker_flush(tr, false);
    while (good && tr->oldest && pool_bytes(&tr->pool) > TRACKER_MAX_BYTES / 2)
        good = open_close(tr, tr->oldest);
    return good;
}

/* Refused on the way or broken off, perhaps all of it: that alone makes no message. */
static bool
tells_of_none(const struct event *e)
{
    if (e->kind == EVENT_ARRIVAL)
        return (e->flags & EVENT_MESSAGE_REFUSED) != 0;
    return (e->flags & EVENT_AWAITS) != 0;
}

bool
tracker_event(struct tracker *tr, const struct event *e)
{
    if (tr->unheard)
        return true;
    bool good = open_close_old(tr, e->at);
    if (good && pool_bytes(&tr->pool) > TRACKER_MAX_BYTES)
        good = make_room(tr);
    if (!good)
        return false;
    if (tr->first_at == WHEN_NONE)
        tr->first_at = e->at;
    tr->last_at = e->at;
    if (tr->nloose && !loose_hand_out(tr, e->at - LOOSE_SPAN))
        return false;
    if (e->kind == EVENT_SESSION && EV(e, QUEUE_ID).n == 0)
        return take_session(tr, e);
    if (e->kind == EVENT_FILTER || e->kind == EVENT_AUTH || e->kind == EVENT_FILING ||
        e->kind == EVENT_ENGAGEMENT)
        return take_verdict(tr, e);
    struct open_transit *o = NULL;
    if (EV(e, QUEUE_ID).n) {
        o = open_for(tr, e, &good);
        o->touched = e->at;
        if (!tells_of_none(e))
            open_note_line(tr, o, e);
        if (tr->nloose_ids)
            good = good && loose_claim_by_id(tr, o);
    }
    if (!good)
        return false;
    switch (e->kind) {
    case EVENT_ARRIVAL:
        if (o && !take_arrival(tr, o, e))
            return false;
        if (o && tr->nloose && (e->flags & EVENT_HAS_MAIL_FROM) && !loose_claim_by_client(tr, o))
            return false;
        return notice_of_bounce(tr, e);
    case EVENT_ATTEMPT:
        if (o && tr->nloose_sessions && !loose_claim_by_session(tr, o, EV(e, REPLY)))
            return false;
        return o == NULL || take_attempt(tr, o, e);
    case EVENT_REFUSAL: return take_refusal(tr, o, e);
    case EVENT_NOTIFICATION: return o == NULL || take_notification(tr, o, e);
    case EVENT_REMOVAL: return o == NULL || take_removal(tr, o, e);
    case EVENT_SESSION: return e->flags & EVENT_AWAITS ? take_lost_message(tr, o, e) : take_session(tr, e);
    default: return true;
    }
}

bool
tracker_flush(struct tracker *tr, bool at_end)
{
    bool good = parked_hand_out(tr, WHEN_NONE);
    for (struct open_transit *o = tr->oldest, *newer; o; o = newer) {
        newer = o->newer;
        good = good && open_hand_out(tr, o);
        if (at_end)
            open_forget(tr, o);
    }
    if (good && at_end && tr->nloose)
        good = loose_hand_out(tr, WHEN_NONE);
    return good && (!at_end || tls_hand_out_edges(tr));
}

bool
tracker_hand_out(struct tracker *tr)
{
    tr->keeps_awaiting = true;
    bool good = tracker_flush(tr, false);
    tr->keeps_awaiting = false;
    return good && tls_hand_out_new(tr);
}

size_t
tracker_kept_back(const struct tracker *tr, struct origin *lines, size_t most)
{
    size_t n = 0;
    for (const struct loose_verdict *l = tr->loose; l && n < most; l = l->next)
        lines[n++] = l->v.origin;
    for (const struct open_transit *o = tr->newest; o; o = o->older)
        for (const struct awaiting *w = o->awaiting; w && n < most; w = w->next)
            lines[n++] = w->r.origin;
    return n;
}

when
tracker_waited_since(struct tracker *tr)
{
    when since = tr->waited_since;
    tr->waited_since = WHEN_NONE;
    return since;
}

void
tracker_begin(struct tracker *tr)
{
    tr->first_at = WHEN_NONE;
}

void
tracker_free(struct tracker *tr)
{
    if (tr == NULL)
        return;
    while (tr->oldest)
        open_forget(tr, tr->oldest);
    for (struct open_transit *o = tr->spare; o; o = o->next_in_table)
        buf_free(&o->told);
    arena_free(&tr->opens);
    loose_free(tr);
    pool_free(&tr->pool);
    session_table_free(tr->sessions);
    free(tr);
}
