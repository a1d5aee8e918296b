/* The parts of reports that are mails.  What they mean is dsn_fields.c's, dsn_prose.c's and arf.c's business. */
#include "report_parts.h"

#include "buf.h"
#include "charset.h"
#include "hash.h"
#include "message_read.h"

enum { CANDIDATES = 500 }; /* lines at which a copy of headers is looked for */

size_t
report_part_of_type(const struct report_parts *p, size_t at, const char *const *types)
{
    for (; at < p->n; at++)
        for (size_t t = 0; types[t]; t++)
            if (str_eq(p->parts[at].content_type, str_from(types[t])))
                return at;
    return STR_NONE;
}

static str
skip_blank_lines(str text)
{
    for (;;) {
        struct str_cut c = str_cut(text, '\n');
        if (!c.found || str_trim(c.head).n > 0)
            return text;
        text = c.tail;
    }
}

struct message
report_fields(struct arena *a, str text, str *rest)
{
    struct message m;
    message_parse_headers(&m, a, skip_blank_lines(text));
    if (rest)
        *rest = str_skip(m.raw, m.body_offset);
    return m;
}

str
report_field(struct arena *a, const struct message *m, const char *name)
{
    const struct header *h = message_header(m, name, NULL);
    return h ? str_trim(header_decode(a, h->value)) : (str){ 0 };
}

str
report_fields_joined(struct arena *a, const struct message *m, const char *name, const char *between)
{
    str all = { 0 };
    size_t at = 0;
    for (const struct header *h; (h = message_header(m, name, &at));) {
        str one = str_trim(header_decode(a, h->value));
        if (one.n > 0)
            all = all.n ? arena_join(a, all, str_from(between), one) : one;
    }
    return all;
}

str
report_typed(str value, str *type)
{
    struct str_cut c = str_cut(value, ';');
    bool typed = c.found && c.head.n < 40 && str_find_char(str_trim(c.head), ' ') == STR_NONE &&
                 str_find_char(c.head, '@') == STR_NONE;
    if (type)
        *type = typed ? str_trim(c.head) : (str){ 0 };
    return str_trim(typed ? c.tail : value);
}

str
report_address(str value)
{
    value = str_trim(value);
    size_t open = str_rfind_char(value, '<');
    if (open != STR_NONE) {
        str inner = str_cut(str_skip(value, open + 1), '>').head;
        return str_trim(str_istarts(inner, S("mailto:")) ? str_skip(inner, 7) : inner);
    }
    size_t comment = str_find(value, S(" ("));
    if (comment != STR_NONE)
        value = str_trim(str_head(value, comment));
    while (value.n > 1 && strchr("\"'", value.p[0]) && value.p[value.n - 1] == value.p[0])
        value = str_skip(str_head(value, value.n - 1), 1);
    return value;
}

size_t
report_find_headers(str text)
{
    static const char *const first[] = { "Received:",
                                         "Return-Path:",
                                         "Message-ID:",
                                         "From:",
                                         "Date:",
                                         "DKIM-Signature:",
                                         "X-Received:",
                                         "MIME-Version:",
                                         "Delivered-To:",
                                         "Content-Type:",
                                         "To:",
                                         "Subject:",
                                         "Authentication-Results:" };
    size_t looked = 0;
    bool fresh = true; /* a header section stands behind something that is none */
    for (size_t at = 0; at < text.n && looked < CANDIDATES;) {
        str line = str_cut(str_skip(text, at), '\n').head;
        bool known = false;
        for (size_t i = 0; i < sizeof first / sizeof *first && !known; i++)
            known = str_istarts(line, str_from(first[i]));
        if (known && fresh) {
            looked++;
            if (message_header_lines(str_skip(text, at), true) >= 3)
                return at;
        }
        fresh = !known;
        at += line.n + 1;
    }
    return STR_NONE;
}

/* Up to the empty line behind the fields. */
static str
header_section(struct arena *a, str text)
{
    struct message m = report_fields(a, text, NULL);
    return m.nheaders ? str_head(m.raw, m.body_offset) : (str){ 0 };
}

/* The header of the message that a part is, or tells of; "" if it is another. */
static str
returned_header(struct arena *a, const struct mime_part *part, const struct mime_part *own)
{
    if (part->nested.n && part->nested.p != own->nested.p)
        return header_section(a, part->nested);
    if (message_header_lines(skip_blank_lines(part->body), true) > 0)
        return header_section(a, part->body);
    return (str){ 0 };
}

