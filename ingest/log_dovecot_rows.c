/* Dovecot's lines: what lda, lmtp and Sieve say of a message (2.0 to 2.4), log-ins, and noise.
 *
 * Rows of a delivery match what follows "sieve: msgid=<..>: fileinto action: ". */
#include "log_dovecot.h"

#define BOX      "'?(?<mailbox>[^']*|.*?)'?"
#define RESPONSE "an answer that is not sent"
#define READER   "what a reader does in the mailbox"
#define SERVER   "the server's own life"
/* ": user=<..>, method=.., rip=.., lip=.., session=<..>", of which the user may be missing */
#define LOGIN                                                                                             \
    "(?:(?:[^<]*<[^>]*>(?= \\())?[^<]*?(?=[umr])(?:user=<(?<user>[^>]*)>, )?(?:method=(?<method>[^,]*), " \
    ")?rip=(?<client_ip>[^,\\s]*)(?:.*?session=<"                                                         \
    "(?<session>[^>]*)>)?.*|.*)"
#define FAILED "[^<(]*+(?:\\([^<(]*+)*?\\((?:auth failed|authorization failed|auth_failed|tried to use|cert )"
#define GONE                                                                                             \
    "(?:Disconnect|Aborted login|Login aborted|Connection closed|Maximum number|Internal login|Logging " \
    "in|Timeout while|Auth(?:entication)? )"
/* why the authentication server refuses */
#define REFUSED                                                                                          \
    "(?:Password mismatch|[Uu]nknown user|[Ii]nvalid credentials|pam_authenticate\\(\\) failed|Login "   \
    "failed|"                                                                                            \
    "Authentication failed|Auth failure|user not found|User is disabled|User found from deny|Attempted " \
    "login|Login attempt|[Aa]llow_nets check failed|Password expired|Empty password|Username character " \
    "disallowed|Credentials|CRYPT|Authorization|[Aa]uthentication failure|oauth2 failed|cert|Not "       \
    "allowed|denied)\\b"
#define ENTERED "(?:(?:Login|Logged in): |proxy\\([^)]*\\): [Ss]tarted proxying|Started proxying)"

