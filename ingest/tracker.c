/* Folds log events into transits, attempts and refusals while they are read.
 *
 * What a line means is the formats' business; how lines of one message belong
 * together is decided here.  Messages of several hosts are joined by analyze. */
#include "tracker.h"

#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "hash.h"
#include "pool.h"
#include "session.h"

/* TLS is looked for in a neighbouring file only so close to the edge. */
static const when EDGE_SPAN = 10 * WHEN_MINUTE;

/* A removed message stays this long (in the log's time) for lines that come out of order. */
static const when CLOSE_GRACE = 5 * WHEN_SECOND;

enum { TABLE_SIZE = 1 << 16 }; /* twice TRACKER_MAX_OPEN; a power of two */

struct open_attempt {
    struct open_attempt *next;
    struct attempt a; /* keys are set when it is handed out */
};

struct open_transit {
    struct open_transit *next_in_table;
    struct open_transit *newer, *older; /* by last event */
    struct open_transit *next_closing, *before_closing;
    uint64_t hash;
    struct transit t;
    struct pool_chain memory; /* its texts */
    struct open_attempt *attempts, *last_attempt;
    size_t nattempts;
    struct pool_chain attempt_memory;
    struct buf lines;  /* varints, see struct transit */
    uint64_t line_end; /* end of its latest line */
    when touched, closing_at;
    bool closing, dirty; /* dirty: something is not handed out yet */
    bool id_fixed;       /* transit_id was handed out: it stays */
};

struct tracker {
    struct sink *sink;
    bool muted;
    struct open_transit *table[TABLE_SIZE];
    struct open_transit *newest, *oldest, *spare;
    size_t nopen;
    struct open_transit *closing_first, *closing_last;
    struct pool pool;
    struct session_table *sessions;
    str host; /* of the event before, and its hash: mostly the same */
    char host_bytes[256];
    uint64_t host_hash;
    when refusal_second; /* ids given out within one second of the log */
    uint64_t refusal_ids[1024];
    size_t nrefusal_ids;
    when first_at, last_at; /* of the source's events */
};

struct tracker *
tracker_new(struct sink *sink)
{
    struct tracker *tr = xcalloc(1, sizeof *tr);
    tr->sink = sink;
    tr->sessions = session_table_new();
    tr->refusal_second = tr->first_at = tr->last_at = WHEN_NONE;
    return tr;
}

void
tracker_mute(struct tracker *tr, bool muted)
{
    tr->muted = muted;
}

/* Lists ------------------------------------------------------------------------------------------ */

static void
lru_unlink(struct tracker *tr, struct open_transit *o)
{
    *(o->newer ? &o->newer->older : &tr->newest) = o->older;
    *(o->older ? &o->older->newer : &tr->oldest) = o->newer;
    o->newer = o->older = NULL;
}

static void
lru_push(struct tracker *tr, struct open_transit *o)
{
    o->older = tr->newest;
    o->newer = NULL;
    *(tr->newest ? &tr->newest->newer : &tr->oldest) = o;
    tr->newest = o;
}

static void
table_unlink(struct tracker *tr, struct open_transit *o)
{
    struct open_transit **at = &tr->table[o->hash & (TABLE_SIZE - 1)];
    while (*at != o)
        at = &(*at)->next_in_table;
    *at = o->next_in_table;
}

static void
closing_unlink(struct tracker *tr, struct open_transit *o)
{
    *(o->before_closing ? &o->before_closing->next_closing : &tr->closing_first) = o->next_closing;
    *(o->next_closing ? &o->next_closing->before_closing : &tr->closing_last) = o->before_closing;
    o->next_closing = o->before_closing = NULL;
    o->closing = false;
}

static struct open_transit *
find_open(struct tracker *tr, uint64_t hash, str host, str queue_id)
{
    for (struct open_transit *o = tr->table[hash & (TABLE_SIZE - 1)]; o; o = o->next_in_table)
        if (o->hash == hash && str_eq(o->t.queue_id, queue_id) && str_eq(o->t.host, host))
            return o;
    return NULL;
}

