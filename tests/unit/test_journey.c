/* Groups in, journeys out: how transits are linked, and what becomes of each recipient. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "hash.h"
#include "journey.h"
#include "tap.h"

static const when T0 = (when)1760000000 * WHEN_SECOND;

struct fixture {
    struct arena arena;
    struct group group;
    struct assembled *all;
    size_t n;
};

static struct fixture *
fresh(void)
{
    static struct fixture f;
    arena_reset(&f.arena);
    f = (struct fixture){ .arena = f.arena, .group = { .key = 77 } };
    return &f;
}

static uint64_t
id_of(const char *host, const char *queue_id)
{
    return hash_more(hash_bytes(str_from(host)), str_from(queue_id));
}

/* A transit that was born second seconds after T0 and became active. */
static struct transit *
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

static struct attempt *
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

static struct message *
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
static struct received *
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

static void
assemble(struct fixture *f)
{
    struct journey_options o = { .now = T0 + 30 * WHEN_DAY, .grace = WHEN_HOUR };
    f->all = journey_assemble(&f->arena, &f->group, &o, &f->n);
}

/* "recipient>final outcome attempts, ..." of one journey. */
static str
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
static str
hops(struct fixture *f, size_t i)
{
    str s = { 0 };
    for (size_t k = 0; i < f->n && k < f->all[i].nhops; k++)
        s = arena_printf(&f->arena, "%.*s%s%.*s/%.*s", PRSTR(s), s.n ? " " : "",
                         PRSTR(f->all[i].hops[k].host), PRSTR(f->all[i].hops[k].queue_id));
    return s;
}

static bool
has_finding(const struct assembled *a, const char *code)
{
    for (size_t i = 0; i < a->nfindings; i++)
        if (strcmp(a->findings[i].code, code) == 0)
            return true;
    return false;
}

#define SENT     RESULT_SENT
#define DEFERRED RESULT_DEFERRED
#define BOUNCED  RESULT_BOUNCED

static void
test_chains(void)
{
    struct fixture *f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 2);
    attempt(f, "out", "A1", 1, "r@x", SENT, "B1");
    attempt(f, "in", "B1", 3, "r@x", SENT, NULL)->local = true;
    assemble(f);
    is_int((long long)f->n, 1, "two hosts, one journey");
    is_str(hops(f, 0), "out/A1 in/B1", "its hops in order");
    is_str(deliveries(f, 0), "r@x stored 2", "its delivery");
    is_int((long long)f->all[0].journey.journey_id, 77, "the first journey has the group's key");

    f = fresh();
    transit(f, "out", "A1", 100); /* the receiver's clock is 100 s behind */
    transit(f, "in", "B1", 2);
    attempt(f, "out", "A1", 101, "r@x", SENT, "B1");
    attempt(f, "in", "B1", 3, "r@x", SENT, NULL)->local = true;
    assemble(f);
    is_str(hops(f, 0), "out/A1 in/B1", "skewed clocks do not turn the order");
    ok(f->all[0].hops[1].clock_skew && f->all[0].hops[1].delay_s < -97, "skew is shown, not hidden");

    f = fresh();
    transit(f, "out", "A1", 0);
    attempt(f, "out", "A1", 1, "r@x", SENT, "REMOTE9");
    assemble(f);
    is_str(hops(f, 0), "out/A1 remote.example/REMOTE9", "a receiver without a log shows by its acceptance");
    is_str(deliveries(f, 0), "r@x accepted 1", "and accepted it");

    f = fresh();
    transit(f, "mx", "A1", 0);
    transit(f, "mx", "B1", 3)->orig_queue_id = S("A1");
    attempt(f, "mx", "A1", 2, "r@x", SENT, NULL)->relay_ip = S("127.0.0.1");
    attempt(f, "mx", "B1", 4, "r@x", SENT, NULL)->local = true;
    assemble(f);
    is_int((long long)f->n, 1, "orig_queue_id joins what a content filter handed back");
}

