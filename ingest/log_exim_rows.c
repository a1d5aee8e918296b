/* The lines that Exim writes, as a table.
 *
 * program is the kind of exim_cut; the pattern sees what follows the id, the
 * flag, and the items of the other end.  A pattern's last field is where the
 * items of arrivals and deliveries are read on (log_exim.c).
 *
 * What an ACL's logwrite adds to a main log is the administrator's own wording:
 * log_exim.c ignores such lines unless they speak of a refusal. */
#include "log_exim.h"

/* Blanks stand in an address only within quotes; a ":" before a blank begins a reason.  Repetitions that
 * could be tried at many places are possessive or bounded, so that no line costs more than its length. */
#define QUOTED         "\"(?:[^\"\\\\]|\\\\.)*+\""
#define ADDRESS(name)  "(?<" name ">" QUOTED "@[^\\s>]*|(?:[^\\s>\":]++|:(?! |$))++)"
#define PARENTS        "(?: \\([^)]*+\\))?"
#define ORIGINAL(name) "<(?<" name ">" QUOTED "@[^\\s>]*|[^>]{0,1000}+)>"
#define REST           "(?: .*)?$"
/* Items up to the ": " of a reason; a quoted DN may hold one itself. */
#define ITEMS "(?:[^\":]++|\"(?:[^\"\\\\]++|\\\\.)*+\"?+|:(?! ))*+"
#define WHO   "(?:" HOST "|(?<uid>[^\\s\\[(]+))"
#define AFTER "(?: (?:[IUDXCA]|CV)=\\S+)*+(?: \\(via inetd\\))?"
#define HOST                                                                   \
    "(?:H=)?(?:(?<client_name>[^\\s(\\[]\\S*+) )?(?:\\((?<helo>.{0,300}?)\\) " \
    "(?=\\[))?\\[(?<client_ip>[^\\]\\s]+)\\]"                                  \
    "(?::(?<client_port>\\d+))?"
/* "<=" is written when the message is safely in the queue. */
#define QUEUED (EVENT_BIRTH | EVENT_ACTIVE | EVENT_HAS_MAIL_FROM)
#define TRIED  (EVENT_TRIED | EVENT_TO_REMOTE)
#define FROM_FOR \
    "(?: from (?:<>|<?" ADDRESS("mail_from") ">?))?(?: for <?" ADDRESS("recipient") ">?)?(?: .*)?$"
#define TOLD           "(?:: (?<reply>.*))?"
#define ARGUMENT(name) "(?:" ORIGINAL(name) "[^:]*|(?<" name ">[^\\s:<]+)[^:]*)"

