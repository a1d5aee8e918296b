/* The providers in the registry of formats.  Whichever recognises a file reads all of it: one that was
 * gathered from several providers keeps the name of each event's own. */
#include "esp.h"

#define ESP_FORMAT(id, text)                                                                              \
    static int recognise_##id(str head, bool eof)                                                         \
    {                                                                                                     \
        (void)eof;                                                                                        \
        return esp_recognise(&esp_##id, head);                                                            \
    }                                                                                                     \
    extern const struct format format_##id;                                                               \
    const struct format format_##id = {                                                                   \
        .name = #id, .kind = "events", .description = text, .recognise = recognise_##id, .read = esp_read \
    };

ESP_FORMAT(sendgrid, "SendGrid: Event Webhook")
ESP_FORMAT(mailgun, "Mailgun: webhooks and the Events API")
ESP_FORMAT(postmark, "Postmark: webhooks and the Bounces API")
ESP_FORMAT(ses, "Amazon SES: notifications and event publishing, plain or in SNS, SQS, EventBridge")
ESP_FORMAT(sparkpost, "SparkPost: webhooks and the Events API")
ESP_FORMAT(mandrill, "Mandrill (Mailchimp Transactional): webhooks")
ESP_FORMAT(brevo, "Brevo (Sendinblue): webhooks")
ESP_FORMAT(mailjet, "Mailjet: Event API")
