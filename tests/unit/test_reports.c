/* Reports in mails and files: each sample in one line of what matters, and single odd cases. */
#include <stdlib.h>

#include "buf.h"
#include "message_read.h"
#include "report.h"
#include "tap.h"
#include "tlsrpt_read.h"

struct told {
    struct sink sink;
    struct account account;
    struct buf text;
};

static bool
on_dsn(struct sink *s, const struct dsn *d)
{
    struct buf *b = &((struct told *)(void *)s)->text;
    buf_printf(b, "%s <%.*s>", d->form, PRSTR(d->original_message_id));
    for (size_t i = 0; i < d->nrecipients; i++) {
        const struct dsn_recipient *r = &d->recipients[i];
        buf_printf(b, "; %.*s %.*s %d %.*s", PRSTR(r->final_recipient), PRSTR(dsn_action_word(r->action)),
                   r->code, PRSTR(r->enhanced));
    }
    buf_char(b, '\n');
    return true;
}

static bool
on_feedback(struct sink *s, const struct feedback *f)
{
    buf_printf(&((struct told *)(void *)s)->text, "%s %.*s %.*s %.*s %.*s <%.*s>\n",
               f->is_failure ? "failure" : "complaint", PRSTR(f->feedback_type), PRSTR(f->source_ip),
               PRSTR(f->reported_domain), PRSTR(f->original_rcpt_to), PRSTR(f->original_message_id));
    return true;
}

static bool
on_tls(struct sink *s, const struct tls_report *r)
{
    struct buf *b = &((struct told *)(void *)s)->text;
    buf_printf(b, "tls %.*s %.*s", PRSTR(r->organization_name), PRSTR(r->report_id));
    for (size_t i = 0; i < r->npolicies; i++)
        buf_printf(b, "; %.*s %.*s %lld %lld %zu", PRSTR(r->policies[i].policy_type),
                   PRSTR(r->policies[i].mx_host), (long long)r->policies[i].successful_sessions,
                   (long long)r->policies[i].failed_sessions, r->policies[i].nfailures);
    buf_char(b, '\n');
    return true;
}

static bool
on_message(struct sink *s, const struct message *m, const struct message_source *from)
{
    (void)m, (void)from;
    buf_printf(&((struct told *)(void *)s)->text, "message\n");
    return true;
}

static bool
on_reject(struct sink *s, const struct reject *r)
{
    buf_printf(&((struct told *)(void *)s)->text, "reject %.*s\n", PRSTR(r->reason));
    return true;
}

static const struct sink_ops ops = {
    .dsn = on_dsn, .feedback = on_feedback, .tls_report = on_tls, .message = on_message, .reject = on_reject
};

static void
check(const char *what, struct source *s, const struct format *format, const char *want)
{
    struct told t = { .account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE } };
    struct ingest_options options = { .stored_at = WHEN_NONE };
    t.sink = (struct sink){ .ops = &ops, .account = &t.account };
    bool good = format && format->read(s, &options, &t.sink);
    uint64_t settled = t.account.recorded + t.account.rejected + t.account.ignored;
    ok(good && settled == s->offset, "%s: every byte is accounted for", what);
    is_str(buf_str(&t.text), want, what);
    buf_free(&t.text);
    source_close(s);
}

