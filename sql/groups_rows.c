/* Rows of analyze: groups read from ordered streams, journeys written. */
#include <math.h>

#include "groups_impl.h"

bool
stream_next(struct stream *s, struct diag *d)
{
    str row;
    struct diag own = { 0 };
    do {
        if (!db_copy_next(s->db, &row, &own)) {
            s->ended = true;
            if (own.code != 0 && d)
                *d = own;
            return own.code == 0;
        }
    } while (!pgread_begin(&s->row, row));
    s->key = pgread_int(&s->row, 0);
    return true;
}

static str
keep(struct arena *a, struct pgread *r)
{
    str s = pgread_text(r, NULL);
    return s.n ? arena_copy(a, s) : s;
}

/* Where nothing is linked by hand the server need not send the root, which is the transit, nor the key twice. */
static void
read_transit(struct arena *a, struct pgread *r, struct group *g)
{
    struct group_transit gt = { .root_id = (uint64_t)pgread_int(r, 0) };
    struct transit *t = &gt.t;
    bool null;
    t->transit_id = (uint64_t)pgread_int(r, 0);
    t->message_key = (uint64_t)pgread_int(r, (int64_t)g->key);
    gt.root_id = gt.root_id ? gt.root_id : t->transit_id;
    t->at = pgread_when(r);
    t->born_at = pgread_when(r);
    t->active_at = WHEN_NONE;
    t->removed_at = pgread_when(r);
    t->host = keep(a, r);
    t->queue_id = keep(a, r);
    t->message_id = keep(a, r);
    str from = pgread_text(r, &null);
    t->mail_from = arena_copy(a, from);
    t->has_mail_from = !null;
    t->size = pgread_int(r, -1);
    t->nrcpt = -1;
    t->client_name = keep(a, r);
    t->client_ip = pgread_inet(r, a);
    t->helo = keep(a, r);
    t->auth_user = keep(a, r);
    t->protocol = keep(a, r);
    t->tls_version = keep(a, r);
    t->tls_cipher = keep(a, r);
    t->orig_queue_id = keep(a, r);
    t->flags = (unsigned)pgread_int(r, 0);
    ARENA_PUSH(a, g->transits, g->ntransits, g->transits_room) = gt;
}

static struct reply_class
read_class(struct arena *a, struct pgread *r)
{
    struct reply_class c = { 0 };
    c.stage = stage_from(pgread_text(r, NULL));
    c.reason = reason_from(pgread_text(r, NULL));
    str provider = keep(a, r), rule = keep(a, r);
    c.provider = provider.n ? provider.p : NULL;
    c.rule = rule.n ? rule.p : NULL;
    return c;
}

static enum attempt_result
result_from(str word)
{
    for (int i = RESULT_SENT; i <= RESULT_DISCARDED; i++)
        if (str_eq(attempt_result_word((enum attempt_result)i), word))
            return (enum attempt_result)i;
    return RESULT_NONE;
}

static void
read_attempt(struct arena *a, struct pgread *r, struct group *g)
{
    uint64_t root = (uint64_t)pgread_int(r, 0);
    struct attempt t = { .attempt_id = (uint64_t)pgread_int(r, 0) };
    t.transit_id = (uint64_t)pgread_int(r, 0);
    root = root ? root : t.transit_id;
    t.at = pgread_when(r);
    t.recipient = keep(a, r);
    t.orig_recipient = keep(a, r);
    t.relay_host = keep(a, r);
    t.relay_ip = pgread_inet(r, a);
    t.result = result_from(pgread_text(r, NULL));
    t.local = pgread_int(r, 0) != 0;
    t.code = (int)pgread_int(r, 0);
    t.enhanced = keep(a, r);
    t.reply = keep(a, r);
    t.next_queue_id = keep(a, r);
    t.delay_s = NAN;
    t.delays[0] = (float)pgread_float(r);
    t.delays[1] = (float)pgread_float(r);
    t.delays[2] = t.delays[3] = NAN;
    t.tls_version = keep(a, r);
    t.tls_cipher = keep(a, r);
    t.class = read_class(a, r);
    ARENA_PUSH(a, g->attempts, g->nattempts, g->attempts_room) = t;
    size_t n = g->nattempts - 1;
    ARENA_PUSH(a, g->attempt_roots, n, g->roots_room) = root;
}

static void
read_refusal(struct arena *a, struct pgread *r, struct group *g)
{
    struct group_refusal gr = { .r = { .at = pgread_when(r) } };
    struct refusal *f = &gr.r;
    f->host = keep(a, r);
    f->queue_id = keep(a, r);
    f->recipient = keep(a, r);
    f->action = keep(a, r);
    f->class = read_class(a, r);
    f->stage = f->class.stage;
    f->code = (int)pgread_int(r, 0);
    f->enhanced = keep(a, r);
    f->reply = keep(a, r);
    bool null;
    f->mail_from = arena_copy(a, pgread_text(r, &null));
    f->has_mail_from = !null;
    ARENA_PUSH(a, g->refusals, g->nrefusals, g->refusals_room) = gr;
}

