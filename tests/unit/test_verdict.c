/* Verdicts: which message they are joined to while logs are read, and what their words come to. */
#include <math.h>

#include "log_sink.h"
#include "tap.h"
#include "tracker.h"
#include "verdict.h"

static const when T0 = (when)1760000000 * WHEN_SECOND;

struct desk {
    struct log_sink *s;
    struct tracker *tr;
    uint64_t offset;
};

static struct desk
open_desk(void)
{
    struct desk d = { .s = log_sink_new() };
    d.tr = tracker_new(&d.s->sink);
    return d;
}

static void
close_desk(struct desk *d)
{
    tracker_free(d->tr);
    log_sink_free(d->s);
}

static struct event
event(enum event_kind kind, double second, const char *queue_id)
{
    struct event e = { .kind = kind, .at = T0 + (when)(second * 1e6), .host = S("mx"), .program = S("test") };
    EV(&e, QUEUE_ID) = str_from(queue_id);
    return e;
}

static void
take(struct desk *d, struct event e)
{
    e.offset = d->offset;
    e.length = 100;
    d->offset += 100;
    ok(tracker_event(d->tr, &e), "an event is taken");
}

/* A message is born, has a Message-ID and a sender, and is active. */
static void
arrive(struct desk *d, double second, const char *id, const char *mid, const char *ip, const char *from)
{
    struct event e = event(EVENT_ARRIVAL, second, id);
    e.flags = EVENT_BIRTH;
    EV(&e, CLIENT_IP) = str_from(ip);
    take(d, e);
    e = event(EVENT_ARRIVAL, second + 0.1, id);
    e.flags = EVENT_ACTIVE | EVENT_HAS_MAIL_FROM;
    EV(&e, MESSAGE_ID) = str_from(mid);
    EV(&e, MAIL_FROM) = str_from(from);
    take(d, e);
}

static const struct verdict *
verdict_by_engine(const struct log_sink *s, const char *engine)
{
    for (size_t i = 0; i < s->nverdicts; i++)
        if (str_eq(s->verdicts[i].engine, str_from(engine)))
            return &s->verdicts[i];
    static const struct verdict none;
    return &none;
}

static void
test_join_by_queue_id(void)
{
    struct desk d = open_desk();
    struct event early = event(EVENT_AUTH, 0, "Q1");
    EV(&early, ENGINE) = S("early");
    take(&d, early);
    arrive(&d, 1, "Q1", "m1@x", "192.0.2.9", "s@x");
    struct event in_time = event(EVENT_FILTER, 2, "Q1");
    EV(&in_time, ENGINE) = S("in time");
    EV(&in_time, SCORE) = S("7.5");
    take(&d, in_time);
    struct event lost = event(EVENT_FILTER, 3, "NEVER");
    EV(&lost, ENGINE) = S("lost");
    take(&d, lost);
    struct event named = event(EVENT_FILTER, 3, "NEVER2");
    EV(&named, ENGINE) = S("named");
    EV(&named, MESSAGE_ID) = S("m1@x");
    take(&d, named);
    ok(tracker_flush(d.tr, true), "the end");
    const struct transit *t = &d.s->transits[0];
    is_int((long long)d.s->ntransits, 1, "verdicts open no transits");
    is_int((long long)d.s->nverdicts, 4, "each verdict is handed out once");
    const char *const joined[] = { "early", "in time" };
    for (size_t i = 0; i < 2; i++) {
        const struct verdict *v = verdict_by_engine(d.s, joined[i]);
        ok(v->transit_id == t->transit_id && v->message_key == t->message_key,
           "%s: has the keys of its transit", joined[i]);
    }
    ok(verdict_by_engine(d.s, "in time")->score == 7.5, "its score");
    ok(isnan(verdict_by_engine(d.s, "early")->score), "none where none was said");
    ok(verdict_by_engine(d.s, "lost")->message_key == 0, "an unknown queue id is for analyze");
    ok(verdict_by_engine(d.s, "named")->message_key == t->message_key, "a Message-ID is a key");
    close_desk(&d);
}

