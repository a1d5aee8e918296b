/* Groups in, journeys out: how transits are linked, and what becomes of each recipient. */
#include <time.h>

#include "journey_group.h"
#include "tap.h"

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

/* One Message-ID, sent again at once: what the senders' and the receivers' whole seconds leave of the order. */
static void
test_resent(void)
{
    struct fixture *f = fresh();
    transit(f, "msa", "05B3D", 0)->client_ip = S("192.0.2.10");
    transit(f, "out", "1D40A", 0);
    transit(f, "msa", "297E5", 1)->client_ip = S("192.0.2.10");
    transit(f, "out", "40FE8", 1);
    attempt(f, "msa", "05B3D", 0, "r@x", SENT, "1D40A");
    attempt(f, "out", "1D40A", 0, "r@x", SENT, "4jX5yc0x3T"); /* by a host without a log */
    attempt(f, "msa", "297E5", 1, "r@x", SENT, "40FE8");
    attempt(f, "out", "40FE8", 1, "r@x", SENT, "4jX5yc1xkn");
    assemble(f);
    is_int((long long)f->n, 2, "a message sent again did not come from the first one's receiver");
    is_str(hops(f, 1), "msa/297E5 out/40FE8 remote.example/4jX5yc1xkn", "and has its own way");

    f = fresh();
    transit(f, "msa", "05B3D", 0);
    transit(f, "msa", "297E5", 0);
    transit(f, "mx", "4jX5yc1xkn", 0.3);
    transit(f, "mx", "4jX5yc0x3T", 0.1);
    attempt(f, "msa", "297E5", 0, "r@x", SENT, "40FE8");
    attempt(f, "msa", "05B3D", 0, "r@x", SENT, "1D40A");
    attempt(f, "mx", "4jX5yc0x3T", 0.2, "r@x", SENT, NULL)->local = true;
    attempt(f, "mx", "4jX5yc1xkn", 0.4, "r@x", SENT, NULL)->local = true;
    assemble(f);
    is_str(hops(f, 0), "msa/05B3D remote.example/1D40A mx/4jX5yc0x3T",
           "a relay without a log stands between its neighbours");
    is_str(hops(f, 1), "msa/297E5 remote.example/40FE8 mx/4jX5yc1xkn", "and what came first goes first");

    f = fresh();
    transit(f, "msa", "A1", 0);
    transit(f, "mx1", "B1", 2);
    transit(f, "mx2", "C1", 2);
    attempt(f, "msa", "A1", 1, "r@x", SENT, "R1");
    attempt(f, "msa", "A1", 1, "q@y", SENT, "R1");
    attempt(f, "mx1", "B1", 3, "r@x", SENT, NULL)->local = true;
    attempt(f, "mx2", "C1", 3, "q@y", SENT, NULL)->local = true;
    assemble(f);
    is_int((long long)f->n, 1, "a relay without a log may hand on to several hosts");
    is_str(deliveries(f, 0), "r@x stored 2, q@y stored 2", "each recipient to its own");

    static const char *const lists[] = { "3BBE8", "6105D", "846E3" }, *const handed[] = { "48517", "6B7FC",
                                                                                          "8F151" };
    f = fresh();
    for (size_t i = 3; i-- > 0;) {
        transit(f, "list", lists[i], 0);
        attempt(f, "list", lists[i], 1, "list@x", SENT, NULL)->local = true;
        transit(f, "list", handed[i], 0)->flags |= TRANSIT_LOCAL;
        attempt(f, "list", handed[i], 2, "r@y", SENT, NULL);
    }
    assemble(f);
    is_int((long long)f->n, 3, "three messages of one Message-ID through a list in one second");
    str all =
        arena_printf(&f->arena, "%.*s, %.*s, %.*s", PRSTR(hops(f, 0)), PRSTR(hops(f, 1)), PRSTR(hops(f, 2)));
    ok(str_has(all, S("list/3BBE8 list/48517")) && str_has(all, S("list/6105D list/6B7FC")) &&
           str_has(all, S("list/846E3 list/8F151")),
       "each copy belongs to the delivery before it (%.*s)", PRSTR(all));
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

/* Copies of which nobody says in whose mailbox they lay: how many Received fields they have above the sender's,
 * their first host and for whom, and what that makes of a message to r@x (mx.x) and s@y (mx.y). */
static void
test_unnamed_copies(void)
{
    static const struct {
        const char *by, *to, *want, *name;
    } rows[] = {
        { NULL, "", "r@x accepted 1, s@y accepted 1", "the sender's own copy proves nothing" },
        { "mx.x", "", "r@x stored 1, s@y accepted 1",
          "a copy that a receiver's host took is of its recipient" },
        { "mx.y", "s@y", "r@x accepted 1, s@y stored 1", "a field that names the recipient tells" },
        { "mx.x", "t@z", "r@x accepted 1, s@y accepted 1", "one for somebody else is nobody's here" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture *f = fresh();
        transit(f, "out", "A1", 0);
        attempt(f, "out", "A1", 1, "r@x", SENT, NULL)->relay_host = S("mx.x");
        attempt(f, "out", "A1", 1, "s@y", SENT, NULL)->relay_host = S("mx.y");
        struct message *m = message(f, "");
        if (rows[i].by) {
            received(f, m, rows[i].by, "Z9", 2)->for_address = str_from(rows[i].to);
            received(f, m, "out", "A1", 0);
        }
        assemble(f);
        is_str(deliveries(f, 0), rows[i].want, rows[i].name);
    }
    struct fixture *f = fresh();
    transit(f, "out", "A1", 0);
    attempt(f, "out", "A1", 1, "r@x", SENT, NULL)->relay_host = S("198.51.100.7");
    struct message *m = message(f, "");
    received(f, m, "store.elsewhere", "Z9", 2)->for_address = S("alias@z");
    received(f, m, "out", "A1", 0);
    assemble(f);
    is_str(deliveries(f, 0), "r@x stored 1", "the only recipient's copy, under whatever name");
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

int
main(void)
{
    test_chains();
    test_recipients();
    test_ends();
    test_separate();
    test_resent();
    test_headers();
    test_unnamed_copies();
    test_loop();
    test_order();
    return done_testing();
}
