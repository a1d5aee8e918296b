/* Exim lines: framing, one row per thing a line can say, and what must not be read as one. */
#include "exim_items.h"
#include "log_exim.h"
#include "tap.h"

extern const struct format format_exim;

/* want: "kind[/result][@stage][!flag,...] field=value; field=value"; every field named must be so, "field=" must be empty. */
static const struct {
    const char *text, *want;
} rows[] = {
    { "1xUtIx-00000d-22 <= user1@alpha.example H=out.alpha.example [192.0.2.25] P=esmtps "
      "X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no S=2061 DKIM=alpha.example "
      "id=0009@laptop.example",
      "arrival queue_id=1xUtIx-00000d-22; mail_from=user1@alpha.example; client_name=out.alpha.example; "
      "client_ip=192.0.2.25; helo=; protocol=esmtps; tls_version=TLSv1.3; "
      "tls_cipher=ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM; tls_verified=no; size=2061; "
      "domain=alpha.example; "
      "message_id=0009@laptop.example; action=" },
    { "1xUtIx-000000003vi-22ab <= a@b.example H=(h) [2001:db8::1]:4711 P=esmtpsa X=TLSv1:AES256-SHA:256* "
      "A=plain:u@b.example "
      "S=1 T=\"a \\\"b\\\" for c\" from <x@b.example> for one@c.example two@c.example three@c.example",
      "arrival queue_id=1xUtIx-000000003vi-22ab; client_ip=2001:db8::1; client_port=4711; client_name=; "
      "helo=h; "
      "auth_user=u@b.example; method=plain; tls_version=TLSv1; tls_cipher=AES256-SHA; subject=a \"b\" for c; "
      "nrcpt=3" },
    { "1xUtJA-000027-2C <= <> R=1xUtJA-00001v-1U U=Debian-exim P=local S=2991",
      "arrival mail_from=; action=bounce; detail=1xUtJA-00001v-1U; uid=Debian-exim; protocol=local; "
      "size=2991" },
    { "1xUtJA-000027-2C <= <> H=mx.example [192.0.2.1] P=esmtp S=5 X=AES256-SHA:256 id=x@y",
      "arrival mail_from=; action=; client_ip=192.0.2.1; tls_version=; tls_cipher=AES256-SHA; "
      "message_id=x@y" },
    { "1xUtJA-000027-2C <= \"a b\"@c.example U=root P=local S=5",
      "arrival mail_from=\"a b\"@c.example; uid=root; size=5" },
    { "1xUtIx-00000d-22 => user1 <user1@mxa.example> R=known_user T=maildir",
      "attempt/sent!local recipient=user1@mxa.example; orig_recipient=; user=user1; via=known_user/maildir; "
      "status==>" },
    { "1xUtJ9-00001e-2k => u2@mxb.example <fwd@mxa.example> R=outside T=remote_smtp H=mx1.mxb.example "
      "[2001:db8::32] "
      "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN=\"CN=a, O=b: c\" K C=\"250 2.0.0 Ok: 2111 bytes queued "
      "as 4jX5yl6j46z1djqm\"",
      "attempt/sent recipient=u2@mxb.example; orig_recipient=fwd@mxa.example; relay_name=mx1.mxb.example; "
      "relay_ip=2001:db8::32; reply=250 2.0.0 Ok: 2111 bytes queued as 4jX5yl6j46z1djqm; code=250; "
      "enhanced=2.0.0; "
      "next_queue_id=4jX5yl6j46z1djqm; via=outside/remote_smtp; tls_verified=yes" },
    { "1xUtJ9-00001e-2k -> a@b.example R=r T=t H=mx [192.0.2.9]:2525* C=\"250 ok \\\"x\\\" \\\\\" "
      "QT=1d2h3m4s DT=2s",
      "attempt/sent relay_port=2525; reply=250 ok \"x\" \\; delay=93784; status=->" },
    { "1xUtJ9-00001e-2k => a@b.example R=r T=t H=mx [192.0.2.9] DT=0.120s", "attempt/sent delay=0.120" },
    { "1xUtJ9-00001e-2k => A@b.example <a@b.example> R=r T=t",
      "attempt/sent!local recipient=A@b.example; orig_recipient=" },
    { "1xUtJG-00003J-15 => :blackhole: <void@mxa.example> R=aliases",
      "attempt/discarded recipient=void@mxa.example; via=aliases" },
    { "1xUtJG-00003I-0a => blackhole (RCPT ACL discarded recipients)",
      "attempt/discarded!discarded recipient=; reply=RCPT ACL discarded recipients" },
    { "1xUtJG-00003I-0a => /dev/null <a@b.example> R=r T=**bypassed**",
      "attempt/discarded recipient=a@b.example" },
    { "1xUtJG-00003I-0a => /var/mail/x y/z <a@b.example> R=r T=f",
      "attempt/sent!local mailbox=/var/mail/x y/z" },
    { "1xUtJA-00001v-1U ** u2@mxb.example <fwd@mxa.example> R=outside T=remote_smtp H=mx1 [2001:db8::32] "
      "X=TLS1.3:Y:256 "
      "CV=yes DN=\"CN=x: y\": SMTP error from remote mail server after pipelined end of data: 550 5.7.1 "
      "rejected by policy",
      "attempt/bounced@data recipient=u2@mxb.example; orig_recipient=fwd@mxa.example; phase=end of DATA; "
      "code=550; "
      "enhanced=5.7.1; reply=550 5.7.1 rejected by policy; tls_version=TLSv1.3; relay_ip=2001:db8::32" },
    { "1xUtJA-00001v-1U ** full@mxa.example: retry timeout exceeded",
      "attempt/expired recipient=full@mxa.example; reply=retry timeout exceeded" },
    { "1xUtJA-00001v-1U ** a@b.example R=r T=t H=mx [192.0.2.1]: SMTP error from remote mail server after "
      "RCPT TO:<a@b.example>: "
      "452 4.2.2 full: retry timeout exceeded",
      "attempt/expired@envelope code=452; enhanced=4.2.2; phase=RCPT TO; reply=452 4.2.2 full: retry timeout "
      "exceeded" },
    { "1xUtJA-00001v-1U ** a@b.example R=r T=t: host mx.b.example [192.0.2.7]: 550 no",
      "attempt/bounced relay_name=mx.b.example; relay_ip=192.0.2.7; code=550; reply=550 no" },
    { "1xUtJG-00003M-2X == full@mxa.example R=known_user T=maildir defer (-22): mailbox is full (quota: 1)",
      "attempt/deferred recipient=full@mxa.example; reply=mailbox is full (quota: 1); "
      "via=known_user/maildir; status===" },
    { "1xUtJG-00003M-2X == full@mxa.example R=known_user T=maildir defer (-53): Retry time not yet reached",
      "attempt/deferred action=not-tried" },
    { "1xUtJG-00003M-2X == a@b.example <o@c.example> R=r T=t defer (111): Connection refused H=mx "
      "[192.0.2.1]:25 DT=1s",
      "attempt/deferred orig_recipient=o@c.example; reply=Connection refused; relay_ip=192.0.2.1; "
      "relay_port=25; delay=1" },
    { "1xUtJG-00003M-2X == a@b.example R=r T=t defer (110): Connection timed out",
      "attempt/deferred reply=Connection timed out; relay_ip=" },
    { "1xUtJG-00003M-2X Completed", "removal!removed queue_id=1xUtJG-00003M-2X" },
    { "1xUtJG-00003M-2X Frozen (delivery error message)",
      "removal!held action=hold; detail=(delivery error message)" },
    { "1xUtJG-00003M-2X Unfrozen by errmsg timer", "removal!released action=release" },
    { "1xUtJG-00003M-2X removed by root", "removal!deleted user=root" },
    { "1xUtJG-00003M-2X cancelled by system filter: not here",
      "attempt/bounced reply=cancelled by system filter: not here" },
    { "1xUtJG-00003M-2X Delivery deferred by system filter",
      "attempt/deferred reply=Delivery deferred by system filter" },
    { "1xUtJG-00003M-2X Error in system filter: unknown command",
      "attempt/deferred reply=Error in system filter: unknown command" },

    { "1xUtJG-00003M-2X cancelled by timeout_frozen_after", "notification!expired action=expired" },
    { "1xUtJU-00003V-0A H=out.example [192.0.2.25] Warning: DKIM invalid d=beta.example s=broken "
      "pubkey_dns_syntax",
      "auth method=dkim; domain=beta.example; selector=broken; result=permerror; reason=pubkey_dns_syntax" },
    { "1xUtJU-00003V-0A DKIM: d=beta.example s=k c=relaxed/relaxed a=rsa-sha256 b=2048 [invalid - public key "
      "record unavailable]",
      "auth result=permerror; reason=public key record unavailable" },
    { "H=out.example [192.0.2.25] X=TLS1.3:Y:256 CV=no F=<user1@alpha.example> rejected RCPT "
      "<nobody@mxa.example>: Unrouteable address",
      "refusal@envelope action=reject; mail_from=user1@alpha.example; recipient=nobody@mxa.example; code=; "
      "queue_id=; "
      "reply=Unrouteable address; client_ip=192.0.2.25" },
    { "H=(x) [192.0.2.25] F=<> temporarily rejected RCPT <a@b.example>: later",
      "refusal@envelope action=defer; mail_from=; recipient=a@b.example; helo=x" },
    { "1xUtJG-00003H-07 F=a@b.example H=out.example [192.0.2.25] P=smtp rejected by local_scan(): Rejected: "
      "hits=7.5 required=5.0",
      "refusal@data!refused queue_id=1xUtJG-00003H-07; client_name=out.example; client_ip=192.0.2.25; "
      "mail_from=a@b.example; reply=Rejected: hits=7.5 required=5.0" },
    { "1xUtJG-00003H-07 H=out.example [192.0.2.25] F=<a@b.example> rejected after DATA: 554 5.7.1 no: never",
      "refusal@data!refused queue_id=1xUtJG-00003H-07; code=554; enhanced=5.7.1; reply=554 5.7.1 no: never" },
    { "H=out.example [192.0.2.25] F=<a@b.example> RCPT <c@d.example>: discarded by RCPT ACL: policy",
      "refusal@envelope action=discard; recipient=c@d.example; reply=policy" },
    { "login authenticator failed for host.example (User) [192.0.2.3]: 535 Incorrect authentication data "
      "(set_id=bob)",
      "refusal@submission client_name=host.example; helo=User; client_ip=192.0.2.3; auth_user=bob; code=535; "
      "method=login" },
    { "1xUtJG-00003H-07 H=mx.example [192.0.2.40] Connection refused",
      "session!tried relay_name=mx.example; relay_ip=192.0.2.40; reply=Connection refused; client_ip=" },
    { "no host name found for IP address 192.0.2.66", "ignored" },
    { "exim 4.96 daemon started: pid=31, -q10s, listening for SMTP on port 25", "ignored" },
    /* what looks near */
    { "1xUtJG-00003H-07 is what somebody wrote", "ignored" }, /* an ACL's logwrite */
    { "1xUtJG-00003H-07 was rejected, wrote somebody", "reject" },
    { "1xUtJG-00003H-0 Completed", "reject" },
    { "Completed", "reject" },
    { "1xUtJG-00003H-07", "reject" },
    { "1xUtJG-00003H-07 ", "reject" },
    { "1xUtJG-00003H-07 ** ", "reject" },
    { "1xUtJG-00003H-07 == a@b.example", "reject" },
    { "1xUtJG-00003H-07 => ", "reject" },
    { "H=", "reject" },
    { "H=(", "reject" },
    { "H=x [192.0.2.1", "reject" },
    { "P Received: from x", "reject" }, /* a header where a stamp stood */
    { "", "reject" },
};

