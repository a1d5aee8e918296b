/* Lines of Sendmail and the events they give, and what the tracker makes of them together. */
#include "event_want.h"
#include "format.h"
#include "log_sendmail.h"
#include "log_sink.h"
#include "tap.h"
#include "tracker.h"

extern const struct format format_sendmail;

#define Q "s1P819mk027713: "

static const struct event_want wants[] = {
    { Q "from=<a@x.example>, size=12, class=0, nrcpts=2, msgid=<m@x>, proto=ESMTP, daemon=MTA, "
        "relay=h.example [192.0.2.1] (may be forged)",
      "from", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH | EVENT_ACTIVE | EVENT_HAS_MAIL_FROM,
      "queue_id=s1P819mk027713|mail_from=a@x.example|size=12|nrcpt=2|message_id=m@x|client_name=h.example|"
      "client_ip=192.0.2.1|protocol=ESMTP" },
    { Q "from=<>, size=12, class=0, nrcpts=0, proto=SMTP, daemon=MTA, relay=[IPv6:2001:db8:0:0:0:0:0:1]",
      "from", EVENT_ARRIVAL, 0, 0, EVENT_MESSAGE_REFUSED | EVENT_HAS_MAIL_FROM,
      "mail_from=|client_name=|client_ip=2001:db8:0:0:0:0:0:1" },
    { Q "from=root, size=12, class=0, nrcpts=1, msgid=<m@x>, relay=root@localhost", "from", EVENT_ARRIVAL, 0,
      0, EVENT_LOCAL | EVENT_ACTIVE, "mail_from=root|user=root|client_name=localhost" },
    { Q "from=<a@x>, size=1, class=0, pri=30001, nrcpts=1, msgid=<m, relay=z@x>, proto=SMTP, "
        "relay=u@h.example. "
        "[192.0.2.9]",
      "from", EVENT_ARRIVAL, 0, 0, 0, "client_name=h.example|client_ip=192.0.2.9" },
    { Q "from=\"a, nrcpts=9\" <a@x>, size=1, class=0, nrcpts=1, relay=[192.0.2.9]", "from", EVENT_ARRIVAL, 0,
      0, 0, "nrcpt=1" },
    { Q "to=<b@y.example>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.y.example. "
        "[192.0.2.2], "
        "dsn=2.0.0, stat=Sent (Ok: queued as 4XyZ)",
      "to", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "recipient=b@y.example|delay=2|relay_name=mx.y.example|relay_ip=192.0.2.2|enhanced=2.0.0|"
      "reply=Ok: queued as 4XyZ|next_queue_id=4XyZ|code=|ctladdr=" },
    { Q "to=<b@y.example>, ctladdr=<list@x.example> (8/0), delay=1+02:03:04, xdelay=00:00:01, mailer=relay, "
        "pri=1, "
        "relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (6ALMBW4x000096 Message accepted for delivery)",
      "to", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "delay=93784|ctladdr=list@x.example|relay_name=|relay_ip=127.0.0.1|next_queue_id=6ALMBW4x000096" },
    { Q "to=b, delay=00:00:00, xdelay=00:00:00, mailer=local, pri=1, dsn=2.0.0, stat=Sent", "to",
      EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "reply=Sent" },
    { Q "to=\"|/usr/bin/vacation a, b\", ctladdr=<b@y> (1/1), delay=00:00:00, xdelay=00:00:00, mailer=prog, "
        "pri=1, "
        "dsn=2.0.0, stat=Sent",
      "to", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "recipient=\"|/usr/bin/vacation a, b\"" },
    { Q "to=<b@y>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.y., dsn=4.0.0, "
        "stat=Deferred: "
        "Connection refused by mx.y.",
      "to", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0,
      "relay_name=mx.y|relay_ip=|reply=Connection refused by mx.y." },
    { Q "to=<b@y>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.y. [192.0.2.2], dsn=4.2.1, "
        "stat=Deferred: 450 4.2.1 <b@y>... busy, try later",
      "to", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0, "code=450|enhanced=4.2.1" },
    { Q "to=<b@y>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.y. [192.0.2.2], dsn=5.1.1, "
        "reply=550 5.1.1 <b@y>... User unknown, really, stat=User unknown",
      "to", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0,
      "code=550|reply=550 5.1.1 <b@y>... User unknown, really|status=User unknown" },
    { Q "to=<b@y>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.y. [192.0.2.2], dsn=5.5.0, "
        "reply=554 5.7.1 no service for you, stat=Service unavailable",
      "to", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "code=554|enhanced=5.7.1" },
    { Q "to=<b@y>, delay=00:00:00, mailer=esmtp, pri=1, dsn=4.4.3, stat=queued", "to", EVENT_ATTEMPT,
      RESULT_DEFERRED, 0, 0, "" },
    { Q
      "to=<b@y>, delay=00:00:00, mailer=esmtp, pri=1, relay=y, dsn=5.1.2, stat=Host unknown (Name server: y: "
      "host not found)",
      "to", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "reply=Host unknown (Name server: y: host not found)" },
    { Q "to=<b@y>, delay=00:00:00, pri=1, stat=discarded", "to", EVENT_ATTEMPT, RESULT_DISCARDED, 0,
      EVENT_DISCARDED, "" },
    { Q "to=<b@y>, delay=00:00:00, pri=1, stat=spam, go away", "to", EVENT_ATTEMPT, RESULT_BOUNCED, 0,
      EVENT_MESSAGE_REFUSED, "reply=spam, go away" },
    { Q "to=<b@y>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.y. [192.0.2.2], dsn=5.0.0,stat=Service "
        "unavailable",
      "to", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "enhanced=5.0.0|status=Service unavailable" },
    { Q "to=<b@y>, delay=00:00:00", "to", EVENT_REJECT, 0, 0, 0, "" },
    { Q "s1P819mk027714: DSN: User unknown", "notice", EVENT_NOTIFICATION, 0, 0, 0,
      "new_queue_id=s1P819mk027714|action=bounce" },
    { Q "s1P819mk027714: sender notify: Warning: could not send message for past 4 hours", "notice",
      EVENT_NOTIFICATION, 0, 0, 0, "action=delay" },
    { Q "s1P819mk027714: sender notify: Cannot send message for 5 days", "notice", EVENT_NOTIFICATION, 0, 0,
      EVENT_EXPIRED, "action=bounce" },
    { Q "s1P819mk027714: DSN: Return receipt", "notice", EVENT_NOTIFICATION, 0, 0, 0, "action=success" },
    { Q "s1P819mk027714: clone: owner=owner-l@x", "clone", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH,
      "queue_id=s1P819mk027714|orig_queue_id=s1P819mk027713" },
    { Q "done; delay=00:00:05, ntries=2", "done", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "delay=5" },
    { Q "<n@x>... User unknown", "recipient", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_AWAITS,
      "recipient=n@x|reply=User unknown" },
    { "ruleset=check_relay, arg1=[192.0.2.6], arg2=127.0.0.4, relay=[192.0.2.6], reject=550 5.7.1 listed at "
      "bl",
      "ruleset", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0,
      "client_ip=192.0.2.6|client_name=|code=550|enhanced=5.7.1|action=reject" },
    { "ruleset=check_relay, arg1=h, arg2=192.0.2.6, relay=h [192.0.2.6], reject=421 4.3.2 Connection rate "
      "limit "
      "exceeded.",
      "ruleset", EVENT_REFUSAL, 0, STAGE_CONNECT, 0, "code=421|client_name=h" },
    { Q "ruleset=check_rcpt, arg1=<o@z>, relay=h [192.0.2.6], reject=550 5.7.1 <o@z>... Relaying denied",
      "ruleset", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_AWAITS, "recipient=o@z|client_ip=192.0.2.6" },
    { Q "ruleset=check_mail, arg1=<s@z>, relay=h [192.0.2.6], reject=451 4.1.8 Domain of sender address s@z "
        "does not "
        "resolve",
      "ruleset", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HAS_MAIL_FROM, "mail_from=s@z|code=451" },
    { Q "ruleset=CheckSubject, arg1=ILOVEYOU, relay=h [192.0.2.6], reject=553 5.0.0 no", "ruleset",
      EVENT_REFUSAL, 0, STAGE_CONTENT, EVENT_MESSAGE_REFUSED, "" },
    { Q "ruleset=check_data, arg1=2, relay=h [192.0.2.6], quarantine=odd", "ruleset", EVENT_REFUSAL, 0,
      STAGE_DATA, EVENT_HELD, "action=quarantine|reply=odd" },
    { "ruleset=tls_server, arg1=SOFTWARE, relay=mx.y, reject=403 4.7.0 TLS handshake failed.", "ruleset",
      EVENT_SESSION, 0, 0, EVENT_TRIED | EVENT_TO_REMOTE, "relay_name=mx.y|client_name=" },
    { Q "Milter: data, reject=550 5.7.1 Blocked", "milter.reject", EVENT_REFUSAL, 0, STAGE_DATA,
      EVENT_MESSAGE_REFUSED, "code=550|enhanced=5.7.1" },
    { Q "Milter: to=<n@x>, reject=550 5.1.1 no", "milter.reject", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0,
      "recipient=n@x" },
    { Q "Milter: data, discard", "milter.reject", EVENT_REFUSAL, 0, STAGE_DATA, EVENT_DISCARDED,
      "action=discard" },
    { Q "milter=spamd, action=eom, reject=550 5.7.1 Blocked", "milter.action", EVENT_FILTER, 0, 0, 0,
      "engine=spamd|action=reject" },
    { Q "Milter add: header: X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00\\n\\tversion=3",
      "milter.spam", EVENT_FILTER, 0, 0, 0,
      "score=-1.9|required=5.0|tests=BAYES_00|result=No|engine=spamassassin" },
    { "STARTTLS=client, relay=mx.y.example., version=TLSv1.2, verify=FAIL, cipher=AES256-SHA, bits=256/256",
      "session.tls", EVENT_SESSION, 0, 0, EVENT_TLS | EVENT_TO_REMOTE,
      "relay_name=mx.y.example|tls_version=TLSv1.2|tls_cipher=AES256-SHA|tls_verified=FAIL" },
    { Q "h.example [192.0.2.1] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA", "session.idle",
      EVENT_SESSION, 0, 0, 0, "queue_id=|session=s1P819mk027713|client_ip=192.0.2.1" },
    { Q "AUTH failure (LOGIN): user not found (-20) SASL(-13), relay=[192.0.2.3]", "auth.failure",
      EVENT_REFUSAL, 0, STAGE_SUBMISSION, 0, "queue_id=|method=LOGIN|client_ip=192.0.2.3" },
    { Q "collect: premature EOM: unexpected close", "lost.collect", EVENT_SESSION, 0, 0,
      EVENT_LOST | EVENT_AWAITS, "phase=DATA" },
    { "[ID 801593 mail.info] " Q "done; delay=00:00:05, ntries=2", "done", EVENT_REMOVAL, 0, 0, 0,
      "queue_id=s1P819mk027713" },
    { "s1P819mk027713[2]: whatever", "piece", EVENT_IGNORED, 0, 0, 0, "" },
    /* a text in numbered pieces: whole with the last one */
    { "s1P819mk027713[1]: to=<a@y>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.y. [192.0.2.2], dsn=5.1.1, "
      "...",
      "piece", EVENT_IGNORED, 0, 0, 0, "" },
    { "s1P819mk027713[2]:  reply=550 5.1.1 no such user, stat=User  ...", "piece", EVENT_IGNORED, 0, 0, 0,
      "" },
    { "s1P819mk027713[3]: unknown", "to", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0,
      "queue_id=s1P819mk027713|recipient=a@y|code=550|reply=550 5.1.1 no such user|status=User unknown" },
    { "s1P819mk027713[3]: unknown", "piece", EVENT_IGNORED, 0, 0, 0, "" },
    { "s1P819mk027713[1]: from=<a@x>, size=1, class=0, nrcpts=1, msgid=<a-long- ...", "piece", EVENT_IGNORED,
      0, 0, 0, "" },
    { "s1P819mk027714[2]: one@x>, proto=ESMTP, relay=h [192.0.2.1]", "piece", EVENT_IGNORED, 0, 0, 0, "" },
    { "s1P819mk027713[2]: one@x>, proto=ESMTP, relay=h [192.0.2.1]", "from", EVENT_ARRIVAL, 0, 0,
      EVENT_ACTIVE, "message_id=a-long-one@x|client_ip=192.0.2.1" },
    { "NOQUEUE[1]: ruleset=check_relay, arg1=h, arg2=192.0.2.6, relay=h [192.0.2.6], ...", "piece",
      EVENT_IGNORED, 0, 0, 0, "" },
    { "NOQUEUE[2]:  reject=550 5.7.1 no", "ruleset", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0, "code=550" },
    /* a long list of recipients, each line with all equates, and with lines of their own for these */
    { Q "to=<a@y>,<b@y>, [more], delay=00:00:01, mailer=esmtp, pri=1, dsn=2.0.0, stat=Sent", "to",
      EVENT_ATTEMPT, RESULT_SENT, 0, 0, "recipient=a@y|delay=1" },
    { Q "to=<a@y>,<b@y>, [more]", "to", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "to=<c@y>", "to", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "ctladdr=<x@x> (8/0)", "", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "delay=00:00:03, xdelay=00:00:01, mailer=esmtp", "", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "relay=mx.y. [192.0.2.2]", "", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "stat=Deferred: Connection refused by mx.y.", "to", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0,
      "recipient=a@y|delay=3|ctladdr=x@x|relay_ip=192.0.2.2|relay_name=mx.y" },
    { Q "from=<a@x>", "from", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH, "mail_from=a@x" },
    { Q "size=77, class=0, nrcpts=1", "", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "msgid=<m@x>", "", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "relay=h [192.0.2.1]", "from", EVENT_ARRIVAL, 0, 0, EVENT_ACTIVE,
      "mail_from=a@x|size=77|message_id=m@x|client_ip=192.0.2.1|nrcpt=1" },
    { "LAA12345: from=<a@x>, size=1, class=0, pri=1, nrcpts=1, msgid=<m@x>, proto=SMTP, relay=h [192.0.2.1]",
      "from", EVENT_ARRIVAL, 0, 0, 0, "queue_id=LAA12345" },
    { "SYSERR(root): opendaemonsocket: daemon MTA: cannot bind: Address already in use", "words",
      EVENT_IGNORED, 0, 0, 0, "" },
    { Q "SYSERR(root): collect: read timeout on connection from h.example, from=<a@x>", "words",
      EVENT_IGNORED, 0, 0, 0, "" },
    { "My unqualified host name (x) unknown; sleeping for retry", "words", EVENT_IGNORED, 0, 0, 0, "" },
    { "unable to qualify my own domain name (x) -- using short name", "words", EVENT_IGNORED, 0, 0, 0, "" },
    { Q "Authentication-Warning: x: www set sender to a@x using -f", "words", EVENT_IGNORED, 0, 0, 0, "" },
    { "quite another program's words", "words", EVENT_IGNORED, 0, 0, 0, "" },
    { "", "words", EVENT_IGNORED, 0, 0, 0, "" },
};

