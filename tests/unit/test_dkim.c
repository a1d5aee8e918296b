/* DKIM: canonical forms, base64, tag lists, keys.  Whole signatures are proved by tests/conformance. */
#include <stdio.h>

#include "dkim_internal.h"
#include "tap.h"

static const struct {
    const char *field, *relaxed, *simple;
    bool crlf;
} headers[] = {
    /* RFC 6376 section 3.4.5 */
    { "A: X\r\n", "a:X\r\n", "A: X\r\n", false },
    { "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n", "B : Y\t\r\n\tZ  \r\n", false },
    { "Subject:\r\n x\r\n", "subject:x\r\n", "Subject:\r\n x\r\n", false },
    { "S:\r\n", "s:\r\n", "S:\r\n", false },
    { "S: \t \r\n", "s:\r\n", "S: \t \r\n", false },
    { "S: a\rb\r\n", "s:a\rb\r\n", "S: a\rb\r\n", false },
    { "S: a\vb\r\n", "s:a\vb\r\n", "S: a\vb\r\n", false },
    { "S: a", "s:a\r\n", "S: a\r\n", false },
    { "S: a\n b\n", "s:a b\r\n", "S: a\r\n b\r\n", true },
    { "S: a\r\n b\n", "s:a b\r\n", "S: a\r\n b\r\n", true },
};

static void
test_headers(void)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct buf relaxed = { 0 }, simple = { 0 };
        dkim_canon_header(&relaxed, str_from(headers[i].field), true, headers[i].crlf);
        dkim_canon_header(&simple, str_from(headers[i].field), false, headers[i].crlf);
        is_str(buf_str(&relaxed), headers[i].relaxed, "header, relaxed");
        is_str(buf_str(&simple), headers[i].simple, "header, simple");
        buf_free(&relaxed);
        buf_free(&simple);
    }
}

static const struct {
    const char *body, *relaxed, *simple;
    struct dkim_variant variant;
} bodies[] = {
    { " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n", " C \r\nD \t E\r\n", { 0 } },
    { "", "", "\r\n", { 0 } },
    { "\r\n", "", "\r\n", { 0 } },
    { "\r\n\r\n", "", "\r\n", { 0 } },
    { " \t\r\n", "", " \t\r\n", { 0 } },
    { "a", "a\r\n", "a\r\n", { 0 } },
    { "a\r\n \r\nb\r\n \r\n", "a\r\n\r\nb\r\n", "a\r\n \r\nb\r\n \r\n", { 0 } },
    { "\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n", { 0 } },
    { "a\rb\r\n", "a\rb\r\n", "a\rb\r\n", { 0 } },
    { "a\r\r\n", "a\r\r\n", "a\r\r\n", { 0 } },
    { "a\nb\r\n", "a\nb\r\n", "a\nb\r\n", { 0 } },
    { "a\nb\r\n", "a\r\nb\r\n", "a\r\nb\r\n", { .crlf = true } },
    { "a \n\n\n", "a\r\n", "a \r\n", { .crlf = true } },
    { ">From x\r\n>>From y\r\n>Fromage\r\n> From\r\n",
      "From x\r\n>From y\r\n>Fromage\r\n> From\r\n",
      "From x\r\n>From y\r\n>Fromage\r\n> From\r\n",
      { .unquote = true } },
};

static void
test_bodies(void)
{
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct buf relaxed = { 0 }, simple = { 0 };
        dkim_canon_body(&relaxed, str_from(bodies[i].body), true, bodies[i].variant);
        dkim_canon_body(&simple, str_from(bodies[i].body), false, bodies[i].variant);
        is_str(buf_str(&relaxed), bodies[i].relaxed, "body, relaxed");
        is_str(buf_str(&simple), bodies[i].simple, "body, simple");
        buf_free(&relaxed);
        buf_free(&simple);
    }
}

