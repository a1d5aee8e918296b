/* Mailboxes and single messages: what is cut where, and that every byte is accounted for. */
#include "buf.h"
#include "message_read.h"
#include "tap.h"

extern const struct format format_mbox, format_message;

struct memory {
    struct sink sink;
    struct account account;
    struct buf text; /* "offset+length subject stored_at" of each message, in a line */
    size_t messages, reports, rejects;
    str reason;
};

static struct arena arena;

static bool
on_message(struct sink *s, const struct message *m, const struct message_source *from)
{
    struct memory *k = (struct memory *)s;
    k->messages++;
    buf_printf(&k->text, "%zu+%zu %.*s %.*s\n", (size_t)from->origin.offset, (size_t)from->origin.length,
               PRSTR(m->subject), PRSTR(when_format(&arena, from->stored_at)));
    return m->raw.n == from->origin.length;
}

static bool
on_report(struct sink *s, const struct dmarc_report *r)
{
    ((struct memory *)s)->reports++;
    return r != NULL;
}

static bool
on_reject(struct sink *s, const struct reject *r)
{
    struct memory *k = (struct memory *)s;
    k->rejects++;
    k->reason = arena_copy(&arena, r->reason);
    return true;
}

static const struct sink_ops ops = { .message = on_message, .dmarc_begin = on_report, .reject = on_reject };

/* Reads text with a format; false if the account does not come out even. */
static bool
run(struct memory *k, const struct format *f, str text, const struct ingest_options *o)
{
    struct source s;
    *k = (struct memory){ .sink.ops = &ops, .account.first_at = WHEN_NONE, .account.last_at = WHEN_NONE };
    k->sink.account = &k->account;
    source_open_memory(&s, "test", text);
    bool good = f->read(&s, o, &k->sink);
    source_close(&s);
    return good && k->account.recorded + k->account.rejected + k->account.ignored == text.n;
}

static const struct ingest_options plain = { .stored_at = WHEN_NONE, .now = WHEN_NONE };
#define FROM "From j@d.example Sat Nov 21 22:11:33 2026\n"