static void
check_lines(void)
{
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        const struct event_want *w = &wants[i];
        str text = str_from(w->text);
        struct line line = { .whole = text, .program = S("sm-mta"), .text = text, .pid = 7 };
        struct event e = { .text = text, .pid = 7 };
        format_sendmail.parse(&line, &e);
        event_check(&e, w);
    }
}

/* What lines of one log become. */
static struct log_sink *
track(const char *const *lines)
{
    struct log_sink *s = log_sink_new();
    struct tracker *tr = tracker_new(&s->sink);
    uint64_t offset = 0;
    for (size_t i = 0; lines[i]; i++) {
        struct str_cut c = str_cut(str_from(lines[i]), ' ');
        struct line line = { .whole = c.tail, .program = S("sm-mta"), .text = c.tail };
        str_to_i64(c.head, &line.pid);
        struct event e = { .at = (when)i * WHEN_SECOND,
                           .host = S("mx"),
                           .program = line.program,
                           .pid = line.pid,
                           .text = c.tail,
                           .offset = offset,
                           .length = c.tail.n };
        offset += c.tail.n;
        format_sendmail.parse(&line, &e);
        if (e.kind == EVENT_IGNORED || e.kind == EVENT_REJECT)
            continue;
        do
            tracker_event(tr, &e);
        while (event_next_recipient(&e));
    }
    tracker_flush(tr, true);
    tracker_free(tr);
    return s;
}

