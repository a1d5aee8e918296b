/* The providers that esp_shape.c reads: their words and where their events say what. */
#include "esp_shape.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
/* Bodies of the words' rows. */
#define ARRIVAL      EVENT_ARRIVAL, RESULT_NONE, NULL
#define SENT         EVENT_ATTEMPT, RESULT_SENT, NULL
#define DEFERRED     EVENT_ATTEMPT, RESULT_DEFERRED, NULL
#define BOUNCED      EVENT_ATTEMPT, RESULT_BOUNCED, NULL
#define EXPIRED      EVENT_ATTEMPT, RESULT_EXPIRED, NULL
#define REFUSED      EVENT_REFUSAL, RESULT_NONE, "reject"
#define HELD         EVENT_REFUSAL, RESULT_NONE, "hold"
#define OPEN         EVENT_ENGAGEMENT, RESULT_NONE, "open"
#define CLICK        EVENT_ENGAGEMENT, RESULT_NONE, "click"
#define COMPLAINT    EVENT_ENGAGEMENT, RESULT_NONE, "complaint"
#define UNSUBSCRIBE  EVENT_ENGAGEMENT, RESULT_NONE, "unsubscribe"
#define IGNORED(why) EVENT_IGNORED, RESULT_NONE, why
#define INCOMING     IGNORED("an incoming message, handed to the account")
#define ACCOUNT      IGNORED("the account, not a message")
#define SUBSCRIBED   IGNORED("a subscription")
#define DRAFT        IGNORED("a message that was not sent yet")

#define PROVIDER(id, recognised)                                       \
    static const char *const id##_keys[] = { recognised, NULL, NULL }; \
    const struct esp_provider esp_##id = { .name = #id, .keys = id##_keys, .shape = &id }
#define AND ,
#define OR  , NULL,

static const struct esp_word resend_words[] = {
    { "sent", ARRIVAL },
    { "scheduled", DRAFT },
    { "delivered", SENT },
    { "failed", REFUSED },
    { "suppressed", REFUSED },
    { "delivery_delayed", DEFERRED },
    { "bounced", BOUNCED },
    { "opened", OPEN },
    { "delivered_delayed", DEFERRED },
    { "complained", COMPLAINT },
    { "clicked", CLICK },
    { "received", INCOMING },
    { "contact.created", ACCOUNT },
    { "contact.updated", ACCOUNT },
    { "contact.deleted", ACCOUNT },
    { "domain.created", ACCOUNT },
    { "domain.updated", ACCOUNT },
    { "domain.deleted", ACCOUNT },
};
static const struct esp_shape resend = {
    .owns = "data/email_id type created_at;data/audience_id type created_at;data/records type created_at",
    .events = "type",
    .prefix = "email.",
    .words = resend_words,
    .nwords = COUNT(resend_words),
    .at = "data/click/timestamp|data/open/timestamp|created_at",
    .born = "data/created_at",
    .queue = "data/email_id",
    .message = "data/message_id",
    .to = "data/to",
    .from = "data/from",
    .subject = "data/subject",
    .reply = "data/bounce/diagnosticCode|data/bounce/message|data/failed/reason|data/suppressed/message",
    .reason = "data/bounce/subType|data/bounce/type|data/suppressed/type",
    .ip = "data/click/ipAddress|data/open/ipAddress",
    .agent = "data/click/userAgent|data/open/userAgent",
    .url = "data/click/link",
};
PROVIDER(resend, "email_id" AND "created_at" AND "data" AND "type" OR "audience_id" AND "created_at" AND
                 "type" OR "records" AND "created_at" AND "type");

