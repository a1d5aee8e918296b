/* Recorded authentication, spam verdicts and placement, as receivers write them. */
#include <math.h>

#include "authres.h"
#include "buf.h"
#include "folder.h"
#include "message_read.h"
#include "placement.h"
#include "spam_headers.h"
#include "tap.h"

static struct arena arena;

static const struct {
    const char *in, *want; /* "id/version: method=result (reason) name=value ...; ..." */
} rows[] = {
    { " mx.example; spf=pass smtp.mailfrom=d.example", "mx.example/1: spf=pass () smtp.mailfrom=d.example;" },
    { "mx.example 1; none", "mx.example/1:" },
    { "mx.example 2;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=d.example "
      "header.b=\"gUHr\";\r\n\tdkim-atps=neutral",
      "mx.example/2: dkim=pass () header.d=d.example header.b=gUHr; dkim-atps=neutral ();" },
    { "mx.example; dkim=fail reason=\"bad; signature\" header.d=d",
      "mx.example/1: dkim=fail (bad; signature) header.d=d;" },
    { "mx.example; dkim/1 = fail (no key) header.d = d", "mx.example/1: dkim=fail (no key) header.d=d;" },
    { "mx.example; DKIM=Pass Header.D=D.example", "mx.example/1: dkim=pass () header.d=D.example;" },
    { "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=d.example; dkim=none (message not signed) "
      "header.d=none;dmarc=bestguesspass action=none header.from=d.example;compauth=pass reason=109",
      "/1: spf=pass () smtp.mailfrom=d.example; dkim=none (message not signed) header.d=none; "
      "dmarc=bestguesspass () action=none header.from=d.example; compauth=pass (109);" },
    { "mx.example; mx.example; spf=none;", "mx.example/1: spf=none ();" },
    { "mx.example; spf=pass smtp.mailfrom=<j@d.example>; iprev=pass (h.example) smtp.remote-ip=2001:db8::1",
      "mx.example/1: spf=pass () smtp.mailfrom=j@d.example; iprev=pass () smtp.remote-ip=2001:db8::1;" },
    { "mx.example from=d.example; domainkeys=neutral (no sig); from=d.example; dkim=pass (ok)",
      "mx.example/1: domainkeys=neutral (no sig); dkim=pass ();" },
    { "mx.example spf=pass smtp.helo=h", "mx.example/1: spf=pass () smtp.helo=h;" },
    { "\"mx example\"; auth=pass smtp.auth=\"j doe\"", "mx example/1: auth=pass () smtp.auth=j doe;" },
    /* white space and comments wherever the grammar has them */
    { "mx.example; dkim (c) / (d) 1 = pass header (e) . (;=)d (f)=\r\n d.example(g) header.\tb = \"q\"",
      "mx.example/1: dkim=pass () header.d=d.example header.b=q;" },
    { "mx.example; spf=pass smtp.mailfrom=\"j d\"@d.example smtp.helo=h.example(x);auth=none",
      "mx.example/1: spf=pass () smtp.mailfrom=\"j d\"@d.example smtp.helo=h.example; auth=none ();" },
    /* comments and values chosen by strangers */
    { "mx.example; dkim=pass header.d=d.example(.bank.example header.s=s); spf=none",
      "mx.example/1: dkim=pass () header.d=d.example(.bank.example header.s=s); spf=none ();" },
    { "mx.example; dkim=fail header.d=evil.example(.bank.example; spf=pass",
      "mx.example/1: dkim=fail () header.d=evil.example(.bank.example; spf=pass ();" },
    { "mx.example; spf=fail (x; dkim=pass header.d=bank.example) smtp.mailfrom=e",
      "mx.example/1: spf=fail (x; dkim=pass header.d=bank.example) smtp.mailfrom=e;" },
    { "mx.example; spf=fail (open; dkim=pass header.d=bank.example",
      "mx.example/1: spf=fail (open; dkim=pass header.d=bank.example);" },
    { "mx.example; =; ; spf; spf=", "mx.example/1:" },
    { "", "/1:" },
};

static str
flat(const struct auth_results *r)
{
    struct buf b = { 0 };
    buf_printf(&b, "%.*s/%d:", PRSTR(r->authserv_id), r->version);
    for (size_t i = 0; i < r->nresults; i++) {
        const struct auth_recorded *a = &r->results[i];
        buf_printf(&b, " %.*s=%.*s (%.*s)", PRSTR(a->method), PRSTR(a->result), PRSTR(a->reason));
        for (size_t k = 0; k < a->nproperties; k++)
            buf_printf(&b, " %.*s=%.*s", PRSTR(a->properties[k].name), PRSTR(a->properties[k].value));
        buf_char(&b, ';');
    }
    str s = arena_copy(&arena, buf_str(&b));
    buf_free(&b);
    return s;
}