static void
check_refused(void)
{
    static const char *const lines[] = {
        "8 " Q "<n@x.example>... User unknown",
        "8 " Q "from=<s@y.example>, size=1, class=0, nrcpts=0, proto=SMTP, daemon=MTA, relay=h.y.example "
        "[192.0.2.1]",
        NULL,
    };
    struct log_sink *s = track(lines);
    ok(s->ntransits == 0, "a message refused to all is none: %zu", s->ntransits);
    ok(s->nrefusals == 1 && str_eq(s->refusals[0].recipient, S("n@x.example")) &&
           str_eq(s->refusals[0].mail_from, S("s@y.example")) && s->refusals[0].has_mail_from &&
           str_eq(s->refusals[0].client_ip, S("192.0.2.1")) &&
           str_eq(s->refusals[0].client_name, S("h.y.example")),
       "the refusal learns who it was from the sender's line");
    log_sink_free(s);
}

static void
check_partly_refused(void)
{
    static const char *const lines[] = {
        "8 STARTTLS=server, relay=h.y.example [192.0.2.1], version=TLSv1.3, verify=NO, cipher=C, bits=1/1",
        "8 AUTH=server, relay=h.y.example [192.0.2.1], authid=s, mech=PLAIN, bits=0",
        "8 " Q "<n@x.example>... User unknown",
        "8 " Q "from=<s@y.example>, size=1, class=0, nrcpts=2, msgid=<m@y>, proto=SMTP, relay=h.y.example "
        "[192.0.2.1]",
        "9 STARTTLS=client, relay=mx.z.example., version=TLSv1.2, verify=OK, cipher=D, bits=1/1",
        "9 " Q "to=<a@z.example>,<b@z.example>, delay=00:00:01, xdelay=00:00:00, mailer=esmtp, pri=1, "
        "relay=mx.z.example. [192.0.2.2], dsn=2.0.0, stat=Sent (Ok: queued as 4XyZ)",
        NULL,
    };
    struct log_sink *s = track(lines);
    ok(s->ntransits == 1 && (s->transits[0].flags & TRANSIT_ACTIVE) &&
           !(s->transits[0].flags & TRANSIT_REFUSED) && str_eq(s->transits[0].tls_version, S("TLSv1.3")) &&
           str_eq(s->transits[0].auth_user, S("s")),
       "one recipient's refusal leaves the message; TLS and log-in go by the process");
    ok(s->nattempts == 2 && str_eq(s->attempts[0].recipient, S("a@z.example")) &&
           str_eq(s->attempts[1].recipient, S("b@z.example")) &&
           str_eq(s->attempts[1].next_queue_id, S("4XyZ")) &&
           str_eq(s->attempts[1].tls_version, S("TLSv1.2")),
       "an attempt for each recipient of the line, with the TLS of its relay");
    ok(s->nrefusals == 1 && str_eq(s->refusals[0].message_id, S("m@y")), "the refusal is of that message");
    log_sink_free(s);
}