static const struct esp_word mailersend_words[] = {
    { "queued", ARRIVAL },
    { "sent", ARRIVAL },
    { "delivered", SENT },
    { "soft_bounced", BOUNCED },
    { "hard_bounced", BOUNCED },
    { "deferred", DEFERRED },
    { "opened", OPEN },
    { "opened_unique", OPEN },
    { "clicked", CLICK },
    { "clicked_unique", CLICK },
    { "unsubscribed", UNSUBSCRIBE },
    { "spam_complaint", COMPLAINT },
    { "survey_opened", OPEN },
    { "survey_submitted", IGNORED("an answer of the reader") },
    { "sender_identity.verified", ACCOUNT },
    { "maintenance.start", ACCOUNT },
    { "maintenance.end", ACCOUNT },
    { "inbound_forward.failed", INCOMING },
    { "email_single.verified", ACCOUNT },
    { "email_list.verified", ACCOUNT },
    { "bulk_email.completed", ACCOUNT },
};
static const struct esp_shape mailersend = {
    .owns = "data/email/recipient/email type;webhook_id domain_id type",
    .events = "type|data/type",
    .prefix = "activity.",
    .words = mailersend_words,
    .nwords = COUNT(mailersend_words),
    .id = "data/id",
    .at = "data/created_at|created_at",
    .born = "data/email/message/created_at|data/email/created_at",
    .queue = "data/email/message/id|data/email/id",
    .header = "data/email/id",
    .header_domain = "mailersend.net",
    .to = "data/email/recipient/email",
    .from = "data/email/from",
    .subject = "data/email/subject",
    .reply = "data/morph/reason|data/morph/readable_reason",
    .reason = "data/type",
    .ip = "data/morph/ip",
    .agent = "data/morph/user_agent",
    .url = "data/morph/url",
};
PROVIDER(mailersend, "webhook_id" AND "domain_id" AND "type" OR "recipient" AND "activity" AND "morph");

static const struct esp_word smtp2go_words[] = {
    { "processed", ARRIVAL },
    { "delivered", SENT },
    { "bounce", BOUNCED },
    { "reject", REFUSED },
    { "open", OPEN },
    { "click", CLICK },
    { "spam", COMPLAINT },
    { "unsubscribe", UNSUBSCRIBE },
    { "resubscribe", SUBSCRIBED },
};
static const struct esp_shape smtp2go = {
    .owns = "rcpt email_id event;sendtime email_id event;rcpt sender time event",
    .events = "event",
    .words = smtp2go_words,
    .nwords = COUNT(smtp2go_words),
    .id = "id|webhook_id",
    .at = "time",
    .born = "sendtime",
    .queue = "email_id",
    .message = "message-id|Message-Id|Message-ID",
    .to = "rcpt",
    .from = "sender|from_address",
    .subject = "subject|Subject",
    .reply = "message|context",
    .reason = "bounce",
    .relay = "host",
    .ip = "srchost|client-ip|ip",
    .agent = "user-agent",
    .url = "url|link|context",
};
PROVIDER(smtp2go, "email_id" AND "rcpt" AND "event" OR "sendtime" AND "rcpt" AND "event");

static const struct esp_word mailtrap_words[] = {
    { "delivery", SENT },      { "soft bounce", DEFERRED }, { "bounce", BOUNCED },
    { "suspension", REFUSED }, { "reject", REFUSED },       { "open", OPEN },
    { "click", CLICK },        { "spam", COMPLAINT },       { "unsubscribe", UNSUBSCRIBE },
};
static const struct esp_shape mailtrap = {
    .owns = "sending_stream message_id email event;event_id message_id email event",
    .events = "event",
    .words = mailtrap_words,
    .nwords = COUNT(mailtrap_words),
    .id = "event_id",
    .at = "timestamp",
    .queue = "message_id",
    .to = "email",
    .reply = "response|reason",
    .code = "response_code",
    .reason = "bounce_category|reason",
    .ip = "ip",
    .agent = "user_agent",
    .url = "url",
};
PROVIDER(mailtrap, "sending_stream" AND "event" OR "event_id" AND "message_id" AND "email" AND "event");

static const struct esp_word elasticemail_words[] = {
    { "Sent", SENT },
    { "Delivered", SENT },
    { "Error", BOUNCED },
    { "Bounced", BOUNCED },
    { "Opened", OPEN },
    { "Clicked", CLICK },
    { "AbuseReport", COMPLAINT },
    { "Complaint", COMPLAINT },
    { "Unsubscribed", UNSUBSCRIBE },
    { "Submitted", ARRIVAL },
    { "Suppressed", REFUSED },
};
static const struct esp_shape elasticemail = {
    .owns = "transaction to status;messageid to date status",
    .events = "status",
    .words = elasticemail_words,
    .nwords = COUNT(elasticemail_words),
    .at = "date",
    .queue = "messageid|transaction",
    .to = "to",
    .from = "from",
    .subject = "subject",
    .reply = "message|error|category",
    .reason = "category",
    .url = "target",
};
PROVIDER(elasticemail, "transaction" AND "status" AND "to" OR "messageid" AND "status" AND "to");