static const struct {
    const char *file, *want;
} samples[] = {
    { "dsn/communigate.eml",
      "communigate <order-24@example.com>; heidi@example.net failed 550 5.7.1\nmessage\n" },
    { "dsn/domino.eml", "domino <>; judy@example.net failed 0 \nmessage\n" },
    { "dsn/exchange-html.eml",
      "rfc3464 <order-27@example.com>; nina@example.net failed 550 5.1.10; olga@example.net "
      "delayed 0 4.4.7; paul@example.net delivered 0 2.1.5\nmessage\n" },
    { "dsn/exchange-old.eml", "exchange <order-21@example.com>; dora@example.net failed 0 5.1.1\nmessage\n" },
    { "dsn/exim-delay.eml", "exim <order-19@example.com>; slow@example.net delayed 0 \nmessage\n" },
    { "dsn/exim-old.eml", "exim <order-18@example.com>; sales@example.net failed 550 5.7.1\nmessage\n" },
    { "dsn/gmail-old.eml", "google <order-22@example.com>; erin@example.net failed 550 5.7.26\nmessage\n" },
    { "dsn/gmx.eml", "exim <order-25@example.com>; ivan@example.net failed 554 5.7.1\nmessage\n" },
    { "dsn/ironport.eml", "ironport <>; frank@example.net failed 550 5.1.1\nmessage\n" },
    { "dsn/opensmtpd.eml", "opensmtpd <order-26@example.com>; kim@example.net failed 550 5.1.1\nmessage\n" },
    { "dsn/postfix-plain.eml", "postfix <>; carol@example.net failed 452 4.2.2\nmessage\n" },
    { "dsn/qmail.eml",
      "qmail <order-17@example.com>; gone@example.net failed 550 5.1.1; full@example.net failed 0 "
      "5.2.2\nmessage\n" },
    { "dsn/sendmail.eml", "sendmail <order-20@example.com>; nobody@example.net failed 550 5.1.1\nmessage\n" },
    { "dsn/vacation.eml", "message\n" },
    { "dsn/yahoo.eml", "yahoo <order-23@example.com>; grace@example.net failed 550 5.1.1\nmessage\n" },
    { "reports/abuse.eml", "complaint abuse 203.0.113.5 example.com, shop.example.com rita@isp.example "
                           "<order-30@example.com>\nmessage\n" },
    { "reports/jmrp.eml",
      "complaint abuse 203.0.113.5  sam@hotmail.example <order-31@example.com>\nmessage\n" },
    { "reports/dmarc.eml", "failure auth-failure 192.0.2.77 example.com victim@receiver.example "
                           "<spoofed-1@spoof.example>\n" },
    { "reports/dmarc-plain.eml",
      "failure auth-failure 192.0.2.78 example.com victim@filter.example <spoofed-2@pc>\n" },
    { "reports/tlsrpt.eml", "tls Reporter Example 2026-11-20T00:00:00Z_example.com; sts mx.example.com, "
                            "*.mx.example.com 120 3 2\n" },
    { "tlsrpt/rfc8460.json", "tls Reporter Example 2026-11-20T00:00:00Z_example.com; sts mx.example.com, "
                             "*.mx.example.com 120 3 2\n" },
    { "tlsrpt/loose.json", "tls Loose Example 4711; no-policy-found mx.example.com 12 -1 1\n" },
    { "tlsrpt/cut-short.json",
      "tls Reporter Example 2026-11-20T00:00:00Z_example.com; sts mx.example.com, "
      "*.mx.example.com 120 3 0\nreject the report is damaged: the JSON is cut short\n" },
};

#define BOUNCE "Return-Path: <>\nFrom: mailer-daemon@a.example\nTo: me@b.example\nMessage-ID: <n@a.example>\n"
#define REPORT                                                                                     \
    BOUNCE "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt " \
           "failed.\n--b\n"                                                                        \
           "Content-Type: message/delivery-status\n\n"
#define TLS_MAIL                                                                       \
    "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: " \
    "application/tlsrpt+json\n\n"
#define ONE_TLS                                                                                             \
    "{\"organization-name\":\"R\",\"report-id\":\"1\",\"policies\":[{\"policy\":{\"policy-type\":\"sts\","  \
    "\"policy-domain\":\"c.example\",\"mx-host\":\"m\"},\"summary\":{\"total-successful-session-count\":4," \
    "\"total-failure-session-count\":0}}]}"
#define RETURNED                                                                                 \
    "\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <o@b.example>\nFrom: me@b.example\nTo: " \
    "x@c.example\n\nhi\n--b--\n"

