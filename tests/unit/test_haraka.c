/* Haraka: the three forms of a line are one, and outbound lines find their recipients. */
#include "log_haraka.h"
#include "tap.h"

extern const struct format format_haraka;

static void
check_forms(void)
{
    static const char *const forms[] = {
        "[NOTICE] [U-1.1] [core] recipient <a@x.example> code=DENY msg=\"no \\\"such\\\" user\" "
        "sender=b@x.example",
        "level=NOTICE uuid=U-1.1 origin=core message=\"recipient <a@x.example>\" code=DENY "
        "msg=\"no \\\"such\\\" user\" sender=b@x.example",
        "{\"level\":\"NOTICE\",\"uuid\":\"U-1.1\",\"origin\":\"core\",\"message\":\"recipient "
        "<a@x.example>\","
        "\"code\":\"DENY\",\"msg\":\"no \\\"such\\\" user\",\"sender\":\"b@x.example\"}",
        "\x1b[34m[NOTICE] [U-1.1] [core] recipient <a@x.example> code=DENY msg=\"no \\\"such\\\" user\" "
        "sender=b@x.example\x1b[39m",
    };
    struct arena a = { 0 };
    struct haraka_line l;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        ok(haraka_line_read(&l, str_from(forms[i]), &a), "form %zu is read", i);
        is_str(l.level, "NOTICE", "level");
        is_str(l.uuid, "U-1.1", "uuid");
        is_str(l.origin, "core", "origin");
        is_str(l.message, "recipient <a@x.example>", "message");
        is_str(haraka_get(&l, "code"), "DENY", "code");
        is_str(haraka_get(&l, "msg"), "no \"such\" user", "a quoted value");
        is_str(haraka_get(&l, "sender"), "b@x.example", "the last pair");
    }
    ok(!haraka_line_read(&l, S("[notice] [U] [core] x"), &a), "another program's brackets are not read");
    ok(!haraka_line_read(&l, S("{\"level\":1}"), &a), "another program's JSON is not read");
    arena_free(&a);
}

static size_t
tell(const char *text, struct event *first)
{
    struct line line = { .text = str_from(text), .whole = str_from(text), .at = 0 };
    struct event next = { 0 };
    size_t n = 1;
    *first = (struct event){ 0 };
    format_haraka.parse(&line, first);
    for (; format_haraka.more(&next); next = (struct event){ 0 })
        n++;
    return n;
}

/* "Tried all MXs" is explained by the line before it; what stands before the plugins has no level. */
static void
check_trouble(void)
{
    struct event e;
    format_haraka.begin();
    tell("Starting up Haraka version 3.1.0", &e);
    ok(e.kind == EVENT_IGNORED, "its start tells of no message");
    tell("[NOTICE] [U.1] [core] sender <a@x.example> code=CONT msg=\"\"", &e);
    tell("[NOTICE] [U.1] [core] recipient <b@y.example> code=OK msg=\"\" sender=a@x.example", &e);
    tell("[ERROR] [U.1.1] [outbound] Failed to get socket: connect EHOSTUNREACH 192.0.2.99:25", &e);
    ok(e.kind == EVENT_SESSION, "a host that cannot be reached decides nothing yet");
    tell("[INFO] [U.1.1] [outbound] Temp failing 1_1_0_1_a_1_mx for 5 seconds: Tried all MXs", &e);
    ok(e.kind == EVENT_ATTEMPT && e.result == RESULT_DEFERRED, "the try is put off");
    is_str(EV(&e, RECIPIENT), "b@y.example", "for whom");
    is_str(EV(&e, REPLY), "Failed to get socket: connect EHOSTUNREACH 192.0.2.99:25", "and why");
    tell("[INFO] [U.1.1] [outbound] bouncing mail: Too many failures (Tried all MXs)", &e);
    ok(e.result == RESULT_EXPIRED, "given up");
    is_str(EV(&e, REPLY), "Failed to get socket: connect EHOSTUNREACH 192.0.2.99:25", "for the same reason");
    tell("[INFO] [U.1.2] [outbound] Temp failing 1_1_0_1_a_1_mx for 5 seconds: Tried all MXs", &e);
    is_str(EV(&e, REPLY), "Tried all MXs", "another domain's trouble is its own");
}