static struct event
policy(double second, const char *engine, const char *ip, const char *from)
{
    struct event e = event(EVENT_AUTH, second, "");
    e.flags = EVENT_HAS_MAIL_FROM;
    EV(&e, ENGINE) = str_from(engine);
    EV(&e, CLIENT_IP) = str_from(ip);
    EV(&e, MAIL_FROM) = str_from(from);
    EV(&e, RESULT) = S("pass");
    return e;
}

static void
test_join_by_client(void)
{
    struct desk d = open_desk();
    take(&d, policy(0.0, "other client", "192.0.2.8", "s@x"));
    take(&d, policy(0.1, "other sender", "192.0.2.9", "t@x"));
    take(&d, policy(0.9, "spf", "192.0.2.9", "S@x"));
    struct event grey = policy(0.95, "postgrey", "192.0.2.9", "s@x");
    grey.kind = EVENT_FILTER;
    EV(&grey, ACTION) = S("greylist");
    take(&d, grey);
    arrive(&d, 1, "Q1", "m1@x", "192.0.2.9", "s@x");
    ok(tracker_flush(d.tr, true), "the end");
    ok(verdict_by_engine(d.s, "spf")->message_key == d.s->transits[0].message_key,
       "what a policy service said before the birth is of the message that came");
    ok(verdict_by_engine(d.s, "other client")->message_key == 0, "not of another client");
    ok(verdict_by_engine(d.s, "other sender")->message_key == 0, "not of another sender");
    ok(verdict_by_engine(d.s, "postgrey")->message_key == 0, "nor what sent it away");
    close_desk(&d);
}

static void
test_join_by_session(void)
{
    struct desk d = open_desk();
    arrive(&d, 1, "Q1", "m1@x", "192.0.2.9", "s@x");
    struct event e = event(EVENT_FILING, 2, "");
    EV(&e, ENGINE) = S("dovecot");
    EV(&e, USER) = S("anna");
    EV(&e, RECIPIENT) = S("to@elsewhere");
    EV(&e, SESSION) = S("AbC+1/d");
    EV(&e, ACTION) = S("forwarded");
    take(&d, e);
    e = event(EVENT_ATTEMPT, 2.1, "Q1");
    e.result = RESULT_SENT;
    EV(&e, RECIPIENT) = S("anna@x");
    EV(&e, REPLY) = S("250 2.0.0 <anna@x> AbC+1/d Saved");
    take(&d, e);
    ok(tracker_flush(d.tr, true), "the end");
    const struct verdict *v = verdict_by_engine(d.s, "dovecot");
    ok(v->message_key && v->message_key == d.s->transits[0].message_key, "a reply names the session");
    is_str(v->recipient, "anna", "the user");
    is_str(v->mailbox, "to@elsewhere", "where it was forwarded");
    close_desk(&d);
}

static void
test_identity(void)
{
    uint64_t ids[2][3];
    for (int run = 0; run < 2; run++) {
        struct desk d = open_desk();
        if (run) { /* the same lines elsewhere in another file */
            d.offset = 5000;
            arrive(&d, 0, "Q1", "m1@x", "192.0.2.9", "s@x");
        }
        take(&d, policy(1.0, "spf", "192.0.2.9", "s@x"));
        take(&d, policy(1.2, "spf", "192.0.2.9", "s@x"));
        take(&d, policy(2.0, "spf", "192.0.2.9", "s@x"));
        tracker_flush(d.tr, true);
        for (size_t i = 0; i < 3 && i < d.s->nverdicts; i++)
            ids[run][i] = d.s->verdicts[i].verdict_id;
        close_desk(&d);
    }
    ok(ids[0][0] != ids[0][1] && ids[0][1] != ids[0][2], "each has an id of its own");
    ok(memcmp(ids[0], ids[1], sizeof ids[0]) == 0, "the same in any file");
}

/* Many that nothing claims: bounded, none is lost. */
static void
test_many(void)
{
    struct desk d = open_desk();
    for (int i = 0; i < 3000; i++) {
        struct event e = policy(i * 0.001, "spf", "192.0.2.9", "s@x");
        e.offset = (uint64_t)i;
        tracker_event(d.tr, &e);
    }
    tracker_flush(d.tr, true);
    is_int((long long)d.s->nverdicts, 3000, "all are handed out");
    close_desk(&d);
}