static uint64_t
hash_host(struct tracker *tr, str host)
{
    if (tr->host_hash && str_eq(host, tr->host))
        return tr->host_hash;
    uint64_t hash = hash_bytes(host);
    if (host.n <= sizeof tr->host_bytes) {
        if (host.n)
            memcpy(tr->host_bytes, host.p, host.n);
        tr->host = str_of(tr->host_bytes, host.n);
        tr->host_hash = hash;
    }
    return hash;
}

static uint64_t
hash_id(struct tracker *tr, str host, str queue_id)
{
    return hash_more(hash_host(tr, host), queue_id);
}

/* Handing out -------------------------------------------------------------------------------------- */

static void
fix_keys(struct open_transit *o)
{
    struct transit *t = &o->t;
    if (!o->id_fixed) {
        uint64_t id = hash_more(hash_bytes(t->host), t->queue_id);
        t->transit_id = t->born_at != WHEN_NONE ? hash_more_int(id, when_second(t->born_at))
                                                : hash_more(hash_more_int(id, when_second(t->at)), S("part"));
        o->id_fixed = true;
    }
    t->message_key = t->message_id.n ? hash_bytes(t->message_id) : t->transit_id;
}

static bool
hand_out(struct tracker *tr, struct open_transit *o)
{
    struct sink *sink = tr->sink;
    bool good = true;
    if (!o->dirty)
        return true;
    fix_keys(o);
    o->t.lines = buf_str(&o->lines);
    if (!tr->muted) {
        good = sink->ops->transit == NULL || sink->ops->transit(sink, &o->t);
        for (struct open_attempt *a = o->attempts; a && good; a = a->next) {
            a->a.transit_id = o->t.transit_id;
            a->a.message_key = o->t.message_key;
            if (sink->classify && a->a.result != RESULT_SENT && a->a.result != RESULT_DISCARDED)
                a->a.class = sink->classify(&(struct reply_context){ .host = a->a.relay_host,
                                                                     .text = a->a.reply,
                                                                     .code = a->a.code,
                                                                     .enhanced = a->a.enhanced });
            good = sink->ops->attempt == NULL || sink->ops->attempt(sink, &a->a);
        }
    }
    pool_release(&tr->pool, &o->attempt_memory);
    o->attempts = o->last_attempt = NULL;
    o->nattempts = 0;
    o->lines.n = 0;
    o->dirty = false;
    return good;
}

static void
forget(struct tracker *tr, struct open_transit *o)
{
    if (o->closing)
        closing_unlink(tr, o);
    table_unlink(tr, o);
    lru_unlink(tr, o);
    pool_release(&tr->pool, &o->memory);
    pool_release(&tr->pool, &o->attempt_memory);
    struct buf keep = o->lines;
    keep.n = 0;
    *o = (struct open_transit){ .lines = keep, .next_in_table = tr->spare };
    tr->spare = o;
    tr->nopen--;
}

static bool
close_out(struct tracker *tr, struct open_transit *o)
{
    bool good = hand_out(tr, o);
    forget(tr, o);
    return good;
}

static void
start_closing(struct tracker *tr, struct open_transit *o, when at)
{
    if (o->closing)
        return;
    o->closing = true;
    o->closing_at = at;
    o->before_closing = tr->closing_last;
    *(tr->closing_last ? &tr->closing_last->next_closing : &tr->closing_first) = o;
    tr->closing_last = o;
}

/* A session that ended leaves a message that the queue may still take. */
static bool
is_done(const struct open_transit *o)
{
    return (o->t.flags & (TRANSIT_REMOVED | TRANSIT_REFUSED | TRANSIT_DISCARDED | TRANSIT_DELETED |
                          TRANSIT_REQUEUED | TRANSIT_LOST)) != 0 ||
           (o->t.flags & TRANSIT_ACTIVE) == 0;
}