static const struct {
    const char *what, *in, *want;
} mails[] = {
    { "status without recipient groups is a message", REPORT "Reporting-MTA: dns; a.example\n" RETURNED,
      "message\n" },
    { "all fields in one group",
      REPORT "Reporting-MTA: dns; a.example\nFinal-Recipient: rfc822; x@c.example\nAction: failed\nStatus: "
             "5.1.1\n" RETURNED,
      "rfc3464 <o@b.example>; x@c.example failed 0 5.1.1\nmessage\n" },
    { "blank lines inside of a group",
      REPORT
      "Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; <x@c.example>\n\nAction: Failed (bad)\n\n"
      "Status: 5.0.0\n\nDiagnostic-Code: smtp; 550 #5.1.1 gone\n" RETURNED,
      "rfc3464 <o@b.example>; x@c.example failed 550 5.1.1\nmessage\n" },
    { "groups parted by lines of blanks, their fields in any order",
      REPORT "Reporting-MTA: dns; a.example\n \nStatus: 5.1.1\nAction: failed\nFinal-Recipient: rfc822; "
             "x@c.example\n"
             " \t\nAction: delayed\nFinal-Recipient: rfc822; y@c.example\nStatus: 4.2.2\nDiagnostic-Code: "
             "smtp; 452\n"
             " \n full\n" RETURNED,
      "rfc3464 <o@b.example>; x@c.example failed 0 5.1.1; y@c.example delayed 452 4.2.2\nmessage\n" },
    { "recipients named by Original-Recipient alone",
      REPORT
      "Reporting-MTA: dns; a.example\n\nOriginal-Recipient: rfc822; x@c.example\nAction: failed\nStatus: "
      "5.1.1\n\nOriginal-Recipient: rfc822; y@c.example\nAction: delayed\nStatus: 4.2.2\n" RETURNED,
      "rfc3464 <o@b.example>; x@c.example failed 0 5.1.1; y@c.example delayed 0 4.2.2\nmessage\n" },
    { "the returned header before the fields",
      BOUNCE
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\n"
      "Content-Type: text/rfc822-headers\n\nMessage-ID: <o@b.example>\nFrom: me@b.example\nTo: "
      "x@c.example\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
      "a.example\n\nFinal-Recipient: rfc822; x@c.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
      "rfc3464 <o@b.example>; x@c.example failed 0 5.1.1\nmessage\n" },
    { "no action: the status tells",
      REPORT
      "Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; x@c.example\nStatus: 4.4.1\n" RETURNED,
      "rfc3464 <o@b.example>; x@c.example delayed 0 4.4.1\nmessage\n" },
    { "a notification that returns a notification is one",
      REPORT "Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; x@c.example\nAction: failed\nStatus: "
             "5.1.1\n\n--b\n"
             "Content-Type: message/rfc822\n\nMessage-ID: <inner@c.example>\nFrom: "
             "mailer-daemon@c.example\nTo: x@c.example\n"
             "Content-Type: multipart/report; report-type=delivery-status; "
             "boundary=i\n\n--i\n\nno\n--i\nContent-Type: "
             "message/delivery-status\n\nReporting-MTA: dns; c.example\n\nFinal-Recipient: rfc822; "
             "y@d.example\nAction: "
             "failed\nStatus: 5.1.1\n\n--i--\n--b--\n",
      "rfc3464 <inner@c.example>; x@c.example failed 0 5.1.1\nmessage\n" },
    { "a report of ours that came back is not one we were sent",
      REPORT
      "Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; x@c.example\nAction: failed\nStatus: "
      "5.1.1\n\n--b\n"
      "Content-Type: message/rfc822\n\nMessage-ID: <ours@b.example>\nFrom: me@b.example\nTo: x@c.example\n"
      "Content-Type: "
      "application/json\n\n{\"organization-name\":\"us\",\"report-id\":\"1\",\"policies\":[]}\n--b--\n",
      "rfc3464 <ours@b.example>; x@c.example failed 0 5.1.1\nmessage\n" },
    { "VERP names the recipient",
      "Return-Path: <>\nDelivered-To: list+joe=c.example@b.example\nFrom: mailer-daemon@a.example\nTo: "
      "list+joe=c.example@b.example\nSubject: failure\n\nYour message could not be delivered.\n",
      "prose <>; joe@c.example failed 0 \nmessage\n" },
    { "people who quote a bounce do not bounce",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\n\nHi. This is the qmail-send "
      "program at x.\n\n"
      "<y@d.example>:\n550 no\n",
      "message\n" },
    { "an original recipient in xtext",
      REPORT
      "Reporting-MTA: dns; a.example\n\nOriginal-Recipient: rfc822;x+2Btag+3Da@c.example\nFinal-Recipient: "
      "rfc822; x\nAction: failed\nStatus: 5.1.1\n" RETURNED,
      "rfc3464 <o@b.example>; x+tag=a@c.example failed 0 5.1.1\nmessage\n" },
    { "a mail attached as a file",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: "
      "application/octet-stream; name=x.eml\n\n"
      "From: a@d.example\nTo: b@d.example\nMessage-ID: <r@c.example>\nContent-Type: "
      "application/tlsrpt+json\n\n" ONE_TLS,
      "tls R 1; sts m 4 0 0\n" },
    { "a boundary that no field names",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: "
      "multipart/mixed\n\n--x\nContent-Type: "
      "text/plain\n\nhi\n--x\nContent-Type: application/json\n\n" ONE_TLS "\n--x--\n",
      "tls R 1; sts m 4 0 0\n" },
    { "base64 that no field names",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: application/gzip\n\n"
      "H4sIAAAAAAAC/11OzQrCMAx+l5xXUfC0x/AqHkLNtNA0pWlhc/TdzdRdPOX7JytIeWAKL6xBkkvI\n"
      "BCNcYIBCWUp14W78ZDxLDD6Qwnhdv2SBcUeuLnkratU9uri7MIZkqj/QjJwjmceze4pWUxn6ANqY\n"
      "sXyWqlSMTpv3pDo1g3a3p7y0ZIXz8ItMGGIr9O8fe7/1Nx2Yii/QAAAA\n",
      "tls R 1; sts m 4 0 0\n" },
    { "parts of a TLS report in other places",
      TLS_MAIL
      "{\"organization-name\":\"R\",\"report-id\":\"1\",\"date-range\":{},\"policies\":[{\"policy\":"
      "[{\"policy-type\":\"sts\",\"mx-host\":\"m\",\"failure-details\":[{\"failed-session-count\":2}]}],"
      "\"summary\":[{\"total-successful-session-count\":4,\"total-failure-session-count\":2}]},{\"policy\":"
      "{\"policy-type\":\"tlsa\",\"mx-host\":\"n\",\"summary\":{\"total-successful-session-count\":5,"
      "\"total-failure-session-count\":1}},\"failure-detail\":{\"failed-session-count\":1}}]}",
      "tls R 1; sts m 4 2 1; tlsa n 5 1 1\n" },
    { "a TLS report in an object, its keys in one word",
      TLS_MAIL "{\"report\":{\"organizationName\":\"R\",\"reportId\":\"1\",\"policies\":[{\"policy\":"
               "{\"policy-type\":\"sts\",\"mxHost\":\"m\"},\"summary\":{\"totalSuccessfulSessionCount\":4,"
               "\"totalFailureSessionCount\":0}}],\"date-range\":{}}}",
      "tls R 1; sts m 4 0 0\n" },
    { "a TLS report that is quoted",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\n\nLook:\n\n> "
      "{\"organization-name\":\n"
      "> \"R\",\"report-id\":\"1\",\"date-range\":{},\n> "
      "\"policies\":[{\"policy\":{\"policy-type\":\"sts\",\n"
      "> \"mx-host\":\"m\"},\"summary\":\n> {\"total-successful-session-count\":\n> 4,"
      "\"total-failure-session-count\":0}}]}\n",
      "tls R 1; sts m 4 0 0\n" },
    { "a report that a notification quotes is ours that came back",
      "From: MAILER-DAEMON@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nSubject: failure "
      "notice\n\n"
      "This is the qmail-send program at c.example.\n\n<x@c.example>:\n550 5.1.1 unknown user\n\n"
      "--- Below this line is a copy of the message.\n\nFrom: me@b.example\nTo: x@c.example\nMessage-ID: "
      "<o@b.example>\nSubject: Report\n\n"
      "H4sIAAAAAAAC/11OzQrCMAx+l5xXUfC0x/AqHkLNtNA0pWlhc/TdzdRdPOX7JytIeWAKL6xBkkvI\n"
      "BCNcYIBCWUp14W78ZDxLDD6Qwnhdv2SBcUeuLnkratU9uri7MIZkqj/QjJwjmceze4pWUxn6ANqY\n"
      "sXyWqlSMTpv3pDo1g3a3p7y0ZIXz8ItMGGIr9O8fe7/1Nx2Yii/QAAAA\n",
      "prose <o@b.example>; x@c.example failed 550 5.1.1\nmessage\n" },
    { "a subject that announces what is not there",
      "From: r@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nSubject: Report Domain: b.example "
      "Submitter: c.example "
      "Report-ID: <1>\n\nSee attached.\n",
      "reject the subject announces a report, and none is in the mail\nmessage\n" },
    { "a receipt is no notification",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: multipart/report; "
      "report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b\nContent-Type: "
      "message/disposition-notification\n\nFinal-Recipient: rfc822; joe@c.example\nOriginal-Message-ID: "
      "<o@b.example>\n"
      "Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n",
      "message\n" },
    { "comments around an address",
      "From: fbl@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: "
      "message/feedback-report\n\n"
      "Feedback-Type: auth-failure\nSource-IP: (the client) 192.0.2.1 (unknown)\n",
      "failure auth-failure 192.0.2.1   <>\n" },
    { "a type in quotes",
      "From: fbl@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: "
      "message/feedback-report\n\n"
      "Feedback-Type: \"Auth-Failure\" (RFC 6591)\nSource-IP: 192.0.2.1\n",
      "failure auth-failure 192.0.2.1   <>\n" },
    { "several failure reports forwarded in one mail",
      "From: joe@c.example\nTo: me@b.example\nMessage-ID: <q@c.example>\nContent-Type: multipart/mixed; "
      "boundary=b\n\n"
      "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nSource-IP: "
      "192.0.2.1\n\n--b\n"
      "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure\nSource-IP: 192.0.2.2\n\n--b--\n",
      "failure auth-failure 192.0.2.1   <>\nfailure auth-failure 192.0.2.2   <>\n" },
};

