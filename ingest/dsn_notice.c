/* Which mails are notices of delivery, by who sends them and by their words.
 *
 * The rows know how programs and providers begin what they write, and what many say in passing; whom a notice
 * is about is dsn_prose.c's business.  Vacation messages and other answers of machines are none. */
#include "dsn_notice.h"

#include "dsn_read.h"
#include "mime.h"

enum { LOOK_AT = 16 << 10 }; /* of the text, for the words that make it a notice */

/* Words of notices, blanks and line ends alike.  The first row that matches tells. */
static const struct {
    const char *words, *form;
    enum dsn_action action;
} notices[] = {
    { "Hi. This is the ", "qmail", DSN_FAILED },
    { "has not yet been delivered to one or more of its", "exim", DSN_DELAYED },
    { "address to which the message has not yet been delivered", "exim", DSN_DELAYED },
    { "addresses to which the message has not yet been delivered", "exim", DSN_DELAYED },
    { "could not be delivered to one or more of its recipients", "exim", DSN_FAILED },
    { "could not be delivered to all of its recipients", "exim", DSN_FAILED },
    { "This message was created automatically by mail delivery software", "exim", DSN_FAILED },
    { "Your message could not be delivered for more than", "postfix", DSN_DELAYED },
    { "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE", "postfix", DSN_DELAYED },
    { "your message could not be delivered to one or more recipients", "postfix", DSN_FAILED },
    { "This is the mail system at host", "postfix", DSN_FAILED },
    { "This is the Postfix program at host", "postfix", DSN_FAILED },
    { "MESSAGE STILL UNDELIVERED AFTER", "sendmail", DSN_DELAYED },
    { "The following addresses had transient non-fatal errors", "sendmail", DSN_DELAYED },
    { "The following addresses had permanent fatal errors", "sendmail", DSN_FAILED },
    { "The following addresses had delivery problems", "sendmail", DSN_FAILED },
    { "Transcript of session follows", "sendmail", DSN_FAILED },
    { "This is the MAILER-DAEMON, please DO NOT REPLY", "opensmtpd", DSN_FAILED },
    { "Delivery to the following recipients has been delayed", "exchange", DSN_DELAYED },
    { "Delivery to these recipients or groups is delayed", "exchange", DSN_DELAYED },
    { "Delivery is delayed to these recipients or", "exchange", DSN_DELAYED },
    { "Delivery has failed to these recipients or", "exchange", DSN_FAILED },
    { "Delivery to the following recipients failed", "exchange", DSN_FAILED },
    { "did not reach some or all of the intended recipients", "exchange", DSN_FAILED },
    { "The following recipient(s) could not be reached", "exchange", DSN_FAILED },
    { "The following recipient(s) cannot be reached", "exchange", DSN_FAILED },
    { "Diagnostic information for administrators", "exchange", DSN_FAILED },
    { "Delivery to the following recipient has been delayed", "google", DSN_DELAYED },
    { "Delivery incomplete", "google", DSN_DELAYED },
    { "Delivery to the following recipient failed permanently", "google", DSN_FAILED },
    { "Delivery to the following recipients failed permanently", "google", DSN_FAILED },
    { "Your message wasn't delivered to", "google", DSN_FAILED },
    { "Your message wasn\xe2\x80\x99t delivered to", "google", DSN_FAILED },
    { "we were unable to deliver your message to the following address", "yahoo", DSN_FAILED },
    { "Unable to deliver message to the following address", "yahoo", DSN_FAILED },
    { "Message from yahoo.com", "yahoo", DSN_FAILED },
    { "was undeliverable. The reason for the problem", "ironport", DSN_FAILED },
    { "The following message to <", "ironport", DSN_FAILED },
    { "Failed to deliver to '", "communigate", DSN_FAILED },
    { "Message is delayed", "communigate", DSN_DELAYED },
    { "message that you sent was undeliverable to the following", "groupwise", DSN_FAILED },
    { "was not delivered to:", "domino", DSN_FAILED },
    { "UNDELIVERABLE MAIL", "courier", DSN_FAILED },
    { "UNDELIVERED MAIL", "courier", DSN_FAILED },
    { "Failed addresses follow:", "smail", DSN_FAILED },
    { "User unknown:", "imail", DSN_FAILED },
    { "unknown user:", "imail", DSN_FAILED },
    { "Failed address:", "mdaemon", DSN_FAILED },
    { "attempt to deliver the message has been delayed", "prose", DSN_DELAYED },
    { "has been delayed", "prose", DSN_DELAYED },
    { "is delayed", "prose", DSN_DELAYED },
    { "could not be delivered", "prose", DSN_FAILED },
    { "couldn't be delivered", "prose", DSN_FAILED },
    { "couldn\xe2\x80\x99t be delivered", "prose", DSN_FAILED },
    { "cannot be delivered", "prose", DSN_FAILED },
    { "can not be delivered", "prose", DSN_FAILED },
    { "can't be delivered", "prose", DSN_FAILED },
    { "was not delivered", "prose", DSN_FAILED },
    { "wasn't delivered", "prose", DSN_FAILED },
    { "not able to deliver", "prose", DSN_FAILED },
    { "unable to deliver", "prose", DSN_FAILED },
    { "could not deliver", "prose", DSN_FAILED },
    { "undeliverable", "prose", DSN_FAILED },
    { "delivery failed", "prose", DSN_FAILED },
    { "delivery failure", "prose", DSN_FAILED },
    { "failed to deliver", "prose", DSN_FAILED },
    { "delivery has failed", "prose", DSN_FAILED },
    { "returned to sender", "prose", DSN_FAILED },
    { "konnte nicht zugestellt werden", "prose", DSN_FAILED },
    { "nicht zugestellt werden", "prose", DSN_FAILED },
    { "n'a pas pu \xc3\xaatre", "prose", DSN_FAILED },
    { "no se pudo entregar", "prose", DSN_FAILED },
    { "non \xc3\xa8 stato possibile recapitare", "prose", DSN_FAILED },
    { "n\xc3\xa3o p\xc3\xb4"
      "de ser entregue",
      "prose", DSN_FAILED },
};

