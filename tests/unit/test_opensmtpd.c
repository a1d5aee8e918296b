/* Lines of OpenSMTPD, old and new, the events they give, and what the tracker makes of a session. */
#include "event_want.h"
#include "format.h"
#include "log_opensmtpd.h"
#include "log_sink.h"
#include "tap.h"
#include "tracker.h"

extern const struct format format_opensmtpd;

#define A "8f486408aa000001 "
#define M "8f486408cc000003 "

static const struct event_want wants[] = {
    { A "smtp connected address=192.0.2.1 host=h.example", "smtp.connected", EVENT_SESSION, 0, 0, 0,
      "session=8f486408aa000001|client_ip=192.0.2.1|client_name=h.example" },
    { A "smtp connected address=[2001:db8::1] host=<unknown>", "smtp.connected", EVENT_SESSION, 0, 0, 0,
      "client_ip=2001:db8::1|client_name=" },
    { A "smtp connected address=local host=mx.example", "smtp.connected", EVENT_SESSION, 0, 0, EVENT_LOCAL,
      "client_ip=|client_name=mx.example" },
    { A "smtp event=connected address=192.0.2.1 host=h.example", "smtp.connected", EVENT_SESSION, 0, 0, 0,
      "client_ip=192.0.2.1" },
    { A "smtp message msgid=4214bd2b size=16 nrcpt=2 proto=ESMTP", "smtp.message", EVENT_ARRIVAL, 0, 0,
      EVENT_BIRTH | EVENT_ACTIVE, "queue_id=4214bd2b|size=16|nrcpt=2|protocol=ESMTP" },
    { A "smtp event=message address=192.0.2.1 host=h msgid=4214bd2b from=<> to=<b@y> size=16 ndest=1 "
        "proto=ESMTP",
      "smtp.message", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH | EVENT_HAS_MAIL_FROM, "mail_from=|recipient=b@y" },
    { A "smtp envelope evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y>", "smtp.envelope", EVENT_ARRIVAL, 0, 0,
      EVENT_HAS_MAIL_FROM, "queue_id=4214bd2b|mail_from=a@x" },
    { A "smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256", "smtp.tls", EVENT_SESSION, 0, 0, EVENT_TLS,
      "tls_version=TLSv1.3|tls_cipher=TLS_AES_256_GCM_SHA384" },
    { A "smtp event=starttls address=192.0.2.1 host=h ciphers=\"version=TLSv1.2 (x), cipher=AES256-SHA, "
        "bits=256\"",
      "smtp.tls", EVENT_SESSION, 0, 0, EVENT_TLS, "tls_version=TLSv1.2|tls_cipher=AES256-SHA" },
    { A "smtp failed-command command=\"RCPT TO:<n@x> ORCPT=rfc822;n@x\" result=\"524 5.2.4 Mailing list "
        "expansion "
        "problem: <n@x>\"",
      "smtp.failed", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0,
      "recipient=n@x|code=524|enhanced=5.2.4|phase=RCPT" },
    { A "smtp failed-command command=\"mail from:<s@x>\" result=\"421 4.3.0: Temporary Error\"",
      "smtp.failed", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HAS_MAIL_FROM, "mail_from=s@x|code=421" },
    { A "smtp failed-command command=\"\" result=\"554 Transaction failed, message too big\"", "smtp.failed",
      EVENT_REFUSAL, 0, STAGE_DATA, 0, "code=554" },
    { A "smtp authentication user=bob result=permfail", "smtp.auth-failed", EVENT_REFUSAL, 0,
      STAGE_SUBMISSION, 0, "auth_user=bob|action=auth-failure" },
    { A "smtp disconnected reason=quit", "smtp.disconnected", EVENT_SESSION, 0, 0, EVENT_DISCONNECT,
      "detail=quit" },
    { M "mta connecting address=smtp+tls://[2001:db8::2]:25 host=mx.y", "mta.connecting", EVENT_SESSION, 0, 0,
      EVENT_TO_REMOTE, "relay_ip=2001:db8::2|relay_port=25|relay_name=mx.y" },
    { M "mta delivery evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y> rcpt=<c@y> source=\"192.0.2.9\" "
        "relay=\"192.0.2.2 "
        "(mx.y)\" delay=1d2h3m4s result=\"Ok\" stat=\"250 2.0.0: 5f3b1a2c Message accepted for delivery\"",
      "mta.delivery", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "queue_id=4214bd2b|recipient=b@y|orig_recipient=c@y|relay_ip=192.0.2.2|relay_name=mx.y|delay=93784|"
      "code=250|"
      "enhanced=2.0.0|next_queue_id=5f3b1a2c" },
    { M "mta delivery evpid=4214bd2bc8c8d36c from=<> to=<b@y> rcpt=<-> source=\"-\" relay=\"mx.y\" delay=3s "
        "result=\"TempFail\" stat=\"450 4.7.1 wait \"here\"\"",
      "mta.delivery", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0,
      "orig_recipient=|relay_name=mx.y|relay_ip=|code=450" },
    { M "mta event=delivery evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y> rcpt=- source=\"\" relay=\"192.0.2.2 "
        "(192.0.2.2)\" delay=0s result=\"PermFail\" stat=\"550 no\"",
      "mta.delivery", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "orig_recipient=" },
    { M "mda delivery evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y> rcpt=<b@y> user=b delay=0s result=Ok "
        "stat=Delivered",
      "mda.delivery", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "user=b|reply=Delivered" },
    { M "mda delivery evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y> user=b method=mbox delay=0s result=PermFail "
        "stat=Error (\"mail.local: full\")",
      "mda.delivery", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0, "method=mbox" },
    { "relay: TempFail for 4214bd2bc8c8d36c: session=8f486408cc000003, from=<a@x>, to=<b@y>, rcpt=<->, "
      "source=192.0.2.9, relay=192.0.2.2 (mx.y), delay=1m2s, stat=451 4.3.0 later",
      "old.delivery", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0, "relay_ip=192.0.2.2|delay=62|code=451" },
    { "relay: Expire for 4214bd2bc8c8d36c: from=<a@x>, to=<b@y>, rcpt=<b@y>, delay=4d, stat=Envelope expired",
      "old.delivery", EVENT_ATTEMPT, RESULT_EXPIRED, 0, 0, "delay=345600" },
    { "delivery: Ok for 4214bd2bc8c8d36c: from=<a@x>, to=<b@y>, user=b, method=maildir, delay=0s, "
      "stat=Delivered",
      "old.delivery", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "" },
    { "relay: Remove for 4214bd2bc8c8d36c: from=<a@x>, to=<b@y>, rcpt=<b@y>, delay=4d, stat=Removed by "
      "administrator",
      "old.delivery", EVENT_REMOVAL, RESULT_DISCARDED, 0, EVENT_DELETED, "" },
    { "smtp-in: New session 1f55bdcdf16e28a3 from host h.example [local]", "old.session", EVENT_SESSION, 0, 0,
      EVENT_LOCAL, "session=1f55bdcdf16e28a3" },
    { "smtp-in: Accepted message 4296f490 on session 1f55bdcdf16e28a3: from=<a@x>, size=1, nrcpts=2, "
      "proto=ESMTP",
      "old.message", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH, "queue_id=4296f490|session=1f55bdcdf16e28a3|nrcpt=2" },
    { "smtp-in: Failed command on session 1f55bdcdf16e28a3: \"RCPT TO:<n@x>\" => 550 Invalid recipient",
      "old.failed", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0, "recipient=n@x|session=1f55bdcdf16e28a3|code=550" },
    { "smtp-out: Enabling route [] <-> 192.0.2.2 (mx.y)", "out.words", EVENT_IGNORED, 0, 0, 0, "" },
    { "info: OpenSMTPD 7.3.0 starting", "words", EVENT_IGNORED, 0, 0, 0, "" },
    { "mail transfer agent exiting", "words", EVENT_IGNORED, 0, 0, 0, "" },
    { A "smtp nothing that it says", "", EVENT_IGNORED, 0, 0, 0, "" },
    { A "smtp a new result=\"250\"", "", EVENT_REJECT, 0, 0, 0, "" },
    { "", "", EVENT_REJECT, 0, 0, 0, "" },
};

