/* Amazon SES: notifications (notificationType) and event publishing (eventType), an object with "mail" and one
 * named after its type; SNS and EventBridge around it are taken off before.
 *
 * SES tells of one message, with all the recipients that an event concerns. */
#include "esp.h"

static const struct esp_word words[] = {
    { "Send", EVENT_ARRIVAL, RESULT_NONE, "send" },
    { "Delivery", EVENT_ATTEMPT, RESULT_SENT, "delivery" },
    { "Bounce", EVENT_ATTEMPT, RESULT_BOUNCED, "bounce" },
    { "DeliveryDelay", EVENT_ATTEMPT, RESULT_DEFERRED, "deliveryDelay" },
    { "Complaint", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "Open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "Click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "Subscription", EVENT_ENGAGEMENT, RESULT_NONE, "subscription" },
    { "Reject", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "Rendering Failure", EVENT_REFUSAL, RESULT_NONE, "failure" },
    { "Received", EVENT_IGNORED, RESULT_NONE, "an incoming message, handed to the account" },
    { "AmazonSnsSubscriptionSucceeded", EVENT_IGNORED, RESULT_NONE, "the account, not a message" },
};

static str
type_of(const struct json_value *v)
{
    str type = json_text(json_get(v, S("eventType")));
    return type.n ? type : json_text(json_get(v, S("notificationType")));
}

static bool
ses_owns(const struct json_value *v)
{
    return type_of(v).n && (json_is(json_get(v, S("mail")), JSON_OBJECT) || json_get(v, S("message")));
}

/* The envelope, and the Message-ID that the message came with. */
static void
read_mail(struct esp *esp, struct esp_event *x, const struct json_value *mail)
{
    struct arena *a = esp_arena(esp);
    EV(&x->e, QUEUE_ID) = json_text(json_get(mail, S("messageId")));
    const struct json_value *common = json_get(mail, S("commonHeaders"));
    EV(&x->e, MESSAGE_ID) = esp_bare_id(json_text(json_get(common, S("messageId"))));
    EV(&x->e, SUBJECT) = json_text(json_get(common, S("subject")));
    EV(&x->e, CLIENT_IP) = json_text(json_get(mail, S("sourceIp")));
    const struct json_value *headers = json_get(mail, S("headers"));
    for (size_t i = 0; headers && i < headers->n && EV(&x->e, MESSAGE_ID).n == 0; i++)
        if (str_ieq(json_text(json_get(&headers->items[i], S("name"))), S("Message-ID")))
            EV(&x->e, MESSAGE_ID) = esp_bare_id(json_text(json_get(&headers->items[i], S("value"))));
    const struct json_value *source = json_get(mail, S("source"));
    if (source) {
        EV(&x->e, MAIL_FROM) = esp_address(a, json_text(source));
        x->e.flags |= EVENT_HAS_MAIL_FROM;
    }
    const struct json_value *to = json_get(mail, S("destination"));
    if (json_is(to, JSON_ARRAY))
        EV(&x->e, NRCPT) = arena_decimal(a, to->n, 0);
    x->born_at = esp_when(json_get(mail, S("timestamp")));
}

/* The event of a recipient: a plain address, or an object with one. */
static bool
put_one(struct esp *esp, struct esp_event *x, const struct json_value *to)
{
    str address = to->kind == JSON_STRING ? to->text : json_text(json_get(to, S("emailAddress")));
    EV(&x->e, RECIPIENT) = esp_address(esp_arena(esp), address);
    str diagnosis = json_text(json_get(to, S("diagnosticCode")));
    if (to->kind == JSON_OBJECT && x->e.kind == EVENT_ATTEMPT)
        esp_reply(x, diagnosis.n ? diagnosis : EV(&x->e, REASON), (str){ 0 },
                  json_text(json_get(to, S("status"))));
    return esp_put(esp, x);
}

/* One event a recipient. */
static bool
put_each(struct esp *esp, struct esp_event *x, const struct json_value *list, const struct json_value *other)
{
    if (!json_is(list, JSON_ARRAY) || list->n == 0)
        list = other;
    if (!json_is(list, JSON_ARRAY) || list->n == 0)
        return esp_put(esp, x);
    for (size_t i = 0; i + 1 < list->n; i++) {
        struct esp_event one = *x;
        put_one(esp, &one, &list->items[i]);
    }
    return put_one(esp, x, &list->items[list->n - 1]);
}

