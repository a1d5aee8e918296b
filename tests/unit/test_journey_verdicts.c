/* What filters and delivery agents say of a message, in its journey. */
#include "journey_group.h"
#include "tap.h"

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

    f = fresh(); /* two recipients in one session */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "a@x", SENT, NULL)->reply = S("250 2.0.0 <a@x> S:R2 Saved");
    attempt(f, "in", "B1", 2, "b@x", SENT, NULL)->reply = S("250 2.0.0 <b@x> S:R2 Saved");
    f->group.attempts[0].local = f->group.attempts[1].local = true;
    v = verdict(f, EVENT_FILING, NULL, 2, "b@x", "stored");
    v->session = S("S:R2");
    v->mailbox = S("Junk");
    v = verdict(f, EVENT_FILING, NULL, 2, "a@x", "stored");
    v->session = S("S:R2");
    v->mailbox = S("INBOX");
    assemble(f);
    is_str(deliveries(f, 0), "a@x inbox 1, b@x junk 1", "within a session the recipient tells");

    f = fresh(); /* Cyrus names nobody whose Sieve discarded it: the process that the reply names tells */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "a+x@x", SENT, NULL)->reply =
        S("250 2.1.5 Success SESSIONID=<mx-1795369875-491-1-147>");
    attempt(f, "in", "B1", 2, "b@x", SENT, NULL)->reply =
        S("250 2.1.5 Success SESSIONID=<mx-1795369875-497-3-14760277628048751802>");
    f->group.attempts[0].local = f->group.attempts[1].local = true;
    verdict(f, EVENT_FILING, NULL, 2, "", "discarded")->session = S("497");
    v = verdict(f, EVENT_FILING, NULL, 2, "a", "stored");
    v->session = S("491");
    v->mailbox = S("user.a");
    assemble(f);
    is_str(deliveries(f, 0), "a+x@x stored 1, b@x discarded 1",
           "a process names the recipient, a plus does not hide it");

    f = fresh(); /* one transaction with two recipients: whom it means, nothing tells */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "a@x", SENT, NULL)->reply =
        S("250 2.1.5 Success SESSIONID=<mx-491-1795369875-1>");
    attempt(f, "in", "B1", 2, "b@x", SENT, NULL)->reply =
        S("250 2.1.5 Success SESSIONID=<mx-491-1795369875-1>");
    f->group.attempts[0].local = f->group.attempts[1].local = true;
    verdict(f, EVENT_FILING, NULL, 2, "", "discarded")->session = S("491");
    assemble(f);
    is_str(deliveries(f, 0), "a@x stored 1, b@x stored 1",
           "of two in one transaction neither is taken for the other");

    f = fresh(); /* ... unless the others have theirs */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "a@x", SENT, NULL)->reply =
        S("250 2.1.5 Success SESSIONID=<mx-491-1795369875-1>");
    attempt(f, "in", "B1", 2, "b@x", SENT, NULL)->reply =
        S("250 2.1.5 Success SESSIONID=<mx-491-1795369875-1>");
    f->group.attempts[0].local = f->group.attempts[1].local = true;
    verdict(f, EVENT_FILING, NULL, 2, "", "discarded")->session = S("491");
    v = verdict(f, EVENT_FILING, NULL, 2, "a", "stored");
    v->session = S("491");
    v->mailbox = S("user.a");
    assemble(f);
    is_str(deliveries(f, 0), "a@x stored 1, b@x discarded 1",
           "of two in one transaction the other one's is known");
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

    f = fresh(); /* the filter's reply is the same for what it keeps and what it lets pass; its id tells */
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "anna@x", SENT, NULL)->reply = S("250 2.5.0 OK (3807BE5DFA39502AEF1)");
    v = verdict(f, EVENT_FILTER, NULL, 2, "anna@x", "quarantine");
    v->session = S("3807BE5DFA39502AEF1");
    v->result = S("spam");
    assemble(f);
    is_str(deliveries(f, 0), "anna@x quarantined 1", "a reply that names the verdict is the filter's");

    f = fresh();
    transit(f, "in", "B1", 1);
    attempt(f, "in", "B1", 2, "anna@x", SENT, NULL)->reply = S("250 2.5.0 OK (3807BE5DFA39502AEF2)");
    v = verdict(f, EVENT_FILTER, NULL, 2, "anna@x", "quarantine");
    v->session = S("3807BE5DFA39502AEF1");
    assemble(f);
    is_str(deliveries(f, 0), "anna@x accepted 1", "another's reply is not");

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

int
main(void)
{
    test_filings();
    test_filters();
    return done_testing();
}
