/* Canonical forms of headers and bodies (RFC 6376 section 3.4).
 *
 * White space is SP and HTAB alone; a CR that ends no line is content.  Whole
 * fields and bodies are handled at once, so no chunk border can matter. */
#include "dkim_internal.h"

static bool
is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

/* Adds s with every bare LF as CRLF. */
static void
put_crlf(struct buf *out, str s)
{
    while (s.n) {
        size_t i = str_find_char(s, '\n');
        if (i == STR_NONE) {
            buf_add(out, s);
            return;
        }
        bool whole = i > 0 && s.p[i - 1] == '\r';
        buf_put(out, s.p, whole ? i - 1 : i);
        buf_put(out, "\r\n", 2);
        s = str_skip(s, i + 1);
    }
}

/* Section 3.4.2; field ends in CRLF or nothing. */
static void
relaxed_header(struct buf *out, str field)
{
    struct str_cut colon = str_cut(field, ':');
    str name = str_trim_right(colon.head), value = colon.tail;
    for (size_t i = 0; i < name.n; i++)
        buf_char(out, str_lower_char(name.p[i]));
    buf_char(out, ':');
    bool blank = false, any = false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\r' && i + 1 < value.n && value.p[i + 1] == '\n') {
            i++; /* unfolding */
            continue;
        }
        if (is_wsp(c)) {
            blank = true;
            continue;
        }
        if (blank && any)
            buf_char(out, ' ');
        blank = false;
        any = true;
        buf_char(out, c);
    }
}

void
dkim_canon_header(struct buf *out, str field, bool relaxed, bool crlf)
{
    struct buf fixed = { 0 };
    if (crlf) {
        put_crlf(&fixed, field);
        field = buf_str(&fixed);
    }
    if (str_ends(field, S("\r\n")))
        field.n -= 2;
    if (relaxed)
        relaxed_header(out, field);
    else
        buf_add(out, field);
    buf_put(out, "\r\n", 2);
    buf_free(&fixed);
}

/* Where a byte of x equals that of pattern: 0x80 there, 0 elsewhere. */
static uint64_t
equal_bytes(uint64_t x, uint64_t pattern)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7f;
    uint64_t t = x ^ pattern;
    return ~(((t & low) + low) | t | low);
}

/* How many bytes at the start of a line are in relaxed form as they are, in steps of 8: no HTAB, no two SP in a
 * row.  Most lines are so, and every byte passes here. */
static size_t
relaxed_already(str line)
{
    size_t n = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t before = 0; /* the last byte was SP */
    for (; n + 8 <= line.n; n += 8) {
        uint64_t x;
        memcpy(&x, line.p + n, 8);
        uint64_t blanks = equal_bytes(x, 0x2020202020202020);
        if ((blanks & (blanks << 8 | before)) | equal_bytes(x, 0x0909090909090909))
            break;
        before = blanks >> 56;
    }
#endif
    return n;
}

/* One line without its end: runs of WSP become one SP, those at the end nothing (section 3.4.4). */
static void
put_relaxed_line(struct buf *out, str line)
{
    size_t done = relaxed_already(line), blank = 0;
    buf_reserve(out, line.n + 1);
    char *p = out->p + out->n;
    if (done)
        memcpy(p, line.p, done);
    p += done;
    if (done && p[-1] == ' ') {
        p--;
        blank = 1;
    }
    for (size_t i = done; i < line.n; i++) {
        if (is_wsp(line.p[i])) {
            blank = 1;
            continue;
        }
        *p = ' ';
        p += blank;
        blank = 0;
        *p++ = line.p[i];
    }
    out->n = (size_t)(p - out->p);
}

/* The end of the line at the start of s: before its CRLF (or LF where bare ones end lines), and behind it. */
static size_t
line_end(str s, bool crlf, size_t *next)
{
    for (size_t from = 0; from < s.n;) {
        size_t i = str_find_char(str_skip(s, from), '\n');
        if (i == STR_NONE)
            break;
        i += from;
        *next = i + 1;
        if (i > 0 && s.p[i - 1] == '\r')
            return i - 1;
        if (crlf)
            return i;
        from = i + 1;
    }
    *next = s.n;
    return s.n;
}

static str
unquote(str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '>')
        n++;
    return n && str_starts(str_skip(line, n), S("From ")) ? str_skip(line, 1) : line;
}

/* A line of an mbox whose writer quotes "From " alone: *seen counts those that begin with ">From ". */
static str
unquote_some(str line, unsigned kept, unsigned *seen)
{
    if (!str_starts(line, S(">From ")))
        return line;
    return *seen < 32 && kept >> (*seen)++ & 1 ? line : str_skip(line, 1);
}

static str
undot(str line)
{
    return str_starts(line, S("..")) ? str_skip(line, 1) : line;
}

/* Relaxed, a line of white space alone is empty, too. */
static bool
is_empty(str line, bool relaxed)
{
    size_t i = 0;
    while (relaxed && i < line.n && is_wsp(line.p[i]))
        i++;
    return i == line.n;
}

void
dkim_canon_body(struct buf *out, str body, bool relaxed, struct dkim_variant v)
{
    size_t next, empty = 0, start = out->n; /* empty lines at the end are held back */
    unsigned quoted = 0;
    buf_reserve(out, body.n + 2);
    for (; body.n; body = str_skip(body, next)) {
        str line = str_head(body, line_end(body, v.crlf, &next));
        if (v.unquote)
            line = v.single ? unquote_some(line, v.kept, &quoted) : unquote(line);
        if (v.undot && str_eq(line, S(".")))
            break;
        if (v.undot)
            line = undot(line);
        if (is_empty(line, relaxed)) {
            empty++;
            continue;
        }
        for (; empty; empty--)
            buf_put(out, "\r\n", 2);
        if (relaxed)
            put_relaxed_line(out, line);
        else
            buf_add(out, line);
        buf_put(out, "\r\n", 2);
    }
    if (!relaxed && out->n == start)
        buf_put(out, "\r\n", 2);
}
