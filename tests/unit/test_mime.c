/* The MIME tree, its parameters and transfer encodings. */
#include "buf.h"
#include "mime.h"
#include "tap.h"
#include "transfer.h"

static struct arena arena;

struct seen {
    struct buf text; /* "type|filename|body" of each leaf, in a line */
    size_t leaves, stop_after;
    const struct message *m;
    bool offsets_right;
};

static bool
see(void *ctx, const struct mime_part *p)
{
    struct seen *s = ctx;
    buf_printf(&s->text, "%.*s|%.*s|%.*s\n", PRSTR(p->content_type), PRSTR(p->filename), PRSTR(p->body));
    /* A body that needed no decoding is a view of the message at the offset told. */
    if (p->body.p >= s->m->raw.p && p->body.p < s->m->raw.p + s->m->raw.n)
        s->offsets_right &= p->body.p == s->m->raw.p + p->offset;
    return ++s->leaves != s->stop_after;
}

#define MULTI "Content-Type: multipart/mixed; boundary=b\n\n"

static const struct {
    const char *what, *in, *want;
} trees[] = {
    { "no type is text", "A: 1\n\nbody", "text/plain||body\n" },
    { "type in odd case, parameters", "Content-Type: TEXT/HTML; Charset=\"x\"; NAME=a.html\n\n<p>",
      "text/html|a.html|<p>\n" },
    { "a typo some senders make", "ContentType: text/xml\n\n<x/>", "text/xml||<x/>\n" },
    { "unreadable type", "Content-Type: text\n\nx", "text/plain||x\n" },
    { "two parts", MULTI "pre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\npost",
      "text/plain||one\ntext/html||two\n" },
    { "CRLF", "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\none\r\n--b--\r\n",
      "text/plain||one\n" },
    { "empty part", MULTI "--b\n\n--b--\n", "text/plain||\n" },
    { "the closing boundary is missing", MULTI "--b\n\none\n--b\n\ntwo\n",
      "text/plain||one\ntext/plain||two\n" },
    { "blanks behind a boundary", MULTI "--b \t\n\none\n--b-- \n", "text/plain||one\n" },
    { "a longer boundary is another", MULTI "--b\n\none\n--bc\n--b--\n", "text/plain||one\n--bc\n" },
    { "no boundary parameter", "Content-Type: multipart/mixed\n\n--b\nx", "text/plain||--b\nx\n" },
    { "no boundary line", MULTI "just text", "text/plain||just text\n" },
    { "nested",
      MULTI "--b\nContent-Type: multipart/alternative; "
            "boundary=c\n\n--c\n\none\n--c\n\ntwo\n--c--\n--b\n\nthree\n--b--\n",
      "text/plain||one\ntext/plain||two\ntext/plain||three\n" },
    { "inner one unclosed",
      MULTI "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\nthree\n--b--\n",
      "text/plain||one\ntext/plain||three\n" },
    { "message within", MULTI "--b\nContent-Type: message/rfc822\n\nSubject: x\n\ninner\n--b--\n",
      "text/plain||inner\n" },
    { "encoded message within",
      "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogMQoKaW5uZXI=\n",
      "text/plain||inner\n" },
    { "zip that is called a message",
      "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nUEsDBDoK\n",
      "application/octet-stream||PK\x03\x04:\n\n" },
    { "digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: 1\n\ninner\n--b--\n",
      "text/plain||inner\n" },
    { "delivery status is a leaf", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n",
      "message/delivery-status||Reporting-MTA: dns; x\n\n" },
    { "base64",
      "Content-Type: application/gzip\nContent-Disposition: attachment; "
      "filename=\"r.xml.gz\"\nContent-Transfer-Encoding: BASE64\n\naGVs\nbG8=\n",
      "application/gzip|r.xml.gz|hello\n" },
    { "quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=3Db=\n c  \nd",
      "text/plain||a=b c\nd\n" },
    { "disposition before name", "Content-Type: a/b; name=n\nContent-Disposition: attachment; filename=f\n\n",
      "a/b|f|\n" },
    { "RFC 2231", "Content-Type: a/b\nContent-Disposition: attachment; filename*=utf-8''na%C3%AFve.xml\n\n",
      "a/b|na\xc3\xafve.xml|\n" },
    { "RFC 2231 in pieces",
      "Content-Disposition: attachment;\n filename*1=\"c.xml\";\n filename*0*=iso-8859-1'fr'%E9b%20\n\n",
      "text/plain|\xc3\xa9"
      "b c.xml|\n" },
    { "RFC 2047 in a name", "Content-Type: a/b; name=\"=?utf-8?q?caf=C3=A9?=.zip\"\n\n",
      "a/b|caf\xc3\xa9.zip|\n" },
    { "quoted pair", "Content-Type: a/b; name=\"a\\\"b\"\n\n", "a/b|a\"b|\n" },
    { "semicolon in quotes", "Content-Type: a/b; x=\"p;name=no\"; name=yes\n\n", "a/b|yes|\n" },
    { "comment", "Content-Type: a/b (one; name=no); name=yes (two)\n\n", "a/b|yes (two)|\n" },
};

