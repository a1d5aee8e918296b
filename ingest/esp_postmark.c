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

static bool
postmark_owns(const struct json_value *v)
{
    return json_is(json_get(v, S("RecordType")), JSON_STRING) ||
           (json_get(v, S("TypeCode")) && json_get(v, S("MessageID")) && json_get(v, S("BouncedAt")));
}

static str
first_text(const struct json_value *v, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        str s = json_text(json_dig(v, names[i]));
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
    str record = json_text(json_get(v, S("RecordType")));
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
        esp_engagement(&x, json_text(json_dig(v, "Geo/IP")), json_text(json_get(v, S("UserAgent"))),
                       json_text(json_get(v, S("OriginalLink"))), false);
        EV(&x.e, REASON) = json_text(json_get(v, S("SuppressionReason")));
    } else {
        str details = json_text(json_get(v, S("Details")));
        esp_reply(&x, details.n ? details : json_text(json_get(v, S("Description"))), (str){ 0 }, (str){ 0 });
        EV(&x.e, REASON) = json_text(json_get(v, S("Type")));
        EV(&x.e, MAIL_FROM) = w->kind == EVENT_REFUSAL ? from : (str){ 0 };
    }
    return esp_put(esp, &x);
}

static const char *const keys[] = { "RecordType", "MessageID", NULL, "TypeCode", "BouncedAt", NULL, NULL };
const struct esp_provider esp_postmark = {
    .name = "postmark",
    .keys = keys,
    .owns = postmark_owns,
    .read = postmark_read,
};
