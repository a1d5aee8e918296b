/* Writes the logs of two Postfix hosts, and says what is in them.
 *
 *   gen_postfix [--iso] [--day N] LINES DIR [SEED]   (at least one session is written)
 *
 * mta1 takes mail from customers and hands it to mta2 and to foreign hosts; mta2
 * stores it by LMTP.  DIR/mta1.log and DIR/mta2.log get LINES lines together,
 * the same ones for the same seed: RFC 3164 stamps, or RFC 3339 with --iso; time starts on
 * 2 March 2026, or N days later.
 * mta1 has short queue ids, some of them used twice; mta2 long ones.  Standard
 * output tells the truth as "name value" lines, for tests to compare with what
 * a database counts.
 *
 * It is no model of a mail system: nothing queues up, hosts never fail. */
#include "postfix_lines.h"

enum {
    RETRIES = 6,              /* of a host that never answers: then the message expires */
    SESSION_LINES_MAX = 1000, /* no session writes more: the rest is filled with plain visits */
    VISIT_LINES = 2,
};

static const when session_gap = WHEN_SECOND / 2; /* on average */

/* ---- deliveries ---- */

static when deliver_to_mta2(const struct message *, const struct rcpt *, int n, when at);

/* A bounce of m for one of our customers; gives the time at which m may go. */
static when
notify(const struct message *m, when at)
{
    struct message b = { .host = m->host, .customer = m->customer, .user = m->user, .null_sender = true };
    struct rcpt to = { .domain = PROVIDERS + m->customer, .user = m->user };
    struct civil c;
    b.at = at + 5000;
    b.size = m->size + 2300;
    new_id(b.host, b.id, &b.at);
    c = when_to_civil(b.at);
    snprintf(b.message_id, sizeof b.message_id, "%04d%02d%02d%02d%02d%02d.%s@%s", c.year, c.month, c.day,
             c.hour, c.minute, c.second, b.id, b.host->fqdn);
    log_message_id(&b, b.at);
    line(m->host, b.at, "bounce", 1600 + roll(16), "%s: sender non-delivery notification: %s", m->id, b.id);
    gen.truth.notifications++;
    gen.truth.messages++;
    gen.truth.deliveries++;
    log_active(&b, b.at + 1000, 1);
    when done;
    if (b.host == &gen.mta[1]) {
        struct attempt_line stored = { .program = "lmtp",
                                       .pid = new_pid(b.host),
                                       .dsn = "2.0.0",
                                       .status = "sent",
                                       .before = "250 2.0.0 ",
                                       .after = " Saved",
                                       .rcpt_in_reply = true,
                                       .by_lmtp = true,
                                       .setup = 10000,
                                       .transfer = 20000 };
        done = b.at + 50000;
        log_attempt(&b, done, &to, &stored);
        gen.truth.stored++;
    } else {
        done = deliver_to_mta2(&b, &to, 1, b.at + 2000);
    }
    log_removed(&b, done);
    return b.at + 2000;
}

/* mta2 files what it took; a few mailboxes are full, a few deliveries wait. */
static void
store(struct message *m, const struct rcpt *r, int n, when at)
{
    bool bounced = false;
    when last = at;
    log_message_id(m, at);
    log_active(m, at + 3000, n);
    for (int i = 0; i < n; i++) {
        unsigned chance = m->null_sender ? 999 : roll(1000);
        struct attempt_line a = { .program = "lmtp",
                                  .pid = new_pid(m->host),
                                  .by_lmtp = true,
                                  .rcpt_in_reply = true,
                                  .setup = 10000,
                                  .transfer = between(10000, 90000) };
        when t = at + 20000 + a.transfer;
        if (chance < 8) {
            a.dsn = "5.2.2", a.status = "bounced";
            a.before = "host mta2.example.net[private/dovecot-lmtp] said: 552 5.2.2 ";
            a.after = " Quota exceeded (mailbox for user is full) (in reply to end of DATA command)";
            log_attempt(m, t, &r[i], &a);
            bounced = true;
            gen.truth.failed++;
            last = t > last ? t : last;
            continue;
        }
        if (chance < 14) {
            a.dsn = "4.3.0", a.status = "deferred";
            a.before = "host mta2.example.net[private/dovecot-lmtp] said: 451 4.3.0 ";
            a.after = " Temporary internal error (in reply to RCPT TO command)";
            log_attempt(m, t, &r[i], &a);
            t += between(300 * WHEN_SECOND, 600 * WHEN_SECOND);
            log_active(m, t, n);
            t += a.transfer + 20000;
        }
        a.dsn = "2.0.0", a.status = "sent", a.before = "250 2.0.0 ", a.after = " iYkDEYr6pWl5LQAAq9BC Saved";
        log_attempt(m, t, &r[i], &a);
        gen.truth.stored++;
        last = t > last ? t : last;
    }
    if (bounced)
        last = notify(m, last);
    log_removed(m, last);
}

