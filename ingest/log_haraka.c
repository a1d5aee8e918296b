/* Haraka logs: which lines are Haraka's, and what connections, transactions and outbound mail tell.
 *
 * Plugins write what they like: their lines are counted as ignored.  A message
 * is born where the queue hook answers; what comes before is remembered. */
#include <stdio.h>

#include "log_haraka.h"

#include "syslog.h"

enum { RECOGNISE_LINES = 200, TEXT_MAX = 65536 };

static struct {
    struct arena arena; /* of one line */
    struct haraka_line line;
    str queue_id;
    struct haraka_mail *mail;
    /* what take_recipient goes on with */
    bool pending;
    size_t next;
    enum haraka_done wanted;
    str domain, reply, why;
    enum attempt_result result;
    bool accepted_here; /* by the next server within the transaction */
} now;

static bool
is_origin(const char *name)
{
    return str_eq(now.line.origin, str_from(name));
}

static void
ignore(struct event *e, const char *why)
{
    e->kind = EVENT_IGNORED;
    e->why = why;
}

static str
angle(str s)
{
    size_t open = str_find_char(s, '<'), close = str_rfind_char(s, '>');
    return open != STR_NONE && close != STR_NONE && close > open ? str_of(s.p + open + 1, close - open - 1)
                                                                 : s;
}

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
connection_of(str uuid)
{
    return str_cut(uuid, '.').head;
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

static void
set_client(struct event *e)
{
    if (!haraka_connection_get(e->host, connection_of(now.queue_id), &EV(e, CLIENT_IP), &EV(e, CLIENT_PORT)))
        return;
}

static void
set_envelope(struct event *e)
{
    set_client(e);
    if (now.mail == NULL || !now.mail->has_mail_from)
        return;
    EV(e, MAIL_FROM) = now.mail->mail_from;
    e->flags |= EVENT_HAS_MAIL_FROM;
}

/* Hook results: OK and CONT let it pass, DENY* refuse, DENYSOFT* for now. */
static bool
is_denied(str code)
{
    return str_istarts(code, S("DENY"));
}

static void
refuse(struct event *e, enum stage stage)
{
    str code = haraka_get(&now.line, "code");
    e->kind = EVENT_REFUSAL;
    e->stage = stage;
    EV(e, ACTION) = str_istarts(code, S("DENYSOFT")) ? S("defer") : S("reject");
    EV(e, REPLY) = haraka_get(&now.line, "msg");
    set_envelope(e);
    event_parse_reply(e);
}

/* Connections and transactions ---------------------------------------------------------------------- */

static void
take_connect(struct event *e)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("connect");
    EV(e, CLIENT_IP) = haraka_get(&now.line, "ip");
    EV(e, CLIENT_PORT) = haraka_get(&now.line, "port");
    haraka_connection_set(e->host, connection_of(now.line.uuid), EV(e, CLIENT_IP), EV(e, CLIENT_PORT));
}

static void
take_disconnect(struct event *e)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("disconnect");
    EV(e, CLIENT_IP) = haraka_get(&now.line, "ip");
    EV(e, CLIENT_NAME) = haraka_get(&now.line, "rdns");
    EV(e, HELO) = haraka_get(&now.line, "helo");
    EV(e, DETAIL) = haraka_get(&now.line, "lr");
}

static void
take_sender(struct event *e)
{
    str sender = angle(now.line.message);
    now.mail = haraka_mail_of(e->host, now.queue_id, true);
    now.mail->mail_from = arena_copy(&now.mail->texts, sender);
    now.mail->has_mail_from = true;
    if (is_denied(haraka_get(&now.line, "code"))) {
        refuse(e, STAGE_ENVELOPE);
        return;
    }
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("sender");
    EV(e, DETAIL) = sender;
}

static void
take_rcpt(struct event *e)
{
    str recipient = angle(now.line.message);
    now.mail = haraka_mail_of(e->host, now.queue_id, true);
    if (!now.mail->has_mail_from) {
        now.mail->mail_from = arena_copy(&now.mail->texts, haraka_get(&now.line, "sender"));
        now.mail->has_mail_from = now.mail->mail_from.n > 0;
    }
    if (is_denied(haraka_get(&now.line, "code"))) {
        refuse(e, STAGE_ENVELOPE);
        EV(e, RECIPIENT) = recipient;
        return;
    }
    haraka_mail_recipient(now.mail, recipient);
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("recipient");
    EV(e, DETAIL) = recipient;
}