static bool
read_attempt(struct esp *esp, struct esp_event *x, const struct json_value *part, const struct json_value *to)
{
    struct arena *a = esp_arena(esp);
    EV(&x->e, RELAY_IP) = json_text(json_get(part, S("remoteMtaIp")));
    switch (x->e.result) {
    case RESULT_SENT: {
        int64_t millis;
        if (json_to_int(json_get(part, S("processingTimeMillis")), &millis) && millis >= 0)
            EV(&x->e, DELAY) = arena_decimal(a, (uint64_t)millis, 3);
        esp_reply(x, json_text(json_get(part, S("smtpResponse"))), (str){ 0 }, (str){ 0 });
        return put_each(esp, x, json_get(part, S("recipients")), to);
    }
    case RESULT_DEFERRED:
        EV(&x->e, REASON) = json_text(json_get(part, S("delayType")));
        return put_each(esp, x, json_get(part, S("delayedRecipients")), to);
    default: {
        str sub = json_text(json_get(part, S("bounceSubType")));
        EV(&x->e, REASON) = arena_join(a, json_text(json_get(part, S("bounceType"))), S("/"), sub);
        return put_each(esp, x, json_get(part, S("bouncedRecipients")), to);
    }
    }
}

static bool
read_engagement(struct esp *esp, struct esp_event *x, str type, const struct json_value *part,
                const struct json_value *to)
{
    str agent = json_text(json_get(part, S("userAgent")));
    esp_engagement(x, json_text(json_get(part, S("ipAddress"))), agent, json_text(json_get(part, S("link"))),
                   false);
    if (str_eq(type, S("Complaint"))) {
        EV(&x->e, REASON) = json_text(json_get(part, S("complaintFeedbackType")));
        return put_each(esp, x, json_get(part, S("complainedRecipients")), to);
    }
    if (str_eq(type, S("Subscription"))) {
        const struct json_value *now = json_get(part, S("newTopicPreferences"));
        if (!json_is_true(json_get(now, S("unsubscribeAll"))))
            return esp_ignore(esp, "a subscription");
        EV(&x->e, ACTION) = S("unsubscribe");
    }
    return put_each(esp, x, NULL, json_is(to, JSON_ARRAY) && to->n == 1 ? to : NULL);
}

/* A complaint of before, for which SES did not send this message. */
static bool
read_suppressed(struct esp *esp, const struct json_value *mail, const struct json_value *part,
                const struct json_value *to)
{
    struct esp_event x = esp_event(esp, esp_word(words, sizeof words / sizeof *words, S("Bounce")));
    read_mail(esp, &x, mail);
    x.e.at = esp_when(json_get(part, S("timestamp")));
    x.id = json_text(json_get(part, S("feedbackId")));
    EV(&x.e, REASON) = S("OnAccountSuppressionList");
    return put_each(esp, &x, json_get(part, S("complainedRecipients")), to);
}

static bool
ses_read(struct esp *esp, const struct json_value *v)
{
    str type = type_of(v);
    if (str_eq(type, S("Rendering failure")) || str_eq(type, S("RenderingFailure")))
        type = S("Rendering Failure");
    const struct esp_word *w = esp_word(words, sizeof words / sizeof *words, type);
    if (w == NULL)
        return false;
    if (w->kind == EVENT_IGNORED)
        return esp_ignore(esp, w->action);
    struct esp_event x = esp_event(esp, w);
    const struct json_value *mail = json_get(v, S("mail")), *to = json_get(mail, S("destination"));
    const struct json_value *part = json_get(v, str_from(w->action));
    if (str_eq(json_text(json_get(part, S("complaintSubType"))), S("OnAccountSuppressionList")))
        return read_suppressed(esp, mail, part, to);
    read_mail(esp, &x, mail);
    x.e.at = esp_when(json_get(part, S("timestamp")));
    if (x.e.at == WHEN_NONE)
        x.e.at = x.born_at;
    str feedback = json_text(json_get(part, S("feedbackId")));
    x.id = feedback; /* the others have no id of their own: what they say is it */
    switch (w->kind) {
    case EVENT_ARRIVAL: return esp_put(esp, &x);
    case EVENT_ATTEMPT: return read_attempt(esp, &x, part, to);
    case EVENT_ENGAGEMENT: return read_engagement(esp, &x, type, part, to);
    default: {
        str why = json_text(json_get(part, S("reason")));
        EV(&x.e, ACTION) = S("reject");
        if (str_eq(type, S("Rendering Failure")))
            EV(&x.e, REASON) = S("TemplateRenderingFailed");
        esp_reply(&x, why.n ? why : json_text(json_get(part, S("errorMessage"))), (str){ 0 }, (str){ 0 });
        return put_each(esp, &x, NULL, to);
    }
    }
}

static const char *const keys[] = {
    "notificationType", "mail", NULL,       "eventType", "mail", NULL, "notificationType",
    "message",          NULL,   "TopicArn", "Message",   NULL,   NULL
};
const struct esp_provider esp_ses = {
    .name = "ses",
    .keys = keys,
    .needs = "eventType mail;eventType message;notificationType mail;notificationType message",
    .owns = ses_owns,
    .read = ses_read,
};