static void
check_filter(void)
{
    static const char *const lines[] = {
        "8 " Q "from=<s@y>, size=1, class=0, nrcpts=1, msgid=<m@y>, proto=SMTP, relay=h [192.0.2.1]",
        "8 " Q "Milter: data, reject=554 5.7.1 virus",
        "8 " Q "to=<a@x>, delay=00:00:01, pri=1, stat=virus",
        NULL,
    };
    struct log_sink *s = track(lines);
    ok(s->ntransits == 1 && (s->transits[0].flags & TRANSIT_REFUSED), "a filter refused the message");
    ok(s->nrefusals == 1 && s->refusals[0].code == 554 && str_eq(s->refusals[0].client_ip, S("192.0.2.1")),
       "one refusal of it");
    ok(s->nattempts == 1 && str_eq(s->attempts[0].recipient, S("a@x")), "and whom it was for");
    log_sink_free(s);
}

static void
check_broken_off(void)
{
    static const char *const lines[] = {
        "8 " Q "collect: premature EOM: unexpected close",
        "8 " Q "collect: unexpected close on connection from h, sender=<s@y>",
        "8 " Q "from=<s@y>, size=1, class=0, nrcpts=1, proto=SMTP, relay=h [192.0.2.1]",
        "9 u1P819mk027714: timeout waiting for input from [192.0.2.5] during server cmd read",
        "9 u1P819mk027714: [192.0.2.5] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
        NULL,
    };
    struct log_sink *s = track(lines);
    ok(s->ntransits == 1 && (s->transits[0].flags & TRANSIT_LOST) && !(s->transits[0].flags & TRANSIT_ACTIVE),
       "the message that broke off was never taken");
    ok(s->nrefusals == 1 && str_eq(s->refusals[0].action, S("abort")) && s->refusals[0].stage == STAGE_DATA &&
           str_eq(s->refusals[0].client_ip, S("192.0.2.1")),
       "one refusal: an idle session is none (%zu)", s->nrefusals);
    log_sink_free(s);
}

