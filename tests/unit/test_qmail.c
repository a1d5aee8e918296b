/* qmail: stamps, what deliveries say, and numbers that are given out again. */
#include "log_qmail.h"
#include "tap.h"

extern const struct format format_qmail;

static void
check_stamps(void)
{
    static const struct {
        const char *in;
        when want;
        const char *text;
    } rows[] = {
        { "@400000006b0000000773593f new msg 5", INT64_C(1795162102124999), "new msg 5" },
        { "1795132800.000001 new msg 5", INT64_C(1795132800000001), "new msg 5" },
        { "2026-11-20 08:00:00.123456789 end msg 5", INT64_C(1795161600123456), "end msg 5" },
        { "@40000000ffffffffffffffff x", WHEN_NONE, "" },
        { "@4000000 x", WHEN_NONE, "" },
        { "2026-11-20 08:00:00 1tEx4m-000000-00 Completed", WHEN_NONE, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line line = { 0 };
        struct civil civil = { 0 };
        bool zoned;
        int offset_s;
        bool framed = qmail_frame(str_from(rows[i].in), &line, &civil, &zoned, &offset_s);
        when at = framed ? when_from_civil(civil) : WHEN_NONE;
        ok(at == rows[i].want, "stamp %s (%lld)", rows[i].in, (long long)at);
        is_str(line.text, rows[i].text, rows[i].in);
    }
}

/* Where a refusal of SPAMCONTROL's stands. */
static void
check_spamcontrol(void)
{
    static const struct {
        const char *begin;
        enum stage stage;
        const char *action;
    } rows[] = {
        { "Reject::RCPT::Failed_Rcptto", STAGE_ENVELOPE, "reject" },
        { "Reject::DATA::Bad_MIME", STAGE_DATA, "reject" },
        { "Reject::SNDR::Bad_Helo", STAGE_HELO, "reject" },
        { "Reject::AUTH::plain", STAGE_SUBMISSION, "auth-failure" },
        { "Deferred::RCPT::Greylisted", STAGE_ENVELOPE, "defer" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s: P:ESMTP S:192.0.2.1:h.example H:h F:a@x.example T:b@y.example",
                 rows[i].begin);
        struct line line = { .whole = str_from(text), .text = str_from(text), .at = WHEN_NONE };
        struct event e = { .text = line.text, .at = WHEN_NONE };
        format_qmail.parse(&line, &e);
        ok(e.kind == EVENT_REFUSAL && e.stage == rows[i].stage, "the stage of %s", rows[i].begin);
        is_str(EV(&e, ACTION), rows[i].action, rows[i].begin);
    }
}

static void
check_reports(void)
{
    static const struct {
        const char *status, *in, *ip, *reply, *enhanced;
        enum attempt_result result;
    } rows[] = {
        { "success", "192.0.2.1_accepted_message./Remote_host_said:_250_2.0.0_ok_queued_as_AB12CD/",
          "192.0.2.1", "250 2.0.0 ok queued as AB12CD", "2.0.0", RESULT_SENT },
        { "failure",
          "192.0.2.1_does_not_like_recipient./Remote_host_said:_550_<a_b@x.example>_unknown/"
          "Giving_up_on_192.0.2.1./",
          "192.0.2.1", "550 <a_b@x.example> unknown", "", RESULT_BOUNCED },
        { "deferral", "Connected_to_192.0.2.1_but_greeting_failed./Remote_host_said:_421_busy/", "192.0.2.1",
          "421 busy", "", RESULT_DEFERRED },
        { "deferral", "CNAME_lookup_failed_temporarily._(#4.4.3)/", "",
          "CNAME lookup failed temporarily. (#4.4.3)", "4.4.3", RESULT_DEFERRED },
        { "failure", "x._(#4.4.1)/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./",
          "", "x. (#4.4.1)/I'm not going to try again; this message has been in the queue too long.", "4.4.1",
          RESULT_EXPIRED },
        { "success", "2001:db8::1_accepted_message./Remote_host_said:_250_ok/", "2001:db8::1", "250 ok", "",
          RESULT_SENT },
        { "success",
          "User_and_password_not_set,_continuing_without_authentication./<a@x.example>_192.0.2.9_"
          "accepted_message./Remote_host_said:_250_ok/",
          "192.0.2.9", "250 ok", "", RESULT_SENT },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event e = { 0 };
        EV(&e, STATUS) = str_from(rows[i].status);
        EV(&e, VIA) = S("remote");
        qmail_report(&e, qmail_words(str_from(rows[i].in), &a), &a);
        ok(e.result == rows[i].result, "%s: result", rows[i].in);
        is_str(EV(&e, RELAY_IP), rows[i].ip, rows[i].in);
        is_str(EV(&e, REPLY), rows[i].reply, rows[i].in);
        is_str(EV(&e, ENHANCED), rows[i].enhanced, rows[i].in);
    }
    arena_free(&a);
}

static struct event
parse(const char *text, when at)
{
    struct line line = { .text = str_from(text), .whole = str_from(text), .at = at };
    struct event e = { .at = at };
    format_qmail.parse(&line, &e);
    return e;
}

static void
check_numbers(void)
{
    when t = INT64_C(1795161600) * WHEN_SECOND;
    parse("starting delivery 7: msg 100 to remote a@x.example", t);
    parse("starting delivery 8: msg 101 to local x.example-b@x.example", t);
    struct event e = parse("delivery 7: success: 192.0.2.1_accepted_message./Remote_host_said:_250_ok/", t);
    is_str(EV(&e, QUEUE_ID), "100", "a delivery's message");
    is_str(EV(&e, RECIPIENT), "a@x.example", "a delivery's recipient");
    e = parse("delivery 8: success: did_0+1+0/qp_55/", t);
    is_str(EV(&e, ORIG_RECIPIENT), "b@x.example", "without the virtual domain's prefix");
    ok((e.flags & EVENT_LOCAL) == 0, "what is forwarded is not stored");
    e = parse("info msg 102: bytes 5 from <c@x.example> qp 55 uid 1", t);
    is_str(EV(&e, ORIG_QUEUE_ID), "101", "a forwarded message knows the one it was");
    parse("bounce msg 100 qp 56", t);
    e = parse("info msg 103: bytes 5 from <> qp 56 uid 1", t);
    is_str(EV(&e, DETAIL), "100", "a bounce knows what it is about");
    e = parse("delivery 7: success: did_1+0+0/", t + 3 * WHEN_HOUR);
    is_str(EV(&e, QUEUE_ID), "", "a number of long ago is another one");
    e = parse("new msg of mine", t);
    ok(e.kind == EVENT_REJECT, "what begins like qmail's lines and goes on otherwise is rejected");
    e = parse("/var/qmail/bin/qmail-smtpd: error while loading shared libraries", t);
    ok(e.kind == EVENT_IGNORED, "what speaks of no message is ignored");
}

int
main(void)
{
    check_stamps();
    check_reports();
    check_spamcontrol();
    check_numbers();
    return done_testing();
}