static void
check_plugins(void)
{
    struct event e;
    format_haraka.begin();
    tell("[INFO] [U.1] [spf] identity=mfrom ip=192.0.2.7 domain=\"x.example\" mfrom=<a@x.example> "
         "result=SoftFail",
         &e);
    ok(e.kind == EVENT_AUTH, "SPF's line is a verdict");
    is_str(EV(&e, METHOD), "spf", "its method");
    is_str(EV(&e, RESULT), "softfail", "its result");
    is_str(EV(&e, CLIENT_IP), "192.0.2.7", "its client");
    is_str(EV(&e, MAIL_FROM), "a@x.example", "its sender");
    is_str(EV(&e, QUEUE_ID), "U.1", "its message");
    tell("level=INFO uuid=U.1 origin=dkim_verify message=\"identity=\\\"@x.example\\\" "
         "domain=\\\"x.example\\\" "
         "selector=\\\"s1\\\" result=pass \"",
         &e);
    ok(e.kind == EVENT_AUTH, "DKIM's line in logfmt is a verdict");
    is_str(EV(&e, DOMAIN), "x.example", "its domain");
    is_str(EV(&e, SELECTOR), "s1", "its selector");
    is_str(EV(&e, RESULT), "pass", "its result");
    tell("[INFO] [U.1] [spamassassin] status=Yes, score=7.2, required=5.0, reject=15, tests=\"A,B\"", &e);
    ok(e.kind == EVENT_FILTER, "SpamAssassin's line is a verdict");
    is_str(EV(&e, SCORE), "7.2", "its score");
    is_str(EV(&e, REQUIRED), "5.0", "its threshold");
    is_str(EV(&e, TESTS), "A,B", "its tests");
    is_str(EV(&e, RESULT), "spam", "its result");
    tell("[INFO] [U.1] [karma] score: -5", &e);
    ok(e.kind == EVENT_IGNORED, "another plugin's line is none");
}

static void
check_recipients(void)
{
    struct event e;
    format_haraka.begin();
    tell("[NOTICE] [U.1] [core] sender <s@y.example> code=CONT msg=\"\"", &e);
    tell("[NOTICE] [U.1] [core] recipient <a@x.example> code=OK msg=\"\" sender=s@y.example", &e);
    tell("[NOTICE] [U.1] [core] recipient <b@x.example> code=OK msg=\"\" sender=s@y.example", &e);
    tell("[NOTICE] [U.1] [core] recipient <c@z.example> code=OK msg=\"\" sender=s@y.example", &e);
    tell("[NOTICE] [U.1] [core] queue code=OK msg=\"Message Queued (U.1)\"", &e);
    ok(e.kind == EVENT_ARRIVAL && (e.flags & EVENT_BIRTH), "the queue's answer is the birth");
    is_str(EV(&e, NRCPT), "3", "recipients are counted");
    tell("[NOTICE] [U.1.1] [outbound] recipient <b@x.example> deferred: 450 4.2.0 later", &e);
    is_str(EV(&e, QUEUE_ID), "U.1", "outbound's third number is no part of the id");
    ok(tell("[NOTICE] [U.1.1] [outbound] delivered file=f domain=x.example host=m ip=192.0.2.1 port=25 tls=N "
            "response=ok",
            &e) == 1,
       "one recipient was delivered");
    is_str(EV(&e, RECIPIENT), "a@x.example", "the one that was not put off");
    tell("[INFO] [U.1.2] [outbound] bouncing mail: No Such Domain: z.example", &e);
    is_str(EV(&e, RECIPIENT), "c@z.example", "the second domain's recipient");
    tell("[NOTICE] [U.1.1] [outbound] delivered file=f domain=x.example host=m ip=192.0.2.1 response=ok", &e);
    is_str(EV(&e, RECIPIENT), "b@x.example", "the next try is for the one put off");
}

int
main(void)
{
    check_forms();
    check_trouble();
    check_plugins();
    check_recipients();
    return done_testing();
}
