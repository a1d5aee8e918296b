/* Walks the MIME tree of a message.
 *
 * It slices by boundaries and decodes transfer encodings; it does not convert
 * charsets (common/charset.h) nor inflate or unpack attachments. */
#include "mime.h"

#include "buf.h"
#include "charset.h"
#include "cms.h"
#include "message_read.h"
#include "transfer.h"

enum {
    PARAMETER_PIECES = 64, /* RFC 2231 continuations of one parameter */
    BOUNDARY_MAX = 1000,   /* RFC 2046 5.1.1 says 70 */
};

struct walk {
    struct arena *arena;
    bool (*each)(void *ctx, const struct mime_part *);
    void *ctx;
    size_t entities;
    const char *limit; /* what was not shown, and why; NULL: nothing */
    str nested;        /* the message/rfc822 that is being walked, or empty */
};

static bool walk_entity(struct walk *, const struct message *, size_t offset, bool encoded, int depth,
                        const char *absent_type);

str
mime_type(struct arena *a, str value)
{
    value = str_trim(value);
    size_t n = 0, slashes = 0;
    while (n < value.n && !str_is_space(value.p[n]) && value.p[n] != ';' && value.p[n] != '(')
        slashes += value.p[n++] == '/';
    if (slashes != 1 || value.p[0] == '/' || value.p[n - 1] == '/')
        return (str){ 0 };
    return arena_lower(a, str_head(value, n));
}

/* One "name=value" of a parameter list. */
struct parameter {
    str name;
    str value; /* without quotes; backslashes still in */
    bool quoted;
};

/* The parameter at the start of *s, after any of ";", blanks, comments; false at the end. */
static bool
next_parameter(str *s, struct parameter *out)
{
    while (s->n > 0 && (str_is_space(s->p[0]) || s->p[0] == ';' || s->p[0] == '(' || s->p[0] == '='))
        *s = str_skip(*s, s->p[0] == '(' ? header_comment_length(*s) : 1);
    if (s->n == 0)
        return false;
    size_t n = 0;
    while (n < s->n && s->p[n] != '=' && s->p[n] != ';')
        n++;
    *out = (struct parameter){ .name = str_trim(str_head(*s, n)) };
    *s = str_skip(*s, n);
    if (s->n == 0 || s->p[0] == ';')
        return true;
    *s = str_trim_left(str_skip(*s, 1));
    if (s->n > 0 && s->p[0] == '"') {
        size_t end = 1;
        while (end < s->n && s->p[end] != '"')
            end += s->p[end] == '\\' ? 2 : 1;
        out->value = str_skip(str_head(*s, end), 1);
        out->quoted = true;
        *s = str_skip(*s, end + 1);
        return true;
    }
    for (n = 0; n < s->n && s->p[n] != ';';)
        n++;
    out->value = str_trim(str_head(*s, n));
    *s = str_skip(*s, n);
    return true;
}

static void
put_value(struct buf *b, const struct parameter *p)
{
    for (size_t i = 0; i < p->value.n; i++) {
        if (p->quoted && p->value.p[i] == '\\' && i + 1 < p->value.n)
            i++;
        buf_char(b, p->value.p[i]);
    }
}

/* "utf-8'de'na%C3%AFve": charset and percent bytes (RFC 2231 section 4). */
static void
put_percent(struct buf *b, str s)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < s.n; i++) {
        const char *high = i + 2 < s.n && s.p[i] == '%' ? strchr(digits, str_lower_char(s.p[i + 1])) : NULL;
        const char *low = high ? strchr(digits, str_lower_char(s.p[i + 2])) : NULL;
        if (high && low && *high && *low) {
            buf_char(b, (char)((high - digits) << 4 | (low - digits)));
            i += 2;
        } else {
            buf_char(b, s.p[i]);
        }
    }
}

/* What follows "name*" of a parameter: its number (-1: none) and whether it is percent-encoded. */
static bool
cut_star(str tail, int *piece, bool *encoded)
{
    *piece = -1;
    *encoded = false;
    if (tail.n == 0)
        return true;
    if (tail.p[0] != '*')
        return false;
    struct str_number n = str_cut_number(str_skip(tail, 1), 3);
    if (n.ok)
        *piece = (int)n.value;
    *encoded = str_eq(n.rest, S("*")) || (!n.ok && tail.n == 1);
    return *encoded || (n.ok && n.rest.n == 0);
}