static void
test_recipients(void)
{
    struct fixture *f = fresh();
    transit(f, "out", "A1", 0);
    attempt(f, "out", "A1", 1, "a@x", SENT, NULL);
    attempt(f, "out", "A1", 1.1, "b@x", DEFERRED, NULL);
    attempt(f, "out", "A1", 1.2, "c@x", BOUNCED, NULL);
    attempt(f, "out", "A1", 300, "b@x", DEFERRED, NULL);
    attempt(f, "out", "A1", 900, "b@x", SENT, NULL);
    assemble(f);
    is_str(deliveries(f, 0), "a@x accepted 1, b@x accepted 3, c@x bounced 1",
           "each recipient once, with all its attempts");
    ok(f->all[0].deliveries[1].first_attempt_at == T0 + 1100000 &&
           f->all[0].deliveries[1].last_attempt_at == T0 + 900 * WHEN_SECOND,
       "the first and the last attempt");

    f = fresh();
    transit(f, "out", "A1", 0);
    attempt(f, "out", "A1", 1, "User@X.example", DEFERRED, NULL);
    attempt(f, "out", "A1", 2, "user@x.EXAMPLE", SENT, NULL);
    assemble(f);
    is_int((long long)f->all[0].ndeliveries, 1, "case does not tell recipients apart");
    is_int(f->all[0].deliveries[0].attempts, 2, "their attempts count together");

    f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 2);
    attempt(f, "out", "A1", 1, "a@x", SENT, "B1");
    attempt(f, "out", "A1", 1, "b@x", SENT, "B1");
    attempt(f, "in", "B1", 3, "a@x", SENT, NULL)->local = true;
    attempt(f, "in", "B1", 3, "b@x", BOUNCED, NULL);
    assemble(f);
    is_str(deliveries(f, 0), "a@x stored 2, b@x bounced 2", "two recipients in one transaction");
    is_str(hops(f, 0), "out/A1 in/B1", "make one hop");

    f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 2);
    attempt(f, "out", "A1", 1, "list@x", SENT, "B1");
    attempt(f, "in", "B1", 3, "m1@y", SENT, NULL)->orig_recipient = S("list@x");
    attempt(f, "in", "B1", 3, "m2@y", DEFERRED, NULL)->orig_recipient = S("list@x");
    attempt(f, "in", "B1", 4, "archive@x", SENT, NULL);
    assemble(f);
    is_str(deliveries(f, 0), "list@x>m1@y accepted 2, list@x>m2@y deferred 2, archive@x accepted 1",
           "an alias becomes its members, and a copy for the archive is not lost");

    f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 2);
    attempt(f, "out", "A1", 1, "a@x", SENT, "B1");
    attempt(f, "out", "A1", 1, "b@x", SENT, "B1");
    attempt(f, "in", "B1", 3, "same@y", SENT, NULL)->orig_recipient = S("a@x");
    attempt(f, "in", "B1", 3, "same@y", SENT, NULL)->orig_recipient = S("b@x");
    assemble(f);
    is_str(deliveries(f, 0), "a@x>same@y accepted 3, b@x>same@y accepted 3",
           "two aliases of one mailbox both arrive");

    f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 2);
    attempt(f, "out", "A1", 1, "old@x", SENT, "B1");
    attempt(f, "in", "B1", 3, "new@y", SENT, NULL)->local = true;
    assemble(f);
    is_str(deliveries(f, 0), "old@x>new@y stored 2", "a rewriting nothing explains");

    f = fresh();
    transit(f, "list", "A1", 0);
    attempt(f, "list", "A1", 1, "list@x", SENT, NULL)->local = true;
    transit(f, "list", "B1", 2)->flags |= TRANSIT_LOCAL;
    transit(f, "list", "B2", 3)->flags |= TRANSIT_LOCAL;
    attempt(f, "list", "B1", 4, "m1@y", SENT, NULL);
    attempt(f, "list", "B2", 5, "m2@y", SENT, NULL);
    assemble(f);
    is_int((long long)f->n, 1, "a list that hands in two messages");
    is_str(deliveries(f, 0), "list@x>m1@y accepted 2, list@x>m2@y accepted 2", "reaches the members of both");
}