/* mta2's side of a session with mta1 that it refuses. */
static void
refuse_at_mta2(const struct message *m, const struct rcpt *r, when at, const char *reply)
{
    struct host *h = &gen.mta[1];
    unsigned pid = new_pid(h);
    struct text t;
    log_session(h, at, m, pid, "connect from ", "");
    begin(&t, h, at + 5000, "smtpd", pid);
    LIT(&t, "NOQUEUE: reject: RCPT from ");
    put_client(&t, m, h);
    LIT(&t, ": ");
    put(&t, reply, 10);
    LIT(&t, "<");
    put_rcpt(&t, r);
    LIT(&t, ">");
    puts_to(&t, reply + 10);
    LIT(&t, "; from=<");
    puts_to(&t, m->from);
    LIT(&t, "> to=<");
    put_rcpt(&t, r);
    LIT(&t, "> proto=ESMTP helo=<mta1.example.net>");
    end(&t, h, at + 5000);
    log_session(h, at + 9000, m, pid, "disconnect from ",
                " ehlo=2 starttls=1 mail=1 rcpt=0/1 data=0/1 rset=1 quit=1 commands=5/7");
    gen.truth.refusals++;
}

/* mta1 -> mta2, all recipients in one transaction. */
static when
deliver_to_mta2(const struct message *m, const struct rcpt *r, int n, when at)
{
    struct host *far = &gen.mta[1];
    unsigned pid = new_pid(far);
    struct message next = *m;
    struct attempt_line a = { .program = "smtp",
                              .pid = new_pid(m->host),
                              .dsn = "2.0.0",
                              .status = "sent",
                              .before = "250 2.0.0 Ok: queued as ",
                              .after = next.id,
                              .setup = between(10000, 40000),
                              .transfer = between(10000, 200000) };
    when greeted = at + a.setup, done = greeted + a.transfer;
    log_tls_out(m->host, greeted, PROVIDERS, a.pid);
    log_session(far, at, m, pid, "connect from ", "");
    log_session(far, greeted, m, pid, "Anonymous TLS connection established from ", tls_tail);
    next.host = far;
    next.at = greeted;
    next.size += 430;
    new_id(far, next.id, &next.at);
    struct text t;
    begin(&t, far, greeted, "smtpd", pid);
    put_id(&t, &next);
    LIT(&t, "client=mta1.example.net[192.0.2.1]");
    end(&t, far, greeted);
    store(&next, r, n, done);
    log_session(far, done + 2000, m, pid, "disconnect from ",
                " ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7");
    for (int i = 0; i < n; i++)
        log_attempt(m, done, &r[i], &a);
    gen.truth.relayed++;
    return done;
}

/* What becomes of one group of recipients with one domain. */
struct outcome_of_group {
    when done;
    bool bounced, expired;
};

