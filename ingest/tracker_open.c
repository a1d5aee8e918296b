/* Messages that are open while a log is read: found by host and queue id, handed out as transits with
 * their attempts when they are done, when too many are open, or at the end. */
#include <stdlib.h>

#include "hash.h"
#include "tracker_impl.h"

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

struct open_transit *
open_find(struct tracker *tr, uint64_t hash, str host, str queue_id)
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

uint64_t
open_hash(struct tracker *tr, str host, str queue_id)
{
    return hash_more(hash_host(tr, host), queue_id);
}

/* Handing out -------------------------------------------------------------------------------------- */

void
open_fix_keys(struct open_transit *o)
{
    struct transit *t = &o->t;
    if (!o->id_fixed) {
        t->transit_id = t->born_at != WHEN_NONE
                            ? hash_more_int(o->hash, when_second(t->born_at))
                            : hash_more(hash_more_int(o->hash, when_second(t->at)), S("part"));
        o->id_fixed = true;
    }
    t->message_key = t->message_id.n ? hash_bytes(t->message_id) : t->transit_id;
}

bool
open_hand_out(struct tracker *tr, struct open_transit *o)
{
    struct sink *sink = tr->sink;
    bool good = o->awaiting == NULL || tr->keeps_awaiting || refusals_hand_out_awaiting(tr, o);
    if (!o->dirty)
        return good;
    open_fix_keys(o);
    o->t.lines = buf_str(&o->lines);
    if (o->verdicts)
        good = verdicts_hand_out(tr, o) && good;
    if (!tr->muted) {
        good = good && (sink->ops->transit == NULL || sink->ops->transit(sink, &o->t));
        for (struct open_attempt *a = o->attempts; a && good; a = a->next) {
            a->a.transit_id = o->t.transit_id;
            a->a.message_key = o->t.message_key;
            if (sink->classify && a->a.result != RESULT_SENT && a->a.result != RESULT_DISCARDED)
                a->a.class = sink->classify(&(struct reply_context){ .host = a->a.relay_host,
                                                                     .text = a->a.reply,
                                                                     .code = a->a.code,
                                                                     .enhanced = a->a.enhanced,
                                                                     .stage = a->a.stage });
            good = sink->ops->attempt == NULL || sink->ops->attempt(sink, &a->a);
        }
    }
    if (tr->keeps_awaiting && o->attempts)
        attempts_remember(o);
    pool_release(&tr->pool, &o->attempt_memory);
    o->attempts = o->last_attempt = NULL;
    o->nattempts = 0;
    o->said = (struct buf){ 0 };
    memset(o->said_bits, 0, sizeof o->said_bits);
    o->lines.n = 0;
    o->dirty = false;
    return good;
}

void
open_forget(struct tracker *tr, struct open_transit *o)
{
    if (o->closing)
        closing_unlink(tr, o);
    table_unlink(tr, o);
    lru_unlink(tr, o);
    pool_release(&tr->pool, &o->memory);
    pool_release(&tr->pool, &o->attempt_memory);
    o->next_in_table = tr->spare;
    tr->spare = o;
    tr->nopen--;
}

bool
open_close(struct tracker *tr, struct open_transit *o)
{
    bool good = open_hand_out(tr, o);
    open_forget(tr, o);
    return good;
}

void
open_start_closing(struct tracker *tr, struct open_transit *o, when at)
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
bool
open_is_done(const struct open_transit *o)
{
    return (o->t.flags & (TRANSIT_REMOVED | TRANSIT_REFUSED | TRANSIT_DISCARDED | TRANSIT_DELETED |
                          TRANSIT_REQUEUED | TRANSIT_LOST)) != 0 ||
           (o->t.flags & TRANSIT_ACTIVE) == 0;
}

bool
open_close_old(struct tracker *tr, when now)
{
    struct open_transit *o;
    while ((o = tr->closing_first) != NULL && now - o->closing_at > CLOSE_GRACE) {
        closing_unlink(tr, o);
        if (open_is_done(o) && !open_close(tr, o))
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
        o = ARENA_NEW(&tr->opens, struct open_transit);
    struct buf told = o->told; /* its memory is used again */
    told.n = 0;
    *o = (struct open_transit){ .told = told,
                                .hash = hash,
                                .t = { .at = e->at,
                                       .born_at = WHEN_NONE,
                                       .active_at = WHEN_NONE,
                                       .removed_at = WHEN_NONE,
                                       .size = -1,
                                       .nrcpt = -1 } };
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
    if ((e->flags & EVENT_BIRTH) && EV(e, SESSION).n && t->born_at != WHEN_NONE &&
        e->at - t->born_at <= CLOSE_GRACE) /* told once for each recipient */
        return false;
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
struct open_transit *
open_for(struct tracker *tr, const struct event *e, bool *good)
{
    uint64_t hash = open_hash(tr, e->host, EV(e, QUEUE_ID));
    struct open_transit *o = open_find(tr, hash, e->host, EV(e, QUEUE_ID));
    if (o && is_another(o, e)) {
        *good = open_close(tr, o);
        o = NULL;
    }
    if (o == NULL) {
        if (tr->nopen >= TRACKER_MAX_OPEN && *good)
            *good = open_close(tr, tr->oldest);
        o = new_open(tr, hash, e);
    } else if (tr->newest != o) {
        lru_unlink(tr, o);
        lru_push(tr, o);
    }
    return o;
}

static size_t
varint(unsigned char *to, uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        to[n++] = (unsigned char)(v | 0x80);
    to[n++] = (unsigned char)v;
    return n;
}

/* Notes the line; the first one of a part is its origin. */
void
open_note_line(struct tracker *tr, struct open_transit *o, const struct event *e)
{
    enum { MAX_LINES_BYTES = 4096, VARINT = 10 };
    if (!o->dirty) {
        o->dirty = true;
        o->t.origin = (struct origin){ e->offset, e->length };
        o->t.at = e->at;
        o->line_end = e->offset;
    }
    if (e->at < o->t.at)
        o->t.at = e->at;
    if (o->lines.n < MAX_LINES_BYTES && e->offset >= o->line_end) { /* a line may tell several events */
        unsigned char pair[2 * VARINT];
        size_t n = varint(pair, e->offset - o->line_end);
        n += varint(pair + n, e->length);
        pool_append(&tr->pool, &o->memory, &o->lines, pair, n);
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
