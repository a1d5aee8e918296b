/* Lines of Courier that build on each other: messages that wait, their notifications, replies of several lines. */
#include "event_want.h"
#include "format.h"
#include "log_courier.h"

extern const struct format format_courier;

#define A  "id=00000000000A1B30.0000000068D00C40.00001B00"
#define B  "id=00000000000A1B32.0000000068D00C91.00001B20"
#define N  "id=00000000000A1B31.0000000068D00C90.00001B10"
#define C  "id=00000000000A1B33.0000000068D00C92.00001B30"
#define TO ",from=<ann@example.com>,addr=<bob@example.net>"

static const struct {
    const char *program;
    struct event_want want;
} lines[] = {
    { "courierd",
      { "newmsg," A ", auth=ann: dns; [192.0.2.9] (unknown [::ffff:192.0.2.9])", "newmsg", EVENT_ARRIVAL, 0,
        0, EVENT_BIRTH | EVENT_NO_TLS, "client_ip=192.0.2.9|client_name=|auth_user=ann|helo=[192.0.2.9]" } },
    { "courierd",
      { "started," A ",from=<ann@example.com>,module=esmtp,host=example.net,addr=<bob@example.net>",
        "started", EVENT_ARRIVAL, 0, 0, EVENT_HAS_MAIL_FROM, "mail_from=ann@example.com|action=|detail=" } },
    { "courieresmtp", { A TO ": 450-4.2.0 one", "words", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courieresmtp", { A TO ": 450 4.2.0 two", "words", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courieresmtp",
      { A TO ",status: deferred", "status", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0,
        "reply=450-4.2.0 one 450 4.2.0 two|code=450|enhanced=4.2.0" } },
    /* the end of a try, not of the message */
    { "courierd", { "completed," A, "completed", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courierd",
      { "started," A ",from=<>,module=dsn,host=deferred,addr=<ann@example.com>", "dsn.delay",
        EVENT_NOTIFICATION, 0, 0, 0, "action=delay|mail_from=" } },
    { "courierd",
      { "newmsg," N ": dns; localhost (localhost [127.0.0.1])", "newmsg", EVENT_ARRIVAL, 0, 0, 0,
        "action=" } },
    { "courierd", { "completed," A, "completed", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courierd",
      { "started," N ",from=<>,module=esmtp,host=example.com,addr=<ann@example.com>", "started",
        EVENT_ARRIVAL, 0, 0, 0, "action=" } },
    { "courieresmtp",
      { N ",from=<>,addr=<ann@example.com>: 250 Backscatter bounce dropped.", "words", EVENT_IGNORED, 0, 0, 0,
        "" } },
    { "courieresmtp",
      { N ",from=<>,addr=<ann@example.com>,success: delivered: backscatter bounce dropped", "success",
        EVENT_ATTEMPT, RESULT_DISCARDED, 0, 0, "relay_name=" } },
    { "courierd", { "completed," N, "completed", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" } },
    /* the last try, and the notification that it has failed */
    { "courierd",
      { "started," A ",from=<ann@example.com>,module=esmtp,host=example.net,addr=<bob@example.net>",
        "started", EVENT_ARRIVAL, 0, 0, 0, "" } },
    { "courieresmtp", { A TO ": Connection refused", "words", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courieresmtp",
      { A TO ",status: deferred", "status", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0,
        "reply=Connection refused" } },
    { "courierd", { "completed," A, "completed", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courierd",
      { "started," A ",from=<>,module=dsn,host=,addr=<ann@example.com>", "dsn", EVENT_NOTIFICATION, 0, 0,
        EVENT_EXPIRED, "action=bounce" } },
    { "courierd",
      { "newmsg," B ": dns; localhost (localhost [127.0.0.1])", "newmsg", EVENT_ARRIVAL, 0, 0, 0,
        "action=" } },
    { "courierd",
      { "started," B ",from=<>,module=esmtp,host=example.com,addr=<ann@example.com>", "started",
        EVENT_ARRIVAL, 0, 0, EVENT_HAS_MAIL_FROM,
        "action=bounce|detail=00000000000A1B30.0000000068D00C40.00001B00" } },
    { "courierd", { "completed," A, "completed", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" } },
    /* delivered at the second try */
    { "courieresmtp",
      { C TO ",status: deferred", "status", EVENT_ATTEMPT, RESULT_DEFERRED, 0, 0, "reply=" } },
    { "courierd", { "completed," C, "completed", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courierd",
      { "started," C ",from=<ann@example.com>,module=esmtp,host=example.net,addr=<bob@example.net>",
        "started", EVENT_ARRIVAL, 0, 0, 0, "detail=" } },
    { "courieresmtp",
      { C TO ",success: delivered: mx.example.net [192.0.2.25]", "success", EVENT_ATTEMPT, RESULT_SENT, 0, 0,
        "relay_name=mx.example.net|relay_ip=192.0.2.25" } },
    { "courierd", { "completed," C, "completed", EVENT_REMOVAL, 0, 0, EVENT_FINAL_REMOVAL, "" } },
    /* what the server refused */
    { "courieresmtpd",
      { "error,relay=::ffff:192.0.2.66,port=4,from=<x@a.example>: 517-Domain does not exist: a.example.",
        "refused.more", EVENT_IGNORED, 0, 0, 0, "" } },
    { "courieresmtpd",
      { "error,relay=::ffff:192.0.2.66,port=4,from=<x@a.example>: 517 Invalid domain", "refused",
        EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HAS_MAIL_FROM,
        "reply=517-Domain does not exist: a.example. 517 Invalid domain|code=517|client_ip=192.0.2.66" } },
    { "courieresmtpd",
      { "error,relay=192.0.2.66,from=<x@a.example>: 523 Message length (9 bytes) exceeds administrative "
        "limit(1).",
        "refused", EVENT_REFUSAL, 0, STAGE_DATA, 0, "recipient=|code=523" } },
    { "courieresmtpd",
      { "error,relay=192.0.2.66,msg=\"534 SIZE=Message too big.\",cmd: MAIL FROM:<x@a.example> SIZE=900000",
        "refused.command", EVENT_REFUSAL, 0, STAGE_ENVELOPE, EVENT_HAS_MAIL_FROM,
        "mail_from=x@a.example|recipient=|code=534" } },
    { "courieresmtpd",
      { "error,relay=192.0.2.66,msg=\"535 Authentication failed.\",cmd: AUTH LOGIN Ym9i bob", "login.failed",
        EVENT_SESSION, 0, 0, 0, "action=auth-failure" } },
    { "courieresmtpd",
      { "error,relay=192.0.2.66,msg=\"502 ESMTP command error\",cmd: GET / HTTP/1.0", "esmtpd.life",
        EVENT_IGNORED, 0, 0, 0, "" } },
};

int
main(void)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        str program = str_from(lines[i].program), text = str_from(lines[i].want.text);
        struct line line = { .whole = text, .host = S("mx"), .program = program, .text = text, .at = 0 };
        struct event e = { .host = S("mx"), .program = program, .text = text, .at = 0 };
        format_courier.parse(&line, &e);
        event_check(&e, &lines[i].want);
    }
    return done_testing();
}