/* Refused at RCPT: for good (bounced), or greylisted and then taken. */
static struct outcome_of_group
deliver_refused(const struct message *m, const struct rcpt *r, int n, when at, bool greylisted)
{
    bool ours = r->domain >= PROVIDERS;
    struct attempt_line a = { .program = "smtp",
                              .pid = new_pid(m->host),
                              .rcpt_in_reply = true,
                              .setup = between(20000, 200000),
                              .transfer = between(20000, 300000) };
    char host[96];
    struct text t = { .n = 0 };
    LIT(&t, "host ");
    put_relay(&t, r->domain);
    puts_to(&t, greylisted ? " said: 450 4.2.0 " : " said: 550 5.1.1 ");
    memcpy(host, t.p, t.n);
    host[t.n] = '\0';
    a.before = host;
    a.dsn = greylisted ? "4.2.0" : "5.1.1";
    a.status = greylisted ? "deferred" : "bounced";
    a.after = greylisted ? ": Recipient address rejected: Greylisted, please try again in 300 seconds (in "
                           "reply to RCPT TO command)"
                         : ": Recipient address rejected: User unknown in virtual mailbox table (in reply to "
                           "RCPT TO command)";
    when done = at + a.setup + a.transfer;
    log_tls_out(m->host, at + a.setup, r->domain, a.pid);
    for (int i = 0; i < n; i++) {
        if (ours)
            refuse_at_mta2(
                m, &r[i], at + a.setup,
                greylisted
                    ? "450 4.2.0 : Recipient address rejected: Greylisted, please try again in 300 seconds"
                    : "550 5.1.1 : Recipient address rejected: User unknown in virtual mailbox table");
        log_attempt(m, done, &r[i], &a);
    }
    if (!greylisted)
        gen.truth.failed += (uint64_t)n;
    return (struct outcome_of_group){ .done = done, .bounced = !greylisted };
}

static when
deliver_abroad(const struct message *m, const struct rcpt *r, int n, when at)
{
    char queued[40];
    struct attempt_line a = { .program = "smtp",
                              .pid = new_pid(m->host),
                              .dsn = "2.0.0",
                              .status = "sent",
                              .before = "250 2.0.0 Ok: queued as ",
                              .after = queued,
                              .setup = between(30000, 400000),
                              .transfer = between(50000, 1500000) };
    when done = at + a.setup + a.transfer;
    queued[base(queued, (uint64_t)roll(UINT32_MAX) << 20 | roll(1 << 20), 31, 10)] = '\0';
    if (roll(10) != 0)
        log_tls_out(m->host, at + a.setup, r->domain, a.pid);
    for (int i = 0; i < n; i++)
        log_attempt(m, done, &r[i], &a);
    gen.truth.accepted += (uint64_t)n;
    return done;
}

/* A host that does not answer: retries ever further apart, then the queue gives up. */
static struct outcome_of_group
deliver_unanswered(const struct message *m, const struct rcpt *r, int n, when at, int tries)
{
    char reply[128];
    struct text t = { .n = 0 };
    when done = at;
    LIT(&t, "connect to ");
    put_relay(&t, r->domain);
    LIT(&t, ":25: Connection timed out");
    memcpy(reply, t.p, t.n);
    reply[t.n] = '\0';
    for (int i = 0; i < tries; i++) {
        struct attempt_line a = { .program = "smtp",
                                  .pid = new_pid(m->host),
                                  .dsn = "4.4.1",
                                  .status = "deferred",
                                  .before = reply,
                                  .after = "",
                                  .no_relay = true,
                                  .setup = 30 * WHEN_SECOND };
        if (i > 0)
            log_active(m, done, n);
        done += a.setup;
        line(m->host, done, "smtp", a.pid, "%s", reply);
        for (int k = 0; k < n; k++)
            log_attempt(m, done, &r[k], &a);
        done += ((when)300 << i) * WHEN_SECOND; /* 5, 10, 20, 40, 80, 160 minutes */
    }
    return (struct outcome_of_group){ .done = done, .expired = tries == RETRIES };
}

static struct outcome_of_group
deliver(const struct message *m, const struct rcpt *r, int n, when at)
{
    bool ours = r->domain >= PROVIDERS;
    unsigned chance = roll(1000);
    struct outcome_of_group o = { .done = at };
    if (chance < (ours ? 20 : 40))
        return deliver_refused(m, r, n, at, false);
    if (chance < 100) {
        o = deliver_refused(m, r, n, at, true);
        o.done += between(300 * WHEN_SECOND, 900 * WHEN_SECOND);
        log_active(m, o.done, n);
    } else if (!ours && chance < 118) {
        o = deliver_unanswered(m, r, n, at, chance < 104 ? RETRIES : 1 + (int)roll(2));
        if (o.expired)
            return o;
        log_active(m, o.done, n);
    }
    o.done = (ours ? deliver_to_mta2 : deliver_abroad)(m, r, n, o.done + 5000);
    return o;
}

