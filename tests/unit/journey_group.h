/* Groups made by hand, for tests of journeys: what logs and messages tell, and the journeys in short texts. */
#ifndef JOURNEY_GROUP_H
#define JOURNEY_GROUP_H

#include <math.h>

#include "hash.h"
#include "journey.h"

#define SENT     RESULT_SENT
#define DEFERRED RESULT_DEFERRED
#define BOUNCED  RESULT_BOUNCED

static const when T0 = (when)1760000000 * WHEN_SECOND;

struct fixture {
    struct arena arena;
    struct group group;
    struct assembled *all;
    size_t n;
};

static inline struct fixture *
fresh(void)
{
    static struct fixture f;
    arena_reset(&f.arena);
    f = (struct fixture){ .arena = f.arena, .group = { .key = 77 } };
    return &f;
}

static inline uint64_t
id_of(const char *host, const char *queue_id)
{
    return hash_more(hash_bytes(str_from(host)), str_from(queue_id));
}

/* A transit that was born second seconds after T0 and became active. */
static inline struct transit *
transit(struct fixture *f, const char *host, const char *queue_id, double second)
{
    struct group *g = &f->group;
    struct group_transit gt = { .root_id = id_of(host, queue_id) };
    struct transit *t = &gt.t;
    *t = (struct transit){ .host = str_from(host),
                           .queue_id = str_from(queue_id),
                           .message_id = S("m@x"),
                           .flags = TRANSIT_BORN | TRANSIT_ACTIVE,
                           .size = -1,
                           .nrcpt = -1 };
    t->transit_id = gt.root_id;
    t->at = t->born_at = t->active_at = T0 + (when)(second * 1e6);
    t->removed_at = WHEN_NONE;
    ARENA_PUSH(&f->arena, g->transits, g->ntransits, g->transits_room) = gt;
    return &g->transits[g->ntransits - 1].t;
}

static inline struct attempt *
attempt(struct fixture *f, const char *host, const char *queue_id, double second, const char *recipient,
        enum attempt_result result, const char *next)
{
    struct group *g = &f->group;
    struct attempt t = { .attempt_id = g->nattempts + 1,
                         .transit_id = id_of(host, queue_id),
                         .at = T0 + (when)(second * 1e6),
                         .recipient = str_from(recipient),
                         .relay_host = S("remote.example"),
                         .relay_ip = S("192.0.2.1"),
                         .tls_version = S("TLSv1.3"),
                         .result = result,
                         .delay_s = NAN,
                         .delays = { NAN, NAN, NAN, NAN },
                         .next_queue_id = next ? str_from(next) : (str){ 0 } };
    size_t n = g->nattempts;
    ARENA_PUSH(&f->arena, g->attempt_roots, n, g->roots_room) = t.transit_id;
    ARENA_PUSH(&f->arena, g->attempts, g->nattempts, g->attempts_room) = t;
    return &g->attempts[g->nattempts - 1];
}

static inline struct message *
message(struct fixture *f, const char *mailbox)
{
    struct group *g = &f->group;
    struct group_message m = { .message = ARENA_NEW(&f->arena, struct message),
                               .mailbox = str_from(mailbox),
                               .stored_at = T0 + 60 * WHEN_SECOND };
    m.sha256[0] = (unsigned char)g->nmessages;
    m.message->date = WHEN_NONE;
    ARENA_PUSH(&f->arena, g->messages, g->nmessages, g->messages_room) = m;
    return m.message;
}

/* One more Received field below the others. */
static inline struct received *
received(struct fixture *f, struct message *m, const char *by, const char *id, double second)
{
    struct received *all = ARENA_ARRAY(&f->arena, struct received, m->nreceived + 1);
    for (size_t i = 0; i < m->nreceived; i++)
        all[i] = m->received[i];
    all[m->nreceived] = (struct received){
        .by = str_from(by), .id = str_from(id), .protocol = S("ESMTP"), .at = T0 + (when)(second * 1e6)
    };
    m->received = all;
    return &all[m->nreceived++];
}

static inline struct verdict *
verdict(struct fixture *f, enum event_kind kind, const char *queue_id, double second, const char *recipient,
        const char *action)
{
    struct group *g = &f->group;
    struct group_verdict gv = { .root_id = queue_id ? id_of("in", queue_id) : 0,
                                .v = { .verdict_id = g->nverdicts + 1,
                                       .kind = kind,
                                       .host = S("in"),
                                       .engine = kind == EVENT_FILING ? S("dovecot") : S("amavis"),
                                       .queue_id = queue_id ? str_from(queue_id) : (str){ 0 },
                                       .at = T0 + (when)(second * 1e6),
                                       .recipient = str_from(recipient),
                                       .action = str_from(action),
                                       .score = NAN,
                                       .required = NAN } };
    ARENA_PUSH(&f->arena, g->verdicts, g->nverdicts, g->verdicts_room) = gv;
    return &g->verdicts[g->nverdicts - 1].v;
}

static inline void
assemble(struct fixture *f)
{
    struct journey_options o = { .now = T0 + 30 * WHEN_DAY, .grace = WHEN_HOUR };
    f->all = journey_assemble(&f->arena, &f->group, &o, &f->n);
}

/* "recipient>final outcome attempts, ..." of one journey. */
static inline str
deliveries(struct fixture *f, size_t i)
{
    str s = { 0 };
    for (size_t k = 0; i < f->n && k < f->all[i].ndeliveries; k++) {
        const struct delivery *d = &f->all[i].deliveries[k];
        bool same = str_eq(d->recipient, d->final_recipient);
        s = arena_printf(&f->arena, "%.*s%s%.*s%s%.*s %.*s %d", PRSTR(s), s.n ? ", " : "",
                         PRSTR(d->recipient), same ? "" : ">", PRSTR(same ? S("") : d->final_recipient),
                         PRSTR(outcome_word(d->outcome)), d->attempts);
    }
    return s;
}

/* "host/id host/id ..." in order. */
static inline str
hops(struct fixture *f, size_t i)
{
    str s = { 0 };
    for (size_t k = 0; i < f->n && k < f->all[i].nhops; k++)
        s = arena_printf(&f->arena, "%.*s%s%.*s/%.*s", PRSTR(s), s.n ? " " : "",
                         PRSTR(f->all[i].hops[k].host), PRSTR(f->all[i].hops[k].queue_id));
    return s;
}

static inline bool
has_finding(const struct assembled *a, const char *code)
{
    for (size_t i = 0; i < a->nfindings; i++)
        if (strcmp(a->findings[i].code, code) == 0)
            return true;
    return false;
}

#endif
