/* Outlook's .msg to MIME, and the format "msg".
 *
 * Compressed RTF bodies are left out: whoever sends mail from outside sends text or HTML too.  Reports lie in
 * attachments and text, which are all taken. */
#include "msg.h"

#include <stdio.h>

#include "buf.h"
#include "cfb.h"
#include "charset.h"
#include "message_read.h"
#include "mime.h"

enum property {
    SUBJECT = 0x0037,
    HEADERS = 0x007d,
    SENDER_NAME = 0x0c1a,
    SENDER_ADDRESS = 0x0c1f,
    SENDER_SMTP = 0x5d01,
    DISPLAY_TO = 0x0e04,
    MESSAGE_ID = 0x1035,
    BODY = 0x1000,
    HTML = 0x1013,
    DELIVERED = 0x0e06,
    SUBMITTED = 0x0039,
    CODE_PAGE = 0x3ffd,
    INTERNET_CODE_PAGE = 0x3fde,
    DATA = 0x3701,
    SHORT_NAME = 0x3704,
    LONG_NAME = 0x3707,
    MEDIA_TYPE = 0x370e,
};

/* One storage with properties: the message, an attachment, a message in it. */
struct storage {
    struct cfb *cfb;
    int entry;
    str fixed;     /* properties of fixed length, 16 bytes each */
    str code_page; /* charset of its 8-bit texts */
};

struct making {
    struct arena *arena;
    struct buf out;
    uint64_t budget; /* cfb.h */
    unsigned parts;
    bool cut, too_deep, too_large;
};

bool
msg_recognise(str head)
{
    return cfb_recognise(head);
}

/* Properties --------------------------------------------------------------------------------------- */

static int
find_stream(const struct storage *s, enum property p, const char *type)
{
    char name[32];
    snprintf(name, sizeof name, "__substg1.0_%04X%s", (unsigned)p, type);
    return cfb_child(s->cfb, s->entry, name);
}

static uint64_t
fixed_property(const struct storage *s, enum property p, unsigned type)
{
    for (size_t at = 0; at + 16 <= s->fixed.n; at += 16) {
        const unsigned char *u = (const unsigned char *)s->fixed.p + at;
        if ((u[0] | u[1] << 8) != (int)type || (u[2] | u[3] << 8) != (int)p)
            continue;
        uint64_t v = 0;
        for (int i = 7; i >= 0; i--)
            v = v << 8 | u[8 + i];
        return v;
    }
    return 0;
}

/* Windows code pages by their IANA names. */
static str
charset_of(struct arena *a, uint64_t page)
{
    static const struct {
        uint32_t page;
        const char *name;
    } pages[] = {
        { 65001, "utf-8" },       { 932, "shift_jis" }, { 936, "gbk" },       { 949, "euc-kr" },
        { 950, "big5" },          { 20866, "koi8-r" },  { 21866, "koi8-u" },  { 20127, "us-ascii" },
        { 50220, "iso-2022-jp" }, { 51932, "euc-jp" },  { 54936, "gb18030" }, { 874, "windows-874" }
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i].page == page)
            return str_from(pages[i].name);
    if (page >= 28591 && page <= 28605)
        return arena_printf(a, "iso-8859-%u", (unsigned)(page - 28590));
    if (page >= 1250 && page <= 1258)
        return arena_printf(a, "windows-%u", (unsigned)page);
    return S("windows-1252");
}

/* header: bytes before the first property, 32 in a file's message, 24 in one inside it, 8 elsewhere. */
static struct storage
open_storage(struct making *m, struct cfb *cfb, int entry, size_t header, str code_page)
{
    struct storage s = { .cfb = cfb, .entry = entry, .code_page = code_page };
    int stream = cfb_child(cfb, entry, "__properties_version1.0");
    bool cut = false;
    if (stream >= 0)
        s.fixed = str_skip(cfb_stream(cfb, stream, &cut), header);
    uint64_t page = fixed_property(&s, CODE_PAGE, 3);
    if (page)
        s.code_page = charset_of(m->arena, page & UINT32_MAX);
    return s;
}

