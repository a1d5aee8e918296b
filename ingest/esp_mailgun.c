/* Mailgun: webhooks ("event-data") and the Events API ("items"), the same objects; the flat webhooks of before,
 * and the list of bounces. */
#include "esp.h"

static const struct esp_word words[] = {
    { "accepted", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "failed", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },  /* severity decides */
    { "bounced", EVENT_ATTEMPT, RESULT_BOUNCED, NULL }, /* legacy webhooks, as is "dropped" */
    { "dropped", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "rejected", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "opened", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "clicked", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "complained", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "unsubscribed", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "stored", EVENT_IGNORED, RESULT_NONE, "an incoming message, stored for the account" },
    { "list_member_uploaded", EVENT_IGNORED, RESULT_NONE, "a mailing list, not a message" },
    { "list_member_upload_error", EVENT_IGNORED, RESULT_NONE, "a mailing list, not a message" },
    { "list_uploaded", EVENT_IGNORED, RESULT_NONE, "a mailing list, not a message" },
    { "email_validation", EVENT_IGNORED, RESULT_NONE, "an address probe" },
};

/* The webhooks of before 2018: flat, mostly as forms. */
static bool
is_legacy(const struct json_value *v)
{
    return json_get(v, S("recipient")) && (json_get(v, S("token")) || json_get(v, S("message-headers")) ||
                                           json_get(v, S("Message-Id")) || json_get(v, S("message-id")));
}

static bool
is_event(const struct json_value *v)
{
    if (json_is(json_get(v, S("event-data")), JSON_OBJECT))
        return true;
    return json_get(v, S("event")) && json_get(v, S("timestamp")) &&
           (json_get(v, S("log-level")) || json_get(v, S("recipient-domain")) ||
            json_get(json_get(v, S("message")), S("headers")) || is_legacy(v));
}

/* An entry of the API's list: {"address", "code", "error", "created_at"}. */
static bool
is_bounce_list(const struct json_value *v)
{
    return json_get(v, S("address")) && json_get(v, S("code")) && json_get(v, S("error")) &&
           json_get(v, S("created_at"));
}

static bool
mailgun_owns(const struct json_value *v)
{
    return is_event(v) || is_bounce_list(v);
}

static str
any_of(const struct json_value *v, str first, str second)
{
    str s = json_text(json_get(v, first));
    return s.n ? s : json_text(json_get(v, second));
}

static void
read_delivery(struct esp_event *x, struct arena *a, const struct json_value *v)
{
    const struct json_value *d = json_get(v, S("delivery-status"));
    str reason = json_text(json_get(v, S("reason")));
    str message = any_of(d ? d : v, S("message"), S("error"));
    str description = json_text(json_get(d ? d : v, S("description")));
    if (x->e.result == RESULT_BOUNCED && str_eq(json_text(json_get(v, S("severity"))), S("temporary")))
        x->e.result = RESULT_DEFERRED;
    else if (x->e.result == RESULT_BOUNCED && str_eq(reason, S("old")))
        x->e.result = RESULT_EXPIRED;
    str text = message.n ? message : description.n ? description : reason;
    if (x->e.result == RESULT_SENT && !message.n)
        text = (str){ 0 };
    str code = json_text(json_get(d ? d : v, S("code")));
    bool names_code = text.n >= 3 && str_digits(str_head(text, 3));
    if (code.n == 3 && code.p[0] >= '2' && code.p[0] <= '5' && !names_code && !str_eq(code, S("498")) &&
        !str_eq(code, S("499"))) /* 498 and 499 are Mailgun's own, and so is all from 600 */
        text = arena_join(a, code, S(" "), text);
    esp_reply(x, text, (str){ 0 }, json_text(json_get(d, S("enhanced-code"))));
    EV(&x->e, RELAY_NAME) = json_text(json_get(d, S("mx-host")));
    EV(&x->e, DELAY) = json_text(json_get(d, S("session-seconds")));
    EV(&x->e, REASON) = reason;
    if (json_is_true(json_get(d, S("certificate-verified"))))
        EV(&x->e, TLS_VERIFIED) = S("Verified");
}

