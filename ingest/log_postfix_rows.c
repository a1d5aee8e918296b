/* The lines that Postfix writes, 2.3 to 3.11, one row per kind (postfix.org, RELEASE_NOTES and source of
 * the log statements).  Frequent ones stand first within each program. */
#include "log_postfix.h"

/* Short ids are hex, long ones (enable_long_queue_ids) base 52 with a "z" before the inode. */
#define QID  "(?<queue_id>[0-9A-F]{5,25}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,25}): "
#define NQID "(?:NOQUEUE: |" QID ")?"
/* name[ip]:port; postscreen writes only [ip]:port. */
#define CLIENT "(?<client_name>[^\\[ ]*)\\[(?<client_ip>[^\\]]*)\\](?::(?:(?<client_port>\\d+)|unknown))?"
#define PEER   "(?<relay_name>[^\\[,: ]*)(?:\\[(?<relay_ip>[^\\]]*)\\])?(?::(?<relay_port>\\d+))?"
/* The tail of a restriction's line; postscreen puts commas between. */
#define ENVELOPE                                                                                      \
    "(?:;? from=<(?<mail_from>.*?)>,?)?(?: to=<(?<recipient>.*?)>,?)?(?: proto=(?<protocol>\\w+),?)?" \
    "(?: helo=<(?<helo>.*?)>)?"
#define SASL_TAIL                                                                     \
    "(?:,? sasl_method=(?<method>[^, ]+))?(?:,? sasl_username=(?<auth_user>[^, ]+))?" \
    "(?:,? sasl_sender=[^, ]+)?"
#define TLS_TAIL ": (?<tls_version>\\S+) with cipher (?<tls_cipher>\\S+) .*"
/* Before 2.5 without the word for trust. */
#define TRUST \
    "(?:(?<tls_verified>Anonymous|Untrusted|Trusted|Verified) )?TLS connection (?:established|reused) "

/* What later versions put among them: "tls=dane, ". */
#define ATTRIBUTES "(?:(?!dsn=|status=)[\\w-]+=[^ ,]*, )*"

#define AGENTS "smtp lmtp local virtual pipe discard error retry"
/* The queue manager and cleanup return mail, too, and old versions of the former defer it themselves. */
#define DELIVERERS AGENTS " qmgr nqmgr oqmgr cleanup bounce defer trace"
/* Those whose lines speak of messages; the rest speak of themselves alone. */
#define MAIL_DAEMONS \
    AGENTS " smtpd qmgr nqmgr oqmgr cleanup pickup bounce defer trace postscreen dnsblog tlsproxy postsuper"