static str
text_property(struct making *m, const struct storage *s, enum property p)
{
    bool cut = false;
    int stream = find_stream(s, p, "001F");
    str text = { 0 };
    if (stream >= 0)
        text = charset_to_utf8(m->arena, cfb_stream(s->cfb, stream, &cut), S("utf-16le"));
    else if ((stream = find_stream(s, p, "001E")) >= 0)
        text = charset_to_utf8(m->arena, cfb_stream(s->cfb, stream, &cut), s->code_page);
    m->cut |= cut;
    return text;
}

/* As one line of a field. */
static str
line_property(struct making *m, const struct storage *s, enum property p)
{
    str text = text_property(m, s, p);
    char *copy = arena_alloc(m->arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        copy[i] = (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i];
    return str_trim(str_of(copy, text.n));
}

/* Parts -------------------------------------------------------------------------------------------- */

static void
put_base64(struct making *m, str in)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum { LINE = 57 };
    m->too_large |= m->out.n + in.n / 2 * 3 > MSG_MAX_BYTES;
    if (m->too_large)
        return;
    for (size_t i = 0; i < in.n; i += 3) {
        size_t left = in.n - i;
        unsigned v = (unsigned)(unsigned char)in.p[i] << 16;
        v |= left > 1 ? (unsigned)(unsigned char)in.p[i + 1] << 8 : 0;
        v |= left > 2 ? (unsigned)(unsigned char)in.p[i + 2] : 0;
        char four[4] = { digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=',
                         left > 2 ? digits[v & 63] : '=' };
        buf_put(&m->out, four, 4);
        if ((i + 3) % LINE == 0)
            buf_char(&m->out, '\n');
    }
    buf_char(&m->out, '\n');
}

static void
put_part(struct making *m, str boundary, str type, str name, str bytes)
{
    struct buf quoted = { 0 };
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\')
            buf_char(&quoted, '\\');
        buf_char(&quoted, name.p[i]);
    }
    buf_printf(&m->out, "\n--%.*s\nContent-Type: %.*s\nContent-Transfer-Encoding: base64\n", PRSTR(boundary),
               PRSTR(type));
    if (name.n)
        buf_printf(&m->out, "Content-Disposition: attachment; filename=\"%.*s\"\n", PRSTR(buf_str(&quoted)));
    buf_char(&m->out, '\n');
    put_base64(m, bytes);
    buf_free(&quoted);
}

static void make_message(struct making *, const struct storage *, int depth);

/* A message inside: by itself first, so that it can be put in as it is. */
static void
put_message(struct making *m, str boundary, const struct storage *inner, int depth)
{
    m->too_deep |= depth >= MSG_MAX_DEPTH;
    if (depth >= MSG_MAX_DEPTH)
        return;
    buf_printf(&m->out, "\n--%.*s\nContent-Type: message/rfc822\n\n", PRSTR(boundary));
    make_message(m, inner, depth + 1);
}

static void
put_attachment(struct making *m, str boundary, const struct storage *outer, int entry, int depth)
{
    struct storage s = open_storage(m, outer->cfb, entry, 8, outer->code_page);
    int inside = find_stream(&s, DATA, "000D"), stream = find_stream(&s, DATA, "0102");
    const char *why;
    bool cut = false;
    if (inside >= 0) {
        struct storage inner = open_storage(m, s.cfb, inside, 24, s.code_page);
        put_message(m, boundary, &inner, depth);
        return;
    }
    str bytes = stream >= 0 ? cfb_stream(s.cfb, stream, &cut) : (str){ 0 };
    str type = line_property(m, &s, MEDIA_TYPE), name = line_property(m, &s, LONG_NAME);
    m->cut |= cut;
    if (name.n == 0)
        name = line_property(m, &s, SHORT_NAME);
    if (str_ieq(type, S("multipart/signed"))) { /* an entity with its own header */
        buf_printf(&m->out, "\n--%.*s\n%.*s\n", PRSTR(boundary), PRSTR(bytes));
        return;
    }
    struct cfb *file = cfb_recognise(bytes) ? cfb_open(m->arena, bytes, &m->budget, &why) : NULL;
    if (file && cfb_child(file, 0, "__properties_version1.0") >= 0) { /* a .msg as a file */
        struct storage inner = open_storage(m, file, 0, 32, s.code_page);
        put_message(m, boundary, &inner, depth);
        return;
    }
    if (str_find_char(type, '/') == STR_NONE || str_istarts(type, S("multipart/")))
        type = S("application/octet-stream");
    if (str_istarts(type, S("message/"))) { /* these may not be in base64; they hold lines */
        buf_printf(&m->out, "\n--%.*s\nContent-Type: %.*s\n\n%.*s\n", PRSTR(boundary), PRSTR(type),
                   PRSTR(bytes));
        return;
    }
    put_part(m, boundary, type, name, bytes);
}

