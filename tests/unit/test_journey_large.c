/* Large groups, of every shape that could need the square of its size: they are assembled in time. */
#include <stdlib.h>
#include <time.h>

#include "journey_group.h"
#include "tap.h"

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
    test_large();
    test_many_verdicts();
    return done_testing();
}