static const struct log_row rows[] = {
    /* delivery agents */
    { "agent.attempt", DELIVERERS, "@: to=",
      QID
      "to=(?:<(?<recipient>.*?)>|(?<recipient>[^ ,]+)), "
      "(?:orig_to=(?:<(?<orig_recipient>.*?)>|(?<orig_recipient>"
      "[^ ,]+)), )?relay=(?<relay_name>[^\\[, ]+)(?:\\[(?<relay_ip>[^\\]]*)\\])?(?::(?<relay_port>\\d+))?, "
      "(?:conn_use=\\d+,? )?delay=(?<delay>[\\d.]+), (?:delays=(?<delays>[\\d./]+), )?" ATTRIBUTES
      "(?:dsn=(?<enhanced>\\d\\.\\d+\\.\\d+), )?" ATTRIBUTES
      "status=(?<status>[\\w-]+)(?: \\((?:(?<reply>.*)\\)|(?<reply>.*)))?",
      EVENT_ATTEMPT, 0, 0, NULL },
    { "agent.tls", "smtp lmtp tlsproxy", "TLS connection ",
      "(?:" QID ")?" TRUST "to " PEER "(?: to SNI \\S+)?" TLS_TAIL, EVENT_SESSION,
      EVENT_TLS | EVENT_TO_REMOTE, 0, "tls" },
    { "agent.connect", "smtp lmtp", "^connect to ", "connect to " PEER ": (?<reply>.*)", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "connect" },
    { "agent.host-said", "smtp lmtp", "@: host ",
      QID "host " PEER " (?:said|refused to talk to me): (?<reply>.*)", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "reply" },
    { "agent.lost", "smtp lmtp", "lost connection with ",
      "(?:" QID ")?(?<reply>lost connection with " PEER " while .*)", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "lost" },
    { "agent.timeout", "smtp lmtp", "conversation with ",
      "(?:" QID ")?(?<reply>conversation with " PEER " timed out while .*)", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "lost" },
    { "agent.tls-required", "smtp lmtp", "@: TLS is required",
      QID "(?<reply>TLS is required, but was not offered by host " PEER ".*)", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "tls-required" },
    { "agent.tls-failed", "smtp lmtp", "@: Cannot start TLS", QID "(?<reply>Cannot start TLS: .*)",
      EVENT_SESSION, EVENT_TRIED | EVENT_TO_REMOTE, 0, "tls-failed" },
    { "agent.certificate", "smtp lmtp", "@: Server certificate not ",
      QID "(?<reply>Server certificate not .*)", EVENT_SESSION, EVENT_TRIED | EVENT_TO_REMOTE, 0,
      "tls-failed" },
    { "agent.certificate-check", "smtp lmtp tlsproxy", "^certificate ",
      "certificate (?:verification|peer name) .*?for " PEER ": (?<reply>.*)", EVENT_SESSION, 0, 0,
      "certificate" },
    { "agent.tls-error", "smtp lmtp tlsproxy", "^SSL_connect error to ",
      "SSL_connect error to " PEER ": (?<reply>.*)", EVENT_SESSION, EVENT_TRIED | EVENT_TO_REMOTE, 0,
      "tls-failed" },
    { "agent.sasl", "smtp lmtp", ": SASL authentication ",
      QID "(?<reply>SASL authentication [^;]*(?:; server " PEER " said: .*|.*))", EVENT_SESSION,
      EVENT_TRIED | EVENT_TO_REMOTE, 0, "auth-failure" },
    { "agent.header", "smtp lmtp", "@: ",
      QID "(?<action>replace|prepend|strip|warning|info|ignore|warn): (?:mime-|nested-)?(?:header|body) .*",
      EVENT_SESSION, 0, 0, NULL },
    { "agent.tlsrpt", "smtp lmtp tlsproxy", "^TLSRPT: status=",
      "TLSRPT: status=(?<status>\\w+), domain=(?<domain>[^, ]*)(?:, receiving_mx=" PEER
      ")?(?:.*?, failure_type=(?<result>[\\w-]+)(?:, failure_reason=(?<reason>.*))?|.*)",
      EVENT_SESSION, 0, 0, "tls-report" },
    { "agent.passing", AGENTS, "@: passing ", QID "passing <.*> to transport=.*", EVENT_IGNORED, 0, 0,
      "hands the recipient to another transport" },
    { "agent.quirk", "smtp lmtp", "@: enabling PIX ", QID ".*", EVENT_IGNORED, 0, 0,
      "works around a peer's fault" },
    { "agent.breaking", "smtp lmtp", "@: breaking line ", QID ".*", EVENT_IGNORED, 0, 0,
      "breaks a long line" },
    { "agent.ehlo", "smtp lmtp smtpd", "^discarding EHLO keywords", NULL, EVENT_IGNORED, 0, 0,
      "hides an SMTP extension" },

    /* queue manager */
    { "qmgr.active", "qmgr nqmgr oqmgr", "@: from=",
      QID "from=(?:<(?<mail_from>.*?)>|(?<mail_from>[^ ,]*)), size=(?<size>\\d+), nrcpt=(?<nrcpt>\\d+)"
          "(?: \\(queue (?:active|\\w+)\\))?",
      EVENT_ARRIVAL, EVENT_ACTIVE | EVENT_HAS_MAIL_FROM, 0, NULL },
    { "qmgr.removed", "qmgr nqmgr oqmgr", "@: removed", QID "removed", EVENT_REMOVAL, EVENT_FINAL_REMOVAL, 0,
      NULL },
    { "qmgr.expired", "qmgr nqmgr oqmgr", "expired, returned to sender",
      QID "from=<(?<mail_from>.*?)>, status=(?:force-)?expired, returned to sender", EVENT_NOTIFICATION,
      EVENT_EXPIRED | EVENT_HAS_MAIL_FROM, 0, "expired" },
    { "qmgr.skipped", "qmgr nqmgr oqmgr", ": skipped, still being delivered", QID ".*", EVENT_IGNORED, 0, 0,
      "is still being delivered" },

    /* SMTP server */
    { "smtpd.connect", "smtpd", "^connect from ", "connect from " CLIENT, EVENT_SESSION, 0, 0, "connect" },
    { "smtpd.disconnect", "smtpd", "^disconnect from ", "disconnect from " CLIENT "(?: (?<detail>.*))?",
      EVENT_SESSION, EVENT_DISCONNECT, 0, "disconnect" },
    { "smtpd.client", "smtpd", "@: client=",
      QID "client=" CLIENT "(?:, sasl_method=(?<method>[^, ]+))?(?:, sasl_username=(?<auth_user>[^,]+))?"
          "(?:, sasl_sender=[^, ]+)?(?:, orig_queue_id=(?<orig_queue_id>[^, ]+))?(?:, "
          "orig_client=(?<detail>.*))?",
      EVENT_ARRIVAL, EVENT_BIRTH, 0, NULL },
    { "smtpd.proxy-client", "smtpd", "^NOQUEUE: client=", "NOQUEUE: client=" CLIENT SASL_TAIL ".*",
      EVENT_SESSION, 0, 0, "proxied" },
    { "smtpd.tls", "smtpd tlsproxy", "TLS connection ",
      "(?:" QID ")?" TRUST "from " CLIENT "(?: to SNI \\S+)?" TLS_TAIL, EVENT_SESSION, EVENT_TLS, 0, "tls" },
    { "smtpd.refusal", "smtpd", "reject: ",
      NQID "(?<action>reject|milter-reject|proxy-reject): (?<phase>[\\w-]+)(?: from " CLIENT
           ")?: (?<reply>.*?)"
           "(?:;" ENVELOPE SASL_TAIL ")?",
      EVENT_REFUSAL, 0, 0, NULL },
    { "smtpd.etrn", "smtpd", "reject: ETRN ", NQID "reject: (?<phase>ETRN) \\S+\\.\\.\\. from " CLIENT ".*",
      EVENT_IGNORED, 0, 0, "no delivery was asked for" },
    { "smtpd.discard", "smtpd", "discard: ",
      NQID "(?<action>discard|milter-discard): (?<phase>[\\w-]+)(?: from " CLIENT ")?: (?<reply>.*?)"
           "(?:;" ENVELOPE SASL_TAIL ")?",
      EVENT_REFUSAL, 0, 0, NULL },
    { "smtpd.hold", "smtpd", "hold: ",
      NQID "(?<action>hold|milter-hold): (?<phase>[\\w-]+)(?: from " CLIENT
           ")?: (?<reply>.*?)(?:;" ENVELOPE SASL_TAIL ")?",
      EVENT_REFUSAL, 0, 0, NULL },
    { "smtpd.hangup", "smtpd", "hangup: ",
      NQID "(?<action>hangup): (?<phase>[\\w-]+)(?: from " CLIENT ")?: (?<reply>.*?)(?:;" ENVELOPE SASL_TAIL
           ")?",
      EVENT_REFUSAL, 0, 0, NULL },
    { "smtpd.lost", "smtpd postscreen", "lost connection after ",
      NQID "lost connection after (?<phase>[\\w-]+)(?: content)?(?: \\((?:approximately )?(?<size>\\d+) "
           "bytes\\))? from " CLIENT ".*",
      EVENT_SESSION, EVENT_LOST, 0, "lost" },
    { "smtpd.timeout", "smtpd", "timeout after ",
      NQID "timeout after (?<phase>[\\w-]+)(?: content)?(?: \\((?<size>\\d+) bytes\\))? from " CLIENT ".*",
      EVENT_SESSION, EVENT_LOST, 0, "timeout" },
    { "smtpd.too-many-errors", "smtpd", "too many errors after ",
      NQID "too many errors after (?<phase>[\\w-]+)(?: content)?(?: \\((?:approximately )?(?<size>\\d+) "
           "bytes\\))? from " CLIENT ".*",
      EVENT_SESSION, EVENT_LOST, 0, "too-many-errors" },
    { "smtpd.sasl-failed", "smtpd", ": SASL ",
      "warning: " CLIENT ": (?<reply>SASL (?<method>\\S+) authentication (?:failed|aborted).*?)"
      "(?:, sasl_username=(?<auth_user>.*))?",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, "auth-failure" },
    { "smtpd.address-syntax", "smtpd", "^warning: Illegal address syntax from ",
      "warning: (?<reply>Illegal address syntax) from " CLIENT " in (?<phase>\\w+) command: .*",
      EVENT_REFUSAL, 0, STAGE_ENVELOPE, "reject" },
    { "smtpd.limit", "smtpd", "limit exceeded: ",
      "warning: (?<reply>\\w+ (?:\\w+ )*limit exceeded: \\d+) from " CLIENT " for service (?<detail>\\S+)",
      EVENT_REFUSAL, 0, STAGE_CONNECT, "reject" },
    { "smtpd.hostname", "smtpd", "does not resolve to address ",
      "warning: hostname (?<client_name>\\S+) does not resolve to address "
      "(?<client_ip>[0-9A-Fa-f:.]*[0-9A-Fa-f])(?:[:% ].*)?",
      EVENT_SESSION, 0, 0, "hostname" },
    { "smtpd.queue-warning", "smtpd cleanup", "warning: ",
      "warning: " QID "(?<reply>(?:queue file size limit exceeded|message rejected|.*not accepted).*)",
      EVENT_REFUSAL, EVENT_MESSAGE_REFUSED, STAGE_DATA, "reject" },
    { "smtpd.accept-error", "smtpd tlsproxy", "SSL_accept error from ",
      "SSL_accept error from " CLIENT ": (?<reply>.*)", EVENT_SESSION, 0, 0, "tls-failed" },
    { "smtpd.pipelining", "smtpd", "improper command pipelining ",
      NQID "improper command pipelining after (?<phase>\\S+)(?: content)? from " CLIENT ".*", EVENT_SESSION,
      0, 0, "pipelining" },
    { "smtpd.bare-lf", "smtpd", "bare <LF> received",
      NQID "bare <LF> received after (?<phase>\\S+)(?: \\(\\d+ bytes\\))? from " CLIENT ".*", EVENT_SESSION,
      0, 0, "bare-newline" },
    { "smtpd.advice", "smtpd", ": ",
      NQID "(?<action>reject_warning|warn|info|abort|redirect|filter|delay|bcc|prepend|permit|proxy-accept|"
           "trigger|"
           "permit_sasl_authenticated): (?<phase>[\\w-]+)(?: from " CLIENT ")?.*",
      EVENT_SESSION, 0, 0, NULL },

    /* cleanup */
    { "cleanup.message-id", "cleanup",
      "message-id=", QID "(?:resent-)?message-id= *(?:<(?<message_id>[^>]*)>.*|(?<message_id>[^ <].*)|)",
      EVENT_ARRIVAL, 0, 0, NULL },
    { "cleanup.header", "cleanup", "header ",
      QID "(?<action>[\\w-]+): (?:mime-|nested-)?header .*? from (?:local|unknown|" CLIENT ");" ENVELOPE
          "(?:: (?<reply>.*))?",
      EVENT_REFUSAL, 0, STAGE_CONTENT, NULL },
    { "cleanup.mime-error", "cleanup", ": reject: mime-error ",
      QID "(?<action>reject): mime-error (?<reply>.*?) from (?:local|unknown|" CLIENT ");" ENVELOPE
          "(?:: .*)?",
      EVENT_REFUSAL, 0, STAGE_CONTENT, NULL },
    { "cleanup.body", "cleanup", ": ",
      QID "(?<action>[\\w-]+): (?:body|content) .*? from (?:local|unknown|" CLIENT ");" ENVELOPE
          "(?:: (?<reply>.*))?",
      EVENT_REFUSAL, 0, STAGE_CONTENT, NULL },
    { "cleanup.milter", "cleanup", ": milter-",
      QID "(?<action>milter-(?!header-|body-)[\\w-]+): (?<phase>[\\w-]+)(?: from " CLIENT
          "|[^:;]*?)(?:: (?<reply>.*?))?(?:;" ENVELOPE "(?:: .*)?)?",
      EVENT_REFUSAL, 0, 0, NULL },
    { "cleanup.map-problem", "cleanup", " map lookup problem -- message not accepted",
      QID "(?<reply>[^:]* map lookup problem -- message not accepted.*)", EVENT_REFUSAL,
      EVENT_MESSAGE_REFUSED, STAGE_DATA, "reject" },
    { "cleanup.milter-conflict", "cleanup", "@: ignoring ", QID "ignoring .* milter reply: .*", EVENT_IGNORED,
      0, 0, "a milter contradicts itself" },
    { "any.bounce-failed", "*", "@: status=deferred (", QID "status=deferred \\(.* failed\\)", EVENT_IGNORED,
      0, 0, "could not note a bounce" },
    { "cleanup.discarded", "cleanup", "@: removed (", QID "removed \\(discarded\\)", EVENT_REMOVAL,
      EVENT_FINAL_REMOVAL | EVENT_DISCARDED, 0, "discarded" },
    { "cleanup.abandoned", "cleanup", "@: removed (", QID "removed \\(canceled\\)", EVENT_REMOVAL,
      EVENT_MESSAGE_REFUSED, 0, "canceled" },
    { "cleanup.canceled", "cleanup", ": canceled", QID "canceled.*", EVENT_REMOVAL, EVENT_MESSAGE_REFUSED, 0,
      "canceled" },
    { "cleanup.table-reject", "cleanup", ": reject: ",
      QID "(?<action>reject): (?<phase>[\\w-]+): (?<reply>.*)", EVENT_REFUSAL, 0, STAGE_DATA, NULL },

    /* local submission */
    { "pickup.uid", "pickup", "@: uid=",
      QID
      "uid=(?<uid>\\d+) from=(?:<(?<mail_from>.*?)>|(?<mail_from>\\S*))(?: orig_id=(?<orig_queue_id>\\S+))?",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_HAS_MAIL_FROM | EVENT_LOCAL, 0, NULL },

    /* notifications */
    { "bounce.notice", "bounce defer trace", " notification: ",
      QID "(?<detail>sender|postmaster) (?<action>non-delivery|delay|delivery status) notification: "
          "(?<new_queue_id>\\w+)",
      EVENT_NOTIFICATION, 0, 0, NULL },
    { "bounce.failed", "bounce defer trace", " notification failed ",
      QID "(?:sender|postmaster) notification failed to <.*>: (?<reply>.*)", EVENT_IGNORED, 0, 0,
      "could not write a notification" },

    /* operators */
    { "postsuper.removed", "postsuper", "@: removed", QID "removed", EVENT_REMOVAL, EVENT_DELETED, 0,
      "deleted" },
    { "postsuper.hold", "postsuper", "@: placed on hold", QID "placed on hold", EVENT_REMOVAL, EVENT_HELD, 0,
      "held" },
    { "postsuper.release", "postsuper", "@: released from hold", QID "released from hold", EVENT_REMOVAL,
      EVENT_RELEASED, 0, "released" },
    { "postsuper.requeue", "postsuper", "@: requeued", QID "requeued", EVENT_REMOVAL, EVENT_REQUEUED, 0,
      "requeued" },
    { "postsuper.expire", "postsuper", ": expir", QID "expir(?:ed|ing).*", EVENT_REMOVAL, 0, 0, "expiring" },
    { "postsuper.total", "postsuper", "message", "[A-Z][\\w -]+: \\d+ messages?", EVENT_IGNORED, 0, 0,
      "counts what an operator did" },

    /* postscreen and its helpers */
    { "postscreen.connect", "postscreen tlsproxy", "^CONNECT from ",
      "CONNECT from " CLIENT "(?: to \\[(?<relay_ip>[^\\]]*)\\]:(?<relay_port>\\d+))?", EVENT_SESSION, 0, 0,
      "connect" },
    { "postscreen.pass", "postscreen", "^PASS ", "PASS (?<detail>NEW|OLD) " CLIENT, EVENT_SESSION, 0, 0,
      "pass" },
    { "postscreen.disconnect", "postscreen tlsproxy", "^DISCONNECT ", "DISCONNECT " CLIENT, EVENT_SESSION,
      EVENT_DISCONNECT, 0, "disconnect" },
    { "postscreen.list", "postscreen", "LIST",
      "(?<detail>(?:WHITE|ALLOW|BLACK|DENY)LIST(?:ED| VETO)) " CLIENT, EVENT_SESSION, 0, 0, "listed" },
    { "postscreen.dnsbl", "postscreen", "^DNSBL rank ", "DNSBL rank (?<score>-?\\d+) for " CLIENT,
      EVENT_SESSION, 0, 0, "dnsbl" },
    { "postscreen.refusal", "postscreen", "reject: ",
      "(?:NOQUEUE: )?(?<action>reject): (?<phase>[\\w-]+) from " CLIENT ": (?<reply>.*?)(?:;" ENVELOPE ")?",
      EVENT_REFUSAL, 0, 0, NULL },
    { "postscreen.violation", "postscreen", "",
      "(?<detail>PREGREET|HANGUP|BARE NEWLINE|COMMAND [A-Z ]+|NON-SMTP COMMAND)(?: \\d+)?(?: after "
      "(?<score>[\\d.]+))? "
      "from " CLIENT ".*",
      EVENT_SESSION, 0, 0, "violation" },
    { "postscreen.cache", "postscreen verify", "^cache ", NULL, EVENT_IGNORED, 0, 0, "a cache was cleaned" },
    { "dnsblog.listed", "dnsblog", "^addr ",
      "addr (?<client_ip>\\S+) listed by domain (?<domain>\\S+) as (?<result>\\S+)", EVENT_SESSION, 0, 0,
      "dnsbl-listed" },

    /* whole messages that say nothing of one message */
    { "any.statistics", "*", "^statistics: ", NULL, EVENT_IGNORED, 0, 0, "statistics" },
    { "any.warning", "*", "^warning: ",
      "warning: (?!(?:.*\\]: SASL \\S+ authentication (?:failed|aborted)|.*limit exceeded:"
      " \\d+ from |Illegal address syntax from |hostname \\S+ does not resolve|[0-9A-Za-z]{5,25}: (?:queue "
      "file size|message "
      "rejected|.*not accepted)))"
      ".*",
      EVENT_IGNORED, 0, 0, "a warning about the server" },
    { "any.fatal", "*", "^fatal: ", NULL, EVENT_IGNORED, 0, 0, "a fault of the server" },
    { "any.panic", "*", "^panic: ", NULL, EVENT_IGNORED, 0, 0, "a fault of the server" },
    { "any.error", "*", "^error: ", NULL, EVENT_IGNORED, 0, 0, "a fault of the server" },
    { "any.queue-warning", "*", ": warning: ", QID "warning: (?!header|body).*", EVENT_IGNORED, 0, 0,
      "a warning about the server" },
    { "master.life", "master postfix-script postlog postfix postmulti postlogd", "", ".*", EVENT_IGNORED, 0,
      0, "the server's own life" },
    { "helper.life",
      "scache verify trivial-rewrite proxymap proxywrite tlsmgr flush showq anvil postqueue sendmail "
      "postdrop qmqpd "
      "postalias postmap postconf postcat postkick postlock spawn postfix-tls-script postfix-wrapper "
      "post-install "
      "postmulti-script smtp-source smtp-sink posttls-finger",
      "", "(?!statistics: |warning: |fatal: |cache |panic: |error: ).*", EVENT_IGNORED, 0, 0,
      "a helper's own life" },
    { "any.daemon", MAIL_DAEMONS, "",
      "(?:using backwards-compatible|reload|refreshing|daemon started|terminating on|table .* has "
      "changed|open .*: |initializing the|setting up TLS|looking for |SSL3? alert|issuer=|subject=|Host "
      "offered|"
      "TLS SNI |idle timeout|rewrite stream|setting |SSL_(?!accept error from |connect error to )|cert=|save "
      "session|Peer |"
      "certificate (?!verification|peer name)).*",
      EVENT_IGNORED, 0, 0, "a daemon's own life or debugging" },
};

const struct log_row *
postfix_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}