static void
test_ends(void)
{
    static const struct {
        unsigned flags;
        const char *want, *text;
    } ends[] = {
        { 0, " lost 0", "accepted and never seen again" },
        { TRANSIT_HELD, " deferred 0", "held" },
        { TRANSIT_HELD | TRANSIT_DELETED, " discarded 0", "deleted by an operator" },
        { TRANSIT_DISCARDED, " discarded 0", "discarded by a rule" },
        { TRANSIT_REMOVED, " accepted 0", "removed, its attempts in a log we lack" },
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct fixture *f = fresh();
        transit(f, "mx", "A1", 0)->flags |= ends[i].flags;
        assemble(f);
        is_str(deliveries(f, 0), ends[i].want, ends[i].text);
    }
    struct fixture *f = fresh();
    transit(f, "mx", "A1", 0)->at = T0;
    f->group.transits[0].t.born_at = T0 + 30 * WHEN_DAY - WHEN_MINUTE;
    assemble(f);
    is_str(deliveries(f, 0), " in_transit 0", "young: in transit");

    f = fresh();
    transit(f, "mx", "A1", 0)->flags |= TRANSIT_EXPIRED | TRANSIT_REMOVED;
    attempt(f, "mx", "A1", 1, "r@x", DEFERRED, NULL);
    assemble(f);
    is_str(deliveries(f, 0), "r@x expired 1", "expired");

    f = fresh();
    transit(f, "mx", "A1", 0)->flags |= TRANSIT_REQUEUED;
    attempt(f, "mx", "A1", 1, "r@x", DEFERRED, NULL);
    transit(f, "mx", "B1", 100)->orig_queue_id = S("A1");
    attempt(f, "mx", "B1", 101, "r@x", SENT, NULL);
    assemble(f);
    is_str(deliveries(f, 0), "r@x accepted 2", "requeued: goes on under another id");

    f = fresh();
    transit(f, "mx", "A1", 0)->flags = TRANSIT_BORN | TRANSIT_REFUSED;
    struct group_refusal r = { .r = { .host = S("mx"),
                                      .queue_id = S("A1"),
                                      .recipient = S("r@x"),
                                      .action = S("milter-reject"),
                                      .stage = STAGE_CONTENT,
                                      .code = 550,
                                      .at = T0 } };
    ARENA_PUSH(&f->arena, f->group.refusals, f->group.nrefusals, f->group.refusals_room) = r;
    assemble(f);
    is_str(deliveries(f, 0), "r@x rejected 0", "refused after its queue id was born");
}

static void
test_separate(void)
{
    struct fixture *f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "out", "A2", 4000);
    attempt(f, "out", "A1", 1, "r@x", SENT, "R1");
    attempt(f, "out", "A2", 4001, "r@x", SENT, "R2");
    assemble(f);
    is_int((long long)f->n, 2, "a Message-ID used twice: two journeys");
    ok(f->n == 2 && f->all[0].journey.journey_id != f->all[1].journey.journey_id, "with ids of their own");

    f = fresh();
    transit(f, "h1", "A1", 0);
    transit(f, "h2", "A1", 0);
    transit(f, "h3", "A1", 0);
    assemble(f);
    ok(f->n == 3 && f->all[1].journey.journey_id != f->all[2].journey.journey_id,
       "the same queue id at the same second on several hosts: ids differ");

    f = fresh();
    transit(f, "h1", "A1", 0);
    transit(f, "h1", "B7", 1000); /* the nearer one in time is meant */
    transit(f, "h2", "B7", 2);
    attempt(f, "h1", "A1", 1, "r@x", SENT, "B7");
    assemble(f);
    is_str(hops(f, 0), "h1/A1 h2/B7", "of two queues with one id the nearer in time");
}

