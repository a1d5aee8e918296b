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
    { "This is the James mail server", "james", DSN_FAILED },
    { "This is the DragonFly Mail Agent", "dma", DSN_FAILED },
    { "This is the Haraka Mailer program", "haraka", DSN_FAILED },
    { "Hi. This is the ", "qmail", DSN_FAILED },
    { "has not yet been delivered to one or more of its", "exim", DSN_DELAYED },
    { "address to which the message has not yet been delivered", "exim", DSN_DELAYED },
    { "addresses to which the message has not yet been delivered", "exim", DSN_DELAYED },
    { "could not be delivered to one or more of its recipients", "exim", DSN_FAILED },
    { "could not be delivered to all of its recipients", "exim", DSN_FAILED },
    { "This message was created automatically by mail delivery software", "exim", DSN_FAILED },
    { "Your message could not be delivered for more than", "postfix", DSN_DELAYED },
    { "Delivery attempts will continue to be made", "prose", DSN_DELAYED },
    { "This is an advisory-only email", "prose", DSN_DELAYED },
    { "not yet been delivered", "prose", DSN_DELAYED },
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
    { "did not reach the following recipient", "exchange", DSN_FAILED },
    { "Diagnostic information for administrators", "exchange", DSN_FAILED },
    { "Diagnoseinformationen f\xc3\xbcr Administratoren", "exchange", DSN_FAILED },
    { "Informations de diagnostic pour les administrateurs", "exchange", DSN_FAILED },
    { "Informaci\xc3\xb3n de diagn\xc3\xb3stico para los administradores", "exchange", DSN_FAILED },
    { "Informaci\xc3\xb3n de diagn\xc3\xb3stico para administradores", "exchange", DSN_FAILED },
    { "Informazioni di diagnostica per gli amministratori", "exchange", DSN_FAILED },
    { "Diagnostische gegevens voor beheerders", "exchange", DSN_FAILED },
    { "Diagnostische informatie voor beheerders", "exchange", DSN_FAILED },
    { "\xe7\xae\xa1\xe7\x90\x86\xe8\x80\x85\xe5\x90\x91\xe3\x81\x91\xe3\x81\xae\xe8\xa8\xba"
      "\xe6\x96\xad\xe6\x83\x85\xe5\xa0\xb1",
      "exchange", DSN_FAILED }, /* the same in Japanese */
    { "RESOLVER.ADR.", "exchange", DSN_FAILED },
    { "RESOLVER.RST.", "exchange", DSN_FAILED },
    { "QUEUE.Expired", "exchange", DSN_FAILED },
    { "MSEXCH:", "exchange", DSN_FAILED },
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
    { "------- Failure Reasons", "notes", DSN_FAILED },
    { "I am sending you this message to inform you on the delivery status", "powermta", DSN_FAILED },
    { "User mailbox exceeds allowed size:", "imail", DSN_FAILED },
    { "Invalid final delivery userid:", "imail", DSN_FAILED },
    { "Delivery failed 20 attempts:", "imail", DSN_FAILED },
    { "-------server message", "m-filter", DSN_FAILED },
    { "Message could not be delivered to some recipients", "mailenable", DSN_FAILED },
    { "Sent <<< RCPT TO:", "interscan", DSN_FAILED },
    { "Addressed To:", "surfcontrol", DSN_FAILED },
    { "We had trouble delivering your message. Full details follow", "facebook", DSN_FAILED },
    { "Each of the following recipients was rejected by a remote mail server", "intermail", DSN_FAILED },
    { "The following recipients did not receive this message", "intermail", DSN_FAILED },
    { "The user(s) account is", "intermail", DSN_FAILED },
    { "The user(s) mailbox", "intermail", DSN_FAILED },
    { "This Message was undeliverable due to the following reason", "intermail", DSN_FAILED },
    { "This report relates to a message you sent with the following header fields", "sun", DSN_FAILED },
    { "Could not be delivered to: <", "kddi", DSN_FAILED },
    { "Message could not be delivered to mobile", "mms", DSN_FAILED },
    { "No valid recipients for this MM", "mms", DSN_FAILED },
    { "UNDELIVERABLE MAIL", "courier", DSN_FAILED },
    { "UNDELIVERED MAIL", "courier", DSN_FAILED },
    { "Failed addresses follow:", "smail", DSN_FAILED },
    { "User unknown:", "imail", DSN_FAILED },
    { "unknown user:", "imail", DSN_FAILED },
    { "Failed address:", "mdaemon", DSN_FAILED },
    { "did NOT receive a copy of your message", "mdaemon", DSN_FAILED },
    { "------ Failed Recipients ------", "prose", DSN_FAILED },
    { "list of failed recipients", "prose", DSN_FAILED },
    { "is complete, but no delivery notification was sent", "exchange", DSN_RELAYED },
    { "Your message has been delivered to the following recipients", "exchange", DSN_DELIVERED },
    { "was successfully delivered", "prose", DSN_DELIVERED },
    { "has been successfully delivered", "prose", DSN_DELIVERED },
    { "successfully delivered to", "prose", DSN_DELIVERED },
    { "successfully relayed to", "prose", DSN_RELAYED },
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
    { "had delivery errors", "prose", DSN_FAILED },
    { "had delivery problems", "prose", DSN_FAILED },
    { "not delivered to the following", "prose", DSN_FAILED },
    { "could not be sent", "prose", DSN_FAILED },
    { "has been rejected", "prose", DSN_FAILED },
    { "was rejected", "prose", DSN_FAILED },
    { "has been blocked", "prose", DSN_FAILED },
    { "was blocked by", "prose", DSN_FAILED },
    { "permanent error", "prose", DSN_FAILED },
    { "Unzustellbar", "prose", DSN_FAILED },
    { "konnte nicht zugestellt", "prose", DSN_FAILED },
    { "konnte nicht zugestellt werden", "prose", DSN_FAILED },
    { "nicht zugestellt werden", "prose", DSN_FAILED },
    { "n'a pas pu \xc3\xaatre", "prose", DSN_FAILED },
    { "no se pudo entregar", "prose", DSN_FAILED },
    { "non \xc3\xa8 stato possibile recapitare", "prose", DSN_FAILED },
    { "n\xc3\xa3o p\xc3\xb4"
      "de ser entregue",
      "prose", DSN_FAILED },
};