str
report_original(struct arena *a, const struct report_parts *p, size_t at)
{
    static const char *const readable[] = { "text/plain", "text/html", NULL };
    static const char *const headers[] = { "text/rfc822-headers", "message/rfc822-headers",
                                           "message/global-headers", NULL };
    const struct mime_part *own = &p->parts[at];
    for (size_t i = at + 1; i < p->n; i++) {
        str section = returned_header(a, &p->parts[i], own);
        if (section.n)
            return section;
    }
    for (size_t i = 0; i < at; i++) { /* before the fields, where some order is lost */
        const struct mime_part *part = &p->parts[i];
        bool deeper = part->nested.n && part->depth > own->depth;
        bool copy = report_part_of_type(&(struct report_parts){ p->mail, part, 1 }, 0, headers) == 0;
        str section = deeper || copy ? returned_header(a, part, own) : (str){ 0 };
        if (section.n)
            return section;
    }
    for (size_t i = 0; i < p->n; i++) {
        const struct mime_part *part = &p->parts[i];
        bool before = i <= at && part->nested.p == own->nested.p;
        if (!before || report_part_of_type(&(struct report_parts){ p->mail, part, 1 }, 0, readable) != 0)
            continue;
        str text = report_text(a, part);
        size_t found = report_find_headers(text);
        if (found != STR_NONE)
            return header_section(a, str_skip(text, found));
    }
    return (str){ 0 };
}

/* The character that an entity at the start of s stands for; 0 if it is none that matters. */
static char
entity(str s, size_t *length)
{
    static const struct {
        const char *name;
        char c;
    } names[] = { { "&lt;", '<' },   { "&gt;", '>' },   { "&amp;", '&' }, { "&quot;", '"' },
                  { "&#39;", '\'' }, { "&nbsp;", ' ' }, { "&#64;", '@' } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_istarts(s, str_from(names[i].name))) {
            *length = strlen(names[i].name);
            return names[i].c;
        }
    return 0;
}

/* A tag that begins a new line for a reader. */
static bool
breaks_line(str tag)
{
    static const char *const names[] = { "br", "p",  "/p",  "div", "/div", "tr", "/tr", "li",   "td",   "h1",
                                         "h2", "h3", "/h1", "/h2", "/h3",  "hr", "pre", "/pre", "table" };
    size_t n = 0;
    while (n < tag.n && (str_is_alpha(tag.p[n]) || str_is_digit(tag.p[n]) || tag.p[n] == '/'))
        n++;
    str name = str_head(tag, n);
    if (name.n > 1 && str_ends(name, S("/")))
        name.n--;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_from(names[i])))
            return true;
    return false;
}

static str
without_tags(struct arena *a, str s)
{
    struct buf b = { 0 };
    for (size_t i = 0; i < s.n;) {
        size_t length = 1;
        char c = s.p[i] == '&' ? entity(str_skip(s, i), &length) : 0;
        bool tag = s.p[i] == '<' && i + 1 < s.n &&
                   (str_is_alpha(s.p[i + 1]) || s.p[i + 1] == '/' || s.p[i + 1] == '!');
        if (tag) {
            size_t end = str_find_char(str_skip(s, i), '>');
            str inner = str_skip(end == STR_NONE ? str_skip(s, i) : str_head(str_skip(s, i), end), 1);
            bool skip = str_istarts(inner, S("style")) || str_istarts(inner, S("script"));
            size_t close = skip ? str_find(str_skip(s, i + inner.n), S("</")) : STR_NONE;
            if (breaks_line(inner))
                buf_char(&b, '\n');
            i += inner.n + (close != STR_NONE ? close : 2);
            continue;
        }
        char plain = s.p[i] == '\n' ? ' ' : s.p[i]; /* a line end is a blank in HTML */
        buf_char(&b, c ? c : plain);
        i += length;
    }
    str text = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return text;
}

str
report_text(struct arena *a, const struct mime_part *part)
{
    str text = charset_to_utf8(a, part->body, part->charset);
    if (str_eq(part->content_type, S("text/html")))
        text = without_tags(a, text);
    char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r' && text.p[i] != '\0')
            out[n++] = text.p[i];
    return str_of(out, n);
}

uint64_t
report_hash(uint64_t so_far, str text)
{
    text = str_trim(text);
    while (text.n > 0) {
        struct str_cut c = str_cut(text, '\n');
        so_far = hash_more(so_far, str_trim_right(c.head));
        text = c.tail;
    }
    return so_far;
}