/* Messages ----------------------------------------------------------------------------------------- */

enum field_use { KEEP, DROP, RENAME };
static enum field_use
use_of(str name)
{
    static const struct {
        const char *name;
        enum field_use use;
    } fields[] = { { "Content-Type", DROP },
                   { "Content-Transfer-Encoding", DROP },
                   { "MIME-Version", DROP },
                   { "DKIM-Signature", RENAME },
                   { "ARC-Seal", RENAME },
                   { "ARC-Message-Signature", RENAME },
                   { "ARC-Authentication-Results", RENAME } };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_ieq(name, str_from(fields[i].name)))
            return fields[i].use;
    return KEEP;
}

/* The header section as it came, without what speaks of the body; type: what Content-Type said. */
static size_t
put_headers(struct making *m, str headers, str *type)
{
    struct message parsed;
    size_t n = 0;
    if (str_istarts(headers, S("Microsoft Mail Internet Headers")))
        headers = str_cut(headers, '\n').tail;
    headers = str_trim(headers);
    message_parse_headers(&parsed, m->arena, arena_join(m->arena, headers, S("\n"), S("\n")));
    for (size_t i = 0; i < parsed.nheaders; i++) {
        const struct header *h = &parsed.headers[i];
        enum field_use use = use_of(h->name);
        if (str_ieq(h->name, S("Content-Type")))
            *type = h->value;
        if (use == DROP)
            continue;
        str whole = str_trim_right(str_head(str_skip(parsed.raw, h->offset), h->length));
        buf_printf(&m->out, "%s%.*s\n", use == RENAME ? "X-Unverifiable-" : "", PRSTR(whole));
        n++;
    }
    return n;
}

/* A time of Windows: tenths of microseconds since 1601. */
static when
file_time(uint64_t t)
{
    const uint64_t epoch = 116444736000000000u;
    return t > epoch && t < epoch + 2534023008000000000u ? (when)((t - epoch) / 10) : WHEN_NONE;
}

/* What the properties tell, where there is no header section: mail that never left the house, drafts. */
static void
put_made_headers(struct making *m, const struct storage *s)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    str address = line_property(m, s, SENDER_SMTP), id = line_property(m, s, MESSAGE_ID);
    if (address.n == 0)
        address = line_property(m, s, SENDER_ADDRESS);
    if (str_has(address, S("@")))
        buf_printf(&m->out, "From: <%.*s>\n", PRSTR(address));
    else
        buf_printf(&m->out, "From: %.*s\n", PRSTR(line_property(m, s, SENDER_NAME)));
    buf_printf(&m->out, "To: %.*s\n", PRSTR(line_property(m, s, DISPLAY_TO)));
    buf_printf(&m->out, "Subject: %.*s\n", PRSTR(line_property(m, s, SUBJECT)));
    if (id.n)
        buf_printf(&m->out, "Message-ID: %.*s\n", PRSTR(id));
    when at = file_time(fixed_property(s, DELIVERED, 0x40));
    if (at == WHEN_NONE)
        at = file_time(fixed_property(s, SUBMITTED, 0x40));
    if (at == WHEN_NONE)
        return;
    struct civil c = when_to_civil(at);
    buf_printf(&m->out, "Date: %d %s %04d %02d:%02d:%02d +0000\n", c.day, months[c.month - 1], c.year, c.hour,
               c.minute, c.second);
}

static void
put_html(struct making *m, const struct storage *s, str boundary)
{
    int stream = find_stream(s, HTML, "0102");
    bool cut = false;
    str text = text_property(m, s, HTML), type = S("text/html; charset=utf-8");
    if (stream >= 0) {
        uint64_t page = fixed_property(s, INTERNET_CODE_PAGE, 3) & UINT32_MAX;
        str charset = page ? charset_of(m->arena, page) : s->code_page;
        text = cfb_stream(s->cfb, stream, &cut);
        type = arena_printf(m->arena, "text/html; charset=%.*s", PRSTR(charset));
        m->cut |= cut;
    }
    if (text.n)
        put_part(m, boundary, type, (str){ 0 }, text);
}

