/* Lines of programs that hand mail on without a queue of their own, or with a small one: all that each says. */
#include "event_want.h"
#include "format.h"
#include "log_msmtp.h"

struct step {
    const char *format, *program;
    struct event_want want;
    const struct event_want *more; /* what else the line says, until one without a text */
};

#define MSMTP                                                           \
    "host=mx.example.net tls=on auth=on user=ann from=ann@example.com " \
    "recipients=bob@example.net,nobody@example.net"

static const struct event_want sent_to_two[] = {
    { "1", "sent", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "recipient=bob@example.net|relay_name=mx.example.net|code=250|next_queue_id=4FC1A2B3C4|auth_user=" },
    { "2", "sent", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
      "recipient=nobody@example.net|next_queue_id=4FC1A2B3C4" },
    { "3", "sent", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "recipient=" },
    { 0 },
};

static const struct event_want refused_one[] = {
    { "1", "failed", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0,
      "recipient=bob@example.net|code=|reply=recipient address nobody@example.net not accepted by the "
      "server" },
    { "2", "failed", EVENT_ATTEMPT, RESULT_BOUNCED, 0, 0,
      "recipient=nobody@example.net|code=550|enhanced=5.1.1|reply=550-5.1.1 none  550 5.1.1 help" },
    { "3", "failed", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" },
    { 0 },
};

static const struct event_want end[] = {
    { "1", "end", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" },
    { 0 },
};

static const struct event_want ssmtp_sent[] = {
    { "1", "sent", EVENT_ATTEMPT, RESULT_SENT, 0, 0, "recipient=|code=221" },
    { "2", "sent", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" },
    { 0 },
};

static const struct step steps[] = {
    { "msmtp",
      "msmtp",
      { MSMTP " mailsize=129 smtpstatus=250 smtpmsg='250 2.0.0 Ok: queued as 4FC1A2B3C4' exitcode=EX_OK",
        "sent", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH | EVENT_HAS_MAIL_FROM,
        "mail_from=ann@example.com|size=129|recipient=|reply=|auth_user=" },
      sent_to_two },
    { "msmtp",
      "msmtp",
      { MSMTP " smtpstatus=550 smtpmsg='550-5.1.1 none\\r\\n550 5.1.1 help' errormsg='recipient address "
              "nobody@example.net not accepted by the server' exitcode=EX_DATAERR",
        "failed", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH, "detail=" },
      refused_one },
    { "msmtp", "msmtp", { "something else", "", EVENT_REJECT, 0, 0, 0, "" }, NULL },

    { "dma",
      "dma[a1]",
      { "new mail from user=www uid=33 envelope_from=<ann@example.com>", "new", EVENT_IGNORED, 0, 0, 0, "" },
      NULL },
    { "dma",
      "dma[a1]",
      { "mail to=<bob@example.net> queued as a1.1", "queued", EVENT_ARRIVAL, 0, 0,
        EVENT_BIRTH | EVENT_HAS_MAIL_FROM, "queue_id=a1.1|mail_from=ann@example.com|recipient=" },
      NULL },
    { "dma",
      "dma[a1]",
      { "mail to=<carol> queued as a1.2", "queued", EVENT_ARRIVAL, 0, 0, EVENT_BIRTH, "queue_id=a1.2" },
      NULL },
    { "dma",
      "dma[a1.1]",
      { "trying remote delivery to mx.example.net [192.0.2.25] pref 10", "try.host", EVENT_IGNORED, 0, 0, 0,
        "" },
      NULL },
    { "dma",
      "dma[a1.1]",
      { "remote delivery deferred: mx.example.net [192.0.2.25] failed after final DATA: 451 4.7.1 later",
        "refused", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0,
        "queue_id=a1.1|recipient=bob@example.net|relay_ip=192.0.2.25|phase=final DATA|code=451" },
      NULL },
    { "dma",
      "dma[a1.1]",
      { "<bob@example.net> delivery successful", "sent", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
        "queue_id=a1.1|relay_name=mx.example.net|relay_ip=192.0.2.25" },
      end },
    { "dma",
      "dma[a1.2]",
      { "<carol> delivery successful", "sent", EVENT_ATTEMPT, RESULT_SENT, 0, EVENT_LOCAL, "relay_name=" },
      end },
    { "dma",
      "dma[b1.1]",
      { "remote delivery failed: DNS lookup failure: host a.example not found", "failed", EVENT_ATTEMPT,
        RESULT_BOUNCED, 0, 0, "queue_id=b1.1|reply=DNS lookup failure: host a.example not found" },
      NULL },
    { "dma",
      "dma[b1.1]",
      { "delivery failed, bouncing as c1", "bounced", EVENT_NOTIFICATION, 0, 0, 0, "queue_id=b1.1" },
      end },
    { "dma",
      "dma[c1]",
      { "new mail from user=www uid=33 envelope_from=<>", "new", EVENT_IGNORED, 0, 0, 0, "" },
      NULL },
    { "dma",
      "dma[c1]",
      { "mail to=<ann@example.com> queued as c1.1", "queued", EVENT_ARRIVAL, 0, 0, EVENT_HAS_MAIL_FROM,
        "mail_from=|action=bounce|detail=b1.1" },
      NULL },
    { "dma",
      "dma[c1.1]",
      { "connect to mx.example.com [192.0.2.7] failed: Connection refused", "connect", EVENT_ATTEMPT,
        RESULT_DEFERRED, 0, 0, "relay_ip=192.0.2.7|recipient=ann@example.com" },
      NULL },
    { "dma",
      "dma[c1.1]",
      { "delivery failed, bouncing as d1", "bounced", EVENT_NOTIFICATION, 0, 0, EVENT_EXPIRED, "" },
      end },

    { "nullmailer", "nullmailer", { "Sent file.", "sent", EVENT_IGNORED, 0, 0, 0, "" }, NULL },
    { "nullmailer",
      "nullmailer",
      { "Starting delivery: host: mx.example.net protocol: smtp file: 17.1", "try", EVENT_ARRIVAL, 0, 0,
        EVENT_ACTIVE, "queue_id=17.1" },
      NULL },
    { "nullmailer",
      "nullmailer",
      { "From: <ann@example.com> to: <bob@example.net>, <carol@example.net>", "envelope", EVENT_ARRIVAL, 0, 0,
        EVENT_HAS_MAIL_FROM, "queue_id=17.1|mail_from=ann@example.com" },
      NULL },
    { "nullmailer",
      "nullmailer",
      { "Message-Id: <m1@example.com>", "message-id", EVENT_ARRIVAL, 0, 0, 0,
        "queue_id=17.1|message_id=m1@example.com" },
      NULL },
    { "nullmailer",
      "nullmailer",
      { "smtp: Failed: 452 4.2.2 full", "reply", EVENT_IGNORED, 0, 0, 0, "" },
      NULL },
    { "nullmailer",
      "nullmailer",
      { "Sending failed:  Temporary error in sending the message", "deferred", EVENT_ATTEMPT, RESULT_DEFERRED,
        0, 0, "recipient=bob@example.net|code=452|relay_name=mx.example.net" },
      NULL },
    { "nullmailer",
      "nullmailer",
      { "Moving message 17.1 into failed", "given.up", EVENT_NOTIFICATION, 0, 0, EVENT_EXPIRED,
        "queue_id=17.1" },
      end },
    { "nullmailer",
      "nullmailer",
      { "Starting delivery: protocol: smtp host: mx.example.net file: 17.2", "try", EVENT_ARRIVAL, 0, 0,
        EVENT_ACTIVE, "queue_id=17.2" },
      NULL },
    { "nullmailer",
      "nullmailer",
      { "Sending failed: Permanent error in sending the message", "bounced", EVENT_ATTEMPT, RESULT_BOUNCED, 0,
        0, "queue_id=17.2|recipient=|reply=Permanent error in sending the message" },
      NULL },

    { "ssmtp",
      "sSMTP",
      { "Sent mail for ann@example.com (221 2.0.0 Bye) uid=0 username=root outbytes=305", "sent",
        EVENT_ARRIVAL, 0, 0, EVENT_BIRTH, "mail_from=ann@example.com|size=305|reply=" },
      ssmtp_sent },
    { "ssmtp",
      "sSMTP",
      { "RCPT TO:<bob@example.net> (550 5.1.1 no)", "recipient", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0,
        "recipient=bob@example.net|code=550|enhanced=5.1.1" },
      NULL },
    { "fetchmail",
      "fetchmail",
      { "SMTP error: 554 5.7.1 spam", "refused", EVENT_REFUSAL, 0, STAGE_ENVELOPE, 0,
        "code=554|enhanced=5.7.1" },
      NULL },
};

static struct event
event_of(const struct line *line)
{
    return (struct event){ .host = line->host, .program = line->program, .text = line->text, .at = line->at };
}

static void
check_more(const struct format *f, const struct line *line, const struct event_want *more)
{
    struct event e = event_of(line);
    bool has = f->more && f->more(&e);
    for (; more && more->text; more++) {
        if (!ok(has, "%s says more", line->text.p))
            return;
        event_check(&e, more);
        e = event_of(line);
        has = f->more(&e);
    }
    ok(!has, "and no more: %.60s", line->text.p);
}

static void
check_steps(void)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct step *s = &steps[i];
        str text = str_from(s->want.text);
        struct line line = {
            .whole = text, .host = S("web"), .program = str_from(s->program), .text = text, .at = 0
        };
        const struct format *f = format_find(str_from(s->format));
        struct event e = event_of(&line);
        ok(f && f->owns(line.program), "%s is owned", s->program);
        f->parse(&line, &e);
        event_check(&e, &s->want);
        check_more(f, &line, s->more);
    }
}

static const struct {
    const char *whole;
    int year, hour;
} frames[] = {
    { "Nov 21 22:10:00 " MSMTP " exitcode=EX_OK", 0, 22 },
    { "2026-11-21 22:10:00 " MSMTP " exitcode=EX_OK", 2026, 22 },
    { "2026-11-21T22:10:00+01:00 " MSMTP " exitcode=EX_OK", 2026, 22 },
    { "[2026/11/21 22:10:00] " MSMTP " exitcode=EX_OK", 2026, 22 },
    { "Sat Nov 21 22:10:00 2026 " MSMTP " exitcode=EX_OK", 2026, 22 },
    { "nonsense " MSMTP " exitcode=EX_OK", 0, -1 },
    { "Nov 21 22:10:00 web msmtp: " MSMTP " exitcode=EX_OK", 0, -1 },
};

static void
check_frames(void)
{
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct line line = { .at = WHEN_NONE };
        struct civil civil = { 0 };
        bool zoned;
        int offset_s;
        bool framed = msmtp_frame(str_from(frames[i].whole), &line, &civil, &zoned, &offset_s);
        if (frames[i].hour < 0)
            ok(!framed, "not framed: %.40s", frames[i].whole);
        else
            ok(framed && civil.year == frames[i].year && civil.hour == frames[i].hour &&
                   str_starts(line.text, S("host=mx")),
               "framed: %.40s", frames[i].whole);
    }
}

int
main(void)
{
    check_steps();
    check_frames();
    return done_testing();
}
