/* The lines that OpenSMTPD writes, 5.3 to 7.x, one row per kind (format strings of its log statements).
 * Frequent ones stand first within each part. */
#include "log_opensmtpd.h"

#define EVP "(?<queue_id>[0-9a-f]{8})[0-9a-f]{8}"
/* Until 6.3 each event of a session repeated the client. */
#define CLIENT "(?: address=(?<client_ip>\\S+) host=(?<client_name>\\S+))?"
#define ON     " (?:on|from) session (?<session>[0-9a-f]{16})"

static const struct log_row rows[] = {
    /* from clients */
    { "smtp.connected", "smtp", "^connected",
      "connected address=(?<client_ip>\\S+) host=(?<client_name>\\S+)", EVENT_SESSION, 0, 0, "connect" },
    { "smtp.disconnected", "smtp", "reason=", "(?:disconnected|closed) *" CLIENT " ?reason=(?<detail>.*)",
      EVENT_SESSION, EVENT_DISCONNECT, 0, "disconnect" },
    { "smtp.message", "smtp", "^message ",
      "message" CLIENT " msgid=(?<queue_id>[0-9a-f]{8})(?: from=<(?<mail_from>.*?)> to=<(?<recipient>.*?)>)? "
      "size=(?<size>\\d+) (?:nrcpt|ndest)=(?<nrcpt>\\d+) proto=(?<protocol>\\S+)",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_ACTIVE, 0, NULL },
    { "smtp.envelope", "smtp", "^envelope ",
      "envelope evpid=" EVP " from=<(?<mail_from>.*?)> to=<(?<recipient>.*)>", EVENT_ARRIVAL,
      EVENT_HAS_MAIL_FROM, 0, NULL },
    { "smtp.tls", "smtp", "tls", "(?:start)?tls" CLIENT " ciphers=(?<detail>.*)", EVENT_SESSION, EVENT_TLS, 0,
      "tls" },
    { "smtp.failed", "smtp", "^failed-command ",
      "failed-command" CLIENT " command=\"(?<phase>.*?)\" result=\"(?<reply>.*)\"", EVENT_REFUSAL, 0, 0,
      "reject" },
    { "smtp.auth", "smtp", "^authentication ",
      "authentication user=(?<auth_user>\\S*)" CLIENT " result=\"?ok\"?", EVENT_SESSION, 0, 0, "auth" },
    { "smtp.auth-failed", "smtp", "^authentication ",
      "authentication user=(?<auth_user>\\S*)" CLIENT " result=(?<reply>\"?(?:permfail|tempfail).*)",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, "auth-failure" },
    { "smtp.certificate", "smtp mta", "cert-check ",
      "(?:client-|server-)?cert-check" CLIENT " result=\"?(?<tls_verified>[^\"]*)\"?(?: fingerprint=.*)?",
      EVENT_SESSION, 0, 0, "certificate" },
    { "smtp.bad-input", "smtp", "^bad-input", "bad-input" CLIENT " result=\"(?<reply>.*)\"", EVENT_SESSION, 0,
      0, "bad-input" },
    { "smtp.proxy", "smtp", "^proxy ", "proxy address=(?<client_ip>\\S+)", EVENT_SESSION, 0, 0, "proxied" },

    /* to other hosts */
    { "mta.delivery", "mta", "^delivery ",
      "delivery evpid=" EVP
      " from=<(?<mail_from>.*?)> to=<(?<recipient>.*?)> rcpt=<?(?<orig_recipient>.*?)>? "
      "source=\"(?:.*?)\" relay=\"(?<detail>.*?)\" delay=(?<delay>\\S*) result=\"(?<status>.*?)\" "
      "stat=\"(?<reply>.*)\"",
      EVENT_ATTEMPT, 0, 0, NULL },
    { "mta.connecting", "mta", "^connecting ",
      "connecting address=\\S+?://\\[?(?<relay_ip>[^\\]\\s]*)\\]?:(?<relay_port>\\d+) "
      "host=(?<relay_name>\\S*)",
      EVENT_SESSION, EVENT_TO_REMOTE, 0, "connect" },
    { "mta.tls", "mta", "tls", "(?:start)?tls ciphers=(?<detail>.*)", EVENT_SESSION,
      EVENT_TLS | EVENT_TO_REMOTE, 0, "tls" },
    { "mta.connected", "mta", "^connected", NULL, EVENT_SESSION, EVENT_TO_REMOTE, 0, "connected" },
    { "mta.disconnected", "mta", "reason=", "(?:disconnected|closed) reason=(?<detail>.*)", EVENT_SESSION,
      EVENT_TO_REMOTE, 0, "disconnect" },
    { "mta.error", "mta", "^error ", "error reason=(?<reply>.*)", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "lost" },
    { "mta.words", "mta", "", "(?:host-rejects-all-mails|ssl_check_name: .*|auth .*|rset.*)", EVENT_SESSION,
      EVENT_TO_REMOTE, 0, "words" },

    /* into mailboxes */
    { "mda.delivery", "mda", "^delivery ",
      "delivery evpid=" EVP " from=<(?<mail_from>.*?)> to=<(?<recipient>.*?)> "
      "(?:rcpt=<?(?<orig_recipient>.*?)>? )?user=(?<user>\\S*) (?:method=(?<method>\\S*) "
      ")?delay=(?<delay>\\S*) "
      "result=\"?(?<status>\\w+)\"? stat=(?<reply>.*)",
      EVENT_ATTEMPT, EVENT_LOCAL, 0, NULL },

    { "filters", "filters", "", ".*", EVENT_SESSION, 0, 0, "filter" },

    /* releases before 5.7, and what the queue still says so */
    { "old.delivery", "words", " for ",
      "(?<via>relay|delivery|bounce): (?<status>[A-Za-z ]+?) for " EVP
      ": (?:session=(?<session>[0-9a-f]{16}), )?"
      "from=<(?<mail_from>.*?)>, to=<(?<recipient>.*?)>, (?:rcpt=<(?<orig_recipient>.*?)>, )?"
      "(?:user=(?<user>.*?), )?(?:method=(?<method>.*?), )?(?:source=.*?, )?(?:relay=(?<detail>.*?), )?"
      "delay=(?<delay>.*?), stat=(?<reply>.*)",
      EVENT_ATTEMPT, 0, 0, NULL },
    { "old.message", "words", "^smtp-in: Accepted message ",
      "smtp-in: Accepted message (?<queue_id>[0-9a-f]{8})" ON ": from=<(?<mail_from>.*?)>, "
      "(?:to=<(?<recipient>.*?)>, )?size=(?<size>\\d+), (?:nrcpts?|ndest)=(?<nrcpt>\\d+), "
      "proto=(?<protocol>\\S+)",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_ACTIVE, 0, NULL },
    { "old.session", "words", "^smtp-in: New session ",
      "smtp-in: New session (?<session>[0-9a-f]{16}) from host (?<client_name>\\S*) \\[(?<client_ip>.*)\\]",
      EVENT_SESSION, 0, 0, "connect" },
    { "old.tls", "words", "^smtp-in: Started TLS ", "smtp-in: Started TLS" ON ": (?<detail>.*)",
      EVENT_SESSION, EVENT_TLS, 0, "tls" },
    { "old.failed", "words", "^smtp-in: Failed command ",
      "smtp-in: Failed command" ON ": \"(?<phase>.*)\" => (?<reply>.*)", EVENT_REFUSAL, 0, 0, "reject" },
    { "old.auth", "words", "^smtp-in: Accepted authentication ",
      "smtp-in: Accepted authentication for user (?<auth_user>.*)" ON, EVENT_SESSION, 0, 0, "auth" },
    { "old.auth-failed", "words", "^smtp-in: Authentication ",
      "smtp-in: Authentication (?<reply>(?:temporarily )?failed) for user (?<auth_user>.*)" ON, EVENT_REFUSAL,
      0, STAGE_SUBMISSION, "auth-failure" },
    { "old.closed", "words", "^smtp-in: ",
      "smtp-in: (?<detail>Closing session|Received disconnect from session|Disconnecting session|Ending "
      "session|"
      "Timeout (?:on|for|from) session) (?<session>[0-9a-f]{16})(?:: .*)?",
      EVENT_SESSION, EVENT_DISCONNECT, 0, "disconnect" },
    { "old.in-words", "words", "^smtp-in: ",
      "smtp-in: (?!New session|Started TLS|Accepted (?:message|authentication)|Failed command|Authentication "
      "|"
      "(?:Closing|Disconnecting|Ending) session|Received disconnect|Timeout).*",
      EVENT_IGNORED, 0, 0, "a session's own words" },
    { "old.connecting", "words", "^smtp-out: Connecting to ",
      "smtp-out: Connecting to \\S+?://\\[?(?<relay_ip>[^\\]\\s]*)\\]?:(?<relay_port>\\d+) "
      "\\((?<relay_name>.*?)\\)" ON "\\.*",
      EVENT_SESSION, EVENT_TO_REMOTE, 0, "connect" },
    { "old.out-tls", "words", "^smtp-out: Started TLS ", "smtp-out: Started TLS" ON ": (?<detail>.*)",
      EVENT_SESSION, EVENT_TLS | EVENT_TO_REMOTE, 0, "tls" },
    { "out.error", "words", "^smtp-out: Error on ",
      "smtp-out: Error on (?:session (?<session>[0-9a-f]{16})(?: after \\d+ messages? sent)?|.*?): "
      "(?<reply>.*)",
      EVENT_SESSION, EVENT_TRIED | EVENT_TO_REMOTE, 0, "lost" },
    { "out.words", "words", "^smtp-out: ", "smtp-out: (?!Connecting to |Started TLS |Error on ).*",
      EVENT_IGNORED, 0, 0, "the state of a route" },

    { "words", "words", "",
      "(?!smtp-(?:in|out): |(?:relay|delivery|bounce): [A-Za-z ]+? for [0-9a-f]{16}: )"
      "(?:[\\w.@/-]+(?:\\[\\d+\\]|\\([^)]*\\))?: "
      ".*|.*(?:exiting|terminating|started|starting|stopped|exited)\\b.*|"
      "(?:startup|shutdown|lost child|queue|scheduler|smtp|mail|control|lookup|parent|ca|proxy|setup|reload|"
      "processing|unexpected|commands executed|pipe|cannot|could not|no "
      "such|invalid|table|ramqueue|bounce|rule|fatal|warning)\\b.*)",
      EVENT_IGNORED, 0, 0, "the server's own life, a fault or a warning" },
};

const struct log_row *
opensmtpd_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}