static bool
close_old(struct tracker *tr, when now)
{
    struct open_transit *o;
    while ((o = tr->closing_first) != NULL && now - o->closing_at > CLOSE_GRACE) {
        closing_unlink(tr, o);
        if (is_done(o) && !close_out(tr, o))
            return false;
    }
    return true;
}

/* Opening ------------------------------------------------------------------------------------------ */

static struct open_transit *
new_open(struct tracker *tr, uint64_t hash, const struct event *e)
{
    struct open_transit *o = tr->spare;
    if (o)
        tr->spare = o->next_in_table;
    else
        o = xcalloc(1, sizeof *o);
    struct buf lines = o->lines;
    *o = (struct open_transit){ .lines = lines, .hash = hash };
    o->t = (struct transit){ .at = e->at,
                             .born_at = WHEN_NONE,
                             .active_at = WHEN_NONE,
                             .removed_at = WHEN_NONE,
                             .size = -1,
                             .nrcpt = -1 };
    o->t.host = pool_copy(&tr->pool, &o->memory, e->host);
    o->t.queue_id = pool_copy(&tr->pool, &o->memory, EV(e, QUEUE_ID));
    o->next_in_table = tr->table[hash & (TABLE_SIZE - 1)];
    tr->table[hash & (TABLE_SIZE - 1)] = o;
    lru_push(tr, o);
    tr->nopen++;
    return o;
}

/* Whether an event tells of another message than the one that has its queue id: short ids are given out
 * again as soon as a message is removed, also to those that are born without a line saying so (bounces,
 * local forwards).  A birth that comes late may still be of the message that is open. */
static bool
is_another(const struct open_transit *o, const struct event *e)
{
    const struct transit *t = &o->t;
    bool removed = (t->flags & TRANSIT_REMOVED) != 0;
    if (e->flags & EVENT_BIRTH)
        return removed || t->born_at != WHEN_NONE ||
               ((t->flags & TRANSIT_ACTIVE) && e->at - o->touched > CLOSE_GRACE);
    if (!removed || e->kind != EVENT_ARRIVAL)
        return false;
    bool active_again = (e->flags & EVENT_ACTIVE) && (t->flags & TRANSIT_ACTIVE) && e->at >= t->removed_at;
    bool other_id = EV(e, MESSAGE_ID).n && t->message_id.n && !str_eq(EV(e, MESSAGE_ID), t->message_id);
    return active_again || other_id;
}

/* The open message of an event's queue id; another one ends whatever had the id before. */
static struct open_transit *
open_for(struct tracker *tr, const struct event *e, bool *good)
{
    uint64_t hash = hash_id(tr, e->host, EV(e, QUEUE_ID));
    struct open_transit *o = find_open(tr, hash, e->host, EV(e, QUEUE_ID));
    if (o && is_another(o, e)) {
        *good = close_out(tr, o);
        o = NULL;
    }
    if (o == NULL) {
        if (tr->nopen >= TRACKER_MAX_OPEN && *good)
            *good = close_out(tr, tr->oldest);
        o = new_open(tr, hash, e);
    } else if (tr->newest != o) {
        lru_unlink(tr, o);
        lru_push(tr, o);
    }
    return o;
}

static void
put_varint(struct buf *b, uint64_t v)
{
    unsigned char bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (unsigned char)(v | 0x80);
    bytes[n++] = (unsigned char)v;
    buf_put(b, bytes, n);
}

/* Notes the line; the first one of a part is its origin. */
static void
note_line(struct open_transit *o, const struct event *e)
{
    enum { MAX_LINES_BYTES = 4096 };
    if (!o->dirty) {
        o->dirty = true;
        o->t.origin = (struct origin){ e->offset, e->length };
        o->t.at = e->at;
        o->line_end = e->offset;
    }
    if (e->at < o->t.at)
        o->t.at = e->at;
    if (o->lines.n < MAX_LINES_BYTES && e->offset >= o->line_end) { /* a line may tell several events */
        put_varint(&o->lines, e->offset - o->line_end);
        put_varint(&o->lines, e->length);
        o->line_end = e->offset + e->length;
    }
    o->touched = e->at;
    if (e->flags & EVENT_YEAR_ASSUMED)
        o->t.flags |= TRANSIT_YEAR_ASSUMED;
    if (e->flags & EVENT_ZONE_ASSUMED)
        o->t.flags |= TRANSIT_ZONE_ASSUMED;
    if (e->flags & EVENT_NO_TLS)
        o->t.flags |= TRANSIT_NO_TLS;
}