static const struct esp_word socketlabs_words[] = {
    { "Queued", ARRIVAL },
    { "Deferred", DEFERRED },
    { "Delivered", SENT },
    { "Sent", SENT },
    { "Failed", BOUNCED },
    { "Complaint", COMPLAINT },
    { "0", CLICK },
    { "1", OPEN },
    { "2", UNSUBSCRIBE },
    { "Click", CLICK },
    { "Open", OPEN },
    { "Unsubscribe", UNSUBSCRIBE },
    { "Validation", ACCOUNT },
};
static const struct esp_shape socketlabs = {
    .owns = "SecretKey DateTime Type;SecretKey ServerId Type;MailingId ServerId Type",
    .events = "TrackingType|Type",
    .words = socketlabs_words,
    .nwords = COUNT(socketlabs_words),
    .at = "DateTime",
    .queue = "MessageId|MailingId",
    .to = "Address|To",
    .from = "FromAddress",
    .subject = "Subject",
    .size = "MessageSize",
    .reply = "DiagnosticCode|Response|Reason",
    .status = "BounceStatus",
    .reason = "FailureType|FailureCode|DeferralCode|FblType",
    .relay = "RemoteMta",
    .ip = "ClientIp",
    .agent = "UserAgent",
    .url = "Url",
};
PROVIDER(socketlabs, "SecretKey" AND "DateTime" AND "Type");

static const struct esp_word customerio_words[] = {
    { "drafted", DRAFT },
    { "attempted", DEFERRED },
    { "deferred", DEFERRED },
    { "sent", ARRIVAL },
    { "delivered", SENT },
    { "bounced", BOUNCED },
    { "dropped", REFUSED },
    { "suppressed", REFUSED },
    { "failed", REFUSED },
    { "undeliverable", REFUSED },
    { "opened", OPEN },
    { "human_opened", OPEN },
    { "clicked", CLICK },
    { "human_clicked", CLICK },
    { "spammed", COMPLAINT },
    { "unsubscribed", UNSUBSCRIBE },
    { "topic_unsubscribed", UNSUBSCRIBE },
    { "converted", IGNORED("what readers did elsewhere") },
    { "customer_subscribed", SUBSCRIBED },
    { "customer_unsubscribed", UNSUBSCRIBE },
};
static const struct esp_shape customerio = {
    .owns =
        "object_type metric event_id;data/email_id event_id event_type;data/customer_id event_id event_type",
    .events = "metric|event_type",
    .prefix = "email_",
    .words = customerio_words,
    .nwords = COUNT(customerio_words),
    .only = "object_type",
    .only_word = "email",
    .id = "event_id",
    .at = "timestamp",
    .queue = "data/delivery_id|data/email_id",
    .to = "data/recipient|data/email_address|data/identifiers/email",
    .subject = "data/subject",
    .reply = "data/failure_message|data/failure_reason",
    .ip = "data/ip_address",
    .agent = "data/user_agent",
    .url = "data/href",
};
PROVIDER(customerio, "object_type" AND "metric" AND "event_id" OR "event_type" AND "event_id" AND "data");

static const struct esp_word azure_words[] = {
    { "Delivered", SENT },
    { "Expanded", SENT },
    { "Failed", BOUNCED },
    { "Bounced", BOUNCED },
    { "Suppressed", REFUSED },
    { "Quarantined", BOUNCED },
    { "FilteredSpam", BOUNCED },
    { "OutForDelivery", ARRIVAL },
    { "view", OPEN },
    { "click", CLICK },
    { "Microsoft.EventGrid.SubscriptionValidationEvent", ACCOUNT },
};
static const struct esp_shape azure = {
    .owns =
        "data/messageId data/status data/recipient;data/engagementType data/messageId;data/validationCode",
    .events = "data/engagementType|data/status|eventType",
    .words = azure_words,
    .nwords = COUNT(azure_words),
    .id = "id",
    .at = "data/deliveryAttemptTimeStamp|data/deliveryAttemptTimestamp|data/userActionTimeStamp|"
          "data/userActionTimestamp|data/ReceivedTimestamp|eventTime|time",
    .queue = "data/messageId",
    .message = "data/internetMessageId",
    .to = "data/recipient",
    .from = "data/sender",
    .reply = "data/deliveryStatusDetails/statusMessage|data/deliveryStatusDetails|data/DeliveryStatusDetails",
    .reason = "data/status",
    .relay = "data/deliveryStatusDetails/recipientMailServerHostName",
    .agent = "data/userAgent",
    .url = "data/engagementContext",
};
PROVIDER(azure, "deliveryStatusDetails" AND "messageId" OR "engagementType" AND "messageId" OR
                "deliveryAttemptTimeStamp" OR "validationCode");