/* How the subjects of notices begin, and what of. */
static const struct {
    const char *words;
    enum dsn_action action;
} notice_subjects[] = {
    { "warning: message", DSN_DELAYED },
    { "warning: could not send", DSN_DELAYED },
    { "warning - delayed mail", DSN_DELAYED },
    { "delayed mail", DSN_DELAYED },
    { "message delayed", DSN_DELAYED },
    { "delivery status notification (delay", DSN_DELAYED },
    { "delivery delayed", DSN_DELAYED },
    { "notice: mail delivery status", DSN_FAILED },
    { "mail delivery failed", DSN_FAILED },
    { "mail delivery failure", DSN_FAILED },
    { "mail delivery problem", DSN_FAILED },
    { "mail system error", DSN_FAILED },
    { "mail could not be delivered", DSN_FAILED },
    { "mail not delivered", DSN_FAILED },
    { "message undeliverable", DSN_FAILED },
    { "message you sent blocked", DSN_FAILED },
    { "message could not be delivered", DSN_FAILED },
    { "message delivery failure", DSN_FAILED },
    { "message delivery has failed", DSN_FAILED },
    { "message status - undeliverable", DSN_FAILED },
    { "undeliver", DSN_FAILED },
    { "delivery fail", DSN_FAILED },
    { "delivery report", DSN_FAILED },
    { "delivery notification: delivery has failed", DSN_FAILED },
    { "delivery status notification", DSN_FAILED },
    { "delivery problem", DSN_FAILED },
    { "failure delivery", DSN_FAILED },
    { "failure notice", DSN_FAILED },
    { "failed mail", DSN_FAILED },
    { "failed to deliver", DSN_FAILED },
    { "nondeliverable mail", DSN_FAILED },
    { "non-deliverable", DSN_FAILED },
    { "non delivery", DSN_FAILED },
    { "non-delivery", DSN_FAILED },
    { "permanent delivery failure", DSN_FAILED },
    { "returned mail", DSN_FAILED },
    { "returned to sender", DSN_FAILED },
    { "unable to deliver your message", DSN_FAILED },
    { "undelivered", DSN_FAILED },
    { "ihre e-mail konnte nicht zugestellt", DSN_FAILED },
    { "mancato recapito", DSN_FAILED },
    { "returned message", DSN_FAILED },
    { "returning message to sender", DSN_FAILED },
    { "rejected mail", DSN_FAILED },
    { "there was an error sending your mail", DSN_FAILED },
    { "user unknown", DSN_FAILED },
    { "unzustellbar", DSN_FAILED },
    { "non remis", DSN_FAILED },
    { "non recapitabile", DSN_FAILED },
    { "no se puede entregar", DSN_FAILED },
    { "onbestelbaar", DSN_FAILED },
    { "n\xc3\xa3o entreg", DSN_FAILED },
    { "niedostarczaln", DSN_FAILED }, /* Polish */
    { "niedostarczon", DSN_FAILED },
    { "kan inte leverera", DSN_FAILED }, /* Swedish */
    { "g\xc3\xa5r inte att leverera", DSN_FAILED },
    { "kan ikke leveres", DSN_FAILED }, /* Danish, Norwegian */
    { "kunne ikke leveres", DSN_FAILED },
    { "ei voi toimittaa", DSN_FAILED }, /* Finnish */
    { "ei toimitettavissa", DSN_FAILED },
    { "nedoru\xc4\x8diteln", DSN_FAILED },            /* Czech */
    { "teslim edilemedi", DSN_FAILED },               /* Turkish */
    { "k\xc3\xa9zbes\xc3\xadthetetlen", DSN_FAILED }, /* Hungarian */
    { "nelivrabil", DSN_FAILED },                     /* Romanian */
    { "\xd0\x9d\xd0\xb5\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd",
      DSN_FAILED }, /* Russian */
    { "\xd0\x9d\xd0\xb5 \xd1\x83\xd0\xb4\xd0\xb0\xd0\xbb\xd0\xbe\xd1\x81\xd1\x8c "
      "\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xb8\xd1\x82\xd1\x8c",
      DSN_FAILED },
    { "\xd0\x9d\xd0\xb5 \xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xbe",
      DSN_FAILED }, /* Ukrainian */
    { "\xce\x94\xce\xb5\xce\xbd \xce\xb5\xce\xaf\xce\xbd\xce\xb1\xce\xb9 "
      "\xce\xb4\xcf\x85\xce\xbd\xce\xb1\xcf\x84\xce\xae \xce\xb7 "
      "\xcf\x80\xce\xb1\xcf\x81\xce\xac\xce\xb4\xce\xbf\xcf\x83\xce\xb7",
      DSN_FAILED },                                                     /* Greek */
    { "\xe9\x85\x8d\xe4\xbf\xa1\xe4\xb8\x8d\xe8\x83\xbd", DSN_FAILED }, /* Japanese */
    { "\xe9\x85\x8d\xe4\xbf\xa1\xe4\xb8\x8d\xe5\x8f\xaf", DSN_FAILED },
    { "\xe6\x97\xa0\xe6\xb3\x95\xe4\xbc\xa0\xe9\x80\x92", DSN_FAILED }, /* Chinese */
    { "\xe6\x9c\xaa\xe9\x80\x81\xe8\xbe\xbe", DSN_FAILED },
    { "\xe7\xb3\xbb\xe7\xbb\x9f\xe9\x80\x80\xe4\xbf\xa1", DSN_FAILED },
    { "\xe9\x80\x80\xe4\xbf\xa1", DSN_FAILED },
    { "\xe7\x84\xa1\xe6\xb3\x95\xe5\x82\xb3\xe9\x81\x9e", DSN_FAILED },
    { "\xe6\x97\xa0\xe6\xb3\x95\xe6\x8a\x95\xe9\x80\x92", DSN_FAILED },
    { "\xeb\xb0\xb0\xeb\x8b\xac\xeb\x90\x98\xec\xa7\x80 \xec\x95\x8a\xec\x9d\x8c", DSN_FAILED }, /* Korean */
    { "\xeb\xb0\xb0\xeb\x8b\xac\xed\x95\xa0 \xec\x88\x98 \xec\x97\x86", DSN_FAILED },
    { "entrega fallida", DSN_FAILED }, /* Spanish */
    { "\xc3\xa9"
      "chec de la remise",
      DSN_FAILED }, /* French */
};