static const struct {
    const char *action, *result, *detail, *mailbox;
    double score, required;
    enum disposal disposal;
    enum reason reason;
} filters[] = {
    { "passed", "ham", "RelayedInbound", "", -1, NAN, DISPOSAL_PASSED, REASON_NONE },
    { "passed", "spam", "RelayedTaggedInbound,Quarantined", "q", 7, NAN, DISPOSAL_TAGGED, REASON_SPAM },
    { "blocked", "spam", "DiscardedInbound,Quarantined", "q", 9, NAN, DISPOSAL_QUARANTINED, REASON_SPAM },
    { "blocked", "virus", "DiscardedInbound", "", NAN, NAN, DISPOSAL_DISCARDED, REASON_VIRUS },
    { "blocked", "banned", "BouncedInbound,Quarantined", "q", NAN, NAN, DISPOSAL_REJECTED,
      REASON_CONTENT_REFUSED },
    { "Blocked SPAM {RejectedInbound}", "", "", "", 9, NAN, DISPOSAL_REJECTED, REASON_SPAM },
    { "blocked", "tempfail", "TempFailedInbound", "", NAN, NAN, DISPOSAL_DEFERRED, REASON_SYSTEM_ERROR },
    { "tagged", "ham", "", "", 1, 6.2, DISPOSAL_PASSED, REASON_NONE },
    { "no action", "ham", "", "", 2, 15, DISPOSAL_PASSED, REASON_NONE },
    { "add header", "ham", "", "", 7, 15, DISPOSAL_TAGGED, REASON_SPAM },
    { "greylist", "ham", "", "", 5, 15, DISPOSAL_DEFERRED, REASON_GREYLISTED },
    { "soft reject", "ham", "", "", 5, 15, DISPOSAL_DEFERRED, REASON_GREYLISTED },
    { "reject", "spam", "", "", 20, 15, DISPOSAL_REJECTED, REASON_SPAM },
    { "discard", "spam", "", "", 20, 15, DISPOSAL_DISCARDED, REASON_SPAM },
    { "quarantine", "spam", "", "", 20, 15, DISPOSAL_QUARANTINED, REASON_SPAM },
    { "identified spam", "spam", "", "", 8, 5, DISPOSAL_TAGGED, REASON_SPAM },
    { "clean message", "ham", "", "", 1, 5, DISPOSAL_PASSED, REASON_NONE },
    { "pass", "", "", "", NAN, NAN, DISPOSAL_PASSED, REASON_NONE },
    { "found", "virus", "", "", NAN, NAN, DISPOSAL_TAGGED, REASON_VIRUS },
    { "", "", "", "", NAN, NAN, DISPOSAL_NONE, REASON_NONE },
};
static const struct {
    const char *action;
    enum disposal disposal;
} filings[] = {
    { "stored", DISPOSAL_STORED },       { "discarded", DISPOSAL_DISCARDED },
    { "forwarded", DISPOSAL_FORWARDED }, { "rejected", DISPOSAL_REJECTED },
    { "failed", DISPOSAL_FAILED },       { "vacation", DISPOSAL_ANSWERED },
    { "duplicate", DISPOSAL_DUPLICATE },
};

static void
test_meanings(void)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct verdict v = { .kind = EVENT_FILTER,
                             .action = str_from(filters[i].action),
                             .result = str_from(filters[i].result),
                             .detail = str_from(filters[i].detail),
                             .mailbox = str_from(filters[i].mailbox),
                             .score = filters[i].score,
                             .required = filters[i].required };
        struct meaning m = verdict_meaning(&v);
        ok(m.disposal == filters[i].disposal && m.reason == filters[i].reason, "%s, %s, %s (%d %.*s)",
           filters[i].action, filters[i].result, filters[i].detail, (int)m.disposal,
           PRSTR(reason_word(m.reason)));
    }
    for (size_t i = 0; i < sizeof filings / sizeof *filings; i++) {
        struct verdict v = { .kind = EVENT_FILING, .action = str_from(filings[i].action) };
        ok(verdict_meaning(&v).disposal == filings[i].disposal, "filing: %s", filings[i].action);
    }
}

int
main(void)
{
    test_join_by_queue_id();
    test_join_by_client();
    test_join_by_session();
    test_identity();
    test_many();
    test_meanings();
    return done_testing();
}
