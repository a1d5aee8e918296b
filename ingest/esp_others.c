/* Mandrill, Brevo and Mailjet: webhooks. */
#include "esp.h"

/* Mandrill: {"event", "ts", "_id", "msg": {...}} */
static const struct esp_word mandrill_words[] = {
    { "send", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "deferral", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "hard_bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "soft_bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "reject", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "spam", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "unsub", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "inbound", EVENT_IGNORED, RESULT_NONE, "an incoming message, handed to the account" },
};

/* States of messages as the API lists them. */
static const struct esp_word mandrill_states[] = {
    { "sent", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "deferred", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "bounced", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "soft-bounced", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "rejected", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "spam", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "unsub", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "queued", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "scheduled", EVENT_IGNORED, RESULT_NONE, "a message that was not sent yet" },
};

static bool
mandrill_read(struct esp *esp, const struct json_value *v)
{
    const struct json_value *word = json_get(v, S("event")), *state = json_get(v, S("state"));
    if (word == NULL && state == NULL)
        return esp_ignore(esp, "a list of the account, not a message");
    const struct esp_word *w =
        word ? esp_word(mandrill_words, sizeof mandrill_words / sizeof *mandrill_words, json_text(word))
             : esp_word(mandrill_states, sizeof mandrill_states / sizeof *mandrill_states, json_text(state));
    if (w == NULL)
        return false;
    struct esp_event x = esp_event(esp, w);
    const struct json_value *msg = word ? json_get(v, S("msg")) : v;
    const struct json_value *tries = json_get(msg, S("smtp_events"));
    const struct json_value *last = tries && tries->n ? json_item(tries, tries->n - 1) : NULL;
    str id = json_text(json_get(msg, S("_id")));
    x.e.at = esp_when(json_get(v, S("ts")));
    x.born_at = esp_when(json_get(msg, S("ts")));
    if (word == NULL && last && w->kind == EVENT_ATTEMPT)
        x.e.at = esp_when(json_get(last, S("ts")));
    EV(&x.e, QUEUE_ID) = id.n ? id : json_text(json_get(v, S("_id")));
    EV(&x.e, RECIPIENT) = json_text(json_get(msg, S("email")));
    EV(&x.e, SUBJECT) = json_text(json_get(msg, S("subject")));
    EV(&x.e, MESSAGE_ID) = esp_bare_id(json_text(json_get(json_get(msg, S("headers")), S("Message-Id"))));
    str diag = json_text(json_get(msg, S("diag")));
    if (diag.n == 0)
        diag = json_text(json_get(last, S("diag")));
    if (diag.n == 0)
        diag = json_text(json_get(msg, S("bounce_description")));
    if (diag.n == 0)
        diag = json_text(json_dig(msg, "reject/reason"));
    if (diag.n == 0)
        diag = json_text(json_get(msg, S("reject")));
    if (w->kind == EVENT_ENGAGEMENT)
        esp_engagement(&x, json_text(json_get(v, S("ip"))), json_text(json_get(v, S("user_agent"))),
                       json_text(json_get(v, S("url"))), false);
    else
        esp_reply(&x, diag, (str){ 0 }, (str){ 0 });
    if (w->kind == EVENT_ATTEMPT)
        EV(&x.e, RELAY_IP) = json_text(json_get(last, S("destination_ip")));
    if (w->kind != EVENT_ENGAGEMENT)
        EV(&x.e, REASON) = json_text(json_get(msg, S("bounce_description")));
    return esp_put(esp, &x);
}

static const char *const mandrill_keys[] = { "event", "msg",         "ts",     "_id", NULL, "mandrill_events",
                                             NULL,    "action",      "reject", "ts",  NULL, "_id",
                                             "state", "smtp_events", NULL,     NULL };
const struct esp_provider esp_mandrill = {
    .name = "mandrill",
    .keys = mandrill_keys,
    .needs = "msg event ts;action type ts;smtp_events state _id email ts;sender state subject email ts",
    .read = mandrill_read,
};

/* Brevo (Sendinblue): flat objects, "message-id". */
static const struct esp_word brevo_words[] = {
    { "request", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "sent", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "deferred", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "soft_bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "hard_bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "blocked", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "invalid_email", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "invalid", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "error", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "opened", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "unique_opened", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "first_opening", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "proxy_open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "unique_proxy_open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "spam", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "complaint", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "unsubscribed", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "unsubscribe", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "loaded_by_proxy", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "clicked", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "requests", EVENT_ARRIVAL, RESULT_NONE, NULL }, /* words of the Events API from here */
    { "hardBounces", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "softBounces", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "bounces", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "hardBounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "softBounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "clicks", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "loadedByProxy", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "list_addition", EVENT_IGNORED, RESULT_NONE, "a list of the account, not a message" },
    { "contact_updated", EVENT_IGNORED, RESULT_NONE, "a list of the account, not a message" },
    { "contact_deleted", EVENT_IGNORED, RESULT_NONE, "a list of the account, not a message" },
    { "inboundEmailProcessed", EVENT_IGNORED, RESULT_NONE, "an incoming message, handed to the account" },
};