static const struct {
    const char *word;
    unsigned flag;
} flag_words[] = {
    { "local", EVENT_LOCAL },     { "discarded", EVENT_DISCARDED },     { "removed", EVENT_FINAL_REMOVAL },
    { "held", EVENT_HELD },       { "released", EVENT_RELEASED },       { "deleted", EVENT_DELETED },
    { "expired", EVENT_EXPIRED }, { "refused", EVENT_MESSAGE_REFUSED }, { "tried", EVENT_TRIED },
};

/* The head of want as the event would write it. */
static str
head_of(struct arena *a, const struct event *e)
{
    str s = event_kind_word(e->kind);
    if (e->result)
        s = arena_join(a, s, S("/"), attempt_result_word(e->result));
    if (e->stage)
        s = arena_join(a, s, S("@"), stage_word(e->stage));
    for (size_t i = 0; i < sizeof flag_words / sizeof *flag_words; i++)
        if (e->flags & flag_words[i].flag)
            s = arena_join(a, s, S("!"), str_from(flag_words[i].word));
    return s;
}

static void
check_row(struct arena *a, str text, str want)
{
    struct line line = { .whole = text, .text = text, .at = 1 };
    struct event e = { .at = 1 };
    format_exim.parse(&line, &e);
    struct str_cut head = str_cut(want, ' ');
    str got = head_of(a, &e);
    bool good = str_eq(got, head.head);
    str wrong = got;
    for (str rest = head.tail; good && rest.n;) {
        struct str_cut pair = str_cut_str(rest, S("; "));
        struct str_cut kv = str_cut(pair.head, '=');
        enum event_field f = event_field_from(kv.head);
        if (f == FIELD_COUNT || !str_eq(e.field[f], kv.tail)) {
            good = false;
            wrong = f == FIELD_COUNT ? kv.head : arena_join(a, kv.head, S("="), e.field[f]);
        }
        rest = pair.tail;
    }
    ok(good, "%.*s", (int)(text.n < 90 ? text.n : 90), text.p);
    if (!good)
        printf("#      got: %.*s\n#   wanted: %.*s\n", PRSTR(wrong), PRSTR(want));
}

