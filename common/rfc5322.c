/* Header fields of a message, split without loss (RFC 5322 2.2, 3.6.8, 4.5).
 *
 * Every byte of the header section belongs to one field or to a line that is
 * skipped with a word in message.problems; the fields keep folds and odd bytes.
 * It does not interpret any field: addresses are address.c's, encoded words
 * rfc2047.c's, the sense of Received and kin ingest's. */
#include "message.h"

#include "utf8.h"

/* Length of the line at the start of s, with its end (LF or CRLF); s.n where none ends it. */
static size_t
line_length(str s)
{
    size_t lf = str_find_char(s, '\n');
    return lf == STR_NONE ? s.n : lf + 1;
}

static str
without_line_end(str line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    while (line.n > 0 && line.p[line.n - 1] == '\r') /* several, where line ends were converted twice */
        line.n--;
    return line;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Length of the field name at the start of a line, 0 if it is no field (RFC 5322 3.6.8; 4.5: blanks
 * may stand before the colon).  *colon is where the colon stands. */
static size_t
name_length(str line, size_t *colon)
{
    size_t n = 0;
    while (n < line.n && line.p[n] > ' ' && line.p[n] < 127 && line.p[n] != ':')
        n++;
    size_t at = n;
    while (at < line.n && is_blank(line.p[at]))
        at++;
    *colon = at;
    return at < line.n && line.p[at] == ':' ? n : 0;
}

void
message_problem(struct message *m, struct arena *a, const char *what)
{
    for (size_t i = 0; i < m->nproblems; i++)
        if (strcmp(m->problems[i], what) == 0)
            return;
    size_t room = m->nproblems; /* grows by one: breaches are few, and each is kept once */
    ARENA_PUSH(a, m->problems, m->nproblems, room) = what;
}

/* The field at the start of rest, its folded lines included. */
static size_t
field_length(str rest)
{
    size_t n = line_length(rest);
    while (n < rest.n && is_blank(rest.p[n]))
        n += line_length(str_skip(rest, n));
    return n;
}

/* Where the body starts in a header section that is not read to its end. */
static size_t
find_body(str raw, size_t at)
{
    while (at < raw.n) {
        str line = str_head(str_skip(raw, at), line_length(str_skip(raw, at)));
        at += line.n;
        if (without_line_end(line).n == 0)
            break;
    }
    return at;
}

static void
note_field(struct message *m, struct arena *a, str field, size_t name, size_t colon)
{
    if (colon != name)
        message_problem(m, a, "blank before the colon of a header field (RFC 5322 4.5)");
    if (memchr(field.p, '\0', field.n))
        message_problem(m, a, "NUL in a header field (RFC 5322 4)");
    for (size_t i = 0; i + 1 < field.n; i++) {
        size_t end = i;
        while (end < field.n && field.p[end] == '\r')
            end++;
        if (end == i)
            continue;
        if (end < field.n && field.p[end] != '\n')
            message_problem(m, a, "bare CR in a header field (RFC 5322 2.2)");
        else if (end > i + 1)
            message_problem(m, a, "lines end in more than one CR (RFC 5322 2.2)");
        i = end;
    }
}

/* Lines that stand among headers and belong to no field, yet do not end them: mbox separators, also
 * quoted ones, that someone left in. */
static bool
is_stray_separator(str line)
{
    return str_starts(line, S("From ")) || str_starts(line, S(">From "));
}

void
message_parse_headers(struct message *m, struct arena *a, str raw)
{
    *m = (struct message){
        .raw = raw, .body_offset = raw.n, .date = WHEN_NONE, .original_arrival = WHEN_NONE
    };
    size_t first = str_find_char(raw, '\n'), at = 0, room = 0;
    m->lf_only = first != STR_NONE && (first == 0 || raw.p[first - 1] != '\r');
    at = raw.n - str_skip_mark(raw).n;
    if (at > 0)
        message_problem(m, a, "byte order mark before the first header field");
    while (at < raw.n) {
        str rest = str_skip(raw, at);
        str line = str_head(rest, line_length(rest));
        if (without_line_end(line).n == 0) {
            m->body_offset = at + line.n;
            return;
        }
        size_t colon, name = name_length(line, &colon);
        if (name == 0 && is_stray_separator(line)) {
            if (at > 0)
                message_problem(m, a, "mbox separator line among the header fields");
            at += field_length(rest);
            continue;
        }
        if (name == 0) {
            message_problem(m, a, "header section ends without an empty line (RFC 5322 2.1)");
            m->body_offset = at;
            return;
        }
        str field = str_head(rest, field_length(rest));
        if (m->nheaders >= MESSAGE_MAX_HEADERS || at + field.n > MESSAGE_MAX_HEADER_BYTES) {
            message_problem(m, a, "too many or too long header fields: the rest is not read");
            m->body_offset = find_body(raw, at);
            return;
        }
        note_field(m, a, field, name, colon);
        ARENA_PUSH(a, m->headers, m->nheaders, room) = (struct header){
            .name = str_head(field, name),
            .value = without_line_end(str_skip(field, colon + 1)),
            .offset = at,
            .length = field.n,
        };
        at += field.n;
    }
}

const struct header *
message_header(const struct message *m, const char *name, size_t *from)
{
    str wanted = str_from(name);
    for (size_t i = from ? *from : 0; i < m->nheaders; i++)
        if (str_ieq(m->headers[i].name, wanted)) {
            if (from)
                *from = i + 1;
            return &m->headers[i];
        }
    if (from)
        *from = m->nheaders;
    return NULL;
}

str
message_header_value(const struct message *m, const char *name)
{
    const struct header *h = message_header(m, name, NULL);
    return h ? str_trim(h->value) : (str){ 0 };
}

size_t
header_comment_length(str s)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '(')
            depth++;
        else if (s.p[i] == ')' && --depth == 0)
            return i + 1;
    }
    return s.n;
}

size_t
header_quoted_length(str s)
{
    size_t n = str_quoted_length(s);
    return n ? n : s.n;
}

str
header_unfold(struct arena *a, str value)
{
    value = str_trim(value);
    if (value.n == 0 || (!memchr(value.p, '\n', value.n) && !memchr(value.p, '\r', value.n)))
        return value;
    char *out = arena_alloc(a, value.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] != '\r' && value.p[i] != '\n')
            out[n++] = value.p[i];
    return str_of(out, n);
}

str
message_id_of(str value)
{
    value = str_trim(value);
    size_t open = str_find_char(value, '<');
    if (open == STR_NONE) { /* brackets forgotten: the first word */
        size_t n = 0;
        while (n < value.n && !str_is_space(value.p[n]))
            n++;
        return str_head(value, n);
    }
    while (open < value.n && value.p[open] == '<')
        open++;
    str inner = str_skip(value, open);
    size_t close = str_find_char(inner, '>');
    return str_trim(close == STR_NONE ? inner : str_head(inner, close));
}