/* DSN_UNKNOWN: it does not begin so. */
static enum dsn_action
action_of_subject(str subject)
{
    static const char edges[] = "*[#\"' ";
    while (subject.n > 0 && strchr(edges, subject.p[0]))
        subject = str_skip(subject, 1);
    for (size_t i = 0; i < sizeof notice_subjects / sizeof *notice_subjects; i++)
        if (str_istarts(subject, str_from(notice_subjects[i].words)))
            return notice_subjects[i].action;
    return DSN_UNKNOWN;
}

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
    str from = message_header_value(m, "From");
    if (str_ifind(from, S("mail delivery")) != STR_NONE || str_ifind(from, S("mailer-daemon")) != STR_NONE ||
        str_ifind(from, S("courier mail server")) != STR_NONE)
        return DSN_DAEMON;
    if (str_eq(mime_type(a, message_header_value(m, "Content-Type")), S("multipart/report")))
        return DSN_DAEMON;
    bool nobody = m->has_return_path && m->return_path.n == 0;
    return nobody || action_of_subject(m->subject) != DSN_UNKNOWN ? DSN_NULL_SENDER : DSN_NO_MACHINE;
}

bool
dsn_notice_find(struct arena *a, enum dsn_sender sender, const struct message *m, str text,
                struct dsn_notice *notice)
{
    str words = dsn_one_line(a, str_head(text, LOOK_AT));
    enum dsn_action subject = action_of_subject(m->subject);
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        if (str_ifind(words, str_from(notices[i].words)) == STR_NONE)
            continue;
        *notice = (struct dsn_notice){ notices[i].form, notices[i].action };
        bool vague = strcmp(notice->form, "prose") == 0 && dsn_find_reply(text) == STR_NONE;
        bool nobody = m->has_return_path && m->return_path.n == 0;
        return sender == DSN_DAEMON || !vague || (nobody && subject != DSN_UNKNOWN);
    }
    bool sure =
        sender == DSN_DAEMON && (subject != DSN_UNKNOWN || message_header(m, "X-Failed-Recipients", NULL));
    *notice = (struct dsn_notice){ "prose", subject == DSN_UNKNOWN ? DSN_FAILED : subject };
    return sure; /* answers of people's programs have the null sender too */
}