/* Recipients on several lines are all tried, once each. */
static void
check_pieces(void)
{
    static const char *const lines[] = {
        "8 " Q "from=<s@y>, size=1, class=0, nrcpts=4, msgid=<m@y>, proto=SMTP, relay=h [192.0.2.1]",
        "9 s1P819mk027713[1]: to=<a@z>,<b@z>, delay=00:00:01, mailer=esmtp, pri=1, relay=mx.z. [192.0.2.2], "
        "...",
        "9 s1P819mk027713[2]:  dsn=2.0.0, stat=Sent (Ok: queued as 4XyZ)",
        "9 " Q "to=<c@z>, [more]",
        "9 " Q "to=<d@z>",
        "9 " Q "delay=00:00:02, xdelay=00:00:01, mailer=esmtp",
        "9 " Q "stat=Sent",
        NULL,
    };
    struct log_sink *s = track(lines);
    bool good = s->nattempts == 4;
    for (size_t i = 0; i < s->nattempts && good; i++)
        good = s->attempts[i].result == RESULT_SENT && s->attempts[i].recipient.n &&
               s->attempts[i].recipient.p[0] == (char)('a' + (int)i);
    ok(good, "four recipients, told in pieces and in lists, are tried once each (%zu)", s->nattempts);
    ok(s->nattempts && str_eq(s->attempts[0].next_queue_id, S("4XyZ")),
       "the reply is that of the last piece");
    log_sink_free(s);
}