static bool
brevo_owns(const struct json_value *v)
{
    return json_get(v, S("event")) && json_get(v, S("email")) && json_get(v, S("sg_event_id")) == NULL &&
           (json_get(v, S("message-id")) || json_get(v, S("ts_event")) || json_get(v, S("ts_epoch")) ||
            json_get(v, S("messageId")));
}

static bool
brevo_read(struct esp *esp, const struct json_value *v)
{
    static const char *const times[] = { "ts_event", "ts", "ts_epoch", "date_event", "date" };
    str word = json_text(json_get(v, S("event")));
    const struct esp_word *w = esp_word(brevo_words, sizeof brevo_words / sizeof *brevo_words, word);
    if (w == NULL)
        return false;
    struct esp_event x = esp_event(esp, w);
    for (size_t i = 0; i < sizeof times / sizeof *times && x.e.at == WHEN_NONE; i++)
        x.e.at = esp_when(json_get(v, str_from(times[i])));
    str id = esp_bare_id(json_text(json_get(v, S("message-id"))));
    if (id.n == 0)
        id = esp_bare_id(json_text(json_get(v, S("messageId"))));
    EV(&x.e, QUEUE_ID) = EV(&x.e, MESSAGE_ID) = id;
    EV(&x.e, RECIPIENT) = json_text(json_get(v, S("email")));
    EV(&x.e, SUBJECT) = json_text(json_get(v, S("subject")));
    if (w->kind == EVENT_ENGAGEMENT)
        esp_engagement(&x, json_text(json_get(v, S("ip"))), json_text(json_get(v, S("user_agent"))),
                       json_text(json_get(v, S("link"))),
                       str_has(word, S("proxy")) || str_has(word, S("Proxy")));
    else
        esp_reply(&x, json_text(json_get(v, S("reason"))), (str){ 0 }, (str){ 0 });
    if (w->kind == EVENT_REFUSAL)
        EV(&x.e, REASON) = word;
    return esp_put(esp, &x);
}

static const char *const brevo_keys[] = { "event",      "message-id", "ts_event", NULL,       "event",
                                          "message-id", "ts_epoch",   NULL,       "event",    "message-id",
                                          "email",      NULL,         "event",    "email",    "messageId",
                                          NULL,         "event",      "email",    "ts_event", NULL,
                                          NULL };
const struct esp_provider esp_brevo = {
    .name = "brevo",
    .keys = brevo_keys,
    .needs = "message-id event email;ts_event event email;ts_epoch event email;messageId event email",
    .owns = brevo_owns,
    .read = brevo_read,
};

/* Mailjet: flat objects, "MessageID" and "time". */
static const struct esp_word mailjet_words[] = {
    { "sent", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "blocked", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "spam", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "unsub", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "typofix", EVENT_IGNORED, RESULT_NONE, "a list of the account, not a message" },
};

static bool
mailjet_read(struct esp *esp, const struct json_value *v)
{
    const struct esp_word *w = esp_word(mailjet_words, sizeof mailjet_words / sizeof *mailjet_words,
                                        json_text(json_get(v, S("event"))));
    if (w == NULL)
        return false;
    struct arena *a = esp_arena(esp);
    struct esp_event x = esp_event(esp, w);
    str id = json_text(json_get(v, S("MessageID")));
    x.e.at = esp_when(json_get(v, S("time")));
    EV(&x.e, QUEUE_ID) = id.n ? id : json_text(json_get(v, S("mj_message_id")));
    EV(&x.e, RECIPIENT) = json_text(json_get(v, S("email")));
    str error = json_text(json_get(v, S("error"))), comment = json_text(json_get(v, S("comment")));
    if (w->kind == EVENT_ENGAGEMENT)
        esp_engagement(&x, json_text(json_get(v, S("ip"))), json_text(json_get(v, S("agent"))),
                       json_text(json_get(v, S("url"))), false);
    else if (w->result == RESULT_SENT)
        esp_reply(&x, json_text(json_get(v, S("smtp_reply"))), (str){ 0 }, (str){ 0 });
    else if (comment.n && str_is_digit(comment.p[0]))
        esp_reply(&x, comment, (str){ 0 }, (str){ 0 });
    else
        esp_reply(&x, comment.n ? arena_join(a, error, S(": "), comment) : error, (str){ 0 }, (str){ 0 });
    if (w->kind != EVENT_ENGAGEMENT)
        EV(&x.e, REASON) = error;
    return esp_put(esp, &x);
}

static const char *const mailjet_keys[] = { "event",          "MessageID", "time", NULL, "event",
                                            "mj_campaign_id", "time",      NULL,   NULL };
const struct esp_provider esp_mailjet = {
    .name = "mailjet",
    .keys = mailjet_keys,
    .needs = "MessageID event time;mj_message_id event time;mj_campaign_id event time",
    .read = mailjet_read,
};