/* ---- sessions ---- */

/* Recipients in order of domain. */
static int
choose_rcpts(struct rcpt *r)
{
    unsigned chance = roll(100);
    int n = chance < 78 ? 1 : chance < 90 ? 2 : 3 + (int)roll(RCPTS_MAX - 2);
    int domain = roll(100) < 55 ? PROVIDERS + (int)roll(CUSTOMERS) : (int)roll(PROVIDERS);
    for (int i = 0; i < n; i++) {
        if (i > 0 && domain < PROVIDERS && roll(3) == 0)
            domain = domain + 1 + (int)roll(3);
        r[i] = (struct rcpt){ .domain = domain, .user = (int)roll(USERS - RCPTS_MAX) + i };
        for (int k = 0; k < i; k++)
            if (r[k].user == r[i].user && r[k].domain == r[i].domain)
                r[i].user = r[k].user + 1, k = -1;
    }
    return n;
}

/* A message taken by mta1 until it is gone from its queue; gives the time at which the client may go on. */
static when
send_message(struct message *m, when at, unsigned pid)
{
    struct rcpt r[RCPTS_MAX];
    struct outcome_of_group all = { .done = 0 };
    struct text t;
    int n = choose_rcpts(r);
    m->at = at;
    m->user = (int)roll(USERS);
    m->size = 1200 + roll(60000);
    new_id(m->host, m->id, &m->at);
    snprintf(m->from, sizeof m->from, "user%d@customer%d.example", m->user, m->customer);
    snprintf(m->message_id, sizeof m->message_id, "%08x.%08x@mail.customer%d.example", roll(UINT32_MAX),
             roll(UINT32_MAX), m->customer);
    gen.truth.messages++;
    gen.truth.deliveries += (uint64_t)n;
    begin(&t, m->host, m->at, "smtpd", pid);
    put_id(&t, m);
    LIT(&t, "client=");
    put_client(&t, m, m->host);
    if (m->customer % 2 == 0) {
        LIT(&t, ", sasl_method=PLAIN, sasl_username=customer");
        put_number(&t, (uint64_t)m->customer, 1);
    }
    end(&t, m->host, m->at);
    when active = m->at + between(20000, 400000);
    log_message_id(m, active - 10000);
    log_active(m, active, n);
    for (int i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && r[k].domain == r[i].domain; k++)
            ;
        struct outcome_of_group o = deliver(m, r + i, k - i, active + 5000);
        all.bounced |= o.bounced;
        all.expired |= o.expired;
        if (o.expired)
            gen.truth.expired += (uint64_t)(k - i);
        all.done = o.done > all.done ? o.done : all.done;
    }
    if (all.expired)
        line(m->host, all.done, "qmgr", 1200, "%s: from=<%s>, status=expired, returned to sender", m->id,
             m->from);
    if (all.bounced || all.expired)
        all.done = notify(m, all.done);
    log_removed(m, all.done);
    return active;
}

static const char *const refusals[] = {
    "554 5.7.1 Service unavailable; Client host blocked using bl.example.org",
    "450 4.7.1 Client host rejected: cannot find your reverse hostname",
    "454 4.7.1 Relay access denied",
    "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table",
    "504 5.5.2 Helo command rejected: need fully-qualified hostname",
};

/* A stranger who gets nothing in. */
static void
stranger(struct host *h, when at)
{
    unsigned pid = new_pid(h), ip = roll(254) + 1, which = roll(sizeof refusals / sizeof *refusals);
    int user = (int)roll(USERS), customer = (int)roll(CUSTOMERS);
    line(h, at, "smtpd", pid, "connect from unknown[198.18.0.%d]", (int)ip);
    line(h, at + 400000, "smtpd", pid,
         "NOQUEUE: reject: RCPT from unknown[198.18.0.%d]: %s; from=<spam%d@stranger.example> "
         "to=<user%d@customer%d.example> "
         "proto=ESMTP helo=<host%d>",
         (int)ip, refusals[which], user, user, customer, (int)ip);
    line(h, at + 600000, "smtpd", pid,
         "disconnect from unknown[198.18.0.%d] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4", (int)ip);
    gen.truth.refusals++;
}

