/* Verdicts: what filters, authentication checks and delivery agents log of a message, beside its MTA.
 *
 * One that names an open queue id goes with its transit.  One that names only a Message-ID has its key.  One
 * whose message is still to come (a policy service speaks before there is a queue id, a milter's line may
 * overtake the MTA's) waits a while; what nothing claims is handed out without keys, for analyze to join. */
#include <math.h>
#include <stdlib.h>

#include "hash.h"
#include "tracker_impl.h"

/* A policy service speaks so long before, or after, the birth of the queue id at most. */
static const when POLICY_SPAN = 30 * WHEN_SECOND;

static uint64_t
identity(const struct verdict *v, const struct event *e)
{
    const str said[] = { v->engine,    v->queue_id, v->message_id, v->mail_from, v->client_ip,
                         v->recipient, v->action,   v->result,     v->reason,    EV(e, SCORE),
                         v->tests,     v->method,   v->domain,     v->selector,  v->mailbox,
                         v->session,   v->reply,    v->detail,     v->user_agent };
    uint64_t id = hash_more_int(hash_more_int(hash_bytes(v->host), when_second(v->at)), v->kind);
    return hash_more_texts(id, said, sizeof said / sizeof *said);
}

static struct verdict
verdict_of(struct tracker *tr, const struct event *e)
{
    enum { DETAIL_MOST = 160 };                            /* a few words, not the rest of the line */
    bool agent = e->kind == EVENT_FILING && EV(e, USER).n; /* its recipient is whom it wrote to */
    struct verdict v = {
        .kind = e->kind,
        .at = e->at,
        .host = e->host,
        .engine = EV(e, ENGINE).n ? EV(e, ENGINE) : e->program,
        .queue_id = EV(e, QUEUE_ID),
        .message_id = EV(e, MESSAGE_ID),
        .mail_from = EV(e, MAIL_FROM),
        .has_mail_from = EV(e, MAIL_FROM).n || (e->flags & EVENT_HAS_MAIL_FROM),
        .client_ip = EV(e, CLIENT_IP),
        .recipient = agent || EV(e, RECIPIENT).n == 0 ? EV(e, USER) : EV(e, RECIPIENT),
        .action = EV(e, ACTION),
        .result = EV(e, RESULT),
        .reason = EV(e, REASON),
        .detail = e->kind == EVENT_ENGAGEMENT || EV(e, DETAIL).n <= DETAIL_MOST ? EV(e, DETAIL) : (str){ 0 },
        .score = number_or_nan(EV(e, SCORE)),
        .required = number_or_nan(EV(e, REQUIRED)),
        .tests = EV(e, TESTS),
        .method = EV(e, METHOD),
        .domain = EV(e, DOMAIN),
        .selector = EV(e, SELECTOR),
        .mailbox = EV(e, MAILBOX).n || !agent ? EV(e, MAILBOX) : EV(e, RECIPIENT),
        .session = EV(e, SESSION),
        .next_queue_id = EV(e, NEXT_QUEUE_ID),
        .code = (int)str_cut_number(EV(e, CODE), 3).value,
        .enhanced = EV(e, ENHANCED),
        .reply = EV(e, REPLY),
        .user_agent = EV(e, USER_AGENT),
        .origin = { e->offset, e->length },
    };
    v.verdict_id = second_id(&tr->verdict_ids, identity(&v, e), e->at, VERDICT_IDS);
    v.message_key = v.message_id.n ? hash_bytes(v.message_id) : 0;
    return v;
}

static bool
give(struct tracker *tr, const struct verdict *v)
{
    struct sink *sink = tr->sink;
    return tr->muted || sink->ops->verdict == NULL || sink->ops->verdict(sink, v);
}

static void
copy_texts(struct tracker *tr, struct pool_chain *m, struct verdict *v)
{
    str *const texts[] = { &v->host,      &v->engine,    &v->queue_id, &v->message_id,    &v->mail_from,
                           &v->client_ip, &v->recipient, &v->action,   &v->result,        &v->reason,
                           &v->tests,     &v->method,    &v->domain,   &v->selector,      &v->mailbox,
                           &v->session,   &v->enhanced,  &v->reply,    &v->next_queue_id, &v->user_agent,
                           &v->detail };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i]->n)
            *texts[i] = pool_copy(&tr->pool, m, *texts[i]);
}

/* With its transit, once that has its keys; what is handed out already has them. */
static bool
attach(struct tracker *tr, struct open_transit *o, const struct verdict *v)
{
    if (!o->dirty) {
        struct verdict own = *v;
        open_fix_keys(o);
        own.transit_id = o->t.transit_id;
        own.message_key = o->t.message_key;
        return give(tr, &own);
    }
    struct open_verdict *ov = pool_take(&tr->pool, &o->attempt_memory, sizeof *ov);
    ov->next = o->verdicts;
    ov->v = *v;
    copy_texts(tr, &o->attempt_memory, &ov->v);
    o->verdicts = ov;
    return ++o->nattempts < TRACKER_MAX_ATTEMPTS || open_hand_out(tr, o);
}

bool
verdicts_hand_out(struct tracker *tr, struct open_transit *o)
{
    bool good = true;
    for (struct open_verdict *ov = o->verdicts; ov && good; ov = ov->next) {
        ov->v.transit_id = o->t.transit_id;
        ov->v.message_key = o->t.message_key;
        good = give(tr, &ov->v);
    }
    o->verdicts = NULL;
    return good;
}

/* Waiting -------------------------------------------------------------------------------------------- */