static const struct log_row rows[] = {
    /* into a mailbox */
    { "sieve.stored", "delivery", "^stored mail into mailbox ", "stored mail into mailbox " BOX, EVENT_FILING,
      0, 0, "stored" },
    { "lda.saved", "delivery", "^saved mail to ", "saved mail to (?<mailbox>.*)", EVENT_FILING, 0, 0,
      "stored" },
    { "sieve.left", "delivery", "^left message in mailbox ", "left message in mailbox " BOX, EVENT_FILING, 0,
      0, "stored" },
    { "sieve.failed", "delivery", "^failed to store into mailbox ",
      "failed to store into mailbox (?:'(?<mailbox>[^']*)'|(?<mailbox>[^:]*)): (?<reply>.*)", EVENT_FILING, 0,
      0, "failed" },
    { "sieve.open-failed", "delivery", "^failed to open mailbox ",
      "[Ff]ailed to open mailbox (?:'(?<mailbox>[^']*)'|(?<mailbox>[^:]*)): (?<reply>.*)", EVENT_FILING, 0, 0,
      "failed" },
    { "lda.failed", "delivery", "^save failed to ",
      "save failed to (?:open mailbox )?(?<mailbox>[^:]*): (?<reply>.*)", EVENT_FILING, 0, 0, "failed" },
    { "sieve.aborted", "delivery", " aborted", "[Ss]tore into mailbox " BOX " aborted", EVENT_FILING, 0, 0,
      "failed" },
    { "sieve.skipped", "delivery", " skipped", "[Ss]tore into mailbox .* skipped", EVENT_IGNORED, 0, 0,
      "the mailbox has the message already" },

    /* elsewhere */
    { "sieve.forwarded", "delivery", "^forwarded to ", "forwarded to <?(?<recipient>[^>]*)>?", EVENT_FILING,
      0, 0, "forwarded" },
    { "sieve.piped", "delivery", "^piped message to ", "piped message to program [`'](?<detail>[^']*)'",
      EVENT_FILING, 0, 0, "forwarded" },
    { "sieve.redirect-failed", "delivery", "^failed to redirect message to ",
      "failed to redirect message to <(?<recipient>[^>]*)>: (?<reply>.*)", EVENT_FILING, 0, 0, "failed" },
    { "sieve.loop", "delivery", "^not forwarding message to ",
      "not forwarding message to <(?<recipient>[^>]*)>: (?<reply>.*)", EVENT_FILING, 0, 0, "failed" },
    { "sieve.forward-twice", "delivery", "^discarded duplicate forward ", NULL, EVENT_IGNORED, 0, 0,
      "forwarded before" },
    { "proxy.sent", "delivery", "^Sent message to <", "Sent message to <(?<recipient>[^>]*)> at (?<reply>.*)",
      EVENT_FILING, 0, 0, "forwarded" },
    { "proxy.failed", "delivery", "^Failed to send message to <",
      "Failed to send message to <(?<recipient>[^>]*)> at (?<reply>.*)", EVENT_FILING, 0, 0, "failed" },

    /* not at all */
    { "sieve.discarded", "delivery", "arked message to be discarded", "[Mm]arked message to be discarded.*",
      EVENT_FILING, 0, 0, "discarded" },
    { "sieve.discarded.word", "delivery", "^Discarded ", "Discarded(?: the)? message.*", EVENT_FILING, 0, 0,
      "discarded" },
    { "lda.auto-discarded", "delivery", "^Auto-submitted message discarded",
      "Auto-submitted message discarded: (?<reply>.*)", EVENT_FILING, 0, 0, "discarded" },
    { "sieve.rejected", "delivery", "^rejected message from ",
      "rejected message from <(?<mail_from>[^>]*)>(?: \\((?<reply>.*)\\))?", EVENT_FILING,
      EVENT_HAS_MAIL_FROM, 0, "rejected" },
    { "lda.rejected", "delivery", "ejected: ", "[Rr]ejected: (?<reply>.*)", EVENT_FILING, 0, 0, "rejected" },
    { "lda.no-return-path", "delivery", "^Return-Path missing, rejection reason: ",
      "Return-Path missing, rejection reason: (?<reply>.*)", EVENT_FILING, 0, 0, "rejected" },
    { "lda.rejecting", "delivery", "^Sending a rejection to ",
      "Sending a rejection to <?(?<mail_from>[^>]*?)>?: (?<reply>.*)", EVENT_FILING, EVENT_HAS_MAIL_FROM, 0,
      "rejected" },
    { "lda.rejection-failed", "delivery", " send rejection",
      "(?:Temporarily failed to|Permanently failed to|Invalid postmaster_address - can't) send rejection.*",
      EVENT_IGNORED, 0, 0, RESPONSE },
    { "sieve.rejection-failed", "delivery", "reject",
      "(?:failed to send rejection message|not sending reject|discarded reject|discarding reject|reject "
      "action "
      "(?:aborted|has no means)).*",
      EVENT_IGNORED, 0, 0, RESPONSE },

    /* answers */
    { "sieve.vacation", "delivery", "^sent vacation response to ",
      "sent vacation response to <?(?<recipient>[^>]*)>?.*", EVENT_FILING, 0, 0, "vacation" },
    { "sieve.no-vacation", "delivery", " vacation ",
      "(?:discarded|discarding|not sending|failed to send|failed to check for)(?: duplicate)? vacation "
      "(?:response|reply).*",
      EVENT_IGNORED, 0, 0, RESPONSE },
    { "sieve.notify", "delivery", " notification ",
      "(?:sent|not sending|failed to send|discarding|failed to)(?: duplicate)? (?:mail )?notification .*",
      EVENT_IGNORED, 0, 0, "a notification to the user" },
    { "sieve.report", "delivery", " report", "(?:sent|failed to send) .*report.*", EVENT_IGNORED, 0, 0,
      "a report to somebody" },

    /* of a delivery, but nothing about its end */
    { "sieve.script", "delivery", "",
      "(?:Execution of script |Failed to (?:open|access|compile|initialize)|[^:]*: line \\d+: |main script: "
      "|script |"
      "sieve script |User has no|Updated existing mail|Not modifying|failed to (?:read|check)|flags? |"
      "failed to (?:execute|expunge|add|set|modify)|addflag|setflag|removeflag|fts|Indexed "
      "|expunged|debug|DEBUG|pipe action|"
      "execute|filter|action |program |The LDA Sieve plugin|Encountered corrupt|storage: |file storage: "
      "|binary |ignored |"
      "specified |Aborted|duplicate|mailto notification|LDAP|ldap|Sieve|The )(?!.* successfully delivered).*",
      EVENT_IGNORED, 0, 0, "the work of a script" },
    { "delivery.log", "delivery", "",
      "(?:copy|delete|undelete|expunge|flag_change|mailbox_create|mailbox_delete|mailbox_rename|Mailbox "
      ")\\b.*",
      EVENT_IGNORED, 0, 0, "the mail_log plugin's notes" },
    { "delivery.saved", "delivery",
      "^save: ", "save: .*?box=(?<mailbox>[^,]*)(?:,.*?msgid=<?(?<message_id>[^,>]*)>?)?.*", EVENT_FILING, 0,
      0, "stored" },

    /* sessions of LMTP */
    { "lmtp.connect", "delivery", "^Connect from ", "Connect from (?<client_ip>\\S+).*", EVENT_SESSION, 0, 0,
      "connect" },
    { "lmtp.disconnect", "delivery", "^Disconnect from ",
      "Disconnect from (?<client_ip>\\S+?)(?:: (?<detail>.*))?", EVENT_SESSION, 0, 0, "disconnect" },
    { "lmtp.disconnected", "delivery", "^Disconnected", "Disconnected(?:: (?<detail>.*))?", EVENT_SESSION, 0,
      0, "disconnect" },
    { "lmtp.user", "delivery", "",
      "(?:(?:Failed to (?:lookup|initialize) user|User doesn't exist|Invalid user|userdb lookup|user "
      "lookup).*|"
      "rcpt \\S+: .*)",
      EVENT_IGNORED, 0, 0, "a recipient that the reply refuses" },
    { "lmtp.life", "delivery", "",
      "(?:Killed|Connection queue full|conn |smtp-server|lmtp-server|lmtp-client|proxy|Proxy|Timeout|Too "
      "many|Client |"
      "Internal error|Remote |Effective |connect\\(|Destination|Started|Created|Shutting|master|"
      "Connection closed|unix:|TLS|SSL|starttls|Broken|auth|Namespace|quota|Quota|acl|imapc|mail_|maildir|"
      "mailbox |stats|Home dir|Couldn't|cmd |trans |Disconnect:|Auth |passdb|local user|connection |"
      "Loading|Module|stat\\(|open\\(|dict|event |http|push|Server|\\d+\\.\\d+\\.\\d+ )(?!.* mail "
      "(?:to|into)).*",
      EVENT_IGNORED, 0, 0, "a session's own life" },

    /* log-ins of imap-login, pop3-login, submission-login, managesieve-login */
    { "login.failed", "login", "(", "(?=" FAILED ")" GONE LOGIN, EVENT_SESSION, 0, 0, "auth-failure" },
    { "login.disconnect", "login", "", "(?!" FAILED ")" GONE LOGIN, EVENT_SESSION, 0, 0, "disconnect" },
    { "login", "login", "ser=<", ENTERED LOGIN, EVENT_SESSION, 0, 0, "login" },
    { "login.life", "login", "", "(?!" GONE "|" ENTERED ").*", EVENT_IGNORED, 0, 0, "a log-in's own life" },

    /* the authentication server: "passwd-file(user,192.0.2.1,<session>): Password mismatch" */
    { "auth.failed", "auth", "",
      "(?:.*?: )?[\\w-]+\\((?<user>[^,)]*),(?<client_ip>[^,)]*)(?:,(?:master,)?<(?<session>[^>]*)>)?\\): "
      "(?<detail>" REFUSED ".*)",
      EVENT_SESSION, 0, 0, "auth-failure" },
    /* 2.4 says whose request it is before the colon: "auth(user,192.0.2.1,sasl:plain)<session>: passwd-file: .." */
    { "auth.failed.request", "auth", "", "(?:request \\[\\d+\\]: )?(?:[\\w-]+: )?(?<detail>" REFUSED ".*)",
      EVENT_SESSION, 0, 0, "auth-failure" },
    { "auth.life", "auth", "",
      "(?!(?:.*?: )?[\\w-]+\\([^,)]*,[^)]*\\): " REFUSED ")(?!(?:request \\[\\d+\\]: )?(?:[\\w-]+: )?" REFUSED
      ").*",
      EVENT_IGNORED, 0, 0, SERVER },

    /* the submission service, which hands messages on to the MTA */
    { "submission.relayed", "submission", "^Successfully relayed message: ",
      "Successfully relayed message: from=<(?<mail_from>.*?)>, size=(?<size>\\d+), id=(?<detail>[^,]*), "
      "[^`]*reply=[`'](?<reply>.*)'",
      EVENT_FILTER, EVENT_HAS_MAIL_FROM, 0, "relayed" },
    { "submission.refused", "submission", "^Failed to relay message: ",
      "Failed to relay message: from=<(?<mail_from>.*?)>, size=(?<size>\\d+), [^`]*reply=[`'](?<reply>.*)'",
      EVENT_REFUSAL, EVENT_HAS_MAIL_FROM, STAGE_DATA, "reject" },

    /* who reads the mailbox */
    { "reader.end", "reader submission", "",
      "(?:Logged out|Disconnected|Connection closed|Disconnect|Connection reset|Server shutting down|"
      "Aborted|Closed|LOGOUT|BYE|IMAP session)(?<detail>.*)",
      EVENT_SESSION, 0, 0, "disconnect" },
    { "reader.life", "reader submission", "",
      "(?!Successfully relayed message: from=<|Failed to relay message: from=<|Logged "
      "out|Disconnected|Connection closed|Disconnect|Connection reset|Server shutting down|Aborted|"
      "Closed|LOGOUT|BYE|IMAP session).*",
      EVENT_IGNORED, 0, 0, READER },

    { "server.life", "server", "", ".*", EVENT_IGNORED, 0, 0, SERVER },
    { "fault", "fault", "", ".*", EVENT_IGNORED, 0, 0, "a fault of the server" },
};

const struct log_row *
dovecot_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}