static void
check_expired(void)
{
    static const char *const lines[] = {
        "8 " Q "from=<list-owner@y>, size=1, class=0, nrcpts=1, msgid=<m@y>, proto=SMTP, relay=h [192.0.2.1]",
        "9 " Q
        "to=a, ctladdr=<list@x> (8/0), delay=5+00:00:01, xdelay=00:00:00, mailer=esmtp, pri=1, relay=mx.z., "
        "dsn=4.0.0, stat=Deferred: Connection timed out with mx.z.",
        "9 " Q "s1P819mk027714: sender notify: Cannot send message for 5 days",
        "9 s1P819mk027714: to=<list-owner@y>, delay=00:00:00, xdelay=00:00:00, mailer=local, pri=1, "
        "dsn=2.0.0, "
        "stat=Sent",
        NULL,
    };
    struct log_sink *s = track(lines);
    ok(s->ntransits == 2 && s->nnotices == 1 && str_eq(s->notices[0].new_queue_id, S("s1P819mk027714")),
       "the notice has a queue id of its own");
    ok(s->nattempts == 2 && str_eq(s->attempts[0].orig_recipient, S("list@x")), "the alias it came from");
    unsigned flags = s->transits[0].flags | s->transits[1].flags;
    ok((flags & TRANSIT_EXPIRED) && (flags & TRANSIT_BOUNCE), "given up, and a bounce");
    log_sink_free(s);
}

int
main(void)
{
    check_lines();
    check_refused();
    check_partly_refused();
    check_filter();
    check_broken_off();
    check_expired();
    check_pieces();
    return done_testing();
}