/* A fact whose connection began before this source: its TLS may stand in another one. */
static bool
want_tls(struct tracker *tr, const struct event *e, bool outgoing, str peer, uint64_t fact_id)
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
have_tls(void *ctx, const struct session *s, const struct session_info *info)
{
    struct tracker *tr = ctx;
    struct sink *sink = tr->sink;
    return sink->ops->edge(sink, &(struct session_edge){ .outgoing = info->outgoing,
                                                         .host = info->host,
                                                         .peer = session_peer(s),
                                                         .pid = info->pid,
                                                         .at = info->at,
                                                         .tls_version = session_tls_version(s),
                                                         .tls_cipher = session_tls_cipher(s) });
}

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

static void
take_birth(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct transit *t = &o->t;
    t->born_at = e->at;
    t->flags |= TRANSIT_BORN;
    keep(tr, o, &t->program, e->program);
    if (e->flags & EVENT_LOCAL)
        t->flags |= TRANSIT_LOCAL;
    if (e->pid == 0 || (e->flags & EVENT_LOCAL))
        return;
    struct session *s = session_find(tr->sessions, e->host, e->pid, false);
    if (s == NULL || session_is_headless(s)) {
        fix_keys(o);
        want_tls(tr, e, false, EV(e, CLIENT_IP), t->transit_id);
        s = session_get(tr->sessions, e->host, e->pid, false);
        session_set_headless(s);
    } else if (EV(e, TLS_VERSION).n == 0 && str_eq(session_peer(s), EV(e, CLIENT_IP))) {
        keep(tr, o, &t->tls_version, session_tls_version(s));
        keep(tr, o, &t->tls_cipher, session_tls_cipher(s));
    }
    session_set_queue_id(s, EV(e, QUEUE_ID));
}

static void
take_arrival(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    struct transit *t = &o->t;
    if (e->flags & EVENT_BIRTH)
        take_birth(tr, o, e);
    if (e->flags & EVENT_ACTIVE) {
        if (t->active_at == WHEN_NONE)
            t->active_at = e->at;
        t->flags = (t->flags | TRANSIT_ACTIVE) & ~(unsigned)TRANSIT_LOST; /* the queue has it after all */
    }
    if (e->flags & EVENT_HAS_MAIL_FROM) {
        t->has_mail_from = true;
        keep(tr, o, &t->mail_from, EV(e, MAIL_FROM));
        if (EV(e, MAIL_FROM).n == 0)
            t->flags |= TRANSIT_NULL_SENDER;
    }
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
}

/* A bounce that says which message it is about ("<= <> R=ID"): the notice of that one. */
static bool
notice_of_bounce(struct tracker *tr, const struct event *e)
{
    struct sink *sink = tr->sink;
    if (tr->muted || !str_eq(EV(e, ACTION), S("bounce")) || EV(e, DETAIL).n == 0 ||
        sink->ops->notification == NULL)
        return true;
    uint64_t hash = hash_id(tr, e->host, EV(e, DETAIL));
    struct open_transit *about = find_open(tr, hash, e->host, EV(e, DETAIL));
    if (about == NULL)
        return true; /* its own line tells in the file where it stands */
    fix_keys(about);
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

static double
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
        want_tls(tr, e, true, EV(e, RELAY_IP), a->attempt_id);
    if (a->tls_version.n || s == NULL || !str_eq(session_peer(s), EV(e, RELAY_IP)) || EV(e, RELAY_IP).n == 0)
        return;
    a->tls_version = pool_copy(&tr->pool, m, session_tls_version(s));
    a->tls_cipher = pool_copy(&tr->pool, m, session_tls_cipher(s));
}