/* "Undeliverable" in the languages of mail systems; nothing else in these notices says that they are. */
static const char *const subjects[] = {
    "Niedostarczalne",
    "Niedostarczone",
    "Kan inte levereras",
    "G\xc3\xa5r inte att leverera",
    "Kan ikke leveres",
    "Kunne ikke leveres",
    "Ei voi toimittaa",
    "Ei toimitettavissa",
    "Nedoru\xc4\x8diteln\xc3\xa9",
    "Teslim edilemedi",
    "K\xc3\xa9zbes\xc3\xadthetetlen",
    "Nelivrabil",
    "\xd0\x9d\xd0\xb5\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xbe",
    "\xd0\x9d\xd0\xb5 \xd1\x83\xd0\xb4\xd0\xb0\xd0\xbb\xd0\xbe\xd1\x81\xd1\x8c "
    "\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xb8\xd1\x82\xd1\x8c",
    "\xd0\x9d\xd0\xb5 \xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xbe",
    "\xce\x94\xce\xb5\xce\xbd \xce\xb5\xce\xaf\xce\xbd\xce\xb1\xce\xb9 "
    "\xce\xb4\xcf\x85\xce\xbd\xce\xb1\xcf\x84\xce\xae \xce\xb7 "
    "\xcf\x80\xce\xb1\xcf\x81\xce\xac\xce\xb4\xce\xbf\xcf\x83\xce\xb7",
    "\xe9\x85\x8d\xe4\xbf\xa1\xe4\xb8\x8d\xe8\x83\xbd",
    "\xe9\x85\x8d\xe4\xbf\xa1\xe4\xb8\x8d\xe5\x8f\xaf",
    "\xe6\x97\xa0\xe6\xb3\x95\xe4\xbc\xa0\xe9\x80\x92",
    "\xe6\x9c\xaa\xe9\x80\x81\xe8\xbe\xbe",
    "\xe7\xb3\xbb\xe7\xbb\x9f\xe9\x80\x80\xe4\xbf\xa1",
    "\xe9\x80\x80\xe4\xbf\xa1",
    "\xe7\x84\xa1\xe6\xb3\x95\xe5\x82\xb3\xe9\x81\x9e",
    "\xe6\x97\xa0\xe6\xb3\x95\xe6\x8a\x95\xe9\x80\x92",
    "\xeb\xb0\xb0\xeb\x8b\xac\xeb\x90\x98\xec\xa7\x80 \xec\x95\x8a\xec\x9d\x8c",
    "\xeb\xb0\xb0\xeb\x8b\xac\xed\x95\xa0 \xec\x88\x98 \xec\x97\x86\xec\x9d\x8c",
    "Entrega fallida",
    "\xc3\xa9"
    "chec de la remise",
};