/* The charset that the first encoded piece names, cut off it. */
static str
cut_charset(str *value)
{
    struct str_cut charset = str_cut(*value, '\'');
    struct str_cut language = str_cut(charset.tail, '\'');
    if (!language.found)
        return (str){ 0 };
    *value = language.tail;
    return charset.head;
}

static str
join_pieces(struct arena *a, const struct parameter *pieces, const bool *encoded, int n)
{
    struct buf b = { 0 };
    str charset = { 0 };
    for (int i = 0; i < n && pieces[i].name.n > 0; i++) {
        struct parameter p = pieces[i];
        if (encoded[i] && i == 0)
            charset = cut_charset(&p.value);
        if (encoded[i])
            put_percent(&b, p.value);
        else
            put_value(&b, &p);
    }
    str text = charset_to_utf8(a, arena_copy(a, buf_str(&b)), charset);
    buf_free(&b);
    return text;
}

str
mime_parameter(struct arena *a, str value, const char *name)
{
    str wanted = str_from(name), rest = header_unfold(a, value);
    struct parameter p, plain = { 0 }, whole = { 0 }, pieces[PARAMETER_PIECES] = { 0 };
    bool encoded[PARAMETER_PIECES] = { false };
    size_t type = 0; /* the value proper stands before the parameters */
    while (type < rest.n && rest.p[type] != ';' && !str_is_space(rest.p[type]))
        type++;
    rest = str_skip(rest, type);
    while (next_parameter(&rest, &p)) {
        int piece;
        bool percent;
        if (!str_istarts(p.name, wanted) || !cut_star(str_skip(p.name, wanted.n), &piece, &percent))
            continue;
        if (piece >= 0 && piece < PARAMETER_PIECES && pieces[piece].name.n == 0) {
            pieces[piece] = p;
            encoded[piece] = percent;
        } else if (piece < 0 && percent) {
            whole = p;
        } else if (piece < 0 && plain.name.n == 0) {
            plain = p;
        }
    }
    if (whole.name.n > 0)
        return join_pieces(a, &whole, (bool[]){ true }, 1);
    if (pieces[0].name.n > 0)
        return join_pieces(a, pieces, encoded, PARAMETER_PIECES);
    return header_decode(a, join_pieces(a, &plain, (bool[]){ false }, 1));
}

/* A MIME field of an entity; the second name is a typo some senders make. */
static str
mime_field(const struct message *m, const char *name, const char *typo)
{
    str value = message_header_value(m, name);
    return value.n ? value : message_header_value(m, typo);
}

static bool
show_leaf(struct walk *w, const struct message *m, size_t offset, bool encoded, int depth, str type)
{
    if (w->each == NULL)
        return true;
    str content_type = mime_field(m, "Content-Type", "ContentType");
    str disposition = mime_field(m, "Content-Disposition", "ContentDisposition");
    str transfer = mime_field(m, "Content-Transfer-Encoding", "ContentTransferEncoding");
    struct mime_part part = {
        .content_type = type,
        .charset = mime_parameter(w->arena, content_type, "charset"),
        .filename = mime_parameter(w->arena, disposition, "filename"),
        .body = transfer_decode(w->arena, str_skip(m->raw, m->body_offset),
                                str_trim(str_cut(transfer, ';').head)),
        .depth = depth,
        .offset = encoded ? offset : offset + m->body_offset,
        .headers = str_head(m->raw, m->body_offset),
        .nested = w->nested,
    };
    if (part.filename.n == 0)
        part.filename = mime_parameter(w->arena, content_type, "name");
    bool text = str_starts(type, S("text/")) || str_starts(type, S("message/"));
    if (text && str_find_char(part.body, '\0') == STR_NONE) /* files come without a type, or as text */
        part.body = message_line_ends(w->arena, part.body);
    return w->each(w->ctx, &part);
}

/* gzip or zip, whatever its type says. */
static bool
is_packed_file(str bytes)
{
    return str_starts(bytes, S("\x1f\x8b\x08")) || str_starts(bytes, S("PK\x03\x04"));
}