static bool hand_out_refusal(struct tracker *, const struct event *, const struct open_transit *, str reply);

static bool
take_attempt(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    bool good = true;
    if (e->flags & EVENT_DISCARDED)
        o->t.flags |= TRANSIT_DISCARDED;
    if (EV(e, RECIPIENT).n == 0 && (e->flags & EVENT_DISCARDED)) { /* all of it, before any was tried */
        struct event dropped = *e;
        dropped.stage = str_has(e->text, S("ACL")) ? STAGE_ENVELOPE : STAGE_ROUTING;
        EV(&dropped, ACTION) = S("discard");
        return hand_out_refusal(tr, &dropped, o, e->text);
    }
    if (o->nattempts >= TRACKER_MAX_ATTEMPTS) {
        good = hand_out(tr, o);
        note_line(o, e);
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

static bool
hand_out_refusal(struct tracker *tr, const struct event *e, const struct open_transit *o, str reply)
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

static bool
take_refusal(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (o && (e->flags & EVENT_MESSAGE_REFUSED))
        o->t.flags |= TRANSIT_REFUSED;
    if (o && (e->flags & EVENT_DISCARDED))
        o->t.flags |= TRANSIT_DISCARDED;
    if (o && (e->flags & EVENT_HELD))
        o->t.flags |= TRANSIT_HELD;
    if (o && (e->flags & (EVENT_MESSAGE_REFUSED | EVENT_DISCARDED)))
        start_closing(tr, o, e->at);
    return hand_out_refusal(tr, e, o, EV(e, REPLY));
}

/* The MTA wrote the notification itself: no client, no pickup, its first line is its birth. */
static bool
bear_notification(struct tracker *tr, const struct event *e)
{
    bool good = true;
    struct event birth = *e;
    EV(&birth, QUEUE_ID) = EV(e, NEW_QUEUE_ID);
    uint64_t hash = hash_more(hash_bytes(e->host), EV(e, NEW_QUEUE_ID));
    struct open_transit *before = find_open(tr, hash, e->host, EV(e, NEW_QUEUE_ID));
    if (before && (before->t.flags & (TRANSIT_REMOVED | TRANSIT_BOUNCE)) == TRANSIT_REMOVED &&
        before->t.born_at != WHEN_NONE)
        good = close_out(tr, before); /* its id is given out again */
    struct open_transit *n = open_for(tr, &birth, &good);
    note_line(n, &birth);
    n->t.flags |= TRANSIT_BORN | TRANSIT_BOUNCE;
    if (n->t.born_at == WHEN_NONE && !n->id_fixed)
        n->t.born_at = n->t.at;
    return good;
}

static bool
take_notification(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (e->flags & EVENT_EXPIRED) {
        o->t.flags |= TRANSIT_EXPIRED;
        return true;
    }
    fix_keys(o);
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

static void
take_removal(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    if (e->flags & EVENT_FINAL_REMOVAL) {
        o->t.flags |= TRANSIT_REMOVED;
        o->t.removed_at = e->at;
    }
    if (e->flags & EVENT_DELETED) {
        o->t.flags |= TRANSIT_DELETED;
        o->t.removed_at = e->at;
    }
    if (e->flags & EVENT_REQUEUED) {
        o->t.flags |= TRANSIT_REQUEUED;
        o->t.removed_at = e->at;
    }
    if (e->flags & (EVENT_HELD | EVENT_FROZEN))
        o->t.flags |= TRANSIT_HELD;
    if (e->flags & EVENT_RELEASED)
        o->t.flags |= TRANSIT_RELEASED;
    if (e->flags & EVENT_MESSAGE_REFUSED)
        o->t.flags |= TRANSIT_REFUSED;
    if (is_done(o))
        start_closing(tr, o, e->at);
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
    struct open_transit *o = find_open(tr, hash, e->host, queue_id);
    if (o == NULL || (o->t.flags & TRANSIT_ACTIVE))
        return true;
    o->t.flags |= TRANSIT_LOST;
    note_line(o, e);
    start_closing(tr, o, e->at);
    struct event lost = *e;
    lost.stage = STAGE_DATA;
    EV(&lost, ACTION) = S("abort");
    return hand_out_refusal(tr, &lost, o, e->text);
}

static bool
take_session(struct tracker *tr, const struct event *e)
{
    if (e->pid == 0)
        return true;
    bool outgoing = (e->flags & EVENT_TO_REMOTE) != 0;
    if (e->flags & EVENT_TLS) {
        struct session *s = session_get(tr->sessions, e->host, e->pid, outgoing);
        session_set_tls(s, e->host, e->pid, e->at, outgoing ? EV(e, RELAY_IP) : EV(e, CLIENT_IP),
                        EV(e, TLS_VERSION), EV(e, TLS_CIPHER));
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
                find_open(tr, hash_more(hash_bytes(e->host), queue_id), e->host, queue_id);
            if (o && (o->t.flags & TRANSIT_ACTIVE) == 0)
                start_closing(tr, o, e->at);
        }
        if (s)
            session_clear(s);
    }
    return true;
}

/* Too much is kept: hands out what is known so far, and lets those go that were silent longest. */
static bool
make_room(struct tracker *tr)
{
    bool good = tracker_flush(tr, false);
    while (good && tr->oldest && pool_bytes(&tr->pool) > TRACKER_MAX_BYTES / 2)
        good = close_out(tr, tr->oldest);
    return good;
}

bool
tracker_event(struct tracker *tr, const struct event *e)
{
    bool good = close_old(tr, e->at);
    if (good && pool_bytes(&tr->pool) > TRACKER_MAX_BYTES)
        good = make_room(tr);
    if (!good)
        return false;
    if (tr->first_at == WHEN_NONE)
        tr->first_at = e->at;
    tr->last_at = e->at;
    if (e->kind == EVENT_SESSION && EV(e, QUEUE_ID).n == 0)
        return take_session(tr, e);
    struct open_transit *o = NULL;
    if (EV(e, QUEUE_ID).n) {
        o = open_for(tr, e, &good);
        note_line(o, e);
    }
    if (!good)
        return false;
    switch (e->kind) {
    case EVENT_ARRIVAL:
        if (o)
            take_arrival(tr, o, e);
        return notice_of_bounce(tr, e);
    case EVENT_ATTEMPT: return o == NULL || take_attempt(tr, o, e);
    case EVENT_REFUSAL: return take_refusal(tr, o, e);
    case EVENT_NOTIFICATION: return o == NULL || take_notification(tr, o, e);
    case EVENT_REMOVAL:
        if (o)
            take_removal(tr, o, e);
        return true;
    case EVENT_SESSION: return take_session(tr, e);
    default: return true;
    }
}

bool
tracker_flush(struct tracker *tr, bool at_end)
{
    bool good = true;
    for (struct open_transit *o = tr->oldest, *newer; o; o = newer) {
        newer = o->newer;
        good = good && hand_out(tr, o);
        if (at_end)
            forget(tr, o);
    }
    if (good && at_end && !tr->muted && tr->last_at != WHEN_NONE && tr->sink->ops->edge)
        good = session_each_tls(tr->sessions, tr->last_at - EDGE_SPAN, have_tls, tr);
    return good;
}

void
tracker_free(struct tracker *tr)
{
    if (tr == NULL)
        return;
    while (tr->oldest)
        forget(tr, tr->oldest);
    for (struct open_transit *o = tr->spare, *next; o; o = next) {
        next = o->next_in_table;
        buf_free(&o->lines);
        free(o);
    }
    pool_free(&tr->pool);
    session_table_free(tr->sessions);
    free(tr);
}