static void
test_spf(void)
{
    static const struct {
        const char *in, *want;
    } spf[] = {
        { "Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=h.example; "
          "envelope-from=j@d.example; receiver=mx.example ",
          "mx.example/1: spf=pass () identity=mailfrom client-ip=192.0.2.1 smtp.helo=h.example "
          "smtp.mailfrom=j@d.example receiver=mx.example;" },
        { "softfail (mx.example: transitioning domain of j@d.example) client-ip=192.0.2.1;",
          "mx.example/1: spf=softfail (mx.example: transitioning domain of j@d.example) "
          "client-ip=192.0.2.1;" },
        { "none client-ip=192.0.2.1 envelope-from=\"j d@x\" helo=h",
          "/1: spf=none () client-ip=192.0.2.1 smtp.mailfrom=j d@x smtp.helo=h;" },
    };
    struct auth_results r;
    for (size_t i = 0; i < sizeof spf / sizeof *spf; i++) {
        received_spf_parse(&arena, str_from(spf[i].in), &r);
        is_str(flat(&r), spf[i].want, "Received-SPF");
    }
    ok(!received_spf_parse(&arena, S(""), &r) && !received_spf_parse(&arena, S("a=b"), &r),
       "no result, no Received-SPF");
}

static void
test_order(void)
{
    struct message m;
    message_parse_headers(&m, &arena,
                          S("Received-SPF: pass\nARC-Authentication-Results: i=2; a.example; arc=pass\n"
                            "Subject: x\nAuthentication-Results: b.example; none\n"
                            "Authentication-Results:\n\n"));
    authres_read(&m, &arena);
    ok(m.nrecorded == 3 && m.recorded[0].raw_index == 0 && m.recorded[1].raw_index == 1 &&
           m.recorded[2].raw_index == 3,
       "results stand in header order");
    is_str(m.recorded[1].authserv_id, "a.example", "ARC's field names its server behind i=");
    is_int(m.recorded[1].instance, 2, "ARC's instance");
    is_str(m.recorded[1].header, "ARC-Authentication-Results", "each says which field it was");
    ok(m.nproblems == 1 && !m.recorded[2].trusted, "an empty field is a problem, and nothing is trusted");
    message_parse_headers(&m, &arena, S("X-AUTH-Result: FAIL\nX-SID-Result: NONE\n\n"));
    authres_read(&m, &arena);
    ok(m.nrecorded == 2, "words of Outlook.com");
    is_str(m.recorded[0].results[0].method, "x-auth-result", "of all methods in one");
    is_str(m.recorded[0].results[0].result, "fail", "its result");
}

static void
test_original_arrival(void)
{
    static const struct {
        const char *in, *want;
    } fields[] = {
        { "X-MS-Exchange-Organization-OriginalArrivalTime: 21 Nov 2026 10:00:00.1234\n (UTC)\n",
          "2026-11-21T10:00:00.123400Z" },
        { "X-OriginalArrivalTime: 1 Nov 2026 10:00:00.0005 (UTC) FILETIME=[00000000:01DB0000]\n",
          "2026-11-01T10:00:00.000500Z" },
        { "X-MS-Exchange-CrossTenant-OriginalArrivalTime: 21 Nov 2026 10:00:00 +0000\n",
          "2026-11-21T10:00:00Z" },
        { "X-OriginalArrivalTime: soon\n", "" },
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct message m;
        message_parse(&m, &arena, str_from(fields[i].in));
        str got = m.original_arrival == WHEN_NONE ? S("") : when_format(&arena, m.original_arrival);
        is_str(got, fields[i].want, fields[i].in);
    }
}

/* Dates and return paths in the forms that the world has. */
static void
test_own_fields(void)
{
    static const struct {
        const char *date, *want;
    } dates[] = {
        { "Sat, 21 Nov 2026 10:00:00 +0100", "2026-11-21T09:00:00Z" },
        { "Sat Nov 21 10:00:00 2026", "2026-11-21T10:00:00Z" },
        { "Sat Nov 21 10:00:00 EST 2026", "2026-11-21T15:00:00Z" },
        { "2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00Z" },
        { "2026-11-21 10:00:00 +0100", "2026-11-21T09:00:00Z" },
        { "yesterday", "" },
        { "Sat, 29 Feb 2027 10:00:00 +0000", "" },
    };
    static const struct {
        const char *path, *want;
    } paths[] = {
        { "<a@example.com>", "a@example.com" },
        { "<>", "" },
        { "a@example.com", "a@example.com" },
        { "<\"a>b\"@example.com>", "\"a>b\"@example.com" },
        { "<\"a b\"@example.com>", "\"a b\"@example.com" },
        { "<@one.example,@two.example:a@example.com>", "a@example.com" },
    };
    struct message m;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        message_parse(&m, &arena, arena_printf(&arena, "From: a@example.com\nDate: %s\n\n", dates[i].date));
        is_str(m.date == WHEN_NONE ? S("") : when_format(&arena, m.date), dates[i].want, dates[i].date);
        ok((m.nproblems == 0) == (i == 0), "  other forms are told of");
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        message_parse(&m, &arena, arena_printf(&arena, "Return-Path: %s\n\n", paths[i].path));
        is_str(m.return_path, paths[i].want, paths[i].path);
    }
}