static void
take_message(struct event *e)
{
    str id = angle(str_trim(haraka_get(&now.line, "mid")));
    now.mail = haraka_mail_of(e->host, now.queue_id, true);
    now.mail->message_id = arena_copy(&now.mail->texts, id);
    now.mail->size = arena_copy(&now.mail->texts, haraka_get(&now.line, "size"));
    if (is_denied(haraka_get(&now.line, "code"))) {
        refuse(e, STAGE_DATA);
        EV(e, MESSAGE_ID) = id;
        return;
    }
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("message");
    EV(e, DETAIL) = id;
}

static void
set_birth(struct event *e)
{
    char digits[24];
    e->kind = EVENT_ARRIVAL;
    e->flags |= EVENT_BIRTH | EVENT_ACTIVE;
    EV(e, QUEUE_ID) = now.queue_id;
    EV(e, PROTOCOL) = S("SMTP");
    set_envelope(e);
    if (now.mail == NULL)
        return;
    now.mail->born = true;
    EV(e, MESSAGE_ID) = now.mail->message_id;
    EV(e, SIZE) = now.mail->size;
    int n = snprintf(digits, sizeof digits, "%zu", now.mail->n);
    if (now.mail->n)
        EV(e, NRCPT) = arena_copy(&now.arena, str_of(digits, (size_t)n));
}

/* "Message Queued" is Haraka's own queue; other words are those of the server that a plugin handed it to. */
static void
take_queue(struct event *e)
{
    str msg = haraka_get(&now.line, "msg");
    if (is_denied(haraka_get(&now.line, "code"))) {
        refuse(e, STAGE_DATA);
        if (now.mail)
            EV(e, MESSAGE_ID) = now.mail->message_id;
        return;
    }
    if (!str_eq(haraka_get(&now.line, "code"), S("OK"))) {
        ignore(e, "a hook that leaves the message to others");
        return;
    }
    set_birth(e);
    if (str_istarts(msg, S("Message Queued")) || msg.n == 0 || now.mail == NULL)
        return;
    size_t tail = str_rfind_char(msg, '(');
    now.reply = tail != STR_NONE && tail > 0 && str_has(str_skip(msg, tail), connection_of(now.queue_id))
                    ? str_trim(str_head(msg, tail))
                    : msg;
    now.result = RESULT_SENT;
    now.accepted_here = now.pending = true;
}

/* Outbound ------------------------------------------------------------------------------------------ */

static bool
is_wanted(const struct haraka_mail *m, size_t i)
{
    return m->done[i] == now.wanted &&
           (now.domain.n == 0 || str_ieq(domain_of(m->recipients[i]), now.domain));
}

/* A try is for those not told of yet; where there are none, for those that were put off. */
static void
choose_wanted(void)
{
    now.wanted = HARAKA_OPEN;
    for (size_t i = 0; now.mail && i < now.mail->n; i++)
        if (is_wanted(now.mail, i))
            return;
    now.wanted = HARAKA_DEFERRED;
}