static void
test_headers(void)
{
    struct fixture *f = fresh();
    struct message *m = message(f, "r@x");
    received(f, m, "inner.x", "C1", 10);
    received(f, m, "mx.x", "", 5);
    received(f, m, "out.y", "", 1);
    assemble(f);
    is_str(hops(f, 0), "out.y/ mx.x/ inner.x/C1", "Received fields alone make hops, the last first");
    is_str(deliveries(f, 0), "r@x stored 0", "and a delivery");

    f = fresh();
    transit(f, "out", "A1", 0);
    attempt(f, "out", "A1", 1, "r@x", SENT, NULL);
    m = message(f, "r@x");
    received(f, m, "mx.x", "Z9", 2)->at = WHEN_NONE; /* a field without a date */
    received(f, m, "out", "A1", 0);
    assemble(f);
    is_int((long long)f->n, 1, "fields and log are one journey, whatever the date of a field");

    f = fresh();
    message(f, "a@x");
    message(f, "b@x");
    assemble(f);
    is_int((long long)f->n, 1, "copies without any field are one journey");
    is_str(deliveries(f, 0), "a@x stored 0, b@x stored 0", "with a delivery for each mailbox");
}

static void
test_loop(void)
{
    enum { ROUNDS = 55 };
    static char ids[ROUNDS + 1][16];
    struct fixture *f = fresh();
    for (int i = 0; i <= ROUNDS; i++)
        snprintf(ids[i], sizeof ids[i], "Q%03d", i);
    for (int i = 0; i <= ROUNDS; i++) {
        transit(f, i % 2 ? "odd" : "even", ids[i], i);
        bool last = i == ROUNDS;
        attempt(f, i % 2 ? "odd" : "even", ids[i], i + .5, "r@x", last ? BOUNCED : SENT,
                last ? NULL : ids[i + 1]);
    }
    assemble(f);
    is_int((long long)f->n, 1, "a loop is one journey");
    is_str(deliveries(f, 0), "r@x bounced 56", "that ends with the host that gave up");

    f = fresh();
    transit(f, "a", "A1", 0);
    transit(f, "b", "B1", 1);
    attempt(f, "a", "A1", 0.5, "r@x", SENT, "B1");
    attempt(f, "b", "B1", 1.5, "r@x", SENT, "A1"); /* a reply that names the sender's own queue */
    assemble(f);
    is_int((long long)f->n, 1, "queues that name each other end somewhere");
    is_int((long long)f->all[0].ndeliveries, 1, "with one delivery");

    /* both recipients become two others in each of 40 queues: 2^40 ways */
    static char names[41][2][16];
    f = fresh();
    for (int i = 0; i <= 40; i++) {
        transit(f, i % 2 ? "odd" : "even", ids[i], i);
        for (int k = 0; k < 2; k++) {
            snprintf(names[i][k], sizeof names[i][k], "%c%d@x", 'a' + k, i);
            attempt(f, i % 2 ? "odd" : "even", ids[i], i + .5, names[i][k], SENT, i < 40 ? ids[i + 1] : NULL);
        }
    }
    clock_t begin = clock();
    assemble(f);
    ok((double)(clock() - begin) / CLOCKS_PER_SEC < 5, "ways that double at every queue end soon");
    ok(has_finding(&f->all[0], "cut_short"), "and it is said that they were not all gone");
}