static void
make_message(struct making *m, const struct storage *s, int depth)
{
    str type = { 0 }, boundary = arena_printf(m->arena, "=_msg_%u", ++m->parts);
    if (put_headers(m, text_property(m, s, HEADERS), &type) == 0)
        put_made_headers(m, s);
    /* What kind of report it is, the type alone may tell. */
    str kind = mime_type(m->arena, type), report = mime_parameter(m->arena, type, "report-type");
    bool is_report = str_eq(kind, S("multipart/report")) && report.n > 0 && report.n < 80 &&
                     str_find_char(report, '"') == STR_NONE && str_find_char(report, '\n') == STR_NONE;
    buf_printf(&m->out, "MIME-Version: 1.0\nContent-Type: multipart/%s%.*s%s; boundary=\"%.*s\"\n",
               is_report ? "report; report-type=\"" : "mixed", PRSTR(is_report ? report : (str){ 0 }),
               is_report ? "\"" : "", PRSTR(boundary));
    str body = text_property(m, s, BODY);
    if (body.n)
        put_part(m, boundary, S("text/plain; charset=utf-8"), (str){ 0 }, body);
    put_html(m, s, boundary);
    int n = 0;
    for (int at = -1; (at = cfb_next(s->cfb, s->entry, "__attach_version1.0_", at)) >= 0 && !m->too_large;) {
        if (++n > MSG_MAX_ATTACHMENTS) {
            m->cut = true;
            break;
        }
        put_attachment(m, boundary, s, at, depth);
    }
    buf_printf(&m->out, "\n--%.*s--\n", PRSTR(boundary));
}

str
msg_to_mime(struct arena *a, str bytes, const char **why)
{
    struct making m = { .arena = a, .budget = CFB_BUDGET };
    struct cfb *cfb = cfb_open(a, bytes, &m.budget, why);
    if (cfb == NULL)
        return (str){ 0 };
    if (cfb_child(cfb, 0, "__properties_version1.0") < 0) {
        *why = "it is no message of Outlook";
        return (str){ 0 };
    }
    struct storage s = open_storage(&m, cfb, 0, 32, S("windows-1252"));
    make_message(&m, &s, 0);
    *why = m.too_large  ? "what it holds is too large"
           : m.too_deep ? "messages are nested too deep in it"
           : m.cut      ? "some of its streams are cut short"
                        : NULL;
    str out = arena_copy(a, buf_str(&m.out));
    buf_free(&m.out);
    return out;
}

/* The format --------------------------------------------------------------------------------------- */

static int
recognise(str head, bool eof)
{
    (void)eof;
    return cfb_recognise(head) ? 90 : 0;
}

static bool
read_msg(struct source *s, const struct ingest_options *o, struct sink *sink)
{
    struct arena arena = { 0 };
    struct diag d = { 0 };
    struct origin origin = { .offset = s->offset };
    const char *why = NULL;
    bool whole = source_slurp(s, MESSAGE_MAX_BYTES, &d), good = true;
    if (!whole && d.code != EXIT_REJECTED_INPUT) {
        sink->diag = d;
        return false;
    }
    while (!whole && good) {
        origin.length += s->window.n;
        source_take(s, s->window.n);
        if (s->eof)
            break;
        good = source_more(s, &sink->diag);
    }
    if (!whole)
        return good &&
               sink_reject(sink, 0, origin, (str){ 0 }, "message larger than %d bytes", MESSAGE_MAX_BYTES);
    origin.length = s->window.n;
    str mime = msg_to_mime(&arena, s->window, &why);
    struct message_source from = message_source_of(o, origin);
    if (mime.n == 0) {
        good = sink_reject(sink, 0, origin, (str){ 0 }, "compound file: %s", why);
    } else {
        good = message_ingest(&arena, mime, &from, sink);
        if (good && why)
            good = sink_reject(sink, 0, (struct origin){ .offset = origin.offset }, (str){ 0 },
                               "compound file: %s; the rest of it is read", why);
    }
    source_take(s, s->window.n);
    arena_free(&arena);
    return good;
}

const struct format format_msg = {
    .name = "msg",
    .kind = "message",
    .description = "a message saved by Outlook (.msg), with the reports it carries",
    .recognise = recognise,
    .read = read_msg,
};
