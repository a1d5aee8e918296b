/* Events of email service providers, as their webhooks and event APIs tell them in JSON.
 *
 * Each provider is a hop: its name is the host, its message id the queue id.  esp.c cuts a source into
 * values, takes envelopes off (SNS, EventBridge, SQS, lists of an API) and knows repeated events by their
 * id; what an object means is said by one file per provider, through esp_put.
 *
 * An accepted message is an arrival, a try at the receiver's host an attempt, what the provider would not
 * send at all a refusal, what readers did an engagement. */
#ifndef ESP_H
#define ESP_H

#include "arena.h"
#include "event.h"
#include "format.h"
#include "json_read.h"

/* A body of a form ("a=1&b=%20") as an object of strings, which may be views of the line; NULL where it is none. */
struct json_value *esp_form(struct arena *, str line);
/* Whether a text begins as one does. */
bool esp_is_form(str head);

struct esp;
struct esp_shape;

/* One event to be filled by a provider. */
struct esp_event {
    struct event e; /* kind, at, result, stage, fields; host and place are set by esp_event */
    str id;         /* the provider's id of the event, or empty */
    when born_at;   /* when the provider took the message, where this event says so */
    str header_id;  /* the Message-ID that the provider gives a message by rule, not said in the event */
};

struct esp_provider {
    const char *name;        /* of the format and the host */
    const char *const *keys; /* the keys that show it in a file's first bytes: all of one group; NULL-ended
                                groups, ended by another NULL */
    const char *needs;       /* keys that an object of theirs has (esp_owner.c) */
    bool (*owns)(const struct json_value *); /* whether it is theirs; NULL: needs says it all */
    /* Calls esp_put or esp_ignore for each event; false if the object says nothing that is known. */
    bool (*read)(struct esp *, const struct json_value *);
    const struct esp_shape *shape; /* in place of these three (esp_shape.h) */
};
#define ESP_PROVIDERS(X)                                                                        \
    X(sendgrid, "SendGrid: Event Webhook, bounces API, Email Activity (CSV)")                   \
    X(mailgun, "Mailgun: webhooks (legacy ones too), Events and bounces API")                   \
    X(postmark, "Postmark: webhooks, Bounces and Messages API")                                 \
    X(ses, "Amazon SES: notifications and event publishing, plain or in SNS, SQS, EventBridge") \
    X(sparkpost, "SparkPost: webhooks and the Events API")                                      \
    X(mandrill, "Mandrill (Mailchimp Transactional): webhooks")                                 \
    X(brevo, "Brevo (Sendinblue): webhooks and the Events API")                                 \
    X(mailjet, "Mailjet: Event API")                                                            \
    X(resend, "Resend: webhooks")                                                               \
    X(mailersend, "MailerSend: webhooks")                                                       \
    X(smtp2go, "SMTP2GO: webhooks")                                                             \
    X(mailtrap, "Mailtrap: webhooks of sending")                                                \
    X(elasticemail, "Elastic Email: HTTP notifications")                                        \
    X(socketlabs, "SocketLabs: event webhooks")                                                 \
    X(customerio, "Customer.io: reporting webhooks")                                            \
    X(azure, "Azure Communication Services: email events of Event Grid")                        \
    X(zeptomail, "Zoho ZeptoMail: webhooks")                                                    \
    X(postal, "Postal: webhooks")                                                               \
    X(mailpace, "MailPace: webhooks")                                                           \
    X(scaleway, "Scaleway Transactional Email: webhooks")
#define ESP_EXTERN(id, text) extern const struct esp_provider esp_##id;
ESP_PROVIDERS(ESP_EXTERN)

/* Reads a source of events of any of them; how sure its first bytes make that it is one's. */
bool esp_read(struct source *, const struct ingest_options *, struct sink *);

/* Whose event an object is, the first of those that it might be of; NULL: nobody's. */
const struct esp_provider *esp_owner(const struct json_value *object);

/* A word of a provider and what it means. */
struct esp_word {
    const char *word;
    enum event_kind kind; /* EVENT_IGNORED: action says why */
    enum attempt_result result;
    const char *action; /* of an engagement: open, click, complaint, unsubscribe; of a refusal: reject */
};
const struct esp_word *esp_word(const struct esp_word *, size_t n, str word);

struct esp_event esp_event(const struct esp *, const struct esp_word *);
struct arena *esp_arena(struct esp *);
bool esp_put(struct esp *, struct esp_event *); /* always true; the event is used up */
bool esp_ignore(struct esp *, const char *why); /* always true */
/* One of several events cannot be read: told, if the others of its value are. */
void esp_lose(struct esp *, const char *why);

/* Shared readings.  Seconds, milliseconds, fractions or RFC 3339; WHEN_NONE for anything else. */
when esp_when(const struct json_value *);
str esp_bare_id(str message_id);      /* without angle brackets */
str esp_address(struct arena *, str); /* "Name <a@b>" -> a@b */
/* A reply, diagnosis or reason: "smtp; 550 5.1.1 ..." and its codes; code and status as the provider says
 * them, where they are some. */
void esp_reply(struct esp_event *, str reply, str code, str status);
void esp_engagement(struct esp_event *, str ip, str user_agent, str url, bool machine);

#endif