/* The recipients of a domain that no line of their own told; without a domain, all. */
static bool
take_recipient(struct event *e)
{
    struct haraka_mail *m = now.mail;
    const struct haraka_line *l = &now.line;
    str recipient = { 0 };
    while (m && now.next < m->n && recipient.n == 0) {
        size_t i = now.next++;
        if (!is_wanted(m, i))
            continue;
        recipient = m->recipients[i];
        if (now.result != RESULT_DEFERRED)
            m->done[i] = HARAKA_TOLD;
    }
    if (recipient.n == 0)
        return false;
    e->kind = EVENT_ATTEMPT;
    e->result = now.result;
    EV(e, QUEUE_ID) = now.queue_id;
    EV(e, RECIPIENT) = recipient;
    EV(e, REPLY) = now.reply;
    if (!now.accepted_here) {
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

static void
attempts(struct event *e, enum attempt_result result, str reply, str domain)
{
    now.result = result;
    now.reply = reply;
    now.domain = domain;
    choose_wanted();
    if (take_recipient(e)) {
        now.pending = true;
        return;
    }
    e->kind = EVENT_ATTEMPT; /* whom it was for stands in an older log */
    e->result = result;
    EV(e, QUEUE_ID) = now.queue_id;
    EV(e, REPLY) = reply;
    EV(e, RELAY_NAME) = haraka_get(&now.line, "host");
    EV(e, RELAY_IP) = haraka_get(&now.line, "ip");
    event_parse_reply(e);
}

/* "recipient <a> deferred: 450 ..." */
static void
take_single(struct event *e, bool deferred)
{
    str recipient = angle(now.line.message);
    size_t colon = str_find(now.line.message, deferred ? S(" deferred: ") : S(" rejected: "));
    e->kind = EVENT_ATTEMPT;
    e->result = deferred ? RESULT_DEFERRED : RESULT_BOUNCED;
    EV(e, QUEUE_ID) = now.queue_id;
    EV(e, RECIPIENT) = str_cut(recipient, '>').head;
    EV(e, REPLY) = str_skip(now.line.message, colon + 11);
    event_parse_reply(e);
    for (size_t i = 0; now.mail && i < now.mail->n; i++)
        if (str_ieq(now.mail->recipients[i], EV(e, RECIPIENT)))
            now.mail->done[i] = deferred ? HARAKA_DEFERRED : HARAKA_TOLD;
}

static void
note_line(struct event *e, const char *action)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = str_from(action);
    EV(e, DETAIL) = now.line.message;
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

static void
take_failure(struct event *e, str reason, bool bounce, str domain)
{
    bool expired = str_starts(reason, S("Too many failures ("));
    reason = without_upstream(last_failure(reason));
    bool told = str_starts(reason, S("Some recipients "));
    if (told && !expired) {
        note_line(e, bounce ? "bounce" : "deferred");
        return;
    }
    attempts(e, expired ? RESULT_EXPIRED : bounce ? RESULT_BOUNCED : RESULT_DEFERRED, reason, domain);
}

static void
take_secured(struct event *e)
{
    e->kind = EVENT_SESSION;
    e->flags |= EVENT_TLS | EVENT_TO_REMOTE;
    EV(e, ACTION) = S("tls");
    EV(e, TLS_VERSION) = haraka_get(&now.line, "version");
    EV(e, TLS_CIPHER) = haraka_get(&now.line, "cipher");
    EV(e, TLS_VERIFIED) = haraka_get(&now.line, "verified");
    if (now.mail == NULL)
        return;
    now.mail->tls_version = arena_copy(&now.mail->texts, EV(e, TLS_VERSION));
    now.mail->tls_cipher = arena_copy(&now.mail->texts, EV(e, TLS_CIPHER));
}

static void
take_outbound(struct event *e)
{
    static const struct {
        const char *start, *action;
    } notes[] = {
        { "MX Lookup for ", "tried" },
        { "DNS lookup of ", "tried" },
        { "Failed to get pool entry", "tried" },
        { "Ongoing connection failed", "tried" },
        { "Remote end ", "tried" },
        { "Double bounce", "double-bounce" },
        { "[outbound] Failed to get pool entry", "tried" },
    };
    str m = now.line.message;
    unsigned todo;
    now.queue_id = transaction_of(now.line.uuid, &todo);
    now.mail = haraka_mail_of(e->host, now.queue_id, false);
    str domain = haraka_get(&now.line, "domain");
    if (domain.n == 0)
        domain = nth_domain(now.mail, todo);
    if (str_starts(m, S("delivered"))) {
        attempts(e, RESULT_SENT, haraka_get(&now.line, "response"), domain);
        return;
    }
    if (str_starts(m, S("secured"))) {
        take_secured(e);
        return;
    }
    if (str_starts(m, S("recipient ")) && str_has(m, S(" deferred: "))) {
        take_single(e, true);
        return;
    }
    if (str_starts(m, S("recipient ")) && str_has(m, S(" rejected: "))) {
        take_single(e, false);
        return;
    }
    if (str_starts(m, S("bouncing mail: "))) {
        take_failure(e, str_skip(m, 15), true, domain);
        return;
    }
    if (str_starts(m, S("Temp failing "))) {
        size_t colon = str_find(m, S(" seconds: "));
        take_failure(e, colon == STR_NONE ? m : str_skip(m, colon + 10), false, domain);
        return;
    }
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (str_starts(m, str_from(notes[i].start))) {
            note_line(e, notes[i].action);
            return;
        }
    ignore(e, "what outbound is busy with");
}

/* Lines -------------------------------------------------------------------------------------------- */

static void
take_core(struct event *e)
{
    str m = now.line.message;
    if (str_starts(m, S("connect")) && haraka_get(&now.line, "ip").n && m.n == 7)
        take_connect(e);
    else if (str_starts(m, S("disconnect")) && m.n == 10)
        take_disconnect(e);
    else if (str_starts(m, S("sender <")))
        take_sender(e);
    else if (str_starts(m, S("recipient <")))
        take_rcpt(e);
    else if (str_eq(m, S("message")))
        take_message(e);
    else if (str_eq(m, S("queue")))
        take_queue(e);
    else
        ignore(e, "what the server is busy with");
}

static void
haraka_parse(const struct line *line, struct event *e)
{
    arena_reset(&now.arena);
    now.pending = now.accepted_here = false;
    now.next = 0;
    now.domain = now.reply = (str){ 0 };
    now.wanted = HARAKA_OPEN;
    if (line->text.n > TEXT_MAX || !haraka_line_read(&now.line, line->text, &now.arena)) {
        e->kind = EVENT_REJECT;
        e->why = line->text.n > TEXT_MAX ? "longer than any Haraka line" : "not a known Haraka line";
        return;
    }
    now.queue_id = now.line.uuid;
    now.mail = haraka_mail_of(e->host, now.queue_id, false);
    if (str_eq(now.line.level, S("PROTOCOL")) || str_eq(now.line.level, S("DATA")) ||
        str_eq(now.line.level, S("DEBUG")))
        ignore(e, "the dialogue, word by word");
    else if (is_origin("outbound") || is_origin("outbound/hmail"))
        take_outbound(e);
    else if (is_origin("core") || is_origin("connection"))
        take_core(e);
    else
        ignore(e, "what a plugin says");
}

static bool
haraka_more(struct event *e)
{
    if (!now.pending)
        return false;
    now.pending = take_recipient(e);
    return now.pending;
}

static void
haraka_begin(void)
{
    now.pending = false;
    haraka_memory_clear();
}

static bool
is_haraka_text(str s)
{
    if (str_starts(s, S("level=")))
        return str_has(s, S(" uuid=")) && str_has(s, S(" origin="));
    if (str_starts(s, S("{\"level\":")))
        return str_has(s, S("\"uuid\":")) && str_has(s, S("\"origin\":"));
    if (s.n < 8 || s.p[0] != '[')
        return false;
    size_t close = str_find_char(s, ']');
    str level = close == STR_NONE ? (str){ 0 } : str_of(s.p + 1, close - 1);
    for (size_t i = 0; i < level.n; i++)
        if (level.p[i] < 'A' || level.p[i] > 'Z')
            return false;
    return level.n >= 4 && str_starts(str_skip(s, close + 1), S(" ["));
}

/* Haraka's own stamp: new Date().toISOString(). */
static bool
haraka_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s)
{
    struct when_result stamp = when_rfc3339(whole);
    if (!stamp.ok || !stamp.zoned || stamp.rest.n < 2 || stamp.rest.p[0] != ' ' ||
        !is_haraka_text(str_skip(stamp.rest, 1)))
        return false;
    *civil = stamp.civil;
    *zoned = true;
    *offset_s = stamp.offset_s;
    out->whole = whole;
    out->text = str_skip(stamp.rest, 1);
    return true;
}

static bool
haraka_owns(str program)
{
    return str_ieq(program, S("haraka"));
}

static int
haraka_recognise(str head, bool eof)
{
    str rest = head;
    for (int i = 0; i < RECOGNISE_LINES && rest.n; i++) {
        struct str_cut c = str_cut(rest, '\n');
        struct line line = { 0 };
        struct civil civil;
        bool zoned;
        int offset_s;
        if (!c.found && !eof)
            break;
        if (haraka_frame(c.head, &line, &civil, &zoned, &offset_s) || is_haraka_text(c.head))
            return 95;
        rest = c.tail;
    }
    int sure = syslog_recognise(head, eof, haraka_owns);
    return sure >= 90 ? sure : 0;
}

const struct format format_haraka = {
    .name = "haraka",
    .kind = "log",
    .description = "Haraka, default form, logfmt and JSON, with its own time stamps or in syslog",
    .recognise = haraka_recognise,
    .owns = haraka_owns,
    .frame = haraka_frame,
    .parse = haraka_parse,
    .begin = haraka_begin,
    .suspend = haraka_memory_suspend,
    .resume = haraka_memory_resume,
    .more = haraka_more,
};