static void
drop_loose(struct tracker *tr, struct loose_verdict **at)
{
    struct loose_verdict *l = *at;
    *at = l->next;
    if (tr->loose_end == &l->next)
        tr->loose_end = at;
    tr->nloose--;
    tr->nloose_ids -= l->id_hash != 0;
    tr->loose_ids[l->id_hash % LOOSE_IDS]--;
    tr->nloose_sessions -= l->v.session.n != 0;
    pool_release(&tr->pool, &l->memory);
    l->next = tr->loose_spare;
    tr->loose_spare = l;
}

static bool
keep_loose(struct tracker *tr, const struct verdict *v)
{
    if (tr->nloose >= LOOSE_VERDICTS) {
        if (!give(tr, &tr->loose->v))
            return false;
        drop_loose(tr, &tr->loose);
    }
    struct loose_verdict *l = tr->loose_spare;
    if (l)
        tr->loose_spare = l->next;
    else
        l = xcalloc(1, sizeof *l);
    l->next = NULL;
    l->v = *v;
    copy_texts(tr, &l->memory, &l->v);
    l->id_hash = v->queue_id.n ? open_hash(tr, v->host, v->queue_id) : 0;
    if (tr->loose == NULL)
        tr->loose_end = &tr->loose;
    *tr->loose_end = l;
    tr->loose_end = &l->next;
    tr->nloose++;
    tr->nloose_ids += l->id_hash != 0;
    tr->loose_ids[l->id_hash % LOOSE_IDS]++;
    tr->nloose_sessions += v->session.n != 0;
    return true;
}

bool
loose_hand_out(struct tracker *tr, when until)
{
    bool good = true;
    while (good && tr->loose && (until == WHEN_NONE || tr->loose->v.at <= until)) {
        good = give(tr, &tr->loose->v);
        drop_loose(tr, &tr->loose);
    }
    return good;
}

void
loose_free(struct tracker *tr)
{
    while (tr->loose)
        drop_loose(tr, &tr->loose);
    for (struct loose_verdict *l = tr->loose_spare, *next; l; l = next) {
        next = l->next;
        free(l);
    }
}

bool
loose_claim_by_id(struct tracker *tr, struct open_transit *o)
{
    bool good = true;
    if (tr->loose_ids[o->hash % LOOSE_IDS] == 0) /* mostly */
        return true;
    for (struct loose_verdict **at = &tr->loose; *at && good;) {
        struct loose_verdict *l = *at;
        if (l->id_hash != o->hash || !str_eq(l->v.queue_id, o->t.queue_id) || !str_eq(l->v.host, o->t.host)) {
            at = &l->next;
            continue;
        }
        good = attach(tr, o, &l->v);
        drop_loose(tr, at);
    }
    return good;
}

/* Whether a policy service spoke of this message: its client, its sender, just before its queue id was born. */
static bool
is_policy_for(const struct verdict *v, const struct transit *t)
{
    return v->queue_id.n == 0 && v->session.n == 0 && v->client_ip.n && str_eq(v->client_ip, t->client_ip) &&
           v->has_mail_from && str_ieq(v->mail_from, t->mail_from) && str_eq(v->host, t->host) &&
           v->at <= t->born_at + WHEN_SECOND && t->born_at - v->at <= POLICY_SPAN;
}

/* A policy service is asked once for each recipient, and clients send several messages at a time: of several
 * verdicts of one engine, the last before the birth is this message's. */
bool
loose_claim_by_client(struct tracker *tr, struct open_transit *o)
{
    enum { ENGINES = 8 };
    str engines[ENGINES];
    struct loose_verdict **latest[ENGINES];
    size_t n = 0;
    bool good = true;
    if (o->t.born_at == WHEN_NONE || o->t.client_ip.n == 0)
        return true;
    for (struct loose_verdict **at = &tr->loose; *at; at = &(*at)->next) {
        const struct verdict *v = &(*at)->v;
        if (!is_policy_for(v, &o->t) || str_ieq(v->action, S("greylist")))
            continue; /* what was greylisted is not what went through */
        size_t i = 0;
        while (i < n && !str_eq(engines[i], v->engine))
            i++;
        if (i == ENGINES)
            continue;
        engines[i] = v->engine;
        latest[i] = at;
        n += i == n;
    }
    struct loose_verdict *chosen[ENGINES];
    for (size_t i = 0; i < n; i++)
        chosen[i] = *latest[i];
    for (size_t i = 0; i < n && good; i++) {
        struct loose_verdict **at = &tr->loose; /* places move as others are dropped */
        while (*at != chosen[i])
            at = &(*at)->next;
        good = attach(tr, o, &chosen[i]->v);
        drop_loose(tr, at);
    }
    return good;
}

bool
loose_claim_by_session(struct tracker *tr, struct open_transit *o, str reply)
{
    bool good = true;
    for (struct loose_verdict **at = &tr->loose; *at && good;) {
        struct loose_verdict *l = *at;
        if (l->v.session.n == 0 || !str_eq(l->v.host, o->t.host) || !str_has(reply, l->v.session)) {
            at = &l->next;
            continue;
        }
        good = attach(tr, o, &l->v);
        drop_loose(tr, at);
    }
    return good;
}

bool
take_verdict(struct tracker *tr, const struct event *e)
{
    struct verdict v = verdict_of(tr, e);
    if (v.queue_id.n) {
        struct open_transit *o = open_find(tr, open_hash(tr, v.host, v.queue_id), v.host, v.queue_id);
        if (o)
            return attach(tr, o, &v);
    }
    bool may_come = v.queue_id.n || (v.message_key == 0 && (v.session.n || v.client_ip.n));
    return may_come && v.kind != EVENT_ENGAGEMENT ? keep_loose(tr, &v) : give(tr, &v);
}