static const struct {
    const char *in, *want; /* "engine verdict score/required tests" */
} spam[] = {
    { "X-Spam-Status: No, score=-1.2 required=5.0 tests=A,B=-0.1,\n\tC autolearn=ham version=3.4",
      "SpamAssassin ham -1.2/5 A,B=-0.1,C" },
    { "X-Spam-Status: Yes, hits=7.5 required=5 tests=A", "SpamAssassin spam 7.5/5 A" },
    { "X-Spam-Flag: YES\nX-Spam-Score: 9.1", "SpamAssassin spam 9.1/nan " },
    { "X-Spam-Flag: NO\nX-Spam-Status: No, score=1.199 tagged_above=-999 required=6\n tests=[ALL_TRUSTED=-1, "
      "LONGWORDS=2.199] autolearn=disabled",
      "amavis ham 1.199/6 ALL_TRUSTED=-1,LONGWORDS=2.199" },
    { "X-Spamd-Result: default: False [7.20 / 15.00];\n\tSYM(0.10)[x,y];\n\tOTHER(1.00)[]\nX-Rspamd-Action: "
      "add header",
      "rspamd add header 7.2/15 SYM(0.10)[x,y];\tOTHER(1.00)[]" },
    { "X-Spamd-Result: default: True [20.0 / 15.0]", "rspamd reject 20/15 " },
    { "X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:US;SCL:5;SFV:SPM;H:x;CAT:SPOOF;SFS:(1)(2);DIR:INB",
      "Microsoft SPM 5/nan CAT:SPOOF" },
    { "X-Microsoft-Antispam: BCL:7;ARA:1|2", "Microsoft bulk  7/nan " },
    { "X-MS-Exchange-Organization-SCL: -1", "Microsoft  -1/nan " },
    { "X-Bogosity: Ham, tests=bogofilter, spamicity=0.001, version=1.2", "bogofilter ham 0.001/nan " },
    { "X-TM-AS-Result: No--8.069-5.0-31-10", "Trend Micro ham -8.069/5 " },
    { "X-TMASE-Result: 10--8.069400-10.000000", "Trend Micro  -8.0694/10 " },
    { "X-VR-SPAMSTATE: SPAM\nX-VR-SPAMSCORE: 300\nX-VR-SPAMCAUSE: "
      "gVhUgrhTgihSgtfJdPgsgpgagmfKdPghhUglgofMgmgxeNhUgxgagmgpglhU",
      "Vade spam 300/nan Verdict: spam; helo=mx.example" },
    { "X-Message-Delivery: Vj0xLjE7dXM9MDtsPTA7YT0wO0Q9MTtHRD0xO1NDTD0z",
      "Outlook.com  3/nan V=1.1;us=0;l=0;a=0;D=1;GD=1;SCL=3" },
    { "X-AOL-Global-Disposition: S", "AOL spam nan/nan " },
    { "X-Spam-Level: *****", "SpamAssassin  5/nan " },
    { "X-Spam-Level: 5 stars", "SpamAssassin  nan/nan " },
    { "X-Rspamd-Pre-Result: action=reject; module=greylist",
      "rspamd reject nan/nan action=reject; module=greylist" },
    { "X-MS-Exchange-Organization-PCL: 2", "Microsoft phishing  2/nan " },
    { "X-Mimecast-Bulk-Signature: yes", "Mimecast bulk spam nan/nan " },
    { "X-KLMS-AntiSpam-Status: not_detected\nX-KLMS-AntiSpam-Rate: 0", "Kaspersky ham 0/nan " },
    { "X-KSMG-AntiSpam-Status: not_scanned, allowlist", "Kaspersky not_scanned nan/nan " },
    { "X-IronPort-SBRS: -4.2\nX-SenderGroup: SUSPECTLIST", "Cisco reputation  -4.2/nan SUSPECTLIST" },
    { "X-MailFlowPolicy: $BLOCKED", "Cisco $BLOCKED nan/nan " },
    { "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0", "Proofpoint ham 0/nan " },
    { "X-Barracuda-Spam-Status: No, SCORE=3.1 using global scores of TAG_LEVEL=1 QUARANTINE_LEVEL=4 "
      "KILL_LEVEL=5.0 tests=A, B",
      "Barracuda ham 3.1/5 A,B" },
};