static void
test_frames(void)
{
    static const struct {
        const char *whole, *text;
        long long pid;
        int offset_s;
        bool zoned, ok;
    } frames[] = {
        { "2026-11-21 17:11:31 1xUtIx-00000d-22 Completed", "1xUtIx-00000d-22 Completed", 0, 0, false, true },
        { "2026-11-21 17:11:31.137 [815] Start queue run: pid=815", "Start queue run: pid=815", 815, 0, false,
          true },
        { "2026-11-21 17:11:31.137 -0530 [9] x", "x", 9, -19800, true, true },
        { "2026-11-21 17:11:31 +0200 x", "x", 0, 7200, true, true },
        { "2026-11-21 17:11:31 [192.0.2.1] x", "[192.0.2.1] x", 0, 0, false, true },
        { "2026-11-21T17:11:31 x", "", 0, 0, false, false },
        { "2026-11-21 17:11:31Z x", "", 0, 0, false, false },
        { "2026-13-21 17:11:31 x", "", 0, 0, false, false },
        { "2026-11-21 17:11:31", "", 0, 0, false, false },
        { "\tby mx1.example.com", "", 0, 0, false, false },
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct line line = { 0 };
        struct civil civil = { 0 };
        bool zoned = false;
        int offset = 0;
        bool good = exim_frame(str_from(frames[i].whole), &line, &civil, &zoned, &offset);
        ok(good == frames[i].ok &&
               (!good || (str_eq(line.text, str_from(frames[i].text)) && line.pid == frames[i].pid &&
                          zoned == frames[i].zoned && offset == frames[i].offset_s && civil.year == 2026)),
           "frame: %s", frames[i].whole);
    }
}

