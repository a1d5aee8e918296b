/* A sink that keeps what ingest hands out, for tests of readers and trackers. */
#ifndef LOG_SINK_H
#define LOG_SINK_H

#include <stdlib.h>

#include "arena.h"
#include "sink.h"

struct log_sink {
    struct sink sink; /* first: the sink is this */
    struct account account;
    struct arena arena;
    struct transit *transits;
    size_t ntransits, transits_room;
    struct attempt *attempts;
    size_t nattempts, attempts_room;
    struct refusal *refusals;
    size_t nrefusals, refusals_room;
    struct notification *notices;
    size_t nnotices, notices_room;
    struct verdict *verdicts;
    size_t nverdicts, verdicts_room;
    struct reject *rejects;
    size_t nrejects, rejects_room;
    struct fragment *fragments;
    size_t nfragments, fragments_room;
    struct event *events;
    size_t nevents, events_room;
    bool count_only; /* nothing is kept but numbers */
    size_t open, most_open;
};

#define KEEP(s, x, field) ((x).field = arena_copy(&(s)->arena, (x).field))

static inline bool
sink_take_transit(struct sink *sink, const struct transit *t)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct transit c = *t;
    if (s->count_only) {
        s->ntransits++;
        return true;
    }
    KEEP(s, c, host), KEEP(s, c, queue_id), KEEP(s, c, program), KEEP(s, c, message_id),
        KEEP(s, c, mail_from);
    KEEP(s, c, client_name), KEEP(s, c, client_ip), KEEP(s, c, helo), KEEP(s, c, auth_user);
    KEEP(s, c, protocol), KEEP(s, c, tls_version), KEEP(s, c, tls_cipher), KEEP(s, c, orig_queue_id);
    KEEP(s, c, lines);
    ARENA_PUSH(&s->arena, s->transits, s->ntransits, s->transits_room) = c;
    return true;
}

static inline bool
sink_take_attempt(struct sink *sink, const struct attempt *a)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct attempt c = *a;
    if (s->count_only) {
        s->nattempts++;
        return true;
    }
    KEEP(s, c, recipient), KEEP(s, c, orig_recipient), KEEP(s, c, relay_host), KEEP(s, c, relay_ip);
    KEEP(s, c, enhanced), KEEP(s, c, reply), KEEP(s, c, next_queue_id), KEEP(s, c, tls_version);
    KEEP(s, c, tls_cipher);
    ARENA_PUSH(&s->arena, s->attempts, s->nattempts, s->attempts_room) = c;
    return true;
}

static inline bool
sink_take_refusal(struct sink *sink, const struct refusal *r)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct refusal c = *r;
    KEEP(s, c, host), KEEP(s, c, queue_id), KEEP(s, c, message_id), KEEP(s, c, client_name);
    KEEP(s, c, client_ip), KEEP(s, c, helo), KEEP(s, c, mail_from), KEEP(s, c, recipient);
    KEEP(s, c, auth_user), KEEP(s, c, action), KEEP(s, c, enhanced), KEEP(s, c, reply);
    ARENA_PUSH(&s->arena, s->refusals, s->nrefusals, s->refusals_room) = c;
    return true;
}

static inline bool
sink_take_notification(struct sink *sink, const struct notification *n)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct notification c = *n;
    KEEP(s, c, host), KEEP(s, c, queue_id), KEEP(s, c, new_queue_id), KEEP(s, c, type);
    ARENA_PUSH(&s->arena, s->notices, s->nnotices, s->notices_room) = c;
    return true;
}

static inline bool
sink_take_verdict(struct sink *sink, const struct verdict *v)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct verdict c = *v;
    KEEP(s, c, host), KEEP(s, c, engine), KEEP(s, c, queue_id), KEEP(s, c, message_id), KEEP(s, c, mail_from);
    KEEP(s, c, client_ip), KEEP(s, c, recipient), KEEP(s, c, action), KEEP(s, c, result), KEEP(s, c, reason);
    KEEP(s, c, detail), KEEP(s, c, tests), KEEP(s, c, method), KEEP(s, c, domain), KEEP(s, c, selector);
    KEEP(s, c, session), KEEP(s, c, next_queue_id), KEEP(s, c, mailbox), KEEP(s, c, reply);
    ARENA_PUSH(&s->arena, s->verdicts, s->nverdicts, s->verdicts_room) = c;
    return true;
}

static inline bool
sink_take_reject(struct sink *sink, const struct reject *r)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct reject c = *r;
    KEEP(s, c, reason), KEEP(s, c, excerpt);
    ARENA_PUSH(&s->arena, s->rejects, s->nrejects, s->rejects_room) = c;
    return true;
}

static inline bool
sink_take_fragment(struct sink *sink, const struct fragment *f)
{
    struct log_sink *s = (struct log_sink *)sink;
    struct fragment c = *f;
    KEEP(s, c, bytes), KEEP(s, c, host);
    ARENA_PUSH(&s->arena, s->fragments, s->nfragments, s->fragments_room) = c;
    return true;
}

static inline void
log_sink_free(struct log_sink *s)
{
    arena_free(&s->arena);
    free(s);
}

static inline struct log_sink *
log_sink_new(void)
{
    static const struct sink_ops ops = {
        .transit = sink_take_transit,
        .attempt = sink_take_attempt,
        .refusal = sink_take_refusal,
        .notification = sink_take_notification,
        .verdict = sink_take_verdict,
        .reject = sink_take_reject,
        .fragment = sink_take_fragment,
    };
    struct log_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &ops;
    s->sink.account = &s->account;
    s->account.first_at = s->account.last_at = WHEN_NONE;
    return s;
}

#endif