/* Seconds to assemble a group of n transits of a kind. */
static double
seconds(int kind, size_t n)
{
    struct fixture *f = fresh();
    char *text = arena_alloc(&f->arena, n * 128 + 128);
    transit(f, "out", "ROOT", 0);
    for (size_t i = 0; i < n; i++) {
        char *id = text + i * 128, *next = id + 32, *rcpt = id + 64;
        snprintf(id, 32, "Q%zu", i);
        snprintf(next, 32, "%s%zu", kind == 0 ? "Q" : "N", i + 1);
        snprintf(rcpt, 32, "r%zu@x", kind == 2 ? 0 : i);
        double at = kind == 0 ? (double)i : (double)(i % 60);
        switch (kind) {
        case 0: /* a chain */
        case 1: /* separate messages, separate recipients, receivers without logs */
        case 2: /* the same recipient over and over, on two hosts */
            transit(f, kind == 2 && i % 2 ? "other" : "out", id, at);
            attempt(f, kind == 2 && i % 2 ? "other" : "out", id, at + .5, rcpt, SENT,
                    kind == 2 ? NULL : next);
            break;
        case 3: /* one message to many, each recipient tried twice and then taken under an id of its own */
            attempt(f, "out", "ROOT", 1, rcpt, DEFERRED, NULL);
            attempt(f, "out", "ROOT", 2, rcpt, SENT, next);
            break;
        case 4: /* a list's local deliveries, each handing in anew */
            attempt(f, "out", "ROOT", 1, rcpt, SENT, NULL)->local = true;
            transit(f, "out", id, 2)->flags |= TRANSIT_LOCAL;
            break;
        case 5: { /* refused again and again */
            transit(f, "out", id, at)->flags = TRANSIT_BORN | TRANSIT_REFUSED;
            struct group_refusal r = {
                .r = { .host = S("out"), .queue_id = str_from(id), .recipient = str_from(rcpt), .at = T0 }
            };
            ARENA_PUSH(&f->arena, f->group.refusals, f->group.nrefusals, f->group.refusals_room) = r;
            break;
        }
        case 6: /* stored copies with fields of their own, and their arrivals */
            received(f, message(f, rcpt), "mx.x", "", (double)i);
            transit(f, "mx", id, at);
            attempt(f, "mx", id, at, rcpt, SENT, NULL)->local = true;
            break;
        default: /* an alias of many */
            attempt(f, "out", "ROOT", 1, rcpt, BOUNCED, NULL)->orig_recipient = S("list@x");
            break;
        }
    }
    clock_t begin = clock();
    assemble(f);
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

static void
test_large(void)
{
    static const char *const kinds[] = {
        "a chain",         "separate messages", "one recipient again and again",
        "one to many",     "handed in anew",    "refused again and again",
        "stored messages", "an alias of many"
    };
    for (int k = 0; k < 8; k++) {
        double few = seconds(k, 5000), many = seconds(k, 20000);
        ok(many < .5 || many < 12 * few, "%s: 5,000 in %.3f s, 20,000 in %.3f s", kinds[k], few, many);
    }
}

static void
test_order(void)
{
    str first[4] = { { 0 } };
    for (int turn = 0; turn < 4; turn++) {
        struct fixture *f = fresh();
        for (int i = 0; i < 4; i++) {
            static const char *const hosts[] = { "h1", "h2", "h3", "h1" }, *const ids[] = { "A", "B", "C",
                                                                                            "D" };
            int k = (i + turn) % 4;
            transit(f, hosts[k], ids[k], k == 3 ? 0 : k);
            attempt(f, hosts[k], ids[k], k + .5, "r@x", SENT, k < 2 ? ids[k + 1] : NULL)->attempt_id =
                (uint64_t)k + 1;
        }
        assemble(f);
        static char kept[4][512];
        str all = arena_printf(&f->arena, "%zu %.*s %.*s %.*s %.*s %llx", f->n, PRSTR(hops(f, 0)),
                               PRSTR(deliveries(f, 0)), PRSTR(hops(f, 1)), PRSTR(deliveries(f, 1)),
                               (unsigned long long)f->all[f->n - 1].journey.journey_id);
        memcpy(kept[turn], all.p, all.n < 512 ? all.n : 512);
        first[turn] = str_of(kept[turn], all.n);
        if (turn)
            ok(str_eq(first[0], first[turn]), "the order of rows changes nothing (%.*s)", PRSTR(first[turn]));
    }
}

static struct verdict *
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

/* A message that reaches a delivery agent, which says what it did with it. */
static const struct delivery *
filed(struct fixture *f, const char *action, const char *mailbox)
{
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 1);
    attempt(f, "out", "A1", 1.5, "anna@x", SENT, "B1");
    struct attempt *t = attempt(f, "in", "B1", 2, "anna@x", SENT, NULL);
    t->local = true;
    t->reply = S("250 2.0.0 <anna@x> Sess+1 Saved");
    verdict(f, EVENT_FILING, NULL, 1.9, "anna@x", action)->mailbox = str_from(mailbox);
    assemble(f);
    static const struct delivery none;
    return f->n == 1 && f->all[0].ndeliveries == 1 ? &f->all[0].deliveries[0] : &none;
}