static enum event_kind
kind_from(str word)
{
    for (int i = 0; i < EVENT_KIND_COUNT; i++)
        if (str_eq(event_kind_word((enum event_kind)i), word))
            return (enum event_kind)i;
    return EVENT_NONE;
}

static void
read_verdict(struct arena *a, struct pgread *r, struct group *g)
{
    struct group_verdict gv = { .root_id = (uint64_t)pgread_int(r, 0) };
    struct verdict *v = &gv.v;
    v->verdict_id = (uint64_t)pgread_int(r, 0);
    v->kind = kind_from(pgread_text(r, NULL));
    v->at = pgread_when(r);
    v->host = keep(a, r);
    v->engine = keep(a, r);
    v->queue_id = keep(a, r);
    v->recipient = keep(a, r);
    v->action = keep(a, r);
    v->result = keep(a, r);
    v->reason = keep(a, r);
    v->detail = keep(a, r);
    v->score = pgread_float(r);
    v->required = pgread_float(r);
    v->tests = keep(a, r);
    v->method = keep(a, r);
    v->domain = keep(a, r);
    v->selector = keep(a, r);
    v->mailbox = keep(a, r);
    v->session = keep(a, r);
    v->code = (int)pgread_int(r, 0);
    v->enhanced = keep(a, r);
    v->reply = keep(a, r);
    ARENA_PUSH(a, g->verdicts, g->nverdicts, g->verdicts_room) = gv;
}

static void
read_message(struct arena *a, struct pgread *r, struct group *g)
{
    struct group_message m = { .message = ARENA_NEW(a, struct message) };
    str sha = pgread_text(r, NULL);
    memcpy(m.sha256, sha.p, sha.n < 32 ? sha.n : 32);
    m.folder = keep(a, r);
    m.mailbox = keep(a, r);
    m.host = keep(a, r);
    m.stored_at = pgread_when(r);
    m.message->raw = arena_copy(a, pgread_text(r, NULL));
    ARENA_PUSH(a, g->messages, g->nmessages, g->messages_room) = m;
}

bool
groups_next(struct groups *gs, struct arena *a, struct group *g, struct diag *d)
{
    static void (*const readers[STREAMS])(struct arena *, struct pgread *, struct group *) = {
        [STREAM_TRANSIT] = read_transit, [STREAM_ATTEMPT] = read_attempt, [STREAM_REFUSAL] = read_refusal,
        [STREAM_MESSAGE] = read_message, [STREAM_VERDICT] = read_verdict, [STREAM_TOLD] = groups_read_told,
    };
    bool any = false;
    int64_t key = 0;
    *g = (struct group){ 0 };
    d->code = EXIT_FINE;
    for (int i = 0; i < STREAMS; i++)
        if (!gs->streams[i].ended && (!any || gs->streams[i].key < key)) {
            key = gs->streams[i].key;
            any = true;
        }
    if (!any)
        return false;
    g->key = (uint64_t)key;
    size_t bytes = 0;
    for (int i = 0; i < STREAMS; i++)
        while (!gs->streams[i].ended && gs->streams[i].key == key) {
            bytes += gs->streams[i].row.row.n;
            if (bytes <= GROUP_MAX_BYTES)
                readers[i](a, &gs->streams[i].row, g);
            else
                g->dropped++;
            if (gs->streams[i].row.bad)
                BUG("a row of stream %d is not as its query says", i);
            if (!stream_next(&gs->streams[i], d))
                return false;
        }
    return true;
}

/* Writing ------------------------------------------------------------------------------------------------ */

static void
put_key(struct buf *b, const struct journey *j)
{
    pgcopy_int8(b, (int64_t)j->journey_id);
    pgcopy_int8(b, (int64_t)j->group_key);
}

static void
put_journey(struct groups *g, const struct journey *j)
{
    struct buf *b = writer_row(g->writer, GROUPS_JOURNEY, j->first_at);
    put_key(b, j);
    pgcopy_key(b, j->message_id);
    if (j->has_mail_from)
        pgcopy_text(b, j->mail_from);
    else
        pgcopy_null(b);
    pgcopy_some(b, j->header_from);
    pgcopy_some(b, j->subject);
    pgcopy_when(b, j->first_at);
    pgcopy_when(b, j->last_at);
    pgcopy_int4(b, j->hops);
    pgcopy_int4(b, j->recipients);
    pgcopy_text(b, j->outcome == OUTCOME_NONE ? S("accepted") : outcome_word(j->outcome));
    pgcopy_int8_if(b, j->size >= 0, j->size);
    if (j->has_mail_from && (j->mail_from.n == 0 || str_starts(j->mail_from, S("double-bounce")))) {
        b = writer_row(g->writer, GROUPS_NOTICE, WHEN_NONE);
        pgcopy_int8(b, (int64_t)j->journey_id);
        pgcopy_when(b, j->first_at);
    }
}

