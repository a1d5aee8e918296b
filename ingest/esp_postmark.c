/* Postmark: webhooks (RecordType) and the lists of its Bounces API.
 *
 * Postmark replaces the Message-ID by <its id@mtasv.net> unless told to keep it: with that name the receiving
 * side is looked for, but it is not shown as said. */
#include "esp.h"

static const struct esp_word records[] = {
    { "Delivery", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "Bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "Open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "Click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "SpamComplaint", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "SubscriptionChange", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "Inbound", EVENT_IGNORED, RESULT_NONE, "an incoming message, handed to the account" },
    { "SMTPApiError", EVENT_REFUSAL, RESULT_NONE, "reject" },
};

/* A bounce's Type; whatever is not here is a bounce. */
static const struct esp_word types[] = {
    { "Transient", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "Unsubscribe", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "SpamComplaint", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "Subscribe", EVENT_IGNORED, RESULT_NONE, "an automatic answer, no failure" },
    { "AutoResponder", EVENT_IGNORED, RESULT_NONE, "an automatic answer, no failure" },
    { "AddressChange", EVENT_IGNORED, RESULT_NONE, "an automatic answer, no failure" },
    { "ChallengeVerification", EVENT_IGNORED, RESULT_NONE, "an automatic answer, no failure" },
    { "OpenRelayTest", EVENT_IGNORED, RESULT_NONE, "a test, not a message" },
    { "InboundError", EVENT_IGNORED, RESULT_NONE, "an incoming message, handed to the account" },
    { "ManuallyDeactivated", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "Unconfirmed", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "SMTPApiError", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "TemplateRenderingFailed", EVENT_REFUSAL, RESULT_NONE, "reject" },
};

/* RecordType; webhooks of before 2018 lack it. */
static str
record_of(const struct json_value *v)
{
    str record = json_text(json_get(v, S("RecordType")));
    if (record.n || json_get(v, S("MessageID")) == NULL)
        return record;
    if (json_get(v, S("FromFull")) && json_get(v, S("OriginalRecipient")))
        return S("Inbound");
    if (json_get(v, S("DeliveredAt")) && json_get(v, S("Recipient")))
        return S("Delivery");
    if (json_get(v, S("OriginalLink")) && json_get(v, S("Recipient")))
        return S("Click");
    return json_get(v, S("FirstOpen")) && json_get(v, S("Recipient")) ? S("Open") : record;
}

static bool
postmark_owns(const struct json_value *v)
{
    return json_is(json_get(v, S("RecordType")), JSON_STRING) ||
           (json_get(v, S("TypeCode")) && json_get(v, S("MessageID")) && json_get(v, S("BouncedAt"))) ||
           record_of(v).n || (json_get(v, S("MessageID")) && json_get(v, S("MessageEvents")));
}

/* A message of the Messages API, with all that happened to it. */
static bool
read_message(struct esp *esp, const struct json_value *v)
{
    static const struct esp_word events[] = {
        { "Delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
        { "Transient", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
        { "Bounced", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
        { "Opened", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
        { "LinkClicked", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
        { "SubscriptionChanged", EVENT_IGNORED, RESULT_NONE, "a subscription" },
    };
    static const struct esp_word taken = { "", EVENT_ARRIVAL, RESULT_NONE, NULL };
    struct arena *a = esp_arena(esp);
    const struct json_value *list = json_get(v, S("MessageEvents"));
    str id = json_text(json_get(v, S("MessageID")));
    struct esp_event x = esp_event(esp, &taken);
    x.header_id = arena_join(a, id, S("@"), S("mtasv.net"));
    x.e.at = x.born_at = esp_when(json_get(v, S("ReceivedAt")));
    EV(&x.e, QUEUE_ID) = id;
    EV(&x.e, SUBJECT) = json_text(json_get(v, S("Subject")));
    struct esp_event common = x;
    esp_put(esp, &x);
    for (size_t i = 0; i < list->n; i++) {
        const struct json_value *one = &list->items[i], *details = json_get(one, S("Details"));
        const struct esp_word *w =
            esp_word(events, sizeof events / sizeof *events, json_text(json_get(one, S("Type"))));
        if (w == NULL)
            esp_lose(esp, "not a known event");
        if (w == NULL || w->kind == EVENT_IGNORED)
            continue;
        x = esp_event(esp, w);
        x.header_id = common.header_id;
        x.born_at = common.born_at;
        x.e.at = esp_when(json_get(one, S("ReceivedAt")));
        EV(&x.e, QUEUE_ID) = id;
        EV(&x.e, RECIPIENT) = esp_address(a, json_text(json_get(one, S("Recipient"))));
        str said = json_text(json_get(details, S("DeliveryMessage")));
        if (w->kind == EVENT_ENGAGEMENT) {
            esp_engagement(&x, (str){ 0 }, (str){ 0 }, json_text(json_get(details, S("Link"))), false);
        } else {
            esp_reply(&x, said.n ? said : json_text(json_get(details, S("Summary"))), (str){ 0 }, (str){ 0 });
            EV(&x.e, RELAY_NAME) = json_text(json_get(details, S("DestinationServer")));
            EV(&x.e, RELAY_IP) = json_text(json_get(details, S("DestinationIP")));
        }
        esp_put(esp, &x);
    }
    return true;
}

static str
first_text(const struct json_value *v, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        str s = json_text(json_get(v, str_from(names[i])));
        if (s.n)
            return s;
    }
    return (str){ 0 };
}

static when
first_time(const struct json_value *v)
{
    static const char *const names[] = { "DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt", "FailedAt" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        when at = esp_when(json_get(v, str_from(names[i])));
        if (at != WHEN_NONE)
            return at;
    }
    return WHEN_NONE;
}

static bool
postmark_read(struct esp *esp, const struct json_value *v)
{
    static const char *const recipients[] = { "Recipient", "Email" };
    if (json_is(json_get(v, S("MessageEvents")), JSON_ARRAY))
        return read_message(esp, v);
    str record = record_of(v);
    const struct esp_word *w =
        esp_word(records, sizeof records / sizeof *records, record.n ? record : S("Bounce"));
    if (w == NULL)
        return false;
    const struct esp_word *t =
        esp_word(types, sizeof types / sizeof *types, json_text(json_get(v, S("Type"))));
    if (t && w->result == RESULT_BOUNCED)
        w = t;
    if (str_eq(record, S("SubscriptionChange")) && !json_is_true(json_get(v, S("SuppressSending"))))
        return esp_ignore(esp, "a subscription");
    str suppressed = json_text(json_get(v, S("SuppressionReason")));
    if (str_eq(suppressed, S("HardBounce")) || str_eq(suppressed, S("SpamComplaint")))
        return esp_ignore(esp, "a list of the account, not a message");
    struct arena *a = esp_arena(esp);
    struct esp_event x = esp_event(esp, w);
    str id = json_text(json_get(v, S("MessageID")));
    x.e.at = first_time(v);
    x.id = json_text(json_get(v, S("ID")));
    EV(&x.e, QUEUE_ID) = id;
    if (id.n)
        x.header_id = arena_join(a, id, S("@"), S("mtasv.net"));
    EV(&x.e, RECIPIENT) = esp_address(a, first_text(v, recipients, 2));
    str from = esp_address(a, json_text(json_get(v, S("From"))));
    if (w->kind == EVENT_ENGAGEMENT) {
        esp_engagement(&x, json_text(json_get(json_get(v, S("Geo")), S("IP"))),
                       json_text(json_get(v, S("UserAgent"))), json_text(json_get(v, S("OriginalLink"))),
                       false);
        EV(&x.e, REASON) = json_text(json_get(v, S("SuppressionReason")));
    } else {
        str details = json_text(json_get(v, S("Details")));
        if (str_istarts(details, S("action:")))
            details = (str){ 0 }; /* a field of the notification, no reply */
        esp_reply(&x, details.n ? details : json_text(json_get(v, S("Description"))), (str){ 0 }, (str){ 0 });
        EV(&x.e, REASON) = json_text(json_get(v, S("Type")));
        EV(&x.e, MAIL_FROM) = w->kind == EVENT_REFUSAL ? from : (str){ 0 };
    }
    return esp_put(esp, &x);
}

static const char *const keys[] = {
    "RecordType", "MessageID",     NULL, "TypeCode",  "BouncedAt",         NULL,
    "MessageID",  "DeliveredAt",   NULL, "MessageID", "FirstOpen",         NULL,
    "MessageID",  "MessageEvents", NULL, "FromFull",  "OriginalRecipient", NULL,
    NULL
};
const struct esp_provider esp_postmark = {
    .name = "postmark",
    .keys = keys,
    .needs = "RecordType;TypeCode MessageID BouncedAt;DeliveredAt MessageID Recipient;OriginalLink MessageID "
             "Recipient;FirstOpen MessageID Recipient;MessageEvents MessageID;FromFull MessageID "
             "OriginalRecipient",
    .owns = postmark_owns,
    .read = postmark_read,
};
