/* What Outlook and Exchange pack into a winmail.dat.
 *
 * A stream is a signature and attributes: level, id, length, bytes, checksum.  What is newer stands in lists of
 * MAPI properties that some attributes hold.  Checksums are not looked at: what is read is judged by itself. */
#include "tnef.h"

#include "charset.h"

enum attribute {
    ATTACH_BEGIN = 0x00069002, /* attAttachRenddata */
    ATTACH_DATA = 0x0006800f,
    ATTACH_TITLE = 0x00018010,
    ATTACH_PROPERTIES = 0x00069005,
    MESSAGE_PROPERTIES = 0x00069003,
    MESSAGE_BODY = 0x0002800c,
};
enum property { BODY = 0x1000, DATA = 0x3701, SHORT_NAME = 0x3704, LONG_NAME = 0x3707 };
enum property_type {
    T_I2 = 2,
    T_R8 = 5,
    T_CURRENCY = 6,
    T_APPTIME = 7,
    T_OBJECT = 0x0d,
    T_I8 = 0x14,
    T_STRING = 0x1e,
    T_UNICODE = 0x1f,
    T_TIME = 0x40,
    T_CLSID = 0x48,
    T_BINARY = 0x102,
    T_MANY = 0x1000,
};
enum { SIGNATURE_LENGTH = 6, ATTRIBUTE_HEAD = 9, CHECKSUM = 2, CLSID_LENGTH = 16, NAMED = 0x8000 };

static const char signature[] = "\x78\x9f\x3e\x22";

/* A reader that gives nothing any more once something is missing. */
struct bytes {
    str rest;
    bool cut;
};

static str
take(struct bytes *b, size_t n)
{
    if (b->cut || n > b->rest.n) {
        b->cut = true;
        return (str){ 0 };
    }
    str s = str_head(b->rest, n);
    b->rest = str_skip(b->rest, n);
    return s;
}

static uint32_t
take_int(struct bytes *b, size_t n)
{
    str s = take(b, n);
    uint32_t v = 0;
    for (size_t i = s.n; i-- > 0;)
        v = v << 8 | (unsigned char)s.p[i];
    return v;
}

/* Values stand at multiples of four. */
static str
take_padded(struct bytes *b, size_t n)
{
    str s = take(b, n);
    size_t padding = (4 - n % 4) % 4;
    take(b, padding < b->rest.n ? padding : b->rest.n);
    return s;
}

bool
tnef_recognise(str head)
{
    return str_starts(head, str_of(signature, 4));
}

struct tnef
tnef_open(str bytes)
{
    return (struct tnef){ .levels = { { .rest = str_skip(bytes, SIGNATURE_LENGTH) } }, .depth = 1 };
}

static size_t
fixed_length(unsigned type)
{
    switch (type) {
    case T_R8:
    case T_CURRENCY:
    case T_APPTIME:
    case T_I8:
    case T_TIME: return 8;
    case T_CLSID: return CLSID_LENGTH;
    default: return type <= 0x0b ? 4 : 0;
    }
}

/* The name of a property of somebody's own. */
static void
skip_name(struct bytes *b)
{
    take(b, CLSID_LENGTH);
    if (take_int(b, 4) == 0)
        take(b, 4);
    else
        take_padded(b, take_int(b, 4));
}

/* The last value of a property that is looked for; others are passed over. */
static str
take_values(struct bytes *b, unsigned type)
{
    bool variable = type == T_STRING || type == T_UNICODE || type == T_OBJECT || type == T_BINARY;
    unsigned one = type & ~(unsigned)T_MANY;
    bool many = type & T_MANY;
    variable |= one == T_STRING || one == T_UNICODE || one == T_BINARY;
    str value = { 0 };
    for (uint32_t n = many || variable ? take_int(b, 4) : 1; n > 0 && !b->cut; n--) {
        size_t length = variable ? take_int(b, 4) : fixed_length(one);
        if (length == 0 && !variable)
            b->cut = true; /* nobody knows how long that is */
        value = take_padded(b, length);
    }
    return value;
}