static const struct esp_word zeptomail_words[] = {
    { "hardbounce", BOUNCED },      { "softbounce", BOUNCED },
    { "delivered", SENT },          { "sent", SENT },
    { "email_open", OPEN },         { "open", OPEN },
    { "email_link_click", CLICK },  { "click", CLICK },
    { "feedback_loop", COMPLAINT }, { "spam", COMPLAINT },
    { "process_failed", REFUSED },
};
static const struct esp_shape zeptomail = {
    .owns = "event_message event_name",
    .events = "event_name|event_message/event_data/object",
    .words = zeptomail_words,
    .nwords = COUNT(zeptomail_words),
    .at = "event_message/event_data/details/time|event_message/event_data/details/modified_time|"
          "event_message/email_info/processed_time",
    .born = "event_message/email_info/processed_time",
    .queue = "event_message/email_info/email_reference|event_message/request_id",
    .to = "event_message/event_data/details/bounced_recipient|event_message/email_info/to",
    .from = "event_message/email_info/bounce_address|event_message/email_info/from/address",
    .subject = "event_message/email_info/subject",
    .reply = "event_message/event_data/details/diagnostic_message|event_message/event_data/details/reason",
    .reason = "event_message/event_data/details/reason",
    .ip = "event_message/event_data/details/ip_location_info/ip_address|event_message/event_data/details/ip",
    .agent = "event_message/event_data/details/user_agent",
    .url = "event_message/event_data/details/clicked_link",
};
PROVIDER(zeptomail, "event_name" AND "event_message");

static const struct esp_word postal_words[] = {
    { "MessageSent", SENT },          { "MessageDelayed", DEFERRED }, { "MessageDeliveryFailed", BOUNCED },
    { "MessageHeld", HELD },          { "MessageBounced", BOUNCED },  { "MessageLinkClicked", CLICK },
    { "MessageLoaded", OPEN },        { "DomainDNSError", ACCOUNT },  { "SendLimitApproaching", ACCOUNT },
    { "SendLimitExceeded", ACCOUNT },
};
static const struct esp_shape postal = {
    .owns = "payload/message/token event;payload/original_message/token event;payload uuid event",
    .events = "event",
    .words = postal_words,
    .nwords = COUNT(postal_words),
    .only = "payload/message/direction",
    .only_word = "outgoing",
    .id = "uuid",
    .at = "timestamp|payload/timestamp",
    .born = "payload/message/timestamp|payload/original_message/timestamp",
    .queue = "payload/message/id|payload/original_message/id",
    .message = "payload/message/message_id|payload/original_message/message_id",
    .to = "payload/message/to|payload/original_message/to",
    .from = "payload/message/from|payload/original_message/from",
    .subject = "payload/message/subject|payload/original_message/subject",
    .reply = "payload/output|payload/details",
    .reason = "payload/details",
    .ip = "payload/ip_address",
    .agent = "payload/user_agent",
    .url = "payload/url",
};
PROVIDER(postal, "payload" AND "uuid" AND "event" OR "payload" AND "direction" AND "event");

static const struct esp_word mailpace_words[] = {
    { "queued", ARRIVAL },  { "delivered", SENT }, { "deferred", DEFERRED },
    { "bounced", BOUNCED }, { "spam", REFUSED },
};
static const struct esp_shape mailpace = {
    .owns = "payload/message_id payload/status event",
    .events = "event|payload/status",
    .prefix = "email.",
    .words = mailpace_words,
    .nwords = COUNT(mailpace_words),
    .at = "payload/updated_at|payload/created_at",
    .born = "payload/created_at",
    .queue = "payload/id",
    .message = "payload/message_id",
    .to = "payload/to",
    .from = "payload/from",
    .subject = "payload/subject",
};
PROVIDER(mailpace, "payload" AND "updated_at" AND "status" AND "event");

static const struct esp_word scaleway_words[] = {
    { "queued", ARRIVAL },      { "delivered", SENT },
    { "deferred", DEFERRED },   { "dropped", BOUNCED },
    { "spam", BOUNCED },        { "mailbox_not_found", BOUNCED },
    { "blocklisted", REFUSED }, { "blocklist_created", ACCOUNT },
};
static const struct esp_shape scaleway = {
    .owns = "email_to email_id type",
    .events = "type",
    .prefix = "email_",
    .words = scaleway_words,
    .nwords = COUNT(scaleway_words),
    .id = "id",
    .at = "created_at",
    .born = "email_queued_at",
    .queue = "email_id",
    .to = "email_to",
    .from = "email_from",
    .reply = "email_response_message|email_error",
    .code = "email_response_code",
    .reason = "type",
};
PROVIDER(scaleway, "email_id" AND "email_to" AND "type");
