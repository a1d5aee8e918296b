/* Mailgun: webhooks ("event-data") and the Events API ("items"), the same objects. */
#include "esp.h"

static const struct esp_word words[] = {
    { "accepted", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "failed", EVENT_ATTEMPT, RESULT_BOUNCED, NULL }, /* severity decides */
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

static bool
mailgun_owns(const struct json_value *v)
{
    if (json_is(json_get(v, S("event-data")), JSON_OBJECT))
        return true;
    return json_get(v, S("event")) && json_get(v, S("timestamp")) &&
           (json_get(v, S("log-level")) || json_get(v, S("recipient-domain")) ||
            json_dig(v, "message/headers"));
}

static void
read_delivery(struct esp_event *x, struct arena *a, const struct json_value *v)
{
    const struct json_value *d = json_get(v, S("delivery-status"));
    str reason = json_text(json_get(v, S("reason")));
    str message = json_text(json_get(d, S("message")));
    str description = json_text(json_get(d, S("description")));
    if (x->e.result == RESULT_BOUNCED && str_eq(json_text(json_get(v, S("severity"))), S("temporary")))
        x->e.result = RESULT_DEFERRED;
    else if (x->e.result == RESULT_BOUNCED && str_eq(reason, S("old")))
        x->e.result = RESULT_EXPIRED;
    str text = message.n ? message : description.n ? description : reason;
    if (x->e.result == RESULT_SENT && !message.n)
        text = (str){ 0 };
    str code = json_text(json_get(d, S("code")));
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
    const struct esp_word *w =
        esp_word(words, sizeof words / sizeof *words, json_text(json_get(v, S("event"))));
    if (w == NULL)
        return false;
    struct arena *a = esp_arena(esp);
    struct esp_event x = esp_event(esp, w);
    x.id = json_text(json_get(v, S("id")));
    x.e.at = esp_when(json_get(v, S("timestamp")));
    str id = esp_bare_id(json_text(json_dig(v, "message/headers/message-id")));
    EV(&x.e, QUEUE_ID) = EV(&x.e, MESSAGE_ID) = id;
    EV(&x.e, RECIPIENT) = esp_address(a, json_text(json_get(v, S("recipient"))));
    EV(&x.e, SIZE) = json_text(json_dig(v, "message/size"));
    EV(&x.e, SUBJECT) = json_text(json_dig(v, "message/headers/subject"));
    const struct json_value *sender = json_dig(v, "envelope/sender");
    if (sender) {
        EV(&x.e, MAIL_FROM) = esp_address(a, json_text(sender));
        x.e.flags |= EVENT_HAS_MAIL_FROM;
    }
    switch (w->kind) {
    case EVENT_ENGAGEMENT:
        esp_engagement(&x, json_text(json_get(v, S("ip"))), json_text(json_dig(v, "client-info/user-agent")),
                       json_text(json_get(v, S("url"))), json_text(json_dig(v, "client-info/bot")).n > 0);
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

static const char *const keys[] = {
    "event-data", NULL, "delivery-status",  "log-level", NULL,        "log-level", "event",
    "timestamp",  NULL, "recipient-domain", "event",     "timestamp", NULL,        NULL
};
const struct esp_provider esp_mailgun = {
    .name = "mailgun",
    .keys = keys,
    .owns = mailgun_owns,
    .read = mailgun_read,
};