static const struct log_row rows[] = {
    /* arrivals */
    { "arrival", "<=", "", "(?!<> R=)(?:<>|" ADDRESS("mail_from") ")" REST, EVENT_ARRIVAL, QUEUED,
      STAGE_UNKNOWN, NULL },
    { "arrival.bounce", "<=", "^<> R=", "<> R=(?<detail>\\S+)" REST, EVENT_ARRIVAL, QUEUED, STAGE_UNKNOWN,
      "bounce" },

    /* deliveries */
    { "sent", "=>", "@",
      "(?<recipient>" QUOTED "@[^\\s>]++|[^\\s\"<>|/:@][^\\s\"<@]*+@[^\\s>]++)" PARENTS
      "(?: " ORIGINAL("orig_recipient") ")?" REST,
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, NULL },
    { "sent.local", "=>", " <",
      "(?!discarded <)(?<user>" QUOTED "|[^\\s\"<>|/:@][^\\s\"@]*+)" PARENTS " " ORIGINAL("recipient") REST,
      EVENT_ATTEMPT, EVENT_LOCAL, STAGE_UNKNOWN, NULL },
    { "sent.file", "=>", "^/",
      "(?!/dev/null <)(?<mailbox>/.{0,1000}?)" PARENTS " " ORIGINAL("recipient") REST, EVENT_ATTEMPT,
      EVENT_LOCAL, STAGE_UNKNOWN, NULL },
    { "sent.save", "=>", "^save ", "save (?<mailbox>.{0,1000}?)" PARENTS " " ORIGINAL("recipient") REST,
      EVENT_ATTEMPT, EVENT_LOCAL, STAGE_UNKNOWN, NULL },
    { "sent.pipe", "=>", "^|", "(?<detail>\\|.{0,1000}?)" PARENTS " " ORIGINAL("recipient") REST,
      EVENT_ATTEMPT, EVENT_LOCAL, STAGE_UNKNOWN, NULL },
    { "sent.reply", "=>", "^>", "(?<detail>>.{0,1000}?)" PARENTS " " ORIGINAL("recipient") REST,
      EVENT_ATTEMPT, EVENT_LOCAL, STAGE_UNKNOWN, "autoreply" },
    { "discarded.blackhole", "=>",
      "^:blackhole:", ":blackhole:" PARENTS "(?: " ORIGINAL("recipient") ")?" REST, EVENT_ATTEMPT, 0,
      STAGE_UNKNOWN, "discard" },
    { "discarded.null", "=>", "^/dev/null <", "/dev/null " ORIGINAL("recipient") REST, EVENT_ATTEMPT, 0,
      STAGE_UNKNOWN, "discard" },
    { "discarded.router", "=>", "^discarded <", "discarded " ORIGINAL("recipient") REST, EVENT_ATTEMPT, 0,
      STAGE_UNKNOWN, "discard" },
    { "discarded.acl", "=>", "^blackhole ", "blackhole (?:\\((?<reply>[^)]*+)\\)$|(?<reply>.*)$)",
      EVENT_ATTEMPT, EVENT_DISCARDED, STAGE_UNKNOWN, "discard" },
    { "discarded.filter", "=>", "^discarded (", "discarded \\((?<reply>[^)]*+)\\)" REST, EVENT_ATTEMPT,
      EVENT_DISCARDED, STAGE_UNKNOWN, "discard" },
    { "failed", "**", "",
      "(?![|/>])" ADDRESS("recipient") "(?=:? |$)" PARENTS "(?: " ORIGINAL(
          "orig_recipient") ")?(?<detail>" ITEMS ")(?:: (?<reply>.*))?$",
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, NULL },
    { "failed.local", "**", " <",
      "(?<mailbox>[|/>].{0,1000}?)" PARENTS " " ORIGINAL("recipient") "(?<detail>" ITEMS
                                                                      ")(?:: (?<reply>.*))?$",
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, NULL },
    { "deferred", "==", " defer (",
      "(?![|/>])" ADDRESS("recipient") PARENTS
      "(?: " ORIGINAL("orig_recipient") ")?(?<detail>(?: [^ ]*+)+?)?(?: routing)? defer "
                                        "\\((?<status>-?\\w+)\\)(?<reply>.*)$",
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, NULL },
    { "deferred.local", "==", " defer (",
      "(?<mailbox>[|/>].{0,1000}?)" PARENTS
      " " ORIGINAL("recipient") "(?<detail> .*?)?(?: routing)? defer \\((?<status>-?\\w+)\\)(?<reply>.*)$",
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, NULL },

    /* lines about a message */
    { "completed", "message", "^Completed", "Completed(?: QT=(?<delay>\\S+))?$", EVENT_REMOVAL,
      EVENT_FINAL_REMOVAL, STAGE_UNKNOWN, NULL },
    { "frozen", "message", "rozen", "(?:\\*\\*\\* )?(?:Message (?:is )?)?[Ff]rozen(?: (?<detail>.*))?$",
      EVENT_REMOVAL, EVENT_HELD | EVENT_FROZEN, STAGE_UNKNOWN, "hold" },
    { "unfrozen", "message", "nfrozen", "[Uu]nfrozen(?: (?<detail>.*))?$", EVENT_REMOVAL, EVENT_RELEASED,
      STAGE_UNKNOWN, "release" },
    { "removed", "message", "removed by ", "(?:message )?removed by (?<user>.*)$", EVENT_REMOVAL,
      EVENT_DELETED, STAGE_UNKNOWN, "delete" },
    { "removed.old", "message", "^Message removed because older than ", NULL, EVENT_REMOVAL, EVENT_DELETED,
      STAGE_UNKNOWN, "delete" },
    { "cancelled", "message", "^cancelled by ",
      "cancelled by (?!timeout_frozen_after|system filter)(?<user>.*)$", EVENT_REMOVAL, EVENT_DELETED,
      STAGE_UNKNOWN, "delete" },
    { "filter.failed", "message", "^cancelled by system filter", "(?<reply>cancelled by system filter.*)$",
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, "fail" },
    { "filter.deferred", "message", "^Delivery deferred by system filter",
      "(?<reply>Delivery deferred by system filter.*)$", EVENT_ATTEMPT, 0, STAGE_UNKNOWN, "defer" },
    { "filter.broken", "message", "^Error in system filter", "(?<reply>Error in system filter.*)$",
      EVENT_ATTEMPT, 0, STAGE_UNKNOWN, "defer" },
    { "filter.replaced", "message", "^original recipients ignored", "original recipients ignored.*",
      EVENT_IGNORED, 0, STAGE_UNKNOWN, "a filter chose other recipients" },
    { "cancelled.timeout", "message", "^cancelled by timeout_frozen_after", NULL, EVENT_NOTIFICATION,
      EVENT_EXPIRED, STAGE_UNKNOWN, "expired" },
    { "dkim", "message", "DKIM: d=",
      "P?DKIM: d=(?<domain>\\S+) s=(?<selector>\\S+) .*\\[(?<result>verification succeeded|"
      "verification failed|invalid|not verified|failed key import|[^\\]]*?)(?: - (?<reason>[^\\]]*))?\\]$",
      EVENT_AUTH, 0, STAGE_UNKNOWN, NULL },
    { "dmarc", "message", "^DMARC results: ",
      "DMARC results: spf_domain=\\S* dmarc_domain=(?<domain>\\S*) spf_align=(?<detail>\\w+) "
      "dkim_align=(?<result>\\w+) enforcement='(?<reason>[^']*)'.*",
      EVENT_AUTH, 0, STAGE_UNKNOWN, NULL },
    { "dkim.other", "message", "DKIM: ", "P?DKIM: (?!d=).*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "DKIM diagnostics" },
    { "tried.message", "message", " error from remote mail server after ",
      "(?:SMTP|LMTP) error from remote mail server after .*", EVENT_SESSION, TRIED, STAGE_UNKNOWN, "reply" },
    /* up to 4.84 a host that was tried in vain stands without "H=" */
    { "tried.bare", "message", "]",
      "(?<relay_name>[^\\s=\"]+) \\[(?<relay_ip>[^\\]\\s]+)\\](?::(?<relay_port>\\d+))?:? (?!SSL "
      "verify)(?<reply>(?:"
      "Connection |No route |Network |Host is |Host or |Broken pipe|Operation timed|Permission denied|TLS |a "
      "TLS session).*)",
      EVENT_SESSION, TRIED, STAGE_UNKNOWN, "connect" },
    { "tried.old", "message", "",
      "(?:(?:SMTP|LMTP) timeout (?:while connected to|after)|Remote host|(?:SMTP|LMTP) error after)"
      "(?:.*?(?<relay_name>[^\\s:]+) \\[(?<relay_ip>[^\\]\\s]+)\\])?.*",
      EVENT_SESSION, TRIED, STAGE_UNKNOWN, "reply" },
    { "tried.auth", "message words", " authenticator ",
      "(?<method>\\S+) authenticator (?:failed|cancelled authentication) H=(?<relay_name>\\S+) "
      "\\[(?<relay_ip>[^\\]\\s]+)\\](?::(?<relay_port>\\d+))?:? ?(?<reply>.*)$",
      EVENT_SESSION, TRIED, STAGE_UNKNOWN, "auth-failure" },
    { "sa-exim", "message", "^SA: Action: ",
      "SA: Action: (?<action>[^:]*): score=(?<score>[-\\d.]+) required=(?<required>[-\\d.]+)"
      ".*? Message-Id: (?<message_id>\\S*?)\\)\\. From <(?<mail_from>[^>]*)>.*",
      EVENT_FILTER, 0, STAGE_UNKNOWN, NULL },
    { "certificate", "words message", "SSL verify error: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "a certificate that was not trusted" },
    { "unqualified", "words", "^unqualified ",
      "unqualified (?:recipient|sender) rejected: <?(?<recipient>[^>\\s]*)>?(?: " HOST ")?.*", EVENT_REFUSAL,
      0, STAGE_ENVELOPE, "reject" },
    { "too_big.mail", "words",
      "^rejected MAIL FROM:", "rejected MAIL FROM:" ORIGINAL("mail_from") " " HOST ".*?: (?<reply>.*)$",
      EVENT_REFUSAL, EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "out_of_order", "words", "^rejected MAIL ", "rejected MAIL (?:command|from) " HOST ".*?: (?<reply>.*)$",
      EVENT_REFUSAL, 0, STAGE_ENVELOPE, "reject" },
    { "too_many_recipients", "words message", "^too many recipients: ",
      "(?<reply>too many recipients: [^:]*): sender=" ORIGINAL("mail_from") " " HOST ".*", EVENT_REFUSAL,
      EVENT_HAS_MAIL_FROM, STAGE_ENVELOPE, "reject" },
    { "abandoned.header", "words message", " message header ",
      "(?<reply>(?:ridiculously long|overlong) message header.*?) received from (?:" HOST
      "|\\S+) \\(more than .*",
      EVENT_REFUSAL, EVENT_MESSAGE_REFUSED, STAGE_DATA, "reject" },
    { "abandoned", "words message", "^Message abandoned: ", "Message abandoned: (?<reply>.*)$", EVENT_REFUSAL,
      EVENT_MESSAGE_REFUSED, STAGE_DATA, "reject" },
    { "local_scan", "message words", "^local_scan() function ",
      "(?<reply>local_scan\\(\\) function .* rejected).*", EVENT_REFUSAL, EVENT_MESSAGE_REFUSED, STAGE_DATA,
      "defer" },
    { "prdr", "message", "^PRDR R=<", "PRDR R=" ORIGINAL("recipient") " (?<reply>(?:temporary )?refusal)$",
      EVENT_REFUSAL, 0, STAGE_DATA, "reject" },
    { "dns_list", "words message", "^DNS list lookup ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "answer of a DNS list" },
    { "too_big", "message words", "^rejected from ",
      "rejected from " ORIGINAL("mail_from") "(?<detail>" ITEMS "): (?<reply>.*)$", EVENT_REFUSAL,
      EVENT_MESSAGE_REFUSED | EVENT_HAS_MAIL_FROM, STAGE_DATA, "reject" },
    { "lost.final_dot", "message", "^SMTP connection lost after final dot",
      "SMTP connection lost after final dot(?: " HOST ")?" REST, EVENT_REFUSAL,
      EVENT_LOST | EVENT_MESSAGE_REFUSED, STAGE_DATA, "abort" },
    { "error_ignored", "message", ": error ignored", ".*: error ignored.*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "failure of a bounce, ignored" },
    { "locked", "message", "^Spool file ", "Spool file (?:for \\S+ )?is locked.*", EVENT_IGNORED, 0,
      STAGE_UNKNOWN, "another process has the message" },
    { "queued", "message", "no immediate delivery: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "queued, not tried yet" },
    { "duplicate", "message", " duplicate address: discarded", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "address given twice" },
    { "previously", "message", " was previously delivered", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "address served before" },
    { "edited", "message", " by ",
      "(?:sender address changed to |recipient .* added by |address .* marked delivered by |"
      "all addresses marked delivered by |edited by |new recipient |body edited by ).*",
      EVENT_IGNORED, 0, STAGE_UNKNOWN, "changed by an operator" },
    { "rewritten", "message", " rewritten as ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "address rewritten" },
    { "output", "message", " transport output: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "output of a pipe" },
    { "routing", "message", " local host: ",
      "(?:remote host address is the local host|lowest numbered MX record points to "
      "local host): .*",
      EVENT_IGNORED, 0, STAGE_UNKNOWN, "routing note" },
    { "plaintext", "message", "^TLS session failure: delivering unencrypted to ", NULL, EVENT_IGNORED, 0,
      STAGE_UNKNOWN, "tried again without TLS" },
    { "would", "message", "^*** delivery by ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "debug run" },

    /* after the other end's items */
    { "dkim.acl", "host", "^Warning: DKIM ",
      "Warning: DKIM (?<result>\\w+) d=(?<domain>\\S+)(?: s=(?<selector>\\S+))?"
      "(?: +(?<reason>\\S.*?))? *$",
      EVENT_AUTH, 0, STAGE_UNKNOWN, NULL },
    { "warning", "host", "^Warning: ", "Warning: (?!DKIM \\w+ d=).*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "warning of an ACL" },
    { "rejected.rcpt", "host", "rejected RCPT ",
      "(?:temporarily )?rejected RCPT (?:to:)?" ARGUMENT("recipient") TOLD "$", EVENT_REFUSAL, 0,
      STAGE_ENVELOPE, NULL },
    { "rejected.mail", "host", "rejected MAIL ",
      "(?:temporarily )?rejected MAIL " ARGUMENT("mail_from") TOLD "$", EVENT_REFUSAL, EVENT_HAS_MAIL_FROM,
      STAGE_ENVELOPE, NULL },
    { "rejected.data", "host", "rejected ",
      "(?:temporarily )?rejected (?<phase>after DATA|during MIME ACL checks|by DCC|after end of "
      "headers|DATA|after "
      "pipelined end of data|after PRDR(?: DATA)?|PRDR|MIME|by local_scan\\(\\)|by non-SMTP ACL)[^:]*" TOLD
      "$",
      EVENT_REFUSAL, EVENT_MESSAGE_REFUSED, STAGE_DATA, NULL },
    { "rejected.dkim", "host", "rejected ", "(?:temporarily )?rejected (?<phase>DKIM)[^:]*" TOLD "$",
      EVENT_REFUSAL, EVENT_MESSAGE_REFUSED, STAGE_AUTHENTICATION, NULL },
    { "rejected.helo", "host", "rejected ",
      "(?:temporarily )?rejected (?<phase>EHLO|HELO)(?: or HELO)?(?: (?<helo>"
      "[^\\s:]+))?[^:]*" TOLD "$",
      EVENT_REFUSAL, 0, STAGE_HELO, NULL },
    { "rejected.connection", "host", "rejected connection in ",
      "(?:temporarily )?rejected connection in \"[^\"]*\" ACL" TOLD "$", EVENT_REFUSAL, 0, STAGE_CONNECT,
      NULL },
    { "rejected.auth", "host", "rejected AUTH",
      "(?:temporarily )?rejected (?<phase>AUTH)(?: (?<method>[^\\s:]+))?[^:]*" TOLD "$", EVENT_REFUSAL, 0,
      STAGE_SUBMISSION, NULL },
    { "rejected.tls", "host", "rejected STARTTLS",
      "(?:temporarily )?rejected (?<phase>STARTTLS)[^:]*" TOLD "$", EVENT_REFUSAL, 0, STAGE_TLS, NULL },
    { "rejected.query", "host", "rejected ", "(?:temporarily )?rejected (?:VRFY|EXPN|ETRN) .*", EVENT_IGNORED,
      0, STAGE_UNKNOWN, "query refused" },
    { "discarded.rcpt", "host", ": discarded by ",
      "RCPT " ARGUMENT("recipient") ": discarded by \\S+ ACL" TOLD "$", EVENT_REFUSAL, 0, STAGE_ENVELOPE,
      "discard" },
    { "verify", "host", "^sender verify ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "sender verification" },
    { "incomplete.lost", "host", "^incomplete transaction (connection lost)",
      "incomplete transaction \\((?<reason>[^)]*)\\)" FROM_FOR, EVENT_REFUSAL, EVENT_LOST, STAGE_ENVELOPE,
      "abort" },
    { "incomplete", "host", "^incomplete transaction (",
      "incomplete transaction \\((?!connection lost)(?<reason>[^)]*)\\)" FROM_FOR, EVENT_SESSION, 0,
      STAGE_UNKNOWN, "incomplete" },
    { "tried", "host", "",
      "(?:Connection (?:refused|timed out|reset by peer)|No route to host|Network (?:is unreachable|is "
      "down|Error)|(?:Host|Network) is unreachable|Broken pipe|Operation timed out|Permission "
      "denied|(?:SMTP|LMTP) error "
      "from remote mail server after|(?:SMTP|LMTP) timeout (?:after|while)|(?:SMTP|LMTP) connection closed "
      "after|Remote host "
      "closed connection in response to|a TLS session is required|Malformed (?:SMTP|LMTP) re(?:ply|sponse) "
      "|TLS error on "
      "connection|TLS session|"
      "DANE error|retry time not reached|host has been failing|Cannot assign requested |Address family not |"
      "Software caused |No buffer space |SOCKS|Protocol |Invalid argument|Too many open files|Unknown error|"
      "Connection (?:aborted|lost)|Transport endpoint |Socket ).*",
      EVENT_SESSION, TRIED, STAGE_UNKNOWN, "connect" },

    /* lines about neither */
    { "queue_run", "words", " queue run", "(?:Start|End|Abandon) (?:'[^']*' )?queue run.*", EVENT_IGNORED, 0,
      STAGE_UNKNOWN, "queue run" },
    { "no_name", "words", "^no host name found for IP address ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "reverse lookup of a client" },
    { "no_address", "words message", "^no IP address found for host ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "forward lookup" },
    { "aliases", "words", "^host name alias list truncated for ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "reverse lookup of a client" },
    { "auth_failed", "words", " authenticator failed for ",
      "(?<method>\\S+) authenticator failed for " HOST ".*?: (?<reply>"
      "\\d{3}\\b.*?)(?: \\(set_id=(?<auth_user>[^)]*)\\)?(?:: .*)?)?$",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, "auth-failure" },
    { "connect", "words", "^SMTP connection from ",
      "SMTP connection from " HOST AFTER " \\((?:TCP/IP connection "
      "count|via inetd).*",
      EVENT_SESSION, 0, STAGE_UNKNOWN, "connect" },
    { "connect.here", "words", "^SMTP connection from ", "SMTP connection from " WHO AFTER "$", EVENT_SESSION,
      0, STAGE_UNKNOWN, "connect" },
    { "closed", "words", "^SMTP connection from ",
      "SMTP connection from " WHO AFTER " (?<reason>closed (?:by|after) "
      ".*)$",
      EVENT_SESSION, EVENT_DISCONNECT, STAGE_UNKNOWN, "disconnect" },
    { "lost", "words", "^SMTP connection from ",
      "SMTP connection from " WHO AFTER "(?: TFO\\**)? lost(?: (?<detail>.*))?$", EVENT_SESSION,
      EVENT_LOST | EVENT_DISCONNECT, STAGE_UNKNOWN, "lost" },
    { "lost.data", "message", "^SMTP connection from ",
      "SMTP connection from " WHO AFTER "(?: TFO\\**)? lost.*$", EVENT_REFUSAL,
      EVENT_LOST | EVENT_MESSAGE_REFUSED, STAGE_DATA, "abort" },
    { "unexpected", "words", "^unexpected disconnection ",
      "unexpected disconnection while reading SMTP command from (?:TFO\\** )?" HOST "(?: (?<detail>.*))?$",
      EVENT_SESSION, EVENT_LOST | EVENT_DISCONNECT, STAGE_UNKNOWN, "lost" },
    { "timeout.command", "words", "^SMTP command timeout on ",
      "SMTP command timeout on (?:TLS )?connection from " HOST "(?: (?<detail>.*))?$", EVENT_SESSION,
      EVENT_LOST | EVENT_DISCONNECT, STAGE_UNKNOWN, "lost" },
    { "timeout.data", "words message", "^SMTP data timeout ",
      "SMTP data timeout \\(message abandoned\\) on (?:TLS )?"
      "connection from " HOST AFTER "(?: F=" ORIGINAL("mail_from") ")?.*$",
      EVENT_REFUSAL, EVENT_LOST | EVENT_MESSAGE_REFUSED, STAGE_DATA, "abort" },
    { "no_mail", "words", "^no MAIL in ",
      "no MAIL in (?:TFO\\** )?(?:SMTP|TLS) connection from " HOST "(?: (?<detail>.*))?$", EVENT_SESSION,
      EVENT_DISCONNECT, STAGE_UNKNOWN, "disconnect" },
    { "tls_error", "words", "^TLS error on ",
      "TLS error on (?:SMTP )?connection from " WHO AFTER " (?<detail>.*)$", EVENT_SESSION, 0, STAGE_TLS,
      "tls-failed" },
    { "tls_error.client", "words message", "^TLS client disconnected cleanly", NULL, EVENT_IGNORED, 0,
      STAGE_UNKNOWN, "TLS failed, with whom is not said" },
    { "verify_denied", "words message", " verify denied by event-action: ", NULL, EVENT_IGNORED, 0,
      STAGE_UNKNOWN, "a certificate that was not trusted" },
    { "tls_error.bare", "words message", "^TLS error on connection (", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "TLS failed, with whom is not said" },
    { "tls_error.old", "message", "^TLS error on connection to ",
      "TLS error on connection to (?<relay_name>\\S+) "
      "\\[(?<relay_ip>[^\\]]+)\\] (?<reply>.*)$",
      EVENT_SESSION, TRIED, STAGE_UNKNOWN, "tls-failed" },
    { "too_early", "words", "^SMTP protocol synchronization error ",
      "SMTP protocol synchronization error \\((?<reply>[^)]*)"
      "\\): rejected connection from " HOST ".*",
      EVENT_REFUSAL, 0, STAGE_CONNECT, "reject" },
    { "too_early.command", "words", "^SMTP protocol synchronization error ",
      "SMTP protocol synchronization error "
      "\\((?<reply>[^)]*)\\): rejected \"(?<phase>[^\"\\s]*)[^\"]*\" " HOST ".*",
      EVENT_REFUSAL, 0, STAGE_UNKNOWN, "reject" },
    { "protocol_error", "words", "^SMTP ",
      "SMTP (?:protocol|syntax) error in \"(?<phase>[A-Za-z]*)[^\"]*\" " HOST AFTER
      "(?: F=" ORIGINAL("mail_from") ")? (?<reply>.*)$",
      EVENT_REFUSAL, 0, STAGE_UNKNOWN, "reject" },
    { "dropped", "words", "^SMTP call from ", "SMTP call from " HOST AFTER " dropped: (?<reply>.*)$",
      EVENT_REFUSAL, 0, STAGE_CONNECT, "drop" },
    { "refused.count", "words", "^Connection from ", "Connection from " HOST AFTER " refused: (?<reply>.*)$",
      EVENT_REFUSAL, 0, STAGE_CONNECT, "reject" },
    { "refused", "words", "efused connection from ",
      "(?:temporarily )?[Rr]efused connection from " HOST AFTER
      "(?: \\((?<reply>[^)]*)\\)|: (?<reply>.*))?.*",
      EVENT_REFUSAL, 0, STAGE_CONNECT, "reject" },
    { "refused.options", "words", "^connection from ",
      "connection from " HOST AFTER " refused \\((?<reply>[^)]*)\\).*", EVENT_REFUSAL, 0, STAGE_CONNECT,
      "reject" },
    { "rejected.ehlo", "words", "rejected ",
      "(?:temporarily )?rejected \"?(?<phase>EHLO|HELO|VRFY|EXPN|ETRN)(?: [^\"]*\"| [^\\s\"]+)? "
      "from " HOST AFTER TOLD ".*$",
      EVENT_REFUSAL, 0, STAGE_HELO, "reject" },
    { "ident", "words", "^ident connection to ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "ident lookup" },
    { "daemon", "words", "^exim ", "exim \\S+ daemon (?:started|terminating).*", EVENT_IGNORED, 0,
      STAGE_UNKNOWN, "daemon" },
    { "daemon.pid", "words", "^pid ", "pid \\d+: SIG[A-Z0-9]+ received.*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "daemon" },
    { "daemon.listen", "words", "^listening ", "listening (?:for|on) .*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "daemon" },
    { "daemon.socket", "words", "^socket bind() ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "daemon" },
    { "arguments", "words", "^cwd=", "cwd=.* \\d+ args: .*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "command line" },
    { "notice", "words", "^Warning: ", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN, "notice of Exim itself" },
    { "trouble", "words message", "ailed to ",
      "(?:[Ff]ailed to (?:expand|open|create|get|read|write|find|unlink|rename|fork|"
      "set|connect)|Failed to ).*",
      EVENT_IGNORED, 0, STAGE_UNKNOWN, "trouble of Exim itself" },
    { "configuration", "words", "^Exim configuration error", NULL, EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "trouble of Exim itself" },

    /* what a reject log shows of the message it is about, and continued syslog lines */
    { "header.envelope", "header", "^Envelope-", "Envelope-(?:from|to): .*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "envelope of a refused message" },
    { "header.field", "header", "", "[A-Z* ] [!-9;-~]+ ?:.*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "header of a refused message" },
    { "header.folded", "header", "", "(?:\\t| (?! [!-9;-~]+ ?:)).*\\S.*", EVENT_IGNORED, 0, STAGE_UNKNOWN,
      "header of a refused message" },
    { "header.rule", "header", "^-----", "-+$", EVENT_IGNORED, 0, STAGE_UNKNOWN, "separator" },
    { "header.blank", "header", "", "\\s*$", EVENT_IGNORED, 0, STAGE_UNKNOWN, "separator" },
    { "split", "split", "", ".*", EVENT_IGNORED, 0, STAGE_UNKNOWN, "continuation of a split line" },
};

const struct log_row *
exim_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}