static void
test_filings(void)
{
    static const struct {
        const char *action, *mailbox, *outcome, *stage, *placement;
    } rows[] = {
        { "stored", "INBOX", "inbox", "", "INBOX" },
        { "stored", "Junk", "junk", "routing", "Junk" },
        { "stored", "Lists/c", "stored", "", "Lists/c" },
        { "discarded", "", "discarded", "routing", "" },
        { "rejected", "", "bounced", "routing", "" },
        { "forwarded", "b@y", "accepted", "", "" },
        { "vacation", "", "stored", "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct delivery *d = filed(fresh(), rows[i].action, rows[i].mailbox);
        ok(str_eq(outcome_word(d->outcome), str_from(rows[i].outcome)) &&
               str_eq(stage_word(d->class.stage), str_from(rows[i].stage)) &&
               str_eq(d->placement, str_from(rows[i].placement)),
           "filed: %s %s is %s (%.*s, %.*s, %.*s)", rows[i].action, rows[i].mailbox, rows[i].outcome,
           PRSTR(outcome_word(d->outcome)), PRSTR(stage_word(d->class.stage)), PRSTR(d->placement));
    }
    struct fixture *f = fresh();
    const struct delivery *d = filed(f, "discarded", "");
    is_str(d->decided_by, "in/dovecot", "the delivery agent decided");
    ok(has_finding(&f->all[0], "silent_loss"), "what the sender was told is noted");
    ok(f->all[0].nverdicts == 1 && f->all[0].verdicts[0].decides && f->all[0].verdicts[0].hop_seq == 2,
       "the verdict is the second hop's, and decides");

    f = fresh(); /* two recipients, sessions tell them apart; one copy kept, one thrown away */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "a@x", SENT, NULL)->reply = S("250 2.0.0 <a@x> S:R2 Saved");
    attempt(f, "in", "B1", 2, "b@x", SENT, NULL)->reply = S("250 2.0.0 <b@x> S:R3 Saved");
    f->group.attempts[0].local = f->group.attempts[1].local = true;
    struct verdict *v = verdict(f, EVENT_FILING, NULL, 2, "system-user-a", "discarded");
    v->session = S("S:R2");
    v = verdict(f, EVENT_FILING, NULL, 2, "b@x", "discarded");
    v->session = S("S:R3");
    v = verdict(f, EVENT_FILING, NULL, 2, "b@x", "stored");
    v->session = S("S:R3");
    v->mailbox = S("INBOX");
    assemble(f);
    is_str(deliveries(f, 0), "a@x discarded 1, b@x inbox 1",
           "sessions name the recipient; what is stored is not discarded");
}