/* A boundary line: 0 none, 1 a part follows, 2 it closes the multipart. */
static int
boundary_line(str line, str boundary)
{
    if (line.n < boundary.n + 2 || line.p[0] != '-' || line.p[1] != '-' ||
        memcmp(line.p + 2, boundary.p, boundary.n) != 0)
        return 0;
    str rest = str_trim_right(str_skip(line, boundary.n + 2));
    return rest.n == 0 ? 1 : str_eq(rest, S("--")) ? 2 : 0;
}

/* An entity's bytes as a message of their own; an entity may do without any header field. */
static struct message
parse_entity(struct walk *w, str raw)
{
    struct message m;
    message_parse_headers(&m, w->arena, message_line_ends(w->arena, raw));
    return m;
}

static bool
walk_part(struct walk *w, str body, size_t from, size_t to, size_t offset, bool encoded, int depth,
          const char *absent_type)
{
    /* The line end before a boundary belongs to the boundary (RFC 2046 5.1.1). */
    if (to > from && body.p[to - 1] == '\n')
        to--;
    if (to > from && body.p[to - 1] == '\r')
        to--;
    struct message m = parse_entity(w, str_of(body.p + from, to - from));
    return walk_entity(w, &m, encoded ? offset : offset + from, encoded, depth + 1, absent_type);
}

/* The boundary that a body uses where the field names none, or another: a line "--..." with fields behind it. */
static str
sniff_boundary(str body)
{
    enum { LINES = 200 };
    for (int i = 0; i < LINES && body.n > 0; i++) {
        struct str_cut c = str_cut(body, '\n');
        str line = str_trim_right(c.head);
        bool marked = line.n > 2 && line.n <= BOUNDARY_MAX && str_starts(line, S("--"));
        if (marked && str_istarts(c.tail, S("Content-")) && str_find_char(line, ' ') == STR_NONE)
            return str_skip(line, 2);
        body = c.tail;
    }
    return (str){ 0 };
}

static bool
walk_multipart(struct walk *w, const struct message *m, str boundary, size_t entity, bool encoded, int depth,
               const char *absent_type)
{
    str body = str_skip(m->raw, m->body_offset);
    size_t offset = encoded ? entity : entity + m->body_offset;
    size_t part = STR_NONE; /* where the open part starts */
    for (size_t at = 0; at < body.n;) {
        size_t lf = str_find_char(str_skip(body, at), '\n');
        size_t next = lf == STR_NONE ? body.n : at + lf + 1;
        int kind = boundary_line(str_of(body.p + at, next - at), boundary);
        if (kind != 0 && part != STR_NONE &&
            !walk_part(w, body, part, at, offset, encoded, depth, absent_type))
            return false;
        if (kind == 2)
            return true;
        if (kind == 1)
            part = next;
        at = next;
    }
    if (part != STR_NONE) /* the closing boundary is missing */
        return walk_part(w, body, part, body.n, offset, encoded, depth, absent_type);
    str used = sniff_boundary(body);
    if (used.n > 0 && !str_eq(used, boundary))
        return walk_multipart(w, m, used, entity, encoded, depth, absent_type);
    return show_leaf(w, m, entity, encoded, depth, S("text/plain")); /* no boundary at all */
}

/* The entity that an opaque S/MIME signature encloses (RFC 8551 3.5.2); "" if none. */
static str
signed_entity(struct walk *w, const struct message *m)
{
    str transfer = mime_field(m, "Content-Transfer-Encoding", "ContentTransferEncoding");
    str bytes =
        transfer_decode(w->arena, str_skip(m->raw, m->body_offset), str_trim(str_cut(transfer, ';').head));
    str inner = cms_signed_content(w->arena, bytes);
    return str_istarts(inner, S("Content-")) || str_istarts(inner, S("MIME-")) ? inner : (str){ 0 };
}

/* As gateways send it that do not know the type. */
static bool
is_named_p7m(const struct message *m, str type)
{
    return str_ifind(type, S(".p7m")) != STR_NONE ||
           str_ifind(message_header_value(m, "Content-Disposition"), S(".p7m")) != STR_NONE;
}

