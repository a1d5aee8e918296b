/* Lines of Postfix and the events they give: every daemon, old and new versions. */
#include "event_want.h"
#include "format.h"

struct want {
    const char *program, *text;
    const char *row; /* this and the rest as in struct event_want */
    enum event_kind kind;
    enum attempt_result result;
    enum stage stage;
    unsigned flags;
    const char *fields;
};

#define C "c.example[192.0.2.9]"

static const struct want wants[] = {
    /* smtpd */
    { "postfix/smtpd", "connect from " C, "smtpd.connect", EVENT_SESSION, 0, 0, 0,
      "client_name=c.example|client_ip=192.0.2.9" },
    { "postfix/smtpd", "connect from unknown[2001:db8::1]:52011", "smtpd.connect", EVENT_SESSION, 0, 0, 0,
      "client_name=unknown|client_ip=2001:db8::1|client_port=52011" },
    { "postfix/smtpd", "disconnect from " C, "smtpd.disconnect", EVENT_SESSION, 0, 0, EVENT_DISCONNECT,
      "client_ip=192.0.2.9" },
    { "postfix/smtpd", "disconnect from " C " ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4", "smtpd.disconnect",
      EVENT_SESSION, 0, 0, EVENT_DISCONNECT, "detail=ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4" },
    { "postfix/smtpd", "3F1A2: client=unknown[unknown]:unknown", "smtpd.client", EVENT_ARRIVAL, 0, 0,
      EVENT_BIRTH, "client_name=unknown|client_ip=|client_port=" },
    { "postfix/smtpd", "3F1A2: client=" C, "smtpd.client", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH,
      "queue_id=3F1A2|client_name=c.example" },
    { "postfix/submission/smtpd", "3mPVKl0Mhjz7sXv: client=" C ", sasl_method=PLAIN, sasl_username=a@x",
      "smtpd.client", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH,
      "queue_id=3mPVKl0Mhjz7sXv|auth_user=a@x|method=PLAIN" },
    { "postfix/smtpd", "3F1A2: client=localhost[127.0.0.1], orig_queue_id=3F1A1, orig_client=" C,
      "smtpd.client", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH, "orig_queue_id=3F1A1" },
    { "postfix/smtpd", "NOQUEUE: client=" C, "smtpd.proxy-client", EVENT_SESSION, 0, 0, 0, "queue_id=" },
    { "postfix/smtpd",
      "NOQUEUE: reject: RCPT from " C
      ": 550 5.1.1 <n@y>: Recipient address rejected: User unknown; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HAS_MAIL_FROM,
      "code=550|enhanced=5.1.1|mail_from=s@x|recipient=n@y|helo=c|protocol=ESMTP" },
    { "postfix/smtpd",
      "NOQUEUE: reject: RCPT from " C
      ": 450 4.7.1 <n@y>: Greylisted; from=<> to=<n@y> proto=ESMTP helo=<c> sasl_username=<u>",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HAS_MAIL_FROM, "code=450|mail_from=" },
    { "postfix/smtpd",
      "NOQUEUE: reject: CONNECT from " C ": 554 5.7.1 <c>: Client host rejected: Access denied; proto=SMTP",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_CONNECT, 0, "code=554" },
    { "postfix/smtpd",
      "NOQUEUE: reject: EHLO from " C ": 504 5.5.2 <x>: Helo command rejected; proto=SMTP helo=<x>",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_HELO, 0, "helo=x" },
    { "postfix/submission/smtpd",
      "NOQUEUE: reject: RCPT from " C
      ": 554 5.7.1 <c>: Client host rejected: Access denied; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_SUBMISSION, 0, "" },
    { "postfix/smtpd",
      "3F1A2: reject: DATA from " C ": 550 5.3.4 too large; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_DATA, EVENT_MESSAGE_REFUSED, "queue_id=3F1A2" },
    { "postfix/smtpd",
      "NOQUEUE: milter-reject: MAIL from " C ": 451 4.7.1 later; from=<s@x> proto=ESMTP helo=<c>",
      "smtpd.refusal", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0, "action=milter-reject|code=451" },
    { "postfix/smtpd",
      "3F1A2: discard: RCPT from " C
      ": <n@y>: Recipient address triggers DISCARD action; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "smtpd.discard", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0, "action=discard" },
    { "postfix/smtpd",
      "3F1A2: hold: RCPT from " C ": <n@y>: triggers HOLD action; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "smtpd.hold", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HELD, "" },
    { "postfix/smtpd",
      "NOQUEUE: reject_warning: RCPT from " C ": 550 no; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "smtpd.advice", EVENT_SESSION, 0, 0, 0, "action=reject_warning" },
    { "postfix/smtpd", "lost connection after DATA (1234 bytes) from " C, "smtpd.lost", EVENT_SESSION, 0, 0,
      EVENT_LOST, "phase=DATA|size=1234" },
    { "postfix/smtpd", "3F1A2: lost connection after BDAT from " C, "smtpd.lost", EVENT_SESSION, 0, 0,
      EVENT_LOST, "queue_id=3F1A2|phase=BDAT" },
    { "postfix/cleanup", "3F1A2: removed (discarded)", "cleanup.discarded", EVENT_REMOVAL, 0, 0,
      EVENT_FINAL_REMOVAL | EVENT_DISCARDED, "queue_id=3F1A2" },
    { "postfix/cleanup", "3F1A2: removed (canceled)", "cleanup.abandoned", EVENT_REMOVAL, 0, 0,
      EVENT_MESSAGE_REFUSED, "queue_id=3F1A2" },
    { "postfix/smtpd", "timeout after END-OF-MESSAGE from " C, "smtpd.timeout", EVENT_SESSION, 0, 0,
      EVENT_LOST, "phase=END-OF-MESSAGE" },
    { "postfix/smtpd", "too many errors after RCPT from " C, "smtpd.too-many-errors", EVENT_SESSION, 0, 0,
      EVENT_LOST, "" },
    { "postfix/smtpd", "warning: " C ": SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=joe",
      "smtpd.sasl-failed", EVENT_REFUSAL, 0, STAGE_SUBMISSION, 0,
      "method=LOGIN|auth_user=joe|client_ip=192.0.2.9" },
    { "postfix/smtpd",
      "warning: hostname bad.example does not resolve to address 192.0.2.9: Name or service not known",
      "smtpd.hostname", EVENT_SESSION, 0, 0, 0, "client_name=bad.example|client_ip=192.0.2.9" },
    { "postfix/smtpd", "improper command pipelining after DATA from " C ": x", "smtpd.pipelining",
      EVENT_SESSION, 0, 0, 0, "phase=DATA" },
    { "postfix/smtpd",
      "Anonymous TLS connection established from " C
      ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature "
      "RSA-PSS (2048 bits)",
      "smtpd.tls", EVENT_SESSION, 0, 0, EVENT_TLS,
      "tls_version=TLSv1.3|tls_cipher=TLS_AES_256_GCM_SHA384|tls_verified=Anonymous" },
    /* cleanup */
    { "postfix/cleanup", "3F1A2: message-id=<a@b>", "cleanup.message-id", EVENT_ARRIVAL, 0, 0, 0,
      "message_id=a@b" },
    { "postfix/cleanup", "3F1A2: message-id=<a@b><c@d>", "cleanup.message-id", EVENT_ARRIVAL, 0, 0, 0,
      "message_id=a@b" },
    { "postfix/cleanup", "3F1A2: message-id=a@b", "cleanup.message-id", EVENT_ARRIVAL, 0, 0, 0,
      "message_id=a@b" },
    { "postfix/cleanup", "3F1A2: message-id=<>", "cleanup.message-id", EVENT_ARRIVAL, 0, 0, 0,
      "message_id=" },
    { "postfix/cleanup", "3F1A2: message-id=", "cleanup.message-id", EVENT_ARRIVAL, 0, 0, 0, "message_id=" },
    { "postfix/cleanup",
      "3F1A2: milter-reject: END-OF-MESSAGE from " C ": 5.7.1 spam; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "cleanup.milter", EVENT_REFUSAL, 0, STAGE_DATA, EVENT_MESSAGE_REFUSED, "enhanced=5.7.1" },
    { "postfix/cleanup",
      "3F1A2: milter-discard: END-OF-MESSAGE from " C
      ": milter triggers DISCARD action; from=<s@x> to=<n@y> proto=ESMTP helo=<c>",
      "cleanup.milter", EVENT_REFUSAL, 0, STAGE_DATA, EVENT_DISCARDED, "" },
    { "postfix/cleanup",
      "3F1A2: reject: header Subject: x from " C "; from=<s@x> to=<n@y> proto=ESMTP helo=<c>: 5.7.1 no",
      "cleanup.header", EVENT_REFUSAL, 0, STAGE_CONTENT, EVENT_MESSAGE_REFUSED,
      "reply=5.7.1 no|enhanced=5.7.1" },
    { "postfix/cleanup", "3F1A2: warning: header Subject: x from local; from=<s@x>: text", "cleanup.header",
      EVENT_SESSION, 0, STAGE_CONTENT, 0, "" },
    { "postfix/cleanup", "3F1A2: hold: header Received: x from local; from=<s@x>", "cleanup.header",
      EVENT_REFUSAL, 0, STAGE_CONTENT, EVENT_HELD, "" },
    /* pickup, qmgr */
    { "postfix/pickup", "3F1A2: uid=1000 from=<joe>", "pickup.uid", EVENT_ARRIVAL, 0, 0,
      EVENT_BIRTH | EVENT_LOCAL, "uid=1000|mail_from=joe" },
    { "postfix/pickup", "3F1A2: uid=89 from=<s@x> orig_id=3F1A1", "pickup.uid", EVENT_ARRIVAL, 0, 0,
      EVENT_BIRTH, "orig_queue_id=3F1A1" },
    { "postfix/qmgr", "3F1A2: from=<>, size=2345, nrcpt=3 (queue active)", "qmgr.active", EVENT_ARRIVAL, 0, 0,
      EVENT_ACTIVE | EVENT_HAS_MAIL_FROM, "mail_from=|size=2345|nrcpt=3" },
    { "postfix/nqmgr", "3F1A2: from=<\"a b\"@x>, size=2345, nrcpt=3 (queue active)", "qmgr.active",
      EVENT_ARRIVAL, 0, 0, EVENT_ACTIVE, "mail_from=\"a b\"@x" },
    { "postfix/qmgr", "3F1A2: removed", "qmgr.removed", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" },
    { "postfix/qmgr", "3F1A2: from=<s@x>, status=expired, returned to sender", "qmgr.expired",
      EVENT_NOTIFICATION, 0, 0, EVENT_EXPIRED, "" },
    { "postfix/qmgr", "3F1A2: from=<s@x>, status=force-expired, returned to sender", "qmgr.expired",
      EVENT_NOTIFICATION, 0, 0, EVENT_EXPIRED, "" },
    /* delivery agents, 2.3 to 3.11 */
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=r.example[192.0.2.1]:25, delay=0.5, delays=0.1/0.1/0.2/0.1, dsn=2.0.0, "
      "status=sent (250 2.0.0 Ok: queued as 4XYZ12)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "recipient=r@y|relay_name=r.example|relay_ip=192.0.2.1|relay_port=25|code=250|enhanced=2.0.0|next_"
      "queue_id=4XYZ12|delays=0.1/0.1/0.2/0.1" },
    { "postfix/smtp", "3F1A2: to=<r@y>, relay=r.example[192.0.2.1], delay=5, status=sent (250 ok)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, 0, "relay_ip=192.0.2.1|relay_port=|delay=5" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, orig_to=<alias>, relay=r.example[2001:db8::2]:25, conn_use=2, delay=0.5, "
      "delays=0.1/0.1/0.2/0.1, tls=dane, dsn=2.0.0, status=sent (250 ok id=1jmFYj-0001Ab-Cd)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "orig_recipient=alias|relay_ip=2001:db8::2|next_queue_id=1jmFYj-0001Ab-Cd" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=r.example[192.0.2.1]:25, delay=0.5, delays=0.1/0.1/0.2/0.1, tls=verified, "
      "dsn=2.0.0, "
      "requiretls=yes, status=sent (250 ok)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, 0, "enhanced=2.0.0|delays=0.1/0.1/0.2/0.1" },
    { "postfix/smtp", /* cut by the log */
      "3F1A2: to=<r@y>, relay=r.example[192.0.2.1]:25, conn_use=2 delay=5, dsn=5.1.1, status=bounced (host "
      "r.example[192.0.2.1] said: 550 5.1.1 a very long",
      "agent.attempt", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0,
      "code=550|enhanced=5.1.1|reply=host r.example[192.0.2.1] said: 550 5.1.1 a very long" },
    { "postfix/lmtp",
      "3F1A2: to=<r@y>, relay=127.0.0.1[127.0.0.1]:10023, delay=0.07, delays=0.02/0.01/0.02/0.02, dsn=2.7.0, "
      "status=sent (250 2.7.0 BLOCKED (3802E45DFA503808B06))",
      "agent.attempt", EVENT_ATTEMPT, RESULT_DISCARDED, 0, 0, "enhanced=2.7.0|code=250" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to "
      "r.example[192.0.2.1]:25: Connection timed out)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0, "relay_name=|code=|enhanced=4.4.1" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=r.example[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced "
      "(host r.example[192.0.2.1] said: 550 5.1.1 <r@y>: unknown (in reply to RCPT TO command))",
      "agent.attempt", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "code=550|enhanced=5.1.1" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=r.example[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=4.0.0, status=SOFTBOUNCE "
      "(host r.example[192.0.2.1] said: 550 no (in reply to RCPT TO command))",
      "agent.attempt", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0, "" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "
      "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5ABCD)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, 0, "next_queue_id=5ABCD" },
    { "postfix/smtp",
      "3F1A2: to=<r@y>, relay=r.example[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.1.5, "
      "status=deliverable (250 ok)",
      "agent.attempt", EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/lmtp",
      "3F1A2: to=<r@y>, relay=mx[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 "
      "2.0.0 <r@y> abc Saved)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "relay_ip=" },
    { "postfix/local",
      "3F1A2: to=<joe@mx>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to "
      "maildir)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "" },
    { "postfix/local",
      "3F1A2: to=<joe@mx>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as 3F1A9)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, 0, "next_queue_id=3F1A9" },
    { "postfix/virtual",
      "3F1A2: to=<joe@v>, relay=virtual, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to "
      "mailbox)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "" },
    { "postfix/pipe",
      "3F1A2: to=<joe@v>, relay=maildrop, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered via "
      "maildrop service)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "" },
    { "postfix/discard",
      "3F1A2: to=<joe@v>, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (example.org)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_DISCARDED, 0, 0, "" },
    { "postfix/error",
      "3F1A2: to=<joe@v>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.4, status=bounced (mail for v loops "
      "back to myself)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "" },
    { "postfix/retry",
      "3F1A2: to=<joe@v>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (delivery "
      "temporarily suspended: connect to v: timed out)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0, "" },
    { "postfix/smtp",
      "3F1A2: to=<>, relay=none, delay=1, delays=0/0/0/1, dsn=5.1.3, status=bounced (bad address syntax)",
      "agent.attempt", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "recipient=" },
    { "postfix/smtp",
      "Verified TLS connection established to r.example[192.0.2.1]:25: TLSv1.2 with cipher ECDHE (256/256 "
      "bits)",
      "agent.tls", EVENT_SESSION, 0, 0, EVENT_TLS | EVENT_TO_REMOTE,
      "relay_ip=192.0.2.1|tls_version=TLSv1.2" },
    { "postfix/smtp",
      "Untrusted TLS connection reused to r.example[192.0.2.1]:25 to SNI r.example: TLSv1.2 with cipher "
      "ECDHE (256/256 bits)",
      "agent.tls", EVENT_SESSION, 0, 0, EVENT_TLS, "tls_cipher=ECDHE" },
    { "postfix/smtp", "connect to r.example[192.0.2.1]:25: Connection refused", "agent.connect",
      EVENT_SESSION, 0, 0, EVENT_TRIED, "reply=Connection refused" },
    { "postfix/smtp", "3F1A2: host r.example[192.0.2.1] said: 450 later (in reply to RCPT TO command)",
      "agent.host-said", EVENT_SESSION, 0, 0, EVENT_TRIED, "relay_name=r.example" },
    { "postfix/smtp",
      "3F1A2: lost connection with r.example[192.0.2.1] while sending end of data -- message may be sent "
      "more than once",
      "agent.lost", EVENT_SESSION, 0, 0, EVENT_TRIED, "" },
    { "postfix/smtp", "3F1A2: TLS is required, but was not offered by host r.example[192.0.2.1]",
      "agent.tls-required", EVENT_SESSION, 0, 0, EVENT_TRIED, "relay_ip=192.0.2.1" },
    { "postfix/local", "3F1A2: passing <r@y> to transport=lmtp", "agent.passing", EVENT_IGNORED, 0, 0, 0,
      "" },
    /* bounce, defer, trace */
    { "postfix/bounce", "3F1A2: sender non-delivery notification: 3F1A3", "bounce.notice", EVENT_NOTIFICATION,
      0, 0, 0, "new_queue_id=3F1A3|action=bounce" },
    { "postfix/bounce", "3F1A2: sender delay notification: 3F1A3", "bounce.notice", EVENT_NOTIFICATION, 0, 0,
      0, "action=delay" },
    { "postfix/trace", "3F1A2: sender delivery status notification: 3F1A3", "bounce.notice",
      EVENT_NOTIFICATION, 0, 0, 0, "action=success" },
    { "postfix/bounce", "3F1A2: postmaster non-delivery notification: 3F1A3", "bounce.notice",
      EVENT_NOTIFICATION, 0, 0, 0, "detail=postmaster" },
    { "postfix/bounce", "3F1A2: sender notification failed to <a@x>: reason", "bounce.failed", EVENT_IGNORED,
      0, 0, 0, "" },
    /* postscreen and its helpers, old and new words */
    { "postfix/postscreen", "CONNECT from [192.0.2.9]:1234 to [192.0.2.1]:25", "postscreen.connect",
      EVENT_SESSION, 0, 0, 0, "client_ip=192.0.2.9|client_port=1234|relay_ip=192.0.2.1" },
    { "postfix/postscreen", "PASS NEW [192.0.2.9]:1234", "postscreen.pass", EVENT_SESSION, 0, 0, 0,
      "detail=NEW" },
    { "postfix/postscreen", "WHITELISTED [192.0.2.9]:1234", "postscreen.list", EVENT_SESSION, 0, 0, 0, "" },
    { "postfix/postscreen", "ALLOWLIST VETO [192.0.2.9]:1234", "postscreen.list", EVENT_SESSION, 0, 0, 0,
      "detail=ALLOWLIST VETO" },
    { "postfix/postscreen", "DNSBL rank 5 for [192.0.2.9]:1234", "postscreen.dnsbl", EVENT_SESSION, 0, 0, 0,
      "score=5" },
    { "postfix/postscreen", "PREGREET 11 after 0.07 from [192.0.2.9]:1234: EHLO x\\r\\n",
      "postscreen.violation", EVENT_SESSION, 0, 0, 0, "detail=PREGREET" },
    { "postfix/postscreen", "HANGUP after 0.5 from [192.0.2.9]:1234 in tests before SMTP handshake",
      "postscreen.violation", EVENT_SESSION, 0, 0, 0, "detail=HANGUP" },
    { "postfix/postscreen", "COMMAND PIPELINING from [192.0.2.9]:1234 after DATA: x", "postscreen.violation",
      EVENT_SESSION, 0, 0, 0, "" },
    { "postfix/postscreen",
      "NOQUEUE: reject: RCPT from [192.0.2.9]:1234: 550 5.7.1 Service unavailable; client [192.0.2.9] "
      "blocked using zen.example; from=<s@x>, to=<r@y>, proto=ESMTP, helo=<c>",
      "postscreen.refusal", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0, "recipient=r@y|helo=c|mail_from=s@x" },
    { "postfix/postscreen", "DISCONNECT [192.0.2.9]:1234", "postscreen.disconnect", EVENT_SESSION, 0, 0, 0,
      "" },
    { "postfix/dnsblog", "addr 192.0.2.9 listed by domain zen.example as 127.0.0.2", "dnsblog.listed",
      EVENT_SESSION, 0, 0, 0, "domain=zen.example|result=127.0.0.2" },
    /* operators, and daemons that speak of themselves */
    { "postfix/postsuper", "3F1A2: removed", "postsuper.removed", EVENT_REMOVAL, 0, 0, EVENT_DELETED, "" },
    { "postfix/postsuper", "3F1A2: placed on hold", "postsuper.hold", EVENT_REMOVAL, 0, 0, EVENT_HELD, "" },
    { "postfix/postsuper", "3F1A2: released from hold", "postsuper.release", EVENT_REMOVAL, 0, 0,
      EVENT_RELEASED, "" },
    { "postfix/postsuper", "3F1A2: requeued", "postsuper.requeue", EVENT_REMOVAL, 0, 0, EVENT_REQUEUED, "" },
    { "postfix/postsuper", "Deleted: 1 message", "postsuper.total", EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/anvil", "statistics: max connection rate 1/60s for (smtp:192.0.2.9) at Nov 21 22:11:35",
      "any.statistics", EVENT_IGNORED, 0, 0, 0, "queue_id=" },
    { "postfix/scache", "statistics: start interval Nov 21 22:11:35", "any.statistics", EVENT_IGNORED, 0, 0,
      0, "" },
    { "postfix/master", "daemon started -- version 3.7.11, configuration /etc/postfix", "master.life",
      EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/postfix-script", "starting the Postfix mail system", "master.life", EVENT_IGNORED, 0, 0, 0,
      "" },
    { "postfix/tlsmgr", "warning: request to update table", "any.warning", EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/trivial-rewrite", "warning: do not list domain x in BOTH", "any.warning", EVENT_IGNORED, 0, 0,
      0, "" },
    { "postfix/smtpd", "warning: run-time library vs. compile-time header version mismatch", "any.warning",
      EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/smtpd", "fatal: no SASL authentication mechanisms", "any.fatal", EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/verify", "cache /var/lib/postfix/verify_cache.db full cleanup: retained=0 dropped=0 entries",
      "postscreen.cache", EVENT_IGNORED, 0, 0, 0, "" },
    { "postfix/qmqpd", "connect from " C, "helper.life", EVENT_IGNORED, 0, 0, 0, "" },
    /* what must not be taken for something else */
    { "postfix/smtpd", "3F1A2: something new", "", EVENT_REJECT, 0, 0, 0, "" },
    { "postfix/smtp", "3F1A2: to=<r@y>", "", EVENT_REJECT, 0, 0, 0, "" },
    { "postfix/cleanup", "3F1A: message-id=<short@id>", "", EVENT_REJECT, 0, 0, 0, "" },
    { "postfix/smtpd", "", "", EVENT_REJECT, 0, 0, 0, "" },
};

int
main(void)
{
    const struct format *postfix = format_find(S("postfix"));
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        const struct want *w = &wants[i];
        struct line line = { .program = str_from(w->program), .text = str_from(w->text) };
        struct event e = { .text = line.text };
        ok(postfix->owns(line.program), "%s is ours", w->program);
        postfix->parse(&line, &e);
        event_check(
            &e, &(struct event_want){ w->text, w->row, w->kind, w->result, w->stage, w->flags, w->fields });
    }
    static const char *const foreign[] = { "smtpd",    "sshd",     "dovecot",
                                           "postgres", "opendkim", "postfix/policyd-spf" };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        ok(!postfix->owns(str_from(foreign[i])), "%s is not ours", foreign[i]);
    return done_testing();
}