static const struct {
    const char *what, *in, *want;
    size_t rejects;
} boxes[] = {
    { "two messages", FROM "Subject: a\n\none\n\n" FROM "Subject: b\n\ntwo\n",
      "42+16 a 2026-11-21T22:11:33Z\n101+16 b 2026-11-21T22:11:33Z\n", 0 },
    { "CRLF",
      "From j@d Sat Nov 21 22:11:33 2026\r\nSubject: a\r\n\r\none\r\n\r\nFrom - Sat Nov 21 22:11:34 "
      "2026\r\nSubject: b\r\n\r\n",
      "35+19 a 2026-11-21T22:11:33Z\n89+14 b 2026-11-21T22:11:34Z\n", 0 },
    { "a zone and two words for the sender", "From 123@xxx j Sat Nov 21 22:11:33 +0100 2026\nSubject: a\n\n",
      "46+12 a 2026-11-21T21:11:33Z\n", 0 },
    { "quoted lines stay in the body", FROM "Subject: a\n\n>From here\n", "42+23 a 2026-11-21T22:11:33Z\n",
      0 },
    { "a From line of prose cuts nothing", FROM "Subject: a\n\n\nFrom here on all is well\n",
      "42+38 a 2026-11-21T22:11:33Z\n", 0 },
    { "nor does one in a paragraph", FROM "Subject: a\n\nx\n" FROM "y: no\nz\n",
      "42+64 a 2026-11-21T22:11:33Z\n", 0 },
    { "without an empty line before, a header tells",
      FROM "Subject: a\n\nx\n" FROM "Return-Path: <j@d>\nSubject: b\n\n",
      "42+14 a 2026-11-21T22:11:33Z\n98+31 b 2026-11-21T22:11:33Z\n", 0 },
    { "Content-Length hides a From line",
      FROM "Subject: a\nContent-Length: 45\n\nx\n\n" FROM "\n" FROM "Subject: b\n\n",
      "42+76 a 2026-11-21T22:11:33Z\n161+12 b 2026-11-21T22:11:33Z\n", 0 },
    { "Content-Length that does not fit is ignored",
      FROM "Subject: a\nContent-Length: 7\n\nx\n\n" FROM "Subject: b\n\n",
      "42+32 a 2026-11-21T22:11:33Z\n117+12 b 2026-11-21T22:11:33Z\n", 0 },
    { "no last line end", FROM "Subject: a\n\nx", "42+13 a 2026-11-21T22:11:33Z\n", 0 },
    { "header only", FROM "Subject: a", "42+10 a 2026-11-21T22:11:33Z\n", 0 },
    { "something before the first", "garbage\n\n" FROM "Subject: a\n\n", "51+12 a 2026-11-21T22:11:33Z\n",
      1 },
    { "a byte order mark and empty lines before the first",
      "\xef\xbb\xbf\r\n\n" FROM "Subject: a\n\n" FROM "Subject: b\n\n",
      "48+12 a 2026-11-21T22:11:33Z\n102+12 b 2026-11-21T22:11:33Z\n", 0 },
    { "cut amid the second's first field", FROM "Subject: a\n\nx\n\n" FROM "Fro",
      "42+14 a 2026-11-21T22:11:33Z\n", 1 },
    { "cut behind its From line", FROM "Subject: a\n\nx\n\n" FROM, "42+14 a 2026-11-21T22:11:33Z\n", 1 },
    { "empty lines before the first field", FROM "\n\nSubject: a\nFrom: a@d\n\n",
      "44+21 a 2026-11-21T22:11:33Z\n", 0 },
    { "no mailbox at all", "garbage\nFrom nowhere\n", "", 1 },
    { "empty", "", "", 0 },
    { "the server's own first message",
      FROM "X-IMAP: 1 2\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nx\n\n" FROM
           "Subject: b\n\n",
      "159+12 b 2026-11-21T22:11:33Z\n", 0 },
};

static void
test_boxes(void)
{
    struct memory k;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        ok(run(&k, &format_mbox, str_from(boxes[i].in), &plain), "mbox: %s: every byte accounted for",
           boxes[i].what);
        is_str(buf_str(&k.text), boxes[i].want, boxes[i].what);
        is_int((long long)k.rejects, (long long)boxes[i].rejects, "rejects");
        buf_free(&k.text);
    }
    struct zone berlin;
    zone_init(&berlin, S("+01:00"));
    struct ingest_options o = plain;
    o.zone = &berlin;
    run(&k, &format_mbox, S(FROM "Subject: a\n\n"), &o);
    is_str(buf_str(&k.text), "42+12 a 2026-11-21T21:11:33Z\n", "--timezone tells what From lines do not");
    buf_free(&k.text);
}

/* More than the reader holds at once, and a message beyond the limit between two good ones. */
static void
test_large(void)
{
    struct buf b = { 0 };
    struct memory k;
    for (int i = 0; i < 3000; i++)
        buf_printf(&b, FROM "Subject: m%d\n\n%0*d\n\n", i, 700 + i % 97, i);
    ok(run(&k, &format_mbox, buf_str(&b), &plain) && k.messages == 3000 && k.rejects == 0, "3000 messages");
    buf_free(&k.text);
    b.n = 0;
    buf_printf(&b, FROM "Subject: a\n\n\n" FROM "Subject: big\n\n");
    static char line[65536];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (size_t i = 0; i < MESSAGE_MAX_BYTES / sizeof line + 40; i++)
        buf_put(&b, line, sizeof line);
    buf_printf(&b, "\n" FROM "Subject: c\n\n");
    ok(run(&k, &format_mbox, buf_str(&b), &plain), "a message beyond the limit: every byte accounted for");
    ok(k.messages == 2 && k.rejects == 1, "it costs no neighbour");
    buf_free(&k.text);
    str big = str_skip(buf_str(&b), 43);
    ok(run(&k, &format_message, big, &plain) && k.messages == 0 && k.rejects == 1,
       "as a single message it is rejected");
    buf_free(&b);
}

