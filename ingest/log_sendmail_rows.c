/* The lines that Sendmail writes, one row per kind (format strings of its log statements, 8.6 to 8.18).
 * "message" rows have an id before them, "daemon" rows none; frequent ones stand first.
 *
 * What a peer, a client or an equate list is made of, log_sendmail.c cuts further. */
#include "log_sendmail.h"

#define BOTH          "message daemon"
#define UPTO(name, c) "(?<" name ">" LOG_UPTO(c) ")"
#define NEWID         "(?<new_queue_id>[A-Za-z]*+[0-9][A-Za-z0-9]{4,23}+): "

static const struct log_row rows[] = {
    /* a message's life */
    { "from", "message", "^from=", NULL, EVENT_ARRIVAL, EVENT_BIRTH | EVENT_HAS_MAIL_FROM, 0, NULL },
    { "to", "message", "^to=", NULL, EVENT_ATTEMPT, 0, 0, NULL },
    { "notice", "message",
      "@: ", NEWID "(?<action>DSN|return to sender|sender notify|postmaster notify): (?<reply>.*)",
      EVENT_NOTIFICATION, 0, 0, NULL },
    { "done", "message", "^done; ", "done; delay=(?<delay>[\\d+:]+), ntries=\\d+", EVENT_REMOVAL,
      EVENT_FINAL_REMOVAL, 0, "done" },
    { "clone", "message", "@: clone: ", NEWID "clone: owner=(?<detail>.*)", EVENT_ARRIVAL,
      EVENT_BIRTH | EVENT_ACTIVE, 0, "clone" },
    { "clone.old", "message", "^clone ", "clone (?<orig_queue_id>[A-Za-z0-9]{5,24}), owner=(?<detail>.*)",
      EVENT_ARRIVAL, EVENT_BIRTH | EVENT_ACTIVE, 0, "clone" },
    { "split", "message", "^split: ", "split: (?<detail>.*)", EVENT_SESSION, 0, 0, "split" },
    { "expanded", "message", " => ", "(?:alias|forward|expand) (?<orig_recipient>.*?) => (?<recipient>.*)",
      EVENT_SESSION, 0, 0, "expanded" },

    /* refusals */
    { "ruleset", BOTH, "^ruleset=",
      "ruleset=(?<phase>[\\w-]+), arg1=" UPTO("detail", ",") "(?:, arg2=" UPTO(
          "domain",
          ",") ")?"
               "(?:, relay=" UPTO("client_name",
                                  ",") ")?, (?:(?<action>reject|quarantine)=(?<reply>.*)|(?<action>discard))",
      EVENT_REFUSAL, 0, 0, NULL },
    { "recipient", "message", "... ",
      "(?:<(?<recipient>[^>]*)>|(?<recipient>[^\\s:=]+))\\.\\.\\. (?<reply>.+)", EVENT_REFUSAL, 0,
      STAGE_ENVELOPE, "reject" },
    { "milter.reject", BOTH, "^Milter: ",
      "Milter: (?<phase>connect|helo|from|to|mail|rcpt|cmd=\\w+|data|header|eoh|body|eom)\\b(?:[:=] ?" UPTO(
          "detail",
          ",") ")?, (?:(?<action>reject|quarantine)=" UPTO("reply",
                                                           ",") "(?:, "
                                                                "errormode=\\d+)?|(?<action>discard)|"
                                                                "(?<reply>rejecting commands|temp failing "
                                                                "commands|shutdown))",
      EVENT_REFUSAL, 0, 0, NULL },
    { "milter.verdict", BOTH, "^Milter: reject, ", NULL, EVENT_IGNORED, 0, 0,
      "the refusal stands on a line of its own" },
    { "quarantined", "message", "^quarantine=", "quarantine=(?<reply>.*)", EVENT_REMOVAL, EVENT_HELD, 0,
      "held" },
    { "unquarantined", "message", "^unquarantine", "unquarantine", EVENT_REMOVAL, EVENT_RELEASED, 0,
      "released" },
    { "milter.quarantine", "message", ", quarantine=", "milter=(?<engine>[^,]*), quarantine=(?<reply>.*)",
      EVENT_REFUSAL, EVENT_HELD, STAGE_CONTENT, "quarantine" },
    { "size", "message", "^message size (", "message size \\((?<size>\\d+)\\) exceeds maximum \\(\\d+\\)",
      EVENT_REFUSAL, EVENT_MESSAGE_REFUSED, STAGE_DATA, "reject" },
    { "headers", "message", "^headers too large ",
      "headers too large \\(\\d+ max\\) from (?<client_name>.*) during message collect", EVENT_REFUSAL,
      EVENT_MESSAGE_REFUSED, STAGE_DATA, "reject" },
    { "tcpwrappers", BOTH, "^tcpwrappers ",
      "tcpwrappers \\((?<client_name>[^,]*), (?<client_ip>[^)]*)\\) rejection", EVENT_REFUSAL, 0,
      STAGE_CONNECT, "reject" },
    { "auth.failure", BOTH, "^AUTH failure ",
      "AUTH failure \\((?<method>[^)]*)\\): " UPTO("reply", ",") "(?:, user=" UPTO(
          "auth_user", ",") ")?"
                            "(?:, relay=(?<client_name>.*))?",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, "auth-failure" },
    { "greet", BOTH, " due to ",
      "rejecting (?:(?<phase>[A-Z]+)|commands) from (?<client_name>\\S*) \\[(?<client_ip>[^\\]]*)\\] "
      "due to (?<reply>.*)",
      EVENT_REFUSAL, 0, STAGE_HELO, "reject" },

    /* filters */
    { "milter.spam", "message", "X-Spam-Status: ",
      "Milter (?:\\([^)]*\\) )?(?:add|insert \\(\\d+\\)): header: X-Spam-Status: (?<result>Yes|No), "
      "(?:score|hits)=(?<score>-?[\\d.]+)(?: (?:required|tagged_above)=(?<required>-?[\\d.]+))?"
      "(?:.*?\\btests=(?<tests>.*?))?(?:\\\\n.*)?",
      EVENT_FILTER, 0, 0, "tag" },
    { "milter.header", "message", "^Milter ",
      "(?!.*: header: X-Spam-Status: (?:Yes|No), (?:score|hits)=)"
      "Milter (?:\\([^)]*\\) )?(?:add|insert|change|delete|message|chgfrom)\\b.*",
      EVENT_IGNORED, 0, 0, "a filter changes header, sender, recipients or body" },
    { "milter.action", BOTH, "^milter=",
      "milter=(?<engine>[^,]*)(?:, action=(?<phase>[^,]*))?, (?<action>reject|discard|tempfail|skip|accepted|"
      "continue|rejecting|shutdown|conn failed|skipping)(?:=(?<reason>.*))?",
      EVENT_FILTER, 0, 0, NULL },

    /* sessions; the id, if any, is none of a message yet */
    { "session.tls", BOTH, "^STARTTLS=",
      "STARTTLS=(?<phase>server|client), relay=" UPTO(
          "detail", ",") ", version=(?<tls_version>[^,]*), "
                         "verify=(?<tls_verified>[^,]*), cipher=(?<tls_cipher>[^,]*), bits=.*",
      EVENT_SESSION, EVENT_TLS, 0, "tls" },
    { "session.auth", BOTH, "^AUTH=server",
      "AUTH=server, relay=" UPTO("client_name",
                                 ",") ", authid=" UPTO("auth_user", ",") ", mech=(?<method>[^,]*), bits=\\d+",
      EVENT_SESSION, 0, 0, "auth" },
    { "session.idle", BOTH, " did not issue ",
      UPTO("client_name", " ") " did not issue (?:MAIL/EXPN/VRFY/ETRN) during connection to (?<detail>.*)",
      EVENT_SESSION, EVENT_DISCONNECT, 0, "disconnect" },
    { "session.null", BOTH, "^Null connection", "Null connection from (?<client_name>.*)", EVENT_SESSION,
      EVENT_DISCONNECT, 0, "disconnect" },
    { "session.connect", BOTH, "^connect from ", "connect from (?<client_name>.*)", EVENT_SESSION, 0, 0,
      "connect" },
    { "session.startup", BOTH, " server ", "(?<client_name>\\S+) server (?:\\S+ )?startup", EVENT_SESSION, 0,
      0, "connect" },
    { "session.smtp-connect", BOTH, "^SMTP ",
      "SMTP (?:(?:incoming )?connect from|outgoing connect on) (?<detail>.*)", EVENT_SESSION, 0, 0,
      "connect" },
    { "session.attack", BOTH, ": command=",
      UPTO("client_name", ":") ": (?<detail>(?:possible SMTP attack|probable open proxy): command=.*)",
      EVENT_SESSION, 0, 0, "attack" },
    { "session.flood", BOTH, " SMTP RCPT flood",
      UPTO("client_name", ":") ": (?<detail>Possible SMTP RCPT flood.*)", EVENT_SESSION, 0, 0, "attack" },
    { "session.violation", BOTH, ": SMTP violation, ",
      UPTO("client_name", ":") ": (?<detail>SMTP violation, .*)", EVENT_SESSION, 0, 0, "attack" },
    { "session.attack-text", BOTH, "^POSSIBLE ATTACK ",
      "POSSIBLE ATTACK from (?<client_name>.*?): (?<detail>.*)", EVENT_SESSION, 0, 0, "attack" },
    { "session.vrfy", BOTH, ": ",
      "(?!Milter|ruleset|AUTH|STARTTLS)(?<client_name>[^\\[\\]:]*+(?::[^\\[\\]:]*+)*(?:\\[[^\\]]*\\])?(?: "
      "\\(may be "
      "forged\\))?): "
      "(?<detail>(?:VRFY|EXPN|ETRN|vrfy|expn|etrn)\\b.*)",
      EVENT_SESSION, 0, 0, "query" },
    { "session.helo", BOTH, " HELO protocol", UPTO("client_name", " ") " didn't use HELO protocol",
      EVENT_SESSION, 0, 0, "helo" },
    { "session.domain", BOTH, "^invalid domain name ",
      "invalid domain name \\((?<helo>.*)\\) from (?<client_name>.*)", EVENT_SESSION, 0, 0, "helo" },
    { "session.pipelining", BOTH, "^unauthorized PIPELINING",
      "unauthorized PIPELINING, sleeping, relay=(?<client_name>.*)", EVENT_SESSION, 0, 0, "pipelining" },
    { "session.tempfailed", BOTH, "^SMTP ",
      "SMTP \\w+ command \\(.*\\) from (?<client_name>.*) tempfailed \\(due to previous checks\\)",
      EVENT_SESSION, 0, 0, "tempfailed" },
    { "session.tls-error", BOTH, "^STARTTLS",
      "STARTTLS(?:=\\w+)?(?:: |, )(?!relay=.*, version=|info: "
      "|cert-subject=)(?=.*(?:rror|fail|missing|can't|unsafe))" UPTO("detail",
                                                                     ",") "(?:, relay=(?<client_name>.*))?",
      EVENT_SESSION, 0, 0, "tls-failed" },
    { "session.tls-life", BOTH, "^STARTTLS",
      "STARTTLS(?:=\\w+)?(?:: |, )(?!relay=.*, version=)(?:info: .*|cert-subject=.*|"
      "(?!.*(?:rror|fail|missing|can't|unsafe)).*)",
      EVENT_IGNORED, 0, 0, "details of a TLS session" },
    { "session.auth-words", BOTH, "^AUTH", "AUTH(?! failure \\(|=server, relay=.*, authid=)(?<detail>.*)",
      EVENT_SESSION, 0, 0, "auth" },
    { "session.delayed", BOTH, "delaying", "(?:.*: delaying .*: load average: \\d+|delaying=.*)",
      EVENT_SESSION, 0, 0, "delayed" },

    /* broken off: the message under the id, if there is one, was never taken */
    { "lost.channel", BOTH, "^lost input channel",
      "lost input channel from (?<client_name>.*?)(?: to (?<detail>.*?) after (?<phase>\\w+))?",
      EVENT_SESSION, EVENT_LOST, 0, "lost" },
    { "lost.timeout", BOTH, "^timeout waiting for input ",
      "timeout waiting for input from (?<client_name>.*?) during (?<phase>.*)", EVENT_SESSION, EVENT_LOST, 0,
      "timeout" },
    { "lost.collect", "message", "^collect: ",
      "collect: (?:premature EOM: (?<detail>.*)|relay=" UPTO(
          "client_name",
          ",") ", from=.*?, info=(?<detail>.*)|"
               "(?<detail>(?:unexpected close|read timeout|I/O error) on connection from (?<client_name>.*?)"
               "(?:, (?:sender|from)=.*)?))",
      EVENT_SESSION, EVENT_LOST, 0, "lost" },

    /* what says nothing of one message */
    { "words", "words", "", NULL, EVENT_IGNORED, 0, 0, "the server's own life, a fault or a warning" },
    { "aliases", BOTH, " aliases, longest ", "\\S+: \\d+ aliases, longest \\d+ bytes, \\d+ bytes total",
      EVENT_IGNORED, 0, 0, "the server's own life" },
    { "transcript", BOTH, "", "(?:<--|-->|---|<<<|>>>) .*", EVENT_IGNORED, 0, 0, "a dialogue's transcript" },
    { "piece", "piece", "", NULL, EVENT_IGNORED, 0, 0, "a piece of what stands on several lines" },
};

const struct log_row *
sendmail_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}