static void
visit(struct host *h, when at)
{
    unsigned pid = new_pid(h);
    line(h, at, "smtpd", pid, "connect from monitor.example.net[192.0.2.9]");
    line(h, at, "smtpd", pid, "disconnect from monitor.example.net[192.0.2.9] ehlo=1 quit=1 commands=2");
}

static void
session(when at)
{
    struct host *h = &gen.mta[0];
    struct message m = { .host = h, .customer = (int)roll(CUSTOMERS) };
    unsigned pid = new_pid(h);
    int n = 1 + (int)roll(4);
    log_session(h, at, &m, pid, "connect from ", "");
    if (m.customer % 4 != 1)
        log_session(h, at + 30000, &m, pid, "Anonymous TLS connection established from ", tls_tail);
    at += 60000;
    for (int i = 0; i < n; i++)
        at = send_message(&m, at + between(20000, 100000), pid);
    struct text t;
    begin(&t, h, at + 30000, "smtpd", pid);
    LIT(&t, "disconnect from ");
    put_client(&t, &m, h);
    LIT(&t, " ehlo=2 starttls=1 mail=");
    put_number(&t, (uint64_t)n, 1);
    LIT(&t, " rcpt=");
    put_number(&t, (uint64_t)n, 1);
    LIT(&t, " data=");
    put_number(&t, (uint64_t)n, 1);
    LIT(&t, " quit=1 commands=");
    put_number(&t, (uint64_t)(3 * n + 4), 1);
    end(&t, h, at + 30000);
}

static void
simulate(uint64_t lines)
{
    when at = gen.start;
    while (gen.truth.lines + SESSION_LINES_MAX < lines ||
           (lines < SESSION_LINES_MAX * 2 && gen.truth.lines * 2 < lines)) {
        at += between(session_gap / 2, session_gap * 3 / 2);
        for (int i = 0; i < 2; i++)
            calendar_advance(&gen.mta[i].calendar, at / WHEN_SECOND);
        session(at);
        if (roll(4) == 0)
            stranger(&gen.mta[roll(2)], at);
    }
    for (; gen.truth.lines + VISIT_LINES <= lines; at += 10 * WHEN_SECOND) {
        calendar_advance(&gen.mta[0].calendar, at / WHEN_SECOND);
        visit(&gen.mta[0], at);
    }
    if (gen.truth.lines < lines)
        line(&gen.mta[0], at, "anvil", 1700, "statistics: max cache size 3 at Mar  2 00:00:00");
}

int
main(int argc, char **argv)
{
    char path[4096];
    gen.start = start;
    for (; argc > 1 && argv[1][0] == '-'; argv++, argc--) {
        if (strcmp(argv[1], "--iso") == 0) {
            gen.iso = true;
        } else if (strcmp(argv[1], "--day") == 0 && argc > 2) {
            gen.start += strtol(argv[2], NULL, 10) * WHEN_DAY;
            argv++;
            argc--;
        }
    }
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: gen_postfix [--iso] [--day N] LINES DIR [SEED]\n");
        return 64;
    }
    gen.random = argc == 4 ? strtoull(argv[3], NULL, 10) : 1;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s.log", argv[2], gen.mta[i].name);
        if (!calendar_open(&gen.mta[i].calendar, path, gen.start / WHEN_SECOND, gen.iso)) {
            perror(path);
            return 73;
        }
    }
    simulate(strtoull(argv[1], NULL, 10));
    for (int i = 0; i < 2; i++)
        if (!calendar_close(&gen.mta[i].calendar)) {
            perror(gen.mta[i].name);
            return 73;
        }
#define TELL(name) printf(#name " %" PRIu64 "\n", gen.truth.name)
    TELL(lines), TELL(messages), TELL(transits), TELL(attempts), TELL(sent), TELL(deferred), TELL(bounced);
    TELL(deliveries), TELL(stored), TELL(accepted), TELL(failed), TELL(expired);
    TELL(relayed), TELL(refusals), TELL(notifications), TELL(reused_ids);
    printf("bytes %" PRIu64 "\n", gen.mta[0].calendar.bytes + gen.mta[1].calendar.bytes);
    return 0;
}