static const char report[] =
    "From: r@d.example\nSubject: Report domain: d.example\nContent-Type: text/xml\n\n"
    "<?xml version=\"1.0\"?><feedback><report_metadata><org_name>o</org_name><email>e@o</email>"
    "<report_id>1</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range>"
    "</report_metadata><policy_published><domain>d.example</domain><p>none</p></policy_published>"
    "<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated>"
    "<disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>"
    "<identifiers><header_from>d.example</header_from></identifiers><auth_results/></record></feedback>\n";

static void
test_single(void)
{
    struct memory k;
    ok(run(&k, &format_message, S("Subject: a\n\nx"), &plain) && k.messages == 1, "one message");
    is_str(buf_str(&k.text), "0+13 a \n", "as long as the source");
    buf_free(&k.text);
    ok(run(&k, &format_message, S("no header here\n"), &plain) && k.rejects == 1,
       "what has no header field is rejected");
    is_str(k.reason, "no message: it does not begin with header fields (RFC 5322 3.6)", "with a reason");
    ok(run(&k, &format_message, S(""), &plain) && k.messages == 0 && k.rejects == 0,
       "an empty source is nothing");
    ok(run(&k, &format_message, str_from(report), &plain) && k.messages == 0 && k.reports == 1,
       "a message with a report gives the report, not the message");
}

static const struct {
    const char *what, *in;
    int message, mbox; /* 1: must recognise; 0: must not */
} heads[] = {
    { "message", "Return-Path: <j@d>\nReceived: from a by b\nSubject: x\n\nbody", 1, 0 },
    { "message in odd order", "X-Anything: 1\nSubject: x\nFrom: j@d\n\nbody", 1, 0 },
    { "only a Received field", "Received: from a by b\n\n", 1, 0 },
    { "mbox", FROM "Subject: x\nFrom: j@d\n\n", 0, 1 },
    { "Postfix log", "Nov 21 22:11:30 host postfix/smtpd[1]: connect from a[192.0.2.1]\n", 0, 0 },
    { "Exim log", "2026-11-21 17:11:31 1xUtIx-000000-0a <= j@d H=a [192.0.2.1]\n", 0, 0 },
    { "ISO log", "2026-11-21T23:11:30.1+01:00 mx1 postfix/qmgr[2]: 4jX5: removed\n", 0, 0 },
    { "XML", "<?xml version=\"1.0\"?>\n<feedback>\n", 0, 0 },
    { "JSON", "{\"Subject\": \"x\",\n\"From\": 1}\n", 0, 0 },
    { "YAML", "name: x\nversion: 1\nlist:\n  - a\n", 0, 0 },
    { "prose", "From here on all is well.\nTo be sure: nothing happens.\n", 0, 0 },
    { "a letter", "Dear Jane:\nplease write.\n", 0, 0 },
    { "one word of mail among settings", "Date: never\nmode: fast\nlevel: 3\n", 0, 0 },
    { "CSV", "Date,From,To\n1,2,3\n", 0, 0 },
    { "bytes", "\x1f\x8b\x08\x01", 0, 0 },
    { "empty", "", 0, 0 },
};

static void
test_recognise(void)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        str head = str_from(heads[i].in);
        int message = format_message.recognise(head, true), mbox = format_mbox.recognise(head, true);
        ok((message > 0) == heads[i].message, "recognised as a message, or not: %s", heads[i].what);
        ok((mbox > message) == heads[i].mbox, "as a mailbox, or not: %s", heads[i].what);
    }
    str cut = S("Received: from a by b\nSubject: x\nX-Very-Lo");
    ok(format_message.recognise(cut, false) > 0, "a head cut inside a line is still one");
}

int
main(void)
{
    test_boxes();
    test_large();
    test_single();
    test_recognise();
    arena_free(&arena);
    return done_testing();
}