static const struct {
    const char *in, *want; /* "folder|verdict|by" */
} placements[] = {
    { "X-Gmail-Labels: Inbox,Opened,Category promotions", "Category promotions|category|Gmail" },
    { "X-Gmail-Labels: Spam,Category updates", "Spam|junk|Gmail" },
    { "X-Gmail-Labels: \"Work, old\",Inbox", "Inbox|inbox|Gmail" },
    { "X-Gmail-Labels: =?UTF-8?Q?Bo=C3=AEte_de_r=C3=A9ception?=", "Bo\xc3\xaete de r\xc3\xa9"
                                                                  "ception|inbox|Gmail" },
    { "X-Gmail-Labels: Sent", "||" },
    { "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;jmr:0;auth:0;dest:J;ENG:(1)",
      "Junk Email|junk|Microsoft" },
    { "X-Gmail-Labels: Archived,Opened", "Archived|stored|Gmail" },
    { "X-Gmail-Labels: Opened,\"My, Label\"", "My, Label|stored|Gmail" },
    { "X-Gmail-Labels: Sent,Opened", "||" },
    { "X-Gmail-Labels: Opened,Unread", "||" },
    { "X-Apple-Action: JUNK/Junk", "Junk|junk|Apple" },
    { "X-Apple-Action: MOVE_TO_FOLDER/INBOX", "INBOX|inbox|Apple" },
    { "X-Apple-Action: VACATION", "||" },
    { "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;dest:I;", "Inbox|inbox|Microsoft" },
    { "X-Microsoft-Antispam-Mailbox-Delivery: dest:", "||" },
    { "X-YahooFilteredBulk: 192.0.2.1", "Bulk|junk|Yahoo" },
    { "X-Pm-Spam-Action: phishing", "Spam|junk|Proton" },
    { "X-Apple-MoveToFolder: Archive/2026", "Archive/2026|stored|Apple" },
    { "X-Spam-Flag: YES", "||" },
};

static void
test_spam(void)
{
    for (size_t i = 0; i < sizeof spam / sizeof *spam; i++) {
        struct message m;
        message_parse_headers(&m, &arena, str_from(spam[i].in));
        spam_headers_read(&m, &arena);
        const struct spam_verdict *v = m.nspam ? &m.spam[0] : &(struct spam_verdict){ 0 };
        str got = arena_printf(&arena, "%.*s %.*s %g/%g %.*s", PRSTR(v->engine), PRSTR(v->verdict), v->score,
                               v->required, PRSTR(v->tests));
        is_str(got, spam[i].want, "spam verdict");
        is_int((long long)m.nspam, 1, "one entry an engine");
    }
    for (size_t i = 0; i < sizeof placements / sizeof *placements; i++) {
        struct message m;
        message_parse_headers(&m, &arena, str_from(placements[i].in));
        spam_headers_read(&m, &arena);
        is_str(arena_printf(&arena, "%.*s|%.*s|%.*s", PRSTR(m.placement_folder), PRSTR(m.placement_verdict),
                            PRSTR(m.placement_by)),
               placements[i].want, placements[i].in);
    }
    static const struct {
        const char *in, *want;
    } folders[] = { { "INBOX", "inbox" },         { ".Junk", "junk" }, { "[Gmail]/Spam", "junk" },
                    { "INBOX.Spam", "junk" },     { "Archive", "" },   { ".[Gmail].Spam", "junk" },
                    { "Promotions", "category" }, { "", "" } };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        is_str(folder_placement(str_from(folders[i].in)), folders[i].want, "folder");
    static const struct {
        const char *path, *folder, *mailbox;
    } paths[] = {
        { "seeds/ann@example.org/Junk/1.eml", "Junk", "ann@example.org" },
        { "seeds/ann@example.org/[Gmail]/Spam/1.eml", "Spam", "ann@example.org" },
        { "ann@example.org/Junk.mbox", "Junk", "ann@example.org" },
        { "/seeds/Newsletters/1.eml", "Newsletters", "" },
        { "./1.eml", "", "" },
        { "1.eml", "", "" },
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct placement_path p = placement_of_path(str_from(paths[i].path));
        is_str(p.folder, paths[i].folder, paths[i].path);
        is_str(p.mailbox, paths[i].mailbox, "  whose");
    }
}

int
main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_results r;
        authres_parse(&arena, str_from(rows[i].in), &r);
        is_str(flat(&r), rows[i].want, "Authentication-Results");
    }
    test_spf();
    test_order();
    test_original_arrival();
    test_own_fields();
    test_spam();
    arena_free(&arena);
    return done_testing();
}
