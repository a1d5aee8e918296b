/* What Haraka's outbound queue tells: attempts, and whom they were for.
 *
 * Its lines name a domain, or its number, and not the recipients: each of those that is still open gets an event. */
#include "log_haraka.h"

/* "UUID.1.2" -> "UUID.1"; the third number counts domains. */
static str
transaction_of(str uuid, unsigned *todo)
{
    struct str_cut last = str_rcut(uuid, '.');
    *todo = 0;
    if (!last.found || !str_digits(last.tail) || str_find_char(last.head, '.') == STR_NONE)
        return uuid;
    *todo = (unsigned)str_cut_number(last.tail, 6).value;
    return last.head;
}

static str
domain_of(str address)
{
    return str_rcut(address, '@').tail;
}

/* The domain of a transaction's nth delivery: domains in the order in which they came. */
static str
nth_domain(const struct haraka_mail *m, unsigned nth)
{
    for (size_t i = 0; m && nth && i < m->n; i++) {
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before = str_ieq(domain_of(m->recipients[k]), domain_of(m->recipients[i]));
        if (!before && --nth == 0)
            return domain_of(m->recipients[i]);
    }
    return (str){ 0 };
}

static bool
is_wanted(const struct haraka_now *now, size_t i)
{
    const struct haraka_mail *m = now->mail;
    return m->done[i] == now->wanted &&
           (now->domain.n == 0 || str_ieq(domain_of(m->recipients[i]), now->domain));
}

/* A try is for those not told of yet; where there are none, for those that were put off. */
static void
choose_wanted(struct haraka_now *now)
{
    now->wanted = HARAKA_OPEN;
    for (size_t i = 0; now->mail && i < now->mail->n; i++)
        if (is_wanted(now, i))
            return;
    now->wanted = HARAKA_DEFERRED;
}

/* The recipients of a domain that no line of their own told; without a domain, all. */
bool
haraka_take_recipient(struct haraka_now *now, struct event *e)
{
    struct haraka_mail *m = now->mail;
    const struct haraka_line *l = &now->line;
    str recipient = { 0 };
    while (m && now->next < m->n && recipient.n == 0) {
        size_t i = now->next++;
        if (!is_wanted(now, i))
            continue;
        recipient = m->recipients[i];
        if (now->result != RESULT_DEFERRED)
            m->done[i] = HARAKA_TOLD;
    }
    if (recipient.n == 0)
        return false;
    e->kind = EVENT_ATTEMPT;
    e->result = now->result;
    EV(e, QUEUE_ID) = now->queue_id;
    EV(e, RECIPIENT) = recipient;
    EV(e, REPLY) = now->reply;
    if (!now->accepted_here) {
        EV(e, RELAY_NAME) = haraka_get(l, "host");
        EV(e, RELAY_IP) = haraka_get(l, "ip");
        EV(e, RELAY_PORT) = haraka_get(l, "port");
        EV(e, DELAY) = haraka_get(l, "delay");
    }
    if (str_eq(haraka_get(l, "tls"), S("Y"))) {
        EV(e, TLS_VERSION) = m->tls_version;
        EV(e, TLS_CIPHER) = m->tls_cipher;
    }
    event_parse_reply(e);
    return true;
}

/* "Some recipients temp failed: <a>, <b>": whom it was for, where the transaction's own lines are not known. */
static bool
take_listed(struct event *e, enum attempt_result result, str reply)
{
    size_t at = str_find(reply, S(": <"));
    if (!str_starts(reply, S("Some recipients ")) || at == STR_NONE)
        return false;
    e->kind = EVENT_ATTEMPT;
    e->result = result;
    e->recipients = str_skip(reply, at + 2);
    EV(e, REPLY) = reply;
    return event_next_recipient(e);
}

static void
attempts(struct haraka_now *now, struct event *e, enum attempt_result result, str reply, str domain)
{
    now->result = result;
    now->reply = reply;
    now->domain = domain;
    if (now->mail == NULL && take_listed(e, result, reply)) {
        EV(e, QUEUE_ID) = now->queue_id;
        return;
    }
    choose_wanted(now);
    if (haraka_take_recipient(now, e)) {
        now->pending = true;
        return;
    }
    e->kind = EVENT_ATTEMPT; /* whom it was for stands in an older log */
    e->result = result;
    EV(e, QUEUE_ID) = now->queue_id;
    EV(e, REPLY) = reply;
    EV(e, RELAY_NAME) = haraka_get(&now->line, "host");
    EV(e, RELAY_IP) = haraka_get(&now->line, "ip");
    event_parse_reply(e);
}

/* "recipient <a> deferred: 450 ..." */
static void
take_single(struct haraka_now *now, struct event *e, bool deferred)
{
    str recipient = haraka_angle(now->line.message);
    size_t colon = str_find(now->line.message, deferred ? S(" deferred: ") : S(" rejected: "));
    e->kind = EVENT_ATTEMPT;
    e->result = deferred ? RESULT_DEFERRED : RESULT_BOUNCED;
    EV(e, QUEUE_ID) = now->queue_id;
    EV(e, RECIPIENT) = str_cut(recipient, '>').head;
    EV(e, REPLY) = str_skip(now->line.message, colon + 11);
    event_parse_reply(e);
    for (size_t i = 0; now->mail && i < now->mail->n; i++)
        if (str_ieq(now->mail->recipients[i], EV(e, RECIPIENT)))
            now->mail->done[i] = deferred ? HARAKA_DEFERRED : HARAKA_TOLD;
}

