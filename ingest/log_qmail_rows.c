/* The lines of qmail and of its neighbours, as a table.  Frequent ones first. */
#include "log_qmail.h"

/* spamdyke: "from: a to: b origin_ip: c origin_rdns: d auth: e encryption: f reason: g" */
#define SPAMDYKE                                                                                           \
    " from: (?:\\(unknown\\)|<?(?<mail_from>[^>\\s]*)>?) to: (?:\\(unknown\\)|<?(?<recipient>\\S*?)>?)"    \
    " origin_ip: (?:\\(unknown\\)|(?<client_ip>\\S+)) origin_rdns: (?:\\(unknown\\)|(?<client_name>\\S+))" \
    "(?: auth: (?:\\(unknown\\)|(?<auth_user>\\S+)))?(?: encryption: \\S+)?(?: reason: (?<reply>.*))?$"
/* chkuser: "from <sender:user:> remote <helo:name:ip> rcpt <address> : why" */
#define CHKUSER                                                                  \
    "[^:]*: from <(?<mail_from>[^:>]*)(?::(?<auth_user>[^:>]*):[^>]*)?> remote " \
    "<(?<helo>[^:>]*):(?:unknown|("                                              \
    "?<client_name>[^:>]*)):(?:unknown|(?<client_ip>[^>]*))> rcpt <(?<recipient>[^>]*)> : (?<reply>.*)$"
/* SPAMCONTROL and s/qmail: "P:ESMTP S:192.0.2.1:host H:helo F:sender T:recipient", each where it is known. */
#define SPAMCONTROL                                                                                 \
    "(?:P:(?<protocol>\\S*) "                                                                       \
    "?)?(?:S:(?<client_ip>[0-9A-Fa-f.]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*?):(?<client_name>[^\\s:]*) ?)?" \
    "(?:H:(?<helo>\\S*) ?)?(?:F:<?(?<mail_from>[^\\s>]*)>? ?)?(?:T:<?(?<recipient>[^\\s>]*)>? ?)?.*$"
/* The qlog patch: "result=rejected code=553 reason=x detail=y helo=.. mailfrom=.. rcptto=.. .. remoteip=.." */
#define QLOG(result)                                                                    \
    "qlog\\w+: result=(?<status>" result                                                \
    ") code=(?<code>\\d*) (?<reply>reason=\\S*(?: detail=\\S*)?).*? helo=(?<helo>\\S*)" \
    " mailfrom=<?(?<mail_from>[^\\s>]*)>? rcptto=<?(?<recipient>[^\\s>]*)>? (?:.*? "    \
    "authuser=(?<auth_user>\\S*))?"                                                     \
    "(?:.*? remoteip=(?<client_ip>\\S*))?(?:.*? remotehost=(?<client_name>\\S*))?.*$"
#define CONNECTION \
    "[^:]*:[^:]*:\\d* (?<client_name>[^:]*):(?<client_ip>[0-9A-Fa-f.:]+?):[^:]*:(?<client_port>\\d+)$"

