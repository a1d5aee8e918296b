/* What is inside of a signed CMS message.  It knows as much of ASN.1 as that takes. */
#include "cms.h"

#include "buf.h"

enum {
    INTEGER = 0x02,
    OCTETS = 0x04,
    OID = 0x06,
    CONSTRUCTED = 0x20,
    SEQUENCE = 0x30,
    EXPLICIT_0 = 0xa0,
    NESTED = 12
};

struct tlv {
    unsigned char tag;
    str body;
};

static bool next(str *s, struct tlv *, int depth);

/* Bodies of indefinite length end at an end-of-contents mark of their own level. */
static bool
to_mark(str *s, str *body, int depth)
{
    str rest = *s;
    struct tlv inner;
    while (!str_starts(rest, str_of("\0\0", 2)))
        if (!next(&rest, &inner, depth + 1)) {
            *body = *s; /* cut short: what is there */
            *s = (str){ 0 };
            return rest.n == 0;
        }
    *body = str_head(*s, s->n - rest.n);
    *s = str_skip(rest, 2);
    return true;
}

/* The element at the start of *s, which moves behind it. */
static bool
next(str *s, struct tlv *t, int depth)
{
    enum { LENGTH_BYTES = 4 };
    if (s->n < 2 || depth > NESTED || (s->p[0] & 0x1f) == 0x1f) /* tags above 30 are not used here */
        return false;
    t->tag = (unsigned char)s->p[0];
    unsigned char first = (unsigned char)s->p[1];
    *s = str_skip(*s, 2);
    size_t n = first;
    if (first == 0x80)
        return (t->tag & CONSTRUCTED) != 0 && to_mark(s, &t->body, depth);
    if (first > 0x80) {
        size_t bytes = first & 0x7f;
        if (bytes > LENGTH_BYTES || bytes > s->n)
            return false;
        n = 0;
        for (size_t i = 0; i < bytes; i++)
            n = n << 8 | (unsigned char)s->p[i];
        *s = str_skip(*s, bytes);
    }
    t->body = str_head(*s, n);
    *s = str_skip(*s, t->body.n);
    return true;
}

static bool
expect(str *s, unsigned char tag, str *body)
{
    struct tlv t;
    if (!next(s, &t, 0) || t.tag != tag)
        return false;
    *body = t.body;
    return true;
}

/* The type's last arc and its content: 1.2.840.113549.1.7.N. */
static int
content_info(str bytes, str *content)
{
    static const str arc = S("\x2a\x86\x48\x86\xf7\x0d\x01\x07");
    str info, oid;
    if (bytes.n < 2 || (unsigned char)bytes.p[0] != SEQUENCE || !expect(&bytes, SEQUENCE, &info) ||
        !expect(&info, OID, &oid) || oid.n != arc.n + 1 || !str_starts(oid, arc))
        return 0;
    *content = info;
    return oid.p[arc.n];
}

static void
put_octets(struct buf *b, struct tlv t, int depth)
{
    struct tlv piece;
    if ((t.tag & CONSTRUCTED) == 0)
        buf_add(b, t.body);
    else
        while (depth < NESTED && next(&t.body, &piece, 0))
            put_octets(b, piece, depth + 1);
}

str
cms_signed_content(struct arena *a, str bytes)
{
    enum { SIGNED = 2 };
    str rest, explicit, data, ignored, enclosed;
    struct tlv t;
    if (content_info(bytes, &rest) != SIGNED || !expect(&rest, EXPLICIT_0, &explicit) ||
        !expect(&explicit, SEQUENCE, &data) || !expect(&data, INTEGER, &ignored) || !next(&data, &t, 0) ||
        !expect(&data, SEQUENCE, &enclosed) || !expect(&enclosed, OID, &ignored) ||
        !expect(&enclosed, EXPLICIT_0, &explicit) || !next(&explicit, &t, 0) ||
        (t.tag & ~(unsigned)CONSTRUCTED) != OCTETS)
        return (str){ 0 };
    if ((t.tag & CONSTRUCTED) == 0)
        return t.body;
    struct buf b = { 0 };
    put_octets(&b, t, 0);
    str content = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return content;
}

bool
cms_is_encrypted(str bytes)
{
    enum { ENVELOPED = 3, ENCRYPTED = 6 };
    str content;
    int type = content_info(bytes, &content);
    return type == ENVELOPED || type == ENCRYPTED;
}