/* In syslog the stamp may stand twice, and a long line comes in pieces. */
static void
test_syslog(void)
{
    static const struct {
        const char *text;
        enum event_kind kind;
        long long pid;
    } lines[] = {
        { "2026-11-21 17:11:31 1xUtIx-00000d-22 Completed", EVENT_REMOVAL, 0 },
        { "2026-11-21 17:11:31.001 +0100 [77] 1xUtIx-00000d-22 Completed", EVENT_REMOVAL, 77 },
        { "1xUtIx-00000d-22 Completed", EVENT_REMOVAL, 0 },
        { "[1\\2] 2026-11-21 17:11:31 1xUtIx-00000d-22 Completed", EVENT_REMOVAL, 0 },
        { "[2\\2] 1xUtIx-00000d-22 Completed", EVENT_IGNORED, 0 },
        { "[2/3] P Received: from x", EVENT_IGNORED, 0 },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct line line = { .program = S("exim"), .text = str_from(lines[i].text), .at = 1 };
        struct event e = { 0 };
        format_exim.parse(&line, &e);
        ok(e.kind == lines[i].kind && e.pid == lines[i].pid, "syslog: %s", lines[i].text);
    }
    static const char *const dump[] = { "P Received: from x", "\tby mx1.example.com", "  Subject: x",
                                        "Envelope-to: <a@b>", " folded bytes==",      "-----------" };
    for (size_t i = 0; i < sizeof dump / sizeof *dump; i++) {
        struct line line = { .whole = str_from(dump[i]), .text = str_from(dump[i]), .at = WHEN_NONE };
        struct event e = { 0 };
        format_exim.parse(&line, &e);
        ok(e.kind == EVENT_IGNORED && e.why, "shown header: %s", dump[i]);
    }
}