static const struct log_row rows[] = {
    { "start", "*", "^starting delivery ",
      "starting delivery (?<session>\\d+): msg (?<queue_id>\\d+) to (?<via>local|remote) (?<recipient>.*)$",
      EVENT_SESSION, 0, STAGE_UNKNOWN, "start" },
    { "delivery", "*", "^delivery ",
      "delivery (?<session>\\d+): (?<status>success|failure|deferral): ?(?<reply>.*)$", EVENT_ATTEMPT, 0,
      STAGE_UNKNOWN, NULL },
    { "delivery.mangled", "*", "^delivery ",
      "delivery (?<session>\\d+): (?<reply>report mangled, will defer)$", EVENT_ATTEMPT, 0, STAGE_UNKNOWN,
      NULL },
    { "status", "*", "^status: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "how busy qmail is" },
    { "new", "*", "^new msg ", "new msg (?<queue_id>\\d+)$", EVENT_ARRIVAL, EVENT_BIRTH, STAGE_UNKNOWN,
      NULL },
    { "info", "*", "^info msg ",
      "info msg (?<queue_id>\\d+): bytes (?<size>\\d+) from <(?<mail_from>.*)> qp (?<session>\\d+) uid "
      "(?<uid>\\d+).*$",
      EVENT_ARRIVAL, EVENT_ACTIVE | EVENT_HAS_MAIL_FROM, STAGE_UNKNOWN, NULL },
    { "end", "*", "^end msg ", "end msg (?<queue_id>\\d+)$", EVENT_REMOVAL, EVENT_FINAL_REMOVAL,
      STAGE_UNKNOWN, NULL },
    { "bounce", "*", "^bounce msg ", "bounce msg (?<queue_id>\\d+) qp (?<session>\\d+)$", EVENT_NOTIFICATION,
      0, STAGE_UNKNOWN, "bounce" },
    { "triple", "*", " bounce: discarding ",
      "(?:double|triple) bounce: discarding (?:\\S*/)?(?<queue_id>\\d+)$", EVENT_REMOVAL, 0, STAGE_UNKNOWN,
      "triple-bounce" },
    { "warning", "*", "^warning: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "trouble of qmail itself" },
    { "alert", "*", "^alert: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "trouble of qmail itself" },
    { "number", "*", "^number of messages ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "how busy qmail is" },

    { "tcpserver.ok", "*", "tcpserver: ok ", "tcpserver: ok \\d+ " CONNECTION, EVENT_SESSION, 0,
      STAGE_UNKNOWN, "connect" },
    { "tcpserver.deny", "*", "tcpserver: deny ", "tcpserver: (?<reply>deny) \\d+ " CONNECTION, EVENT_REFUSAL,
      0, STAGE_CONNECT, "reject" },
    { "tcpserver.pid", "*", "tcpserver: pid ", "tcpserver: pid \\d+ from (?<client_ip>\\S+)$", EVENT_SESSION,
      0, STAGE_UNKNOWN, "connect" },
    { "tcpserver.end", "*", "tcpserver: end ", "tcpserver: end \\d+ status (?<detail>\\d+)$", EVENT_SESSION,
      0, STAGE_UNKNOWN, "disconnect" },
    { "tcpserver.status", "*", "tcpserver: status: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "how busy the server is" },
    { "tcpserver.trouble", "*", "tcpserver: ",
      "(?:ssl)?s?tcpserver: (?:warning|fatal|usage|cafile|ccafile|cadir|ccadir|cert|key|param|done).*",
      EVENT_IGNORED, 0, STAGE_UNKNOWN, "trouble of the server itself" },
    { "rblsmtpd", "*", "^rblsmtpd: ", "rblsmtpd: (?<client_ip>\\S+) pid \\d+: (?<reply>\\d{3} .*)$",
      EVENT_REFUSAL, 0, STAGE_ENVELOPE, "reject" },
    { "rblsmtpd.greet", "*",
      "^rblsmtpd: ", "rblsmtpd: (?<client_ip>\\S+) pid \\d+(?::| )(?! ?\\d{3} )(?<detail>.*)$", EVENT_SESSION,
      0, STAGE_UNKNOWN, "dnsbl" },
    { "rblsmtpd.list", "*", " blocked ",
      "rblsmtpd: (?<detail>\\S+ blocked) (?<client_ip>[\\d.:A-Fa-f]+) (?<client_name>\\S+) \\S+$",
      EVENT_SESSION, 0, STAGE_UNKNOWN, "dnsbl" },
    { "spamdyke.allowed", "*", "ALLOWED", "(?:spamdyke\\[\\d+\\]: )?ALLOWED\\S*" SPAMDYKE, EVENT_SESSION,
      EVENT_HAS_MAIL_FROM, STAGE_UNKNOWN, "accepted" },
    { "spamdyke.denied", "*", "DENIED_", "(?:spamdyke\\[\\d+\\]: )?(?<status>DENIED_\\S+)" SPAMDYKE,
      EVENT_REFUSAL, EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "spamdyke.timeout", "*", "TIMEOUT", "(?:spamdyke\\[\\d+\\]: )?(?<status>TIMEOUT)" SPAMDYKE,
      EVENT_SESSION, EVENT_HAS_MAIL_FROM, STAGE_UNKNOWN, "lost" },
    { "spamdyke.notice", "*", "spamdyke[", "spamdyke\\[\\d+\\]: (?!ALLOWED|DENIED_|TIMEOUT).*", EVENT_IGNORED,
      0, STAGE_UNKNOWN, "notice of spamdyke" },
    { "chkuser.accepted", "*", "CHKUSER ", "CHKUSER (?:accepted|relaying)" CHKUSER, EVENT_SESSION,
      EVENT_HAS_MAIL_FROM, STAGE_UNKNOWN, "accepted" },
    { "chkuser.rejected", "*", "CHKUSER ", "CHKUSER (?!accepted|relaying)" CHKUSER, EVENT_REFUSAL,
      EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "spamcontrol.accepted", "*", "Accept::", "(?:.* )?Accept::(?<status>\\w+::\\w+): " SPAMCONTROL,
      EVENT_SESSION, EVENT_HAS_MAIL_FROM, STAGE_UNKNOWN, "accepted" },
    { "spamcontrol.rejected", "*",
      "::", "(?:.* )?(?:Reject|Defer(?:red)?)::(?<reply>\\w+::\\w+): " SPAMCONTROL, EVENT_REFUSAL,
      EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "qlog.accepted", "*", "qlog", QLOG("accepted"), EVENT_SESSION, EVENT_HAS_MAIL_FROM, STAGE_UNKNOWN,
      "accepted" },
    { "qlog.rejected", "*", "qlog", QLOG("(?!accepted)\\w+"), EVENT_REFUSAL, EVENT_HAS_MAIL_FROM,
      STAGE_ENVELOPE, "reject" },
    { "simscan.score", "*", "simscan:[",
      "simscan:\\[\\d+\\]:(?<action>[^(:]*?) \\((?<score>[-0-9.]+)/(?<required>[-0-9.]+)\\):.*", EVENT_FILTER,
      0, STAGE_UNKNOWN, NULL },
    { "simscan", "*", "simscan:[", "simscan:\\[\\d+\\]:(?<action>[^(:]+?)(?::(?<tests>.*))?$", EVENT_FILTER,
      0, STAGE_UNKNOWN, NULL },
    { "login", "*", "vchkpw-", "vchkpw-\\S+: .*success.*", EVENT_IGNORED, 0, STAGE_UNKNOWN, "a log-in" },
    { "login.failed", "*", "vchkpw-",
      "vchkpw-(?<phase>\\S+): (?!.*success)(?<reply>(?:vpopmail user not found|password fail|null "
      "password|vchkpw\\S*|user not found|login|[^:]*?)[^:]*?) "
      "?(?<auth_user>\\S*@[^:]*)?:(?<client_ip>[0-9A-Fa-f.:]+)$",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, "auth-failure" },
};

const struct log_row *
qmail_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}