static bool
walk_entity(struct walk *w, const struct message *m, size_t offset, bool encoded, int depth,
            const char *absent_type)
{
    if (depth > MESSAGE_MAX_MIME_DEPTH) { /* what follows on higher levels is shown */
        w->limit = "parts of the message are nested too deep: the innermost are not read";
        return true;
    }
    if (w->entities++ >= MESSAGE_MAX_MIME_PARTS) {
        w->limit = "the message has too many parts: the rest is not read";
        return false;
    }
    str field = mime_field(m, "Content-Type", "ContentType");
    str type = mime_type(w->arena, field);
    if (type.n == 0)
        type = str_from(absent_type);
    str body = str_skip(m->raw, m->body_offset);
    size_t at = encoded ? offset : offset + m->body_offset;
    bool multipart = str_starts(type, S("multipart/"));
    bool unsaid = depth == 0 && field.n == 0; /* fields that were lost on the way */
    str boundary = multipart ? mime_parameter(w->arena, field, "boundary") : (str){ 0 };
    if (boundary.n == 0 && (multipart || unsaid))
        boundary = sniff_boundary(body);
    if (multipart || boundary.n > 0) {
        bool digest = str_eq(type, S("multipart/digest"));
        if (boundary.n > 0 && boundary.n <= BOUNDARY_MAX)
            return walk_multipart(w, m, boundary, offset, encoded, depth,
                                  digest ? "message/rfc822" : "text/plain");
        type = S("text/plain"); /* RFC 2045 5.2 for what cannot be read as said */
    }
    if (str_eq(type, S("message/rfc822")) || str_eq(type, S("message/global"))) {
        str transfer = mime_field(m, "Content-Transfer-Encoding", "ContentTransferEncoding");
        str inner = transfer_decode(w->arena, body, str_trim(str_cut(transfer, ';').head));
        if (is_packed_file(inner))
            return show_leaf(w, m, offset, encoded, depth, S("application/octet-stream"));
        struct message nested = parse_entity(w, message_itself(inner));
        str outer = w->nested;
        w->nested = inner;
        bool good = walk_entity(w, &nested, at, encoded || inner.p != body.p, depth + 1, "text/plain");
        w->nested = outer;
        return good;
    }
    if (str_eq(type, S("application/pkcs7-mime")) || str_eq(type, S("application/x-pkcs7-mime")) ||
        (str_eq(type, S("application/octet-stream")) && is_named_p7m(m, field))) {
        str inner = signed_entity(w, m);
        if (inner.n) {
            struct message nested = parse_entity(w, inner);
            return walk_entity(w, &nested, at, true, depth + 1, "text/plain");
        }
    }
    return show_leaf(w, m, offset, encoded, depth, type);
}

bool
mime_walk(struct arena *a, const struct message *m, bool (*each)(void *ctx, const struct mime_part *),
          void *ctx)
{
    struct walk w = { .arena = a, .each = each, .ctx = ctx };
    return walk_entity(&w, m, 0, false, 0, "text/plain") && w.limit == NULL;
}

/* Lines that could be boundaries or begin a type: few of them, and no limit can be met. */
static bool
may_have_many_parts(str body)
{
    size_t found = 0;
    while (body.n && found < MESSAGE_MAX_MIME_DEPTH - 1) {
        if (body.p[0] == '-' && str_starts(body, S("--")))
            found++;
        else if ((body.p[0] == 'C' || body.p[0] == 'c') && str_istarts(body, S("Content-Type:"))) {
            found++;
            str type = str_trim_left(str_skip(body, 13));
            if (str_istarts(type, S("message/")) || str_istarts(type, S("application/pkcs7-mime")) ||
                str_istarts(type, S("application/x-pkcs7-mime")))
                return true; /* its transfer encoding may hide others */
        }
        size_t lf = str_find_char(body, '\n');
        body = str_skip(body, lf == STR_NONE ? body.n : lf + 1);
    }
    return found >= MESSAGE_MAX_MIME_DEPTH - 1;
}

const char *
mime_limit(struct arena *a, const struct message *m)
{
    str type = str_trim_left(mime_field(m, "Content-Type", "ContentType"));
    struct walk w = { .arena = a };
    if (!str_istarts(type, S("message/")) && !str_istarts(type, S("application/")) &&
        !(str_istarts(type, S("multipart/")) && may_have_many_parts(str_skip(m->raw, m->body_offset))))
        return NULL;
    walk_entity(&w, m, 0, false, 0, "text/plain");
    return w.limit;
}