static void
test_recognise(void)
{
    static const struct {
        const char *head;
        int atleast, atmost;
    } heads[] = {
        { "2026-11-21 17:11:31 1xUtIx-00000d-22 Completed\n", 90, 100 },
        { "user1@mxa.example R=r T=t\n2026-11-21 17:11:31 1xUtIx-00000d-22 Completed\n", 90, 100 },
        { "\tby mx\n  Subject: x\n2026-11-21 17:11:31 H=x [192.0.2.1] F=<> rejected RCPT <a@b>: no\n", 90,
          100 },
        { "Nov 21 22:11:31 mx exim4[7]: 1xUtIx-00000d-22 Completed\n", 90, 100 },
        { "2026-11-21 17:11:31 INFO server started\n", 0, 0 },
        { "2026-11-21 17:11:31 status installed exim4:amd64 4.96\n", 0, 0 },
        { "Received: from x\nSubject: y\n\n2026-11-21 17:11:31 1xUtIx-00000d-22 Completed\n", 0, 0 },
        { "Nov 21 22:11:31 mx postfix/smtpd[7]: connect from x[192.0.2.1]\n", 0, 0 },
        { "From a@b Sat Nov 21 22:11:31 2026\n", 0, 0 },
        { "", 0, 0 },
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        int sure = format_exim.recognise(str_from(heads[i].head), true);
        ok(sure >= heads[i].atleast && sure <= heads[i].atmost, "head %zu is recognised as %d", i + 1, sure);
    }
}

static void
test_seconds(void)
{
    static const char *const times[][2] = { { "0s", "0" },
                                            { "3m", "180" },
                                            { "1w1d1h1m1s", "694861" },
                                            { "1m0.250s", "60.250" },
                                            { "3", "" },
                                            { "x", "" },
                                            { "1s2", "" },
                                            { "1.5m", "" },
                                            { "", "" } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        exim_items_reset();
        is_str(exim_seconds(str_from(times[i][0])), times[i][1], times[i][0]);
    }
}

/* Exim makes a line in a buffer of 8 KiB; what is much longer is not read, however cheap. */
static void
test_long(void)
{
    enum { LONG = 20000 };
    static char text[LONG] = "1xUtIx-00000d-22 ** ";
    memset(text + 20, '"', sizeof text - 20);
    for (size_t n = 8192; n <= LONG; n += LONG - 8192) {
        struct line line = { .text = str_of(text, n), .at = 1 };
        struct event e = { 0 };
        format_exim.parse(&line, &e);
        ok(e.kind == EVENT_REJECT && e.why, "a line of %zu bytes of nonsense is rejected", n);
    }
}

int
main(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&a, str_from(rows[i].text), str_from(rows[i].want));
    test_frames();
    test_syslog();
    test_recognise();
    test_seconds();
    test_long();
    arena_free(&a);
    return done_testing();
}