static const struct {
    const char *in, *out; /* NULL: refused */
} base64[] = {
    { "", "" },
    { "Zg==", "f" },
    { "Zm8=", "fo" },
    { "Zm9v", "foo" },
    { "Zm 9v\r\n\tYg", "foob" },
    { "Zm9vYmFy", "foobar" },
    { "Z", NULL },
    { "Zg=", NULL },
    { "Zg===", NULL },
    { "Zg==Zg==", NULL },
    { "Zm9v=", NULL },
    { "Zm-_", NULL },
    { "====", NULL },
};

static void
test_base64(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof base64 / sizeof *base64; i++) {
        str out;
        bool good = dkim_base64(&a, str_from(base64[i].in), &out);
        ok(good == (base64[i].out != NULL) && (!good || str_eq(out, str_from(base64[i].out))),
           "base64 \"%s\"", base64[i].in);
    }
    arena_free(&a);
}

static void
test_taglist(void)
{
    struct taglist t;
    bool there;
    taglist_parse(&t, S(" v = 1 ; a=rsa-sha256;\r\n\tb= x\r\n y ;;"));
    ok(t.problem == NULL && t.n == 3, "folds, blanks and a last semicolon");
    is_str(taglist_get(&t, "b", &there), "x\r\n y", "a value keeps its inner white space");
    taglist_get(&t, "B", &there);
    ok(!there, "names are case-sensitive");
    taglist_parse(&t, S("a=1; a=2"));
    ok(t.duplicate && str_eq(taglist_get(&t, "a", NULL), S("1")), "a name twice");
    taglist_parse(&t, S("a=1;; b=2"));
    ok(t.problem != NULL && t.n == 2, "an empty tag");
    taglist_parse(&t, S("a; =1; 1=2; a b=3; b=\001"));
    ok(t.problem != NULL && t.n == 0, "not tags");
    ok(taglist_has(S("y : S"), ':', "s") && !taglist_has(S("ys"), ':', "s") && !taglist_has(S(""), ':', "s"),
       "lists within values");
}

/* Keys: SubjectPublicKeyInfo read by hand must not be fooled. */
static void
test_keys(void)
{
    static const struct {
        const char *title;
        str der;
    } bad[] = {
        { "nothing", { "", 0 } },
        { "no sequence", { "\x02\x01\x03", 3 } },
        { "length beyond the end", { "\x30\x82\x01\x00\x02", 5 } },
        { "length of lengths", { "\x30\x84\xff\xff\xff\xff\x02", 7 } },
        { "an indefinite length", { "\x30\x80\x02\x01\x03\x00\x00", 7 } },
        { "another algorithm", { "\x30\x0c\x30\x05\x06\x03\x2b\x65\x70\x03\x03\x00\x01\x02", 14 } },
        { "a tiny modulus", { "\x30\x06\x02\x01\x0f\x02\x01\x03", 8 } },
        { "a negative modulus", { "\x30\x06\x02\x01\x8f\x02\x01\x03", 8 } },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(public_key_rsa(bad[i].der)->problem != NULL, "no RSA key: %s", bad[i].title);
    ok(public_key_ed25519(S("too short"))->problem != NULL, "no Ed25519 key");
    /* RFC 8032 section 7.1, the key of test 1; any 32 bytes in a row are no signature by it */
    const struct public_key *k = public_key_ed25519(S(
        "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf"
        "\x02\x1a\x68\xf7\x07\x51\x1a"));
    ok(k->problem == NULL && k->bits == 256, "an Ed25519 key");
    ok(!signature_verify(k, SIGNATURE_ED25519_SHA256, S("data"), S("short")), "a short signature");
    ok(k == public_key_ed25519(S("\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\x0e\xe1"
                                 "\x72\xf3\xda\xa6\x23\x25\xaf"
                                 "\x02\x1a\x68\xf7\x07\x51\x1a")),
       "keys are kept");
}

int
main(void)
{
    test_headers();
    test_bodies();
    test_base64();
    test_taglist();
    test_keys();
    return done_testing();
}