static void
test_filters(void)
{
    struct fixture *f = fresh();
    transit(f, "out", "A1", 0);
    transit(f, "in", "B1", 1);
    attempt(f, "out", "A1", 1.5, "anna@x", SENT, "B1");
    struct attempt *t = attempt(f, "in", "B1", 2, "anna@x", RESULT_DISCARDED, NULL);
    t->relay_ip = S("127.0.0.1");
    t->reply = S("250 2.7.0 Ok, discarded, id=1-2 - spam");
    struct verdict *v = verdict(f, EVENT_FILTER, "B1", 2, "anna@x", "blocked");
    v->result = S("spam");
    v->detail = S("DiscardedInbound,Quarantined");
    v->score = 9.5;
    assemble(f);
    is_str(deliveries(f, 0), "anna@x quarantined 2", "what a filter keeps aside is in quarantine");
    const struct delivery *d = &f->all[0].deliveries[0];
    ok(d->class.stage == STAGE_CONTENT && d->class.reason == REASON_SPAM, "at stage content, as spam");
    is_str(d->decided_by, "in/amavis", "the filter decided");

    f = fresh(); /* marked by the filter, filed as junk by the delivery agent */
    transit(f, "in", "B1", 1);
    transit(f, "in", "C1", 3)->orig_queue_id = S("B1");
    attempt(f, "in", "B1", 4, "anna@x", SENT, "C1")->relay_ip = S("127.0.0.1");
    attempt(f, "in", "C1", 5, "anna@x", SENT, NULL)->local = true;
    v = verdict(f, EVENT_FILTER, "B1", 4, "", "passed");
    v->result = S("spam");
    verdict(f, EVENT_FILING, NULL, 5, "anna@x", "stored")->mailbox = S("Junk");
    assemble(f);
    d = &f->all[0].deliveries[0];
    ok(d->outcome == OUTCOME_JUNK && d->class.stage == STAGE_ROUTING && d->class.reason == REASON_SPAM,
       "junk has its reason from the filter before it");

    f = fresh(); /* a filter took it and named its next queue id, which nothing ever bore */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 4, "anna@x", SENT, "NEVER")->relay_ip = S("127.0.0.1");
    assemble(f);
    is_str(deliveries(f, 0), "anna@x lost 1", "what a filter on the same host never handed back is lost");

    f = fresh(); /* OpenDKIM tells of one signature in two lines */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "anna@x", SENT, NULL)->local = true;
    v = verdict(f, EVENT_AUTH, "B1", 1.1, "", "");
    v->method = S("dkim");
    v->domain = S("y.example");
    v->selector = S("s");
    v = verdict(f, EVENT_AUTH, "B1", 1.1, "", "");
    v->method = S("dkim");
    v->result = S("fail");
    assemble(f);
    ok(f->all[0].nauths == 1 && str_eq(f->all[0].auths[0].domain, S("y.example")) &&
           str_eq(f->all[0].auths[0].result, S("fail")),
       "one result of two lines");
    ok(has_finding(&f->all[0], "dkim_fail"), "which is a finding");

    f = fresh();
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "anna@x", SENT, NULL)->local = true;
    verdict(f, EVENT_ENGAGEMENT, NULL, 900, "anna@x", "complaint");
    assemble(f);
    ok(has_finding(&f->all[0], "complaint"), "so is a complaint");
}

/* As many verdicts as attempts: no slower than these. */
static void
test_many_verdicts(void)
{
    double took[2];
    for (int k = 0; k < 2; k++) {
        struct fixture *f = fresh();
        int n = k ? 20000 : 5000;
        transit(f, "in", "B1", 0);
        for (int i = 0; i < n; i++) {
            const char *to = arena_printf(&f->arena, "r%d@x", i).p;
            attempt(f, "in", "B1", 1 + i, to, SENT, NULL)->local = true;
            verdict(f, EVENT_FILING, NULL, 1 + i, to, "stored")->mailbox = S("INBOX");
            verdict(f, EVENT_FILTER, "B1", 1 + i, to, "passed")->result = S("ham");
        }
        clock_t begin = clock();
        assemble(f);
        took[k] = (double)(clock() - begin) / CLOCKS_PER_SEC;
        ok(f->all[0].ndeliveries == (size_t)n && f->all[0].deliveries[n - 1].outcome == OUTCOME_INBOX,
           "%d filed", n);
    }
    ok(took[1] < .5 || took[1] < 12 * took[0], "5,000 in %.3f s, 20,000 in %.3f s", took[0], took[1]);
}

int
main(void)
{
    test_chains();
    test_recipients();
    test_ends();
    test_separate();
    test_headers();
    test_loop();
    test_order();
    test_filings();
    test_filters();
    test_many_verdicts();
    test_large();
    return done_testing();
}