static const struct {
    const char *what, *in, *want; /* NULL: refused */
} reports[] = {
    { "empty", "{}", NULL },
    { "an array of one", "[{\"organization-name\":\"a\",\"report-id\":\"1\",\"policies\":[]}]",
      "missing: policies" },
    { "other JSON", "{\"policies\":1,\"x\":[]}", NULL },
    { "no JSON", "{\"organization-name\":", NULL },
};

int
main(void)
{
    struct diag d = { 0 };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char path[200];
        struct source s;
        snprintf(path, sizeof path, "samples/%s", samples[i].file);
        if (!ok(source_open(&s, path, &d) && source_want(&s, 4096, &d), "%s can be read", path))
            continue;
        check(samples[i].file, &s, format_recognise(s.window, s.eof), samples[i].want);
    }
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
        struct source s;
        source_open_memory(&s, "mail", str_from(mails[i].in));
        check(mails[i].what, &s, format_find(S("message")), mails[i].want);
    }
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        char mail[400];
        struct source s;
        snprintf(mail, sizeof mail, BOUNCE "Subject: %s: hi\n\n...:\n\njoe@c.example\n", subjects[i]);
        source_open_memory(&s, "mail", str_from(mail));
        check(subjects[i], &s, format_find(S("message")), "prose <>; joe@c.example failed 0 \nmessage\n");
    }
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        struct arena a = { 0 };
        struct tls_report r;
        const char *why;
        size_t where;
        bool good = tlsrpt_parse(&a, str_from(reports[i].in), &r, &why, &where);
        ok(good == (reports[i].want != NULL) && (!good || str_has(r.problems, str_from(reports[i].want))),
           "TLS report: %s", reports[i].what);
        arena_free(&a);
    }
    return done_testing();
}
