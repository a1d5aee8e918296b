/* SendGrid: the Event Webhook, an array of flat objects, and the lists of its bounces and blocks.
 *
 * Events of its first years have no ids of their own. */
#include "esp.h"

static const struct esp_word words[] = {
    { "processed", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "delivered", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "deferred", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "blocked", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "dropped", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "spamreport", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "unsubscribe", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "group_unsubscribe", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "expired", EVENT_ATTEMPT, RESULT_EXPIRED, NULL },
    { "received", EVENT_IGNORED, RESULT_NONE,
      "a message that was not sent yet" }, /* Email Activity from here */
    { "bounced", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "drop", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "opened", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "clicked", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "spam_report", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "cancel_drop", EVENT_IGNORED, RESULT_NONE, "a message that was not sent yet" },
    { "group_resubscribe", EVENT_IGNORED, RESULT_NONE, "a subscription" },
    { "account_status_change", EVENT_IGNORED, RESULT_NONE, "the account, not a message" },
};

/* "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0": the part that the API answered, the same for all
 * recipients, ends where the machine's name begins. */
static str
message_of(str id)
{
    static const str machines[] = { { ".filter", 7 }, { ".recvd", 6 }, { ".mx", 3 } };
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        size_t at = str_find(id, machines[i]);
        if (at != STR_NONE && at > 0)
            return str_head(id, at);
    }
    return id;
}

/* An entry of the API's lists: {"created", "email", "reason", "status"}. */
static bool
is_bounce_list(const struct json_value *v)
{
    return json_get(v, S("created")) && json_get(v, S("email")) && json_get(v, S("reason")) &&
           json_get(v, S("status"));
}

static bool
sendgrid_owns(const struct json_value *v)
{
    if (json_get(v, S("event")) == NULL)
        return is_bounce_list(v);
    if (json_get(v, S("sg_event_id")) || json_get(v, S("sg_message_id")))
        return true;
    bool early = json_get(v, S("smtp-id")) || json_get(v, S("category")) || json_get(v, S("response")) ||
                 json_get(v, S("reason")) || json_get(v, S("url")) || json_get(v, S("useragent"));
    return early && json_get(v, S("email")) && json_get(v, S("timestamp")) &&
           json_get(v, S("event_id")) == NULL;
}

static bool
sendgrid_read(struct esp *esp, const struct json_value *v)
{
    str word = json_get(v, S("event")) ? json_text(json_get(v, S("event"))) : S("bounce");
    if (str_eq(word, S("bounce")) && str_eq(json_text(json_get(v, S("type"))), S("expired")))
        word = S("expired");
    const struct esp_word *w = esp_word(words, sizeof words / sizeof *words, word);
    if (w == NULL)
        return false;
    struct esp_event x = esp_event(esp, w);
    x.id = json_text(json_get(v, S("sg_event_id")));
    const struct json_value *at = json_get(v, S("timestamp"));
    x.e.at = esp_when(at ? at : json_get(v, S("created")));
    EV(&x.e, QUEUE_ID) = message_of(json_text(json_get(v, S("sg_message_id"))));
    EV(&x.e, MESSAGE_ID) = esp_bare_id(json_text(json_get(v, S("smtp-id"))));
    EV(&x.e, RECIPIENT) = json_text(json_get(v, S("email")));
    str ip = json_text(json_get(v, S("ip")));
    str reason = json_text(json_get(v, S("reason")));
    str response = json_text(json_get(v, S("response")));
    if (w->kind == EVENT_ENGAGEMENT)
        esp_engagement(&x, ip, json_text(json_get(v, S("useragent"))), json_text(json_get(v, S("url"))),
                       json_is_true(json_get(v, S("sg_machine_open"))));
    else
        esp_reply(&x, response.n ? response : reason, (str){ 0 }, json_text(json_get(v, S("status"))));
    EV(&x.e, REASON) =
        EV(&x.e, REASON).n ? EV(&x.e, REASON) : json_text(json_get(v, S("bounce_classification")));
    return esp_put(esp, &x);
}

static const char *const keys[] = {
    "sg_event_id", NULL,     "sg_message_id", NULL,        "smtp-id",  "event", "email",
    NULL,          "event",  "email",         "timestamp", "category", NULL,    "created",
    "email",       "reason", "status",        NULL,        NULL
};
const struct esp_provider esp_sendgrid = {
    .name = "sendgrid",
    .keys = keys,
    .needs = "created email reason status;sg_event_id event;sg_message_id event;email event timestamp",
    .owns = sendgrid_owns,
    .read = sendgrid_read,
};