static str
text_of(struct arena *a, str value, unsigned type)
{
    str text = charset_to_utf8(a, value, type == T_UNICODE ? S("utf-16le") : S("windows-1252"));
    size_t end = str_find_char(text, '\0');
    return end == STR_NONE ? text : str_head(text, end);
}

/* Reads a list of properties: those of the attachment, or the body of the message. */
static void
read_properties(struct tnef *t, struct tnef_level *l, struct arena *a, str list, str *body)
{
    struct bytes b = { .rest = list };
    for (uint32_t n = take_int(&b, 4); n > 0 && !b.cut; n--) {
        unsigned type = take_int(&b, 2), id = take_int(&b, 2);
        if (id >= NAMED)
            skip_name(&b);
        str value = take_values(&b, type);
        bool is_text = type == T_STRING || type == T_UNICODE;
        if (b.cut)
            break;
        if (id == DATA && type == T_BINARY)
            l->data = value;
        else if (id == DATA && type == T_OBJECT) /* the id of its interface goes before it */
            l->data = str_skip(value, CLSID_LENGTH);
        else if (is_text && (id == LONG_NAME || (id == SHORT_NAME && l->title.n == 0)))
            l->title = text_of(a, value, type);
        else if (is_text && id == BODY)
            *body = text_of(a, value, type);
    }
    if (b.cut)
        t->damage = "winmail.dat: a list of properties cannot be read to its end";
}

/* The attachment is complete: a file, or a message whose files come next. */
static bool
end_attachment(struct tnef *t, struct tnef_level *l, struct tnef_file *out)
{
    *out = (struct tnef_file){ l->title, l->data };
    l->open = false;
    l->title = l->data = (str){ 0 };
    if (!tnef_recognise(out->bytes))
        return out->bytes.n > 0;
    if (t->depth == TNEF_MAX_DEPTH)
        t->damage = "winmail.dat: messages nested too deep";
    else
        t->levels[t->depth++] = (struct tnef_level){ .rest = str_skip(out->bytes, SIGNATURE_LENGTH) };
    return false;
}

/* One attribute; whether a file is complete with it. */
static bool
read_attribute(struct tnef *t, struct tnef_level *l, struct arena *a, struct tnef_file *out)
{
    struct bytes b = { .rest = l->rest };
    bool ready = false;
    str body = { 0 };
    take(&b, 1); /* whether it is of the message or of an attachment: the id says so, too */
    uint32_t id = take_int(&b, 4);
    str value = take(&b, take_int(&b, 4));
    take(&b, CHECKSUM < b.rest.n ? CHECKSUM : b.rest.n);
    l->rest = b.cut ? (str){ 0 } : b.rest;
    if (b.cut) {
        t->damage = "winmail.dat: it is cut";
        return false;
    }
    switch (id) {
    case ATTACH_BEGIN:
        ready = l->open && end_attachment(t, l, out);
        l->open = true;
        return ready;
    case ATTACH_DATA: l->data = value; break;
    case ATTACH_TITLE: l->title = text_of(a, value, T_STRING); break;
    case ATTACH_PROPERTIES:
    case MESSAGE_PROPERTIES: read_properties(t, l, a, value, &body); break;
    case MESSAGE_BODY: body = text_of(a, value, T_STRING); break;
    default: break;
    }
    *out = (struct tnef_file){ .bytes = body };
    return body.n > 0;
}

bool
tnef_next(struct tnef *t, struct arena *a, struct tnef_file *out)
{
    while (t->files < TNEF_MAX_FILES) {
        struct tnef_level *l = &t->levels[t->depth - 1];
        bool ready = false;
        if (l->rest.n >= ATTRIBUTE_HEAD)
            ready = read_attribute(t, l, a, out);
        else if (l->open)
            ready = end_attachment(t, l, out);
        else if (t->depth > 1)
            t->depth--;
        else
            return false;
        if (ready) {
            t->files++;
            return true;
        }
    }
    t->damage = "winmail.dat: too many files";
    return false;
}