/* Answers of machines that are no notices of delivery. */
static bool
is_answer(const struct message *m)
{
    static const char *const fields[] = { "X-Autoreply", "X-Autorespond", "X-Autoreply-From" };
    static const char *const subjects[] = { "out of office", "automatic reply", "auto reply",
                                            "autoreply",     "abwesenheit",     "read:",
                                            "not read:",     "accepted:",       "declined:" };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (message_header(m, fields[i], NULL))
            return true;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (str_istarts(m->subject, str_from(subjects[i])))
            return true;
    return false;
}

enum dsn_sender
dsn_sender_of(struct arena *a, const struct message *m)
{
    static const char *const locals[] = { "mailer-daemon",    "mailer_daemon", "postmaster",
                                          "mailerdaemon",     "mail-daemon",   "mdaemon",
                                          "microsoftexchange" };
    if (is_answer(m))
        return DSN_NO_MACHINE;
    if (message_header(m, "X-Failed-Recipients", NULL))
        return DSN_DAEMON;
    for (size_t i = 0; m->nfrom && i < sizeof locals / sizeof *locals; i++)
        if (str_istarts(m->from[0].address, str_from(locals[i])))
            return DSN_DAEMON;
    if (m->nfrom && str_ifind(m->from[0].name, S("mail delivery")) != STR_NONE)
        return DSN_DAEMON;
    if (str_eq(mime_type(a, message_header_value(m, "Content-Type")), S("multipart/report")))
        return DSN_DAEMON;
    return m->has_return_path && m->return_path.n == 0 ? DSN_NULL_SENDER : DSN_NO_MACHINE;
}

bool
dsn_notice_find(struct arena *a, enum dsn_sender sender, str text, struct dsn_notice *notice)
{
    str words = dsn_one_line(a, str_head(text, LOOK_AT));
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        if (str_ifind(words, str_from(notices[i].words)) == STR_NONE)
            continue;
        *notice = (struct dsn_notice){ notices[i].form, notices[i].action };
        bool vague = strcmp(notice->form, "prose") == 0 && dsn_find_reply(text) == STR_NONE;
        return sender == DSN_DAEMON || !vague; /* answers of people's programs have the null sender too */
    }
    return false;
}
