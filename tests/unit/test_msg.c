/* Compound files and Outlook messages: what is made of the samples, and that damage anywhere does no harm. */
#include "msg.h"

#include <stdlib.h>

#include "buf.h"
#include "message_read.h"
#include "mime.h"
#include "source.h"
#include "tap.h"

static str
slurp(struct arena *a, const char *path)
{
    struct source s;
    struct diag d = { 0 };
    if (!source_open(&s, path, &d) || !source_slurp(&s, 1 << 20, &d))
        return (str){ 0 };
    str bytes = arena_copy(a, s.window);
    source_close(&s);
    return bytes;
}

struct seen {
    struct arena *arena;
    struct buf list;
};

static bool
see(void *ctx, const struct mime_part *p)
{
    struct seen *s = ctx;
    buf_printf(&s->list, "%.*s %.*s %zu %s\n", PRSTR(p->content_type), PRSTR(p->filename), p->body.n,
               p->nested.n ? "nested" : "");
    return true;
}

static const struct {
    const char *path, *subject, *parts;
} rows[] = {
    { "samples/msg/dmarc.msg", "Report msg-1",
      "text/plain  23 \n"
      "application/gzip receiver.example!example.com!1767225600!1767311999.xml.gz 357 \n" },
    { "samples/msg/forwarded.msg", "FW: reports",
      "text/plain  12 \n"
      "text/plain  23 nested\n"
      "text/xml report.xml 13719 nested\n"
      "text/plain  23 nested\n"
      "application/tlsrpt+json tls.json 361 nested\n" },
    { "samples/msg/letter.msg", "greetings",
      "text/plain  21 \n"
      "text/html  12 \n"
      "application/octet-stream note.bin 3 \n" },
};

static void
test_samples(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = { 0 };
        struct seen s = { .arena = &a };
        struct message m;
        const char *why = "nothing";
        str mime = msg_to_mime(&a, slurp(&a, rows[i].path), &why);
        ok(mime.n > 0 && why == NULL, "%s is read in full", rows[i].path);
        message_parse(&m, &a, mime);
        is_str(m.subject, rows[i].subject, "its subject");
        ok(message_header(&m, "DKIM-Signature", NULL) == NULL, "no signature that cannot hold");
        mime_walk(&a, &m, see, &s);
        is_str(buf_str(&s.list), rows[i].parts, "its parts");
        buf_free(&s.list);
        arena_free(&a);
    }
}

/* Each byte of the tables damaged, each length cut: it may read less, and must end. */
static void
test_damage(void)
{
    struct arena keep = { 0 };
    const char *why;
    size_t tries = 0, given = 0;
    str good = slurp(&keep, "samples/msg/forwarded.msg");
    char *bytes = malloc(good.n);
    for (size_t i = 0; i < good.n; i += i < 512 ? 1 : 37)
        for (int with = 0; with < 3; with++) {
            struct arena a = { 0 };
            memcpy(bytes, good.p, good.n);
            bytes[i] = (char)(with == 0 ? 0 : with == 1 ? 0xff : bytes[i] ^ 1);
            given += msg_to_mime(&a, str_of(bytes, good.n), &why).n > 0;
            tries++;
            arena_free(&a);
        }
    ok(given > tries / 2, "of %zu damaged files %zu give something", tries, given);
    given = 0;
    for (size_t n = 0; n < good.n; n += 101) {
        struct arena a = { 0 };
        memcpy(bytes, good.p, n);
        given += msg_to_mime(&a, str_of(bytes, n), &why).n > 0;
        arena_free(&a);
    }
    ok(given > 0, "so do %zu that are cut short", given);
    free(bytes);
    struct arena a = { 0 };
    str none = msg_to_mime(&a, S("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), &why);
    ok(none.n == 0 && why, "a file of 8 bytes: %s", why);
    ok(msg_recognise(good) && !msg_recognise(S("PK\3\4")), "recognised by its first bytes");
    arena_free(&a);
    arena_free(&keep);
}

int
main(void)
{
    test_samples();
    test_damage();
    return done_testing();
}