static void
note_line(struct haraka_now *now, struct event *e, const char *action)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = str_from(action);
    EV(e, DETAIL) = now->line.message;
}

/* "Too many failures (450 4.2.0 ...)" -> what failed last. */
static str
last_failure(str reason)
{
    return str_starts(reason, S("Too many failures ("))
               ? str_head(str_skip(reason, 19), reason.n > 20 ? reason.n - 20 : 0)
               : reason;
}

static str
without_upstream(str reason)
{
    return str_starts(reason, S("Upstream error: ")) ? str_skip(reason, 16) : reason;
}

/* "Tried all MXs" says nothing; what each of them did stands on the line before. */
static void
note_trouble(struct haraka_mail *m, unsigned todo, str what)
{
    if (m == NULL)
        return;
    m->trouble_n = what.n < HARAKA_TROUBLE ? what.n : HARAKA_TROUBLE;
    memcpy(m->trouble, what.p, m->trouble_n);
    m->trouble_todo = todo;
}

static str
with_trouble(const struct haraka_mail *m, unsigned todo, str reason)
{
    bool vague = str_eq(reason, S("Tried all MXs"));
    return vague && m && m->trouble_n && m->trouble_todo == todo ? str_of(m->trouble, m->trouble_n) : reason;
}

static void
take_failure(struct haraka_now *now, struct event *e, str reason, bool bounce, unsigned todo, str domain)
{
    bool expired = str_starts(reason, S("Too many failures ("));
    reason = with_trouble(now->mail, todo, without_upstream(last_failure(reason)));
    bool told = str_starts(reason, S("Some recipients "));
    if (told && !expired) {
        note_line(now, e, bounce ? "bounce" : "deferred");
        return;
    }
    attempts(now, e, expired ? RESULT_EXPIRED : bounce ? RESULT_BOUNCED : RESULT_DEFERRED, reason, domain);
}

static void
take_secured(struct haraka_now *now, struct event *e)
{
    e->kind = EVENT_SESSION;
    e->flags |= EVENT_TLS | EVENT_TO_REMOTE;
    EV(e, ACTION) = S("tls");
    EV(e, TLS_VERSION) = haraka_get(&now->line, "version");
    EV(e, TLS_CIPHER) = haraka_get(&now->line, "cipher");
    EV(e, TLS_VERIFIED) = haraka_get(&now->line, "verified");
    if (now->mail == NULL)
        return;
    now->mail->tls_version = arena_copy(&now->mail->texts, EV(e, TLS_VERSION));
    now->mail->tls_cipher = arena_copy(&now->mail->texts, EV(e, TLS_CIPHER));
}

void
haraka_take_outbound(struct haraka_now *now, struct event *e)
{
    static const struct {
        const char *start, *action;
    } notes[] = {
        { "MX Lookup for ", "tried" },
        { "DNS lookup of ", "tried" },
        { "Failed to get pool entry", "tried" },
        { "Failed to get socket", "tried" },
        { "Ongoing connection failed", "tried" },
        { "Remote end ", "tried" },
        { "Double bounce", "double-bounce" },
        { "[outbound] Failed to get pool entry", "tried" },
    };
    str m = now->line.message;
    unsigned todo;
    now->queue_id = transaction_of(now->line.uuid, &todo);
    now->mail = haraka_mail_of(e->host, now->queue_id, false);
    str domain = haraka_get(&now->line, "domain");
    if (domain.n == 0)
        domain = nth_domain(now->mail, todo);
    if (str_starts(m, S("delivered"))) {
        attempts(now, e, RESULT_SENT, haraka_get(&now->line, "response"), domain);
        return;
    }
    if (str_starts(m, S("secured"))) {
        take_secured(now, e);
        return;
    }
    if (str_starts(m, S("recipient ")) && str_has(m, S(" deferred: "))) {
        take_single(now, e, true);
        return;
    }
    if (str_starts(m, S("recipient ")) && str_has(m, S(" rejected: "))) {
        take_single(now, e, false);
        return;
    }
    if (str_starts(m, S("bouncing mail: "))) {
        take_failure(now, e, str_skip(m, 15), true, todo, domain);
        return;
    }
    if (str_starts(m, S("Temp failing "))) {
        size_t colon = str_find(m, S(" seconds: "));
        take_failure(now, e, colon == STR_NONE ? m : str_skip(m, colon + 10), false, todo, domain);
        return;
    }
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (str_starts(m, str_from(notes[i].start))) {
            note_line(now, e, notes[i].action);
            if (str_eq(EV(e, ACTION), S("tried")))
                note_trouble(now->mail, todo, m);
            return;
        }
    haraka_ignore(e, "what outbound is busy with");
}