static void
put_hop(struct groups *g, const struct journey *j, const struct hop *h)
{
    struct buf *b = writer_row(g->writer, GROUPS_HOP, j->first_at);
    put_key(b, j);
    pgcopy_when(b, j->first_at);
    pgcopy_int4(b, h->seq);
    pgcopy_some(b, h->host);
    pgcopy_key(b, h->queue_id);
    pgcopy_int8_if(b, h->transit_id, (int64_t)h->transit_id);
    pgcopy_some(b, h->client_name);
    pgcopy_some(b, h->client_helo);
    pgcopy_inet(b, h->client_ip);
    pgcopy_some(b, h->protocol);
    pgcopy_some(b, h->tls_version);
    pgcopy_some(b, h->tls_cipher);
    pgcopy_some(b, h->auth_user);
    pgcopy_when(b, h->arrived_at);
    pgcopy_when(b, h->left_at);
    pgcopy_float8(b, h->delay_s);
    pgcopy_bool(b, h->clock_skew);
    pgcopy_text(b, str_from(h->seen_in));
    pgcopy_int4_if(b, h->from_seq > 0, h->from_seq);
}

static void
put_delivery(struct groups *g, const struct journey *j, const struct delivery *d)
{
    struct buf *b = writer_row(g->writer, GROUPS_DELIVERY, j->first_at);
    put_key(b, j);
    pgcopy_when(b, j->first_at);
    pgcopy_text(b, pgcopy_cut(d->recipient));
    pgcopy_some(b, d->final_recipient);
    pgcopy_text(b, outcome_word(d->outcome));
    pgcopy_some(b, stage_word(d->class.stage));
    pgcopy_some(b, reason_word(d->class.reason));
    pgcopy_some(b, str_from(d->class.provider));
    pgcopy_some(b, str_from(d->class.rule));
    pgcopy_int2_if(b, d->code > 0, (int16_t)d->code);
    pgcopy_some(b, d->enhanced);
    pgcopy_some(b, d->reply);
    pgcopy_some(b, d->decided_by);
    pgcopy_when(b, d->decided_at);
    pgcopy_int4(b, d->attempts);
    pgcopy_when(b, d->first_attempt_at);
    pgcopy_when(b, d->last_attempt_at);
    pgcopy_float8(b, d->delay_s);
    pgcopy_some(b, d->placement);
    pgcopy_some(b, d->receiver);
    pgcopy_int8_if(b, d->attempt_id, (int64_t)d->attempt_id);
    pgcopy_some(b, d->told_fine ? d->told : (str){ 0 });
}

static void
put_finding(struct groups *g, const struct journey *j, const struct finding *f)
{
    struct buf *b = writer_row(g->writer, GROUPS_FINDING, j->first_at);
    put_key(b, j);
    pgcopy_when(b, j->first_at);
    pgcopy_int4_if(b, f->hop_seq > 0, f->hop_seq);
    pgcopy_text(b, stage_word(f->stage));
    pgcopy_text(b, str_from(f->severity));
    pgcopy_text(b, str_from(f->code));
    pgcopy_some(b, f->detail);
}

static void
put_verdict(struct groups *g, const struct journey *j, const struct told_verdict *t)
{
    struct buf *b = writer_row(g->writer, GROUPS_VERDICT, j->first_at);
    put_key(b, j);
    pgcopy_when(b, j->first_at);
    pgcopy_int4_if(b, t->hop_seq > 0, t->hop_seq);
    pgcopy_int8(b, (int64_t)t->verdict->verdict_id);
    pgcopy_bool(b, t->decides);
}

void
groups_put(struct groups *g, const struct assembled *a)
{
    put_journey(g, &a->journey);
    groups_watch(g, a);
    for (size_t i = 0; i < a->nhops; i++)
        put_hop(g, &a->journey, &a->hops[i]);
    for (size_t i = 0; i < a->ndeliveries; i++)
        put_delivery(g, &a->journey, &a->deliveries[i]);
    for (size_t i = 0; i < a->nfindings; i++)
        put_finding(g, &a->journey, &a->findings[i]);
    for (size_t i = 0; i < a->nverdicts; i++)
        put_verdict(g, &a->journey, &a->verdicts[i]);
    for (size_t i = 0; i < a->nmessages; i++) {
        struct buf *b = writer_row(g->writer, GROUPS_MESSAGE, WHEN_NONE);
        pgcopy_bytes(b, str_of((const char *)a->messages[i]->sha256, 32));
        put_key(b, &a->journey);
    }
}

void
groups_put_auth(struct groups *g, const struct journey *j, const struct auth_row *r)
{
    struct buf *b = writer_row(g->writer, GROUPS_AUTH, WHEN_NONE);
    put_key(b, j);
    pgcopy_text(b, r->method);
    pgcopy_some(b, r->domain);
    pgcopy_some(b, r->selector);
    pgcopy_text(b, r->result);
    pgcopy_bool_if(b, r->aligned >= 0, r->aligned != 0);
    pgcopy_some(b, r->reason);
    pgcopy_text(b, r->said_by);
    pgcopy_when(b, r->at);
    if (r->sha256)
        pgcopy_bytes(b, str_of((const char *)r->sha256, 32));
    else
        pgcopy_null(b);
    pgcopy_int8_if(b, r->records_age > 0, (r->records_age + WHEN_SECOND - 1) / WHEN_SECOND);
}
