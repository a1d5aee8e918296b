/* What clients send to Haraka: connections, transactions, and the birth of a message.
 *
 * A message is born where the queue hook answers; what comes before is remembered (log_haraka_memory.c).  Queue plugins
 * that hand it to another server within the transaction make its attempts, too. */
#include <stdio.h>

#include "log_haraka.h"

static str
connection_of(str uuid)
{
    return str_cut(uuid, '.').head;
}

static void
set_envelope(struct haraka_now *now, struct event *e)
{
    haraka_connection_get(e->host, connection_of(now->queue_id), &EV(e, CLIENT_IP), &EV(e, CLIENT_PORT));
    if (now->mail == NULL || !now->mail->has_mail_from)
        return;
    EV(e, MAIL_FROM) = now->mail->mail_from;
    e->flags |= EVENT_HAS_MAIL_FROM;
}

/* Hook results: OK and CONT let it pass, DENY* refuse, DENYSOFT* for now. */
static bool
is_denied(str code)
{
    return str_istarts(code, S("DENY"));
}

static void
refuse(struct haraka_now *now, struct event *e, enum stage stage)
{
    str code = haraka_get(&now->line, "code");
    e->kind = EVENT_REFUSAL;
    e->stage = stage;
    EV(e, ACTION) = str_istarts(code, S("DENYSOFT")) ? S("defer") : S("reject");
    EV(e, REPLY) = haraka_get(&now->line, "msg");
    set_envelope(now, e);
    event_parse_reply(e);
}

static void
take_connect(struct haraka_now *now, struct event *e)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("connect");
    EV(e, CLIENT_IP) = haraka_get(&now->line, "ip");
    EV(e, CLIENT_PORT) = haraka_get(&now->line, "port");
    haraka_connection_set(e->host, connection_of(now->line.uuid), EV(e, CLIENT_IP), EV(e, CLIENT_PORT));
}

static void
take_disconnect(struct haraka_now *now, struct event *e)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("disconnect");
    EV(e, CLIENT_IP) = haraka_get(&now->line, "ip");
    EV(e, CLIENT_NAME) = haraka_get(&now->line, "rdns");
    EV(e, HELO) = haraka_get(&now->line, "helo");
    EV(e, DETAIL) = haraka_get(&now->line, "lr");
}

static void
take_sender(struct haraka_now *now, struct event *e)
{
    str sender = haraka_angle(now->line.message);
    now->mail = haraka_mail_of(e->host, now->queue_id, true);
    now->mail->mail_from = arena_copy(&now->mail->texts, sender);
    now->mail->has_mail_from = true;
    if (is_denied(haraka_get(&now->line, "code"))) {
        refuse(now, e, STAGE_ENVELOPE);
        return;
    }
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("sender");
    EV(e, DETAIL) = sender;
}

static void
take_rcpt(struct haraka_now *now, struct event *e)
{
    str recipient = haraka_angle(now->line.message);
    now->mail = haraka_mail_of(e->host, now->queue_id, true);
    if (!now->mail->has_mail_from) {
        now->mail->mail_from = arena_copy(&now->mail->texts, haraka_get(&now->line, "sender"));
        now->mail->has_mail_from = now->mail->mail_from.n > 0;
    }
    if (is_denied(haraka_get(&now->line, "code"))) {
        refuse(now, e, STAGE_ENVELOPE);
        EV(e, RECIPIENT) = recipient;
        return;
    }
    haraka_mail_recipient(now->mail, recipient);
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("recipient");
    EV(e, DETAIL) = recipient;
}

static void
take_message(struct haraka_now *now, struct event *e)
{
    str id = haraka_angle(str_trim(haraka_get(&now->line, "mid")));
    now->mail = haraka_mail_of(e->host, now->queue_id, true);
    now->mail->message_id = arena_copy(&now->mail->texts, id);
    now->mail->size = arena_copy(&now->mail->texts, haraka_get(&now->line, "size"));
    if (is_denied(haraka_get(&now->line, "code"))) {
        refuse(now, e, STAGE_DATA);
        EV(e, MESSAGE_ID) = id;
        return;
    }
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = S("message");
    EV(e, DETAIL) = id;
}

static void
set_birth(struct haraka_now *now, struct event *e)
{
    char digits[24];
    e->kind = EVENT_ARRIVAL;
    e->flags |= EVENT_BIRTH | EVENT_ACTIVE;
    EV(e, QUEUE_ID) = now->queue_id;
    EV(e, PROTOCOL) = S("SMTP");
    set_envelope(now, e);
    if (now->mail == NULL)
        return;
    now->mail->born = true;
    EV(e, MESSAGE_ID) = now->mail->message_id;
    EV(e, SIZE) = now->mail->size;
    int n = snprintf(digits, sizeof digits, "%zu", now->mail->n);
    if (now->mail->n)
        EV(e, NRCPT) = arena_copy(&now->arena, str_of(digits, (size_t)n));
}

/* "Message Queued" is Haraka's own queue; other words are those of the server that a plugin handed it to. */
static void
take_queue(struct haraka_now *now, struct event *e)
{
    str msg = haraka_get(&now->line, "msg");
    if (is_denied(haraka_get(&now->line, "code"))) {
        refuse(now, e, STAGE_DATA);
        if (now->mail)
            EV(e, MESSAGE_ID) = now->mail->message_id;
        return;
    }
    if (!str_eq(haraka_get(&now->line, "code"), S("OK"))) {
        haraka_ignore(e, "a hook that leaves the message to others");
        return;
    }
    set_birth(now, e);
    if (str_istarts(msg, S("Message Queued")) || msg.n == 0 || now->mail == NULL)
        return;
    size_t tail = str_rfind_char(msg, '(');
    now->reply = tail != STR_NONE && tail > 0 && str_has(str_skip(msg, tail), connection_of(now->queue_id))
                     ? str_trim(str_head(msg, tail))
                     : msg;
    now->result = RESULT_SENT;
    now->accepted_here = now->pending = true;
}

void
haraka_take_core(struct haraka_now *now, struct event *e)
{
    str m = now->line.message;
    if (str_starts(m, S("connect")) && haraka_get(&now->line, "ip").n && m.n == 7)
        take_connect(now, e);
    else if (str_starts(m, S("disconnect")) && m.n == 10)
        take_disconnect(now, e);
    else if (str_starts(m, S("sender <")))
        take_sender(now, e);
    else if (str_starts(m, S("recipient <")))
        take_rcpt(now, e);
    else if (str_eq(m, S("message")))
        take_message(now, e);
    else if (str_eq(m, S("queue")))
        take_queue(now, e);
    else
        haraka_ignore(e, "what the server is busy with");
}
