/* SparkPost: webhooks ({"msys":{"message_event":{...}}}) and the Events API ("results"), the same objects. */
#include "esp.h"

static const struct esp_word words[] = {
    { "injection", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "delivery", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "delay", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "bounce", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "out_of_band", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "policy_rejection", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "generation_failure", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "generation_rejection", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "spam_complaint", EVENT_ENGAGEMENT, RESULT_NONE, "complaint" },
    { "open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "initial_open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "amp_open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "amp_initial_open", EVENT_ENGAGEMENT, RESULT_NONE, "open" },
    { "click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "amp_click", EVENT_ENGAGEMENT, RESULT_NONE, "click" },
    { "list_unsubscribe", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "link_unsubscribe", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" },
    { "relay_injection", EVENT_ARRIVAL, RESULT_NONE, NULL },
    { "relay_delivery", EVENT_ATTEMPT, RESULT_SENT, NULL },
    { "relay_tempfail", EVENT_ATTEMPT, RESULT_DEFERRED, NULL },
    { "relay_permfail", EVENT_ATTEMPT, RESULT_BOUNCED, NULL },
    { "relay_rejection", EVENT_REFUSAL, RESULT_NONE, "reject" },
    { "sms_status", EVENT_IGNORED, RESULT_NONE, "no mail" },
    { "ab_test_completed", EVENT_IGNORED, RESULT_NONE, "a test, not a message" },
    { "ab_test_cancelled", EVENT_IGNORED, RESULT_NONE, "a test, not a message" },
    { "success", EVENT_IGNORED, RESULT_NONE, "a batch of the Ingest API" },
    { "error", EVENT_IGNORED, RESULT_NONE, "a batch of the Ingest API" },
};

/* Classes of bounces by their number; those that mean nothing are answers of machines. */
static const struct bounce_class {
    const char *number, *means;
} classes[] = {
    { "1", "Undetermined" },
    { "10", "Invalid Recipient" },
    { "20", "Soft Bounce" },
    { "21", "DNS Failure" },
    { "22", "Mailbox Full" },
    { "23", "Too Large" },
    { "24", "Timeout" },
    { "25", "Admin Failure" },
    { "26", "Smart Send Suppression" },
    { "30", "Generic Bounce: No RCPT" },
    { "40", "Generic Bounce" },
    { "50", "Mail Block" },
    { "51", "Spam Block" },
    { "52", "Spam Content" },
    { "53", "Prohibited Attachment" },
    { "54", "Relaying Denied" },
    { "60", NULL },
    { "70", "Transient Failure" },
    { "80", NULL },
    { "90", "Unsubscribe" },
    { "100", NULL },
};

static const struct bounce_class *
class_of(str number)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_eq(number, str_from(classes[i].number)))
            return &classes[i];
    return NULL;
}

/* {"msys":{"xxx_event":{...}}}: the one object inside; {"msys":{}} is a ping. */
static const struct json_value *
inside(const struct json_value *v)
{
    const struct json_value *msys = json_get(v, S("msys"));
    return msys == NULL ? v : json_is(msys, JSON_OBJECT) && msys->n ? &msys->items[0] : NULL;
}

static bool
sparkpost_owns(const struct json_value *v)
{
    if (json_get(v, S("msys")))
        return true;
    return json_get(v, S("type")) && json_get(v, S("event_id")) && json_get(v, S("timestamp")) &&
           (json_get(v, S("rcpt_to")) || json_get(v, S("raw_rcpt_to")) || json_get(v, S("customer_id")));
}

static str
either(const struct json_value *v, str first, str second)
{
    str s = json_text(json_get(v, first));
    return s.n ? s : json_text(json_get(v, second));
}

static void
read_attempt(struct esp_event *x, struct arena *a, const struct json_value *v)
{
    int64_t millis;
    EV(&x->e, RELAY_IP) = json_text(json_get(v, S("ip_address")));
    if (json_to_int(json_get(v, S("queue_time")), &millis) && millis >= 0)
        EV(&x->e, DELAY) = arena_decimal(a, (uint64_t)millis, 3);
    esp_reply(x, either(v, S("raw_reason"), S("reason")), json_text(json_get(v, S("error_code"))),
              (str){ 0 });
    EV(&x->e, REASON) = json_text(json_get(v, S("bounce_class")));
    const struct bounce_class *c = class_of(EV(&x->e, REASON));
    if (c && c->means)
        EV(&x->e, REASON) = str_from(c->means);
}

/* An automatic answer, or a wish to get no more, that came back like a bounce. */
static const struct esp_word *
answer_of(const struct esp_word *w, str class)
{
    static const struct esp_word answer = { "", EVENT_IGNORED, RESULT_NONE,
                                            "an automatic answer, no failure" };
    static const struct esp_word leave = { "", EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe" };
    if (w->result != RESULT_BOUNCED)
        return w;
    const struct bounce_class *c = class_of(class);
    if (c && c->means == NULL)
        return &answer;
    return str_eq(class, S("90")) ? &leave : w;
}

static bool
sparkpost_read(struct esp *esp, const struct json_value *outer)
{
    const struct json_value *v = inside(outer);
    if (v == NULL)
        return esp_ignore(esp, "a test of the connection");
    if (json_get(json_get(outer, S("msys")), S("relay_message")))
        return esp_ignore(esp, "an incoming message, handed to the account");
    str type = json_text(json_get(v, S("type")));
    const struct esp_word *w = esp_word(words, sizeof words / sizeof *words, type);
    if (w == NULL)
        return false;
    w = answer_of(w, json_text(json_get(v, S("bounce_class"))));
    struct arena *a = esp_arena(esp);
    struct esp_event x = esp_event(esp, w);
    x.id = json_text(json_get(v, S("event_id")));
    x.e.at = esp_when(json_get(v, S("timestamp")));
    x.born_at = esp_when(json_get(v, S("injection_time")));
    EV(&x.e, QUEUE_ID) = either(v, S("message_id"), S("relay_id"));
    EV(&x.e, RECIPIENT) = either(v, S("rcpt_to"), S("raw_rcpt_to"));
    EV(&x.e, SIZE) = json_text(json_get(v, S("msg_size")));
    EV(&x.e, SUBJECT) = json_text(json_get(v, S("subject")));
    str from = esp_address(a, json_text(json_get(v, S("msg_from"))));
    if (from.n) {
        EV(&x.e, MAIL_FROM) = from;
        x.e.flags |= EVENT_HAS_MAIL_FROM;
    }
    switch (w->kind) {
    case EVENT_ATTEMPT: read_attempt(&x, a, v); break;
    case EVENT_REFUSAL:
        esp_reply(&x, either(v, S("raw_reason"), S("reason")), json_text(json_get(v, S("error_code"))),
                  (str){ 0 });
        break;
    case EVENT_ENGAGEMENT:
        esp_engagement(&x, json_text(json_get(v, S("ip_address"))), json_text(json_get(v, S("user_agent"))),
                       json_text(json_get(v, S("target_link_url"))),
                       json_is_true(json_dig(v, "user_agent_parsed/is_prefetched")));
        if (str_eq(EV(&x.e, ACTION), S("complaint")))
            EV(&x.e, REASON) = json_text(json_get(v, S("fbtype")));
        break;
    default:
        EV(&x.e, PROTOCOL) =
            str_eq(json_text(json_get(v, S("recv_method"))), S("esmtp")) ? S("ESMTP") : S("");
    }
    return esp_put(esp, &x);
}

static const char *const keys[] = { "msys", NULL, "event_id", "rcpt_to", "type", NULL, NULL };
const struct esp_provider esp_sparkpost = {
    .name = "sparkpost",
    .keys = keys,
    .needs = "msys;type event_id timestamp rcpt_to;type event_id timestamp raw_rcpt_to;type event_id "
             "timestamp customer_id",
    .owns = sparkpost_owns,
    .read = sparkpost_read,
};