static void
check_lines(void)
{
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        const struct event_want *w = &wants[i];
        str text = str_from(w->text);
        struct line line = { .whole = text, .program = S("smtpd"), .text = text, .pid = 7 };
        struct event e = { .text = text, .pid = 7 };
        format_opensmtpd.parse(&line, &e);
        event_check(&e, w);
    }
}

static struct log_sink *
track(const char *const *lines)
{
    struct log_sink *s = log_sink_new();
    struct tracker *tr = tracker_new(&s->sink);
    uint64_t offset = 0;
    for (size_t i = 0; lines[i]; i++) {
        str text = str_from(lines[i]);
        struct line line = { .whole = text, .program = S("smtpd"), .text = text, .pid = 7 };
        struct event e = { .at = (when)i * WHEN_SECOND,
                           .host = S("mx"),
                           .program = line.program,
                           .pid = 7,
                           .text = text,
                           .offset = offset,
                           .length = text.n };
        offset += text.n;
        format_opensmtpd.parse(&line, &e);
        if (e.kind != EVENT_IGNORED && e.kind != EVENT_REJECT)
            tracker_event(tr, &e);
    }
    tracker_flush(tr, true);
    tracker_free(tr);
    return s;
}

/* All sessions are of one process: what belongs together goes by their names. */
static void
check_sessions(void)
{
    static const char *const lines[] = {
        A "smtp connected address=192.0.2.1 host=h.example",
        "8f486408bb000002 smtp connected address=192.0.2.66 host=bad.example",
        A "smtp tls ciphers=TLSv1.3:C:256",
        A "smtp authentication user=rosa result=ok",
        "8f486408bb000002 smtp failed-command command=\"RCPT TO:<n@x>\" result=\"550 no\"",
        A "smtp message msgid=4214bd2b size=16 nrcpt=1 proto=ESMTP",
        A "smtp envelope evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y>",
        M "mta connecting address=smtp://192.0.2.2:25 host=mx.y",
        M "mta tls ciphers=TLSv1.2:D:256",
        M "mta delivery evpid=4214bd2bc8c8d36c from=<a@x> to=<b@y> rcpt=<-> source=\"-\" relay=\"192.0.2.2 "
          "(mx.y)\" "
          "delay=1s result=\"Ok\" stat=\"250 2.0.0 Ok: queued as 4XyZ\"",
        NULL,
    };
    struct log_sink *s = track(lines);
    const struct transit *t = s->transits;
    ok(s->ntransits == 1 && str_eq(t->queue_id, S("4214bd2b")) && str_eq(t->client_ip, S("192.0.2.1")) &&
           str_eq(t->client_name, S("h.example")) && str_eq(t->tls_version, S("TLSv1.3")) &&
           str_eq(t->auth_user, S("rosa")) && str_eq(t->mail_from, S("a@x")) && (t->flags & TRANSIT_ACTIVE),
       "the message has its session's client, TLS and log-in");
    ok(s->nattempts == 1 && str_eq(s->attempts[0].tls_version, S("TLSv1.2")) &&
           str_eq(s->attempts[0].next_queue_id, S("4XyZ")),
       "the attempt has its own session's TLS");
    ok(s->nrefusals == 1 && str_eq(s->refusals[0].client_ip, S("192.0.2.66")), "the refusal has its client");
    log_sink_free(s);
}

static void
check_repeated_and_local(void)
{
    static const char *const lines[] = {
        "smtp-in: New session 1f55bdcdf16e28a3 from host mx.example [local]",
        "smtp-in: Accepted message 4296f490 on session 1f55bdcdf16e28a3: from=<>, to=<a@x>, size=1, ndest=1, "
        "proto=ESMTP",
        "smtp-in: Accepted message 4296f490 on session 1f55bdcdf16e28a3: from=<>, to=<b@x>, size=1, ndest=1, "
        "proto=ESMTP",
        NULL,
    };
    struct log_sink *s = track(lines);
    ok(s->ntransits == 1 && (s->transits[0].flags & TRANSIT_LOCAL) && (s->transits[0].flags & TRANSIT_BOUNCE),
       "one message, told once for each recipient, of the server itself");
    log_sink_free(s);
}

int
main(void)
{
    check_lines();
    check_sessions();
    check_repeated_and_local();
    return done_testing();
}