static void
test_trees(void)
{
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        struct message m;
        message_parse_headers(&m, &arena, str_from(trees[i].in));
        struct seen s = { .m = &m, .offsets_right = true };
        bool whole = mime_walk(&arena, &m, see, &s);
        is_str(buf_str(&s.text), trees[i].want, trees[i].what);
        ok(whole && s.offsets_right, "%s: seen whole, offsets right", trees[i].what);
        buf_free(&s.text);
    }
}

static void
test_limits(void)
{
    struct buf b = { 0 };
    for (int i = 0; i < MESSAGE_MAX_MIME_DEPTH + 5; i++)
        buf_printf(&b, "Content-Type: message/rfc822\n\n");
    struct message m;
    message_parse_headers(&m, &arena, buf_str(&b));
    struct seen s = { .m = &m };
    ok(!mime_walk(&arena, &m, see, &s) && s.leaves == 0, "deeper than MESSAGE_MAX_MIME_DEPTH is not walked");
    ok(mime_limit(&arena, &m) != NULL, "that is said");
    b.n = 0;
    buf_printf(&b, MULTI "--b\nContent-Type: message/rfc822\n\n");
    for (int i = 0; i < MESSAGE_MAX_MIME_DEPTH + 5; i++)
        buf_printf(&b, "Content-Type: message/rfc822\n\n");
    buf_printf(&b, "\n--b\n\nreport\n--b--\n");
    message_parse_headers(&m, &arena, buf_str(&b));
    ok(!mime_walk(&arena, &m, see, &s) && s.leaves == 1, "what stands behind a deep part is shown");
    s.leaves = 0;
    s.text.n = 0;
    b.n = 0;
    buf_printf(&b, MULTI);
    for (int i = 0; i < MESSAGE_MAX_MIME_PARTS + 5; i++)
        buf_printf(&b, "--b\n\nx\n");
    message_parse_headers(&m, &arena, buf_str(&b));
    ok(!mime_walk(&arena, &m, see, &s) && s.leaves == MESSAGE_MAX_MIME_PARTS - 1,
       "no more than MESSAGE_MAX_MIME_PARTS entities");
    ok(mime_limit(&arena, &m) != NULL, "that is said, too");
    s.leaves = 0;
    s.stop_after = 3;
    ok(!mime_walk(&arena, &m, see, &s) && s.leaves == 3, "the visitor stops the walk");
    message_parse_headers(&m, &arena,
                          S(MULTI "--b\n\nx\n--b\nContent-Type: message/rfc822\n\nA: b\n\nc\n--b--\n"));
    ok(mime_limit(&arena, &m) == NULL, "few parts meet no limit");
    buf_free(&b);
    buf_free(&s.text);
}

static const struct {
    str (*decode)(struct arena *, str);
    const char *in, *want;
} codings[] = {
    { transfer_base64, "aGVsbG8=", "hello" },
    { transfer_base64, "aGVsbG8", "hello" }, /* padding forgotten */
    { transfer_base64, "aGVs\r\nbG8=\r\n", "hello" },
    { transfer_base64, "aA==aQ==", "hi" }, /* two texts joined */
    { transfer_base64, "a!G#V s*b.G8=", "hello" },
    { transfer_base64, "a", "" },
    { transfer_base64, "", "" },
    { transfer_quoted_printable, "a=\r\nb", "ab" },
    { transfer_quoted_printable, "a= \t\nb", "ab" },
    { transfer_quoted_printable, "a=", "a" },
    { transfer_quoted_printable, "a=zz=4", "a=zz=4" },
    { transfer_quoted_printable, "a \t\r\nb=20\r\n", "a\r\nb \r\n" },
    { transfer_quoted_printable, "=e9=E9", "\xe9\xe9" },
    { transfer_q, "a_b=5F", "a b_" },
    { transfer_uuencode, "x\nbegin 644 f\n%:&5L;&\\\n`\nend\nafter", "hello" },
    { transfer_uuencode, "no begin", "" },
};

int
main(void)
{
    test_trees();
    test_limits();
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        str got = codings[i].decode(&arena, str_from(codings[i].in));
        is_str(got, codings[i].want, "transfer encoding");
    }
    is_str(mime_type(&arena, S("Multipart/Report; x")), "multipart/report", "mime_type lowers");
    is_str(mime_type(&arena, S("x")), "", "a word alone is no type");
    is_str(mime_parameter(&arena, S("multipart/report; Report-Type=\"feedback-report\"; b=c"), "report-type"),
           "feedback-report", "mime_parameter");
    arena_free(&arena);
    return done_testing();
}