static bool
mailgun_read(struct esp *esp, const struct json_value *v)
{
    const struct json_value *inner = json_get(v, S("event-data"));
    v = inner ? inner : v;
    str word = is_bounce_list(v) ? S("bounced") : json_text(json_get(v, S("event")));
    const struct esp_word *w = esp_word(words, sizeof words / sizeof *words, word);
    if (w == NULL)
        return false;
    struct arena *a = esp_arena(esp);
    struct esp_event x = esp_event(esp, w);
    x.id = any_of(v, S("id"), S("token"));
    x.e.at = esp_when(json_get(v, is_bounce_list(v) ? S("created_at") : S("timestamp")));
    const struct json_value *message = json_get(v, S("message")), *headers = json_get(message, S("headers"));
    str id = esp_bare_id(json_text(json_get(headers, S("message-id"))));
    if (id.n == 0)
        id = esp_bare_id(any_of(v, S("Message-Id"), S("message-id")));
    EV(&x.e, QUEUE_ID) = EV(&x.e, MESSAGE_ID) = id;
    str to = any_of(v, S("recipient"), S("address"));
    EV(&x.e, RECIPIENT) = esp_address(a, to.n ? to : json_text(json_get(headers, S("to"))));
    EV(&x.e, SIZE) = json_text(json_get(message, S("size")));
    EV(&x.e, SUBJECT) = json_text(json_get(headers, S("subject")));
    const struct json_value *sender = json_get(json_get(v, S("envelope")), S("sender"));
    if (sender) {
        EV(&x.e, MAIL_FROM) = esp_address(a, json_text(sender));
        x.e.flags |= EVENT_HAS_MAIL_FROM;
    }
    const struct json_value *client = json_get(v, S("client-info"));
    str agent = json_text(json_get(client, S("user-agent")));
    switch (w->kind) {
    case EVENT_ENGAGEMENT:
        esp_engagement(&x, json_text(json_get(v, S("ip"))),
                       agent.n ? agent : json_text(json_get(v, S("user-agent"))),
                       json_text(json_get(v, S("url"))), json_text(json_get(client, S("bot"))).n > 0);
        break;
    case EVENT_REFUSAL: {
        str why = json_text(json_dig(v, "reject/description"));
        esp_reply(&x, why.n ? why : json_text(json_dig(v, "reject/reason")), (str){ 0 }, (str){ 0 });
        break;
    }
    case EVENT_ARRIVAL:
        EV(&x.e, CLIENT_IP) = json_text(json_get(v, S("originating-ip")));
        EV(&x.e, AUTH_USER) = json_text(json_get(v, S("username")));
        if (str_eq(json_text(json_get(v, S("method"))), S("SMTP")) ||
            str_eq(json_text(json_get(v, S("method"))), S("smtp")))
            EV(&x.e, PROTOCOL) = S("ESMTP");
        break;
    default: read_delivery(&x, a, v); break;
    }
    return esp_put(esp, &x);
}

static const char *const keys[] = { "event-data",
                                    NULL,
                                    "delivery-status",
                                    "log-level",
                                    NULL,
                                    "log-level",
                                    "event",
                                    "timestamp",
                                    NULL,
                                    "recipient-domain",
                                    "event",
                                    "timestamp",
                                    NULL,
                                    "event",
                                    "recipient",
                                    "timestamp",
                                    "token",
                                    NULL,
                                    "event",
                                    "recipient",
                                    "timestamp",
                                    "Message-Id",
                                    NULL,
                                    "address",
                                    "code",
                                    "error",
                                    "created_at",
                                    NULL,
                                    NULL };
const struct esp_provider esp_mailgun = {
    .name = "mailgun",
    .keys = keys,
    .needs = "event-data;log-level event timestamp;recipient-domain event timestamp;message event "
             "timestamp;recipient event timestamp;created_at address code error",
    .owns = mailgun_owns,
    .read = mailgun_read,
};
