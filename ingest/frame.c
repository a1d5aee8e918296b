/* Framings around log lines: which one it is, and what is left inside.
 *
 * The time of the outermost wrapping that says year and zone is taken, for it is the surest; host, program
 * and pid come from the innermost that says them.  The pieces of a line that Docker and CRI cut at 16 KiB are one
 * record (frame_pieces.c); pieces between which the other stream wrote are not joined. */
#include "frame.h"

#include "buf.h"
#include "frame_impl.h"
#include "json_read.h"
#include "scan.h"

static _Thread_local struct {
    char *p;
    size_t n, room;
} scratch;

/* A record's texts are decoded from disjoint parts of it, once per wrapping: reserved at its start, so
 * that nothing moves. */
static void
scratch_begin(size_t whole)
{
    size_t room = (whole + 16) * (FRAME_MAX_DEPTH + 1) * 3; /* thrice: pieces are joined */
    if (scratch.room < room) {
        scratch.p = xrealloc(scratch.p, room);
        scratch.room = room;
    }
    scratch.n = 0;
}

char *
frame_scratch(size_t n)
{
    if (scratch.room - scratch.n < n)
        BUG("a log record grew while its wrapping was taken off");
    char *p = scratch.p + scratch.n;
    scratch.n += n;
    return p;
}

/* key=value key="quoted value" ... */
static bool
cut_logfmt(str whole, struct wrapping *w)
{
    unsigned char ranks[FRAME_ROLES] = { 0 };
    for (str s = whole; s.n;) {
        size_t n = 0;
        while (n < s.n && s.p[n] > ' ' && s.p[n] != '=' && s.p[n] != '"')
            n++;
        str key = str_head(s, n), value = { 0 };
        int field = frame_wants(ranks, key);
        s = str_skip(s, n);
        if (key.n == 0)
            return false;
        if (s.n && s.p[0] == '=') {
            s = str_skip(s, 1);
            if (s.n && s.p[0] == '"') {
                size_t end = str_quoted_length(s);
                if (end == 0)
                    return false;
                value = str_of(s.p + 1, end - 2);
                if (field >= 0)
                    value = frame_unescape_json(value);
                s = str_skip(s, end);
            } else {
                value = str_cut(s, ' ').head;
                s = str_skip(s, value.n);
            }
        }
        if (s.n && !str_is_space(s.p[0]))
            return false;
        if (field >= 0)
            frame_field(w, ranks, field, value);
        s = str_trim_left(s);
    }
    return frame_is_record(ranks);
}

static uint64_t
little_endian(const char *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | (unsigned char)p[i];
    return v;
}

/* A field of the export format at the start of s: "KEY=value\n", or "KEY\n", 8 bytes of length, the bytes,
 * "\n" (systemd, Journal Export Formats).  Its length, 0 if it goes on beyond s. */
static size_t
export_field(str s, str *key, str *value)
{
    size_t line = str_find_char(s, '\n');
    if (line == STR_NONE)
        return 0;
    struct str_cut c = str_cut(str_head(s, line), '=');
    *key = c.head;
    *value = c.tail;
    if (c.found || line == 0)
        return line + 1;
    str rest = str_skip(s, line + 1);
    if (rest.n < 8)
        return 0;
    uint64_t n = little_endian(rest.p);
    if (n >= JSON_MAX_TEXT) /* no such field: the line stands for itself */
        return line + 1;
    if (rest.n < 8 + n + 1)
        return 0;
    *value = str_of(rest.p + 8, (size_t)n);
    return line + 1 + 8 + (size_t)n + 1;
}

/* journalctl -o export */
static bool
cut_export(str whole, struct wrapping *w)
{
    unsigned char ranks[FRAME_ROLES] = { 0 };
    for (str s = whole, key, value; s.n;) {
        size_t n = export_field(s, &key, &value);
        if (n == 0) { /* the last line, whose end was taken off with the record's */
            struct str_cut c = str_cut(s, '=');
            key = c.head;
            value = c.tail;
            n = s.n;
        }
        int field = frame_wants(ranks, key);
        if (field >= 0)
            frame_field(w, ranks, field, value);
        s = str_skip(s, n);
    }
    return frame_is_record(ranks);
}

/* "12" of "120 <22>1 2026-..." (RFC 6587 3.4.1): the digits and the blank; 0 if it is none. */
static size_t
octet_count(str s, uint64_t *octets)
{
    struct str_number n = str_cut_number(s, 7);
    if (!n.ok || n.value == 0 || n.rest.n < 3 || n.rest.p[0] != ' ' || n.rest.p[1] != '<' ||
        !str_is_digit(n.rest.p[2]))
        return 0;
    *octets = n.value;
    return s.n - n.rest.n + 1;
}

enum frame_records
frame_records_of(str head, bool eof)
{
    uint64_t octets;
    if (str_starts(head, S("__CURSOR=")) || str_starts(head, S("__REALTIME_TIMESTAMP=")))
        return FRAME_EXPORT;
    size_t count = octet_count(head, &octets);
    if (count &&
        octets < head.n - count) { /* more follows, and it is counted too, without a line end between */
        str next = str_skip(head, count + (size_t)octets);
        if (octet_count(next, &octets))
            return FRAME_COUNTED;
    }
    if (frame_is_pieces(head))
        return FRAME_PIECES;
    if (head.n && head.p[0] == '{' && str_trim(str_cut(head, '\n').head).n == 1 && (head.n > 2 || !eof))
        return FRAME_PRETTY;
    return FRAME_LINES;
}

static size_t
line_length(str window, bool eof)
{
    size_t n = str_find_char(window, '\n');
    return n != STR_NONE ? n + 1 : eof ? window.n : 0;
}

static size_t
export_length(str window, bool eof)
{
    size_t at = 0;
    while (at < window.n) {
        str key, value;
        size_t n = export_field(str_skip(window, at), &key, &value);
        if (n == 0)
            break;
        at += n;
        if (key.n == 0) /* the empty line */
            return at;
    }
    return eof ? window.n : 0;
}

size_t
frame_record(enum frame_records how, str window, bool eof)
{
    uint64_t octets;
    size_t n;
    switch (how) {
    case FRAME_EXPORT: return export_length(window, eof);
    case FRAME_COUNTED:
        n = octet_count(window, &octets);
        if (n == 0)
            return line_length(window, eof);
        if (octets <= window.n - n)
            return n + (size_t)octets;
        return eof ? window.n : 0;
    case FRAME_PRETTY: {
        struct json_cut cut = { 0 };
        struct json_piece p = json_cut(&cut, window, eof);
        if (p.step == JSON_MORE)
            return 0;
        n = p.skip + p.length;
        return n < window.n && window.p[n] == '\n' ? n + 1 : n;
    }
    case FRAME_PIECES: return frame_pieces_length(window, eof);
    case FRAME_LINES: break;
    }
    return line_length(window, eof);
}

/* The colours that docker compose gives to its names: "\033[36m". */
static str
skip_colour(str s)
{
    while (s.n > 3 && s.p[0] == '\x1b' && s.p[1] == '[') {
        size_t end = str_find_char(str_head(s, 12), 'm');
        if (end == STR_NONE)
            break;
        s = str_skip(s, end + 1);
    }
    return s;
}

/* "/var/log/mail.log.1:", "mail.log:17:", "17:" of grep. */
static str
skip_file_name(str s)
{
    enum { COLONS_MAX = 2 };
    str rest = s;
    for (int i = 0; i < COLONS_MAX; i++) {
        size_t n = scan_to3(rest, ':', ' ', ' ');
        if (n == 0 || n >= rest.n || rest.p[n] != ':' || n > 255)
            break;
        rest = str_skip(rest, n + 1);
        if (rest.n > 4 &&
            ((rest.p[3] == ' ' && when_rfc3164(rest).ok) || (rest.p[4] == '-' && when_rfc3339(rest).ok)))
            return rest;
    }
    return s;
}

/* "[pod/mx-0/postfix] " of kubectl, "mx-1  | " of docker compose, "data: " of journalctl -o json-sse,
 * NUL bytes that copytruncate leaves, a byte order mark: what stands before the line. */
static str
skip_ahead(str s)
{
    while (s.n && (s.p[0] == '\0' || s.p[0] == '\x1e'))
        s = str_skip(s, 1);
    s = str_skip_mark(skip_colour(s));
    if (s.n && s.p[0] == '{')
        return s;
    if (str_starts(s, S("data: {")))
        return str_skip(s, 6);
    if (s.n && s.p[0] == '[') {
        size_t close = str_find_char(s, ']');
        str name = str_of(s.p + 1, close == STR_NONE ? 0 : close - 1);
        if (str_has(name, S("/")) && !str_has(name, S(" ")))
            return str_trim_left(str_skip(s, close + 1));
        return s;
    }
    bool barred = str_find_char(str_head(s, 80), '|') != STR_NONE; /* mostly not */
    size_t bar = barred ? str_find(str_head(s, 64), S("| ")) : STR_NONE;
    size_t blank = barred ? str_find_char(s, ' ') : STR_NONE;
    if (bar != STR_NONE && bar > 0 && str_trim(str_head(s, bar)).n <= blank)
        return skip_colour(str_skip(s, bar + 2));
    if (bar == STR_NONE && blank != STR_NONE && (bar = str_find(str_head(s, 80), S("|\x1b["))) != STR_NONE)
        return str_trim_left(skip_colour(str_skip(s, bar + 1)));
    str rest = skip_file_name(s);
    if (rest.n < s.n)
        return rest;
    uint64_t octets;
    return str_skip(s, octet_count(s, &octets));
}

/* Stamp, then what a container wrote: CRI's "stdout F " goes too. */
static bool
frame_stamped(str s, struct wrapping *w)
{
    struct when_result stamp = when_rfc3339(s);
    if (!stamp.ok || !stamp.zoned || stamp.rest.n < 2 || stamp.rest.p[0] != ' ')
        return false;
    *w = (struct wrapping){ .at = stamp.at, .civil = stamp.civil, .dated = true, .zoned = true };
    w->text = str_skip(stamp.rest, 1);
    if ((str_starts(w->text, S("stdout ")) || str_starts(w->text, S("stderr "))) && w->text.n > 9 &&
        (w->text.p[8] == ' ' || w->text.p[8] == ':'))
        w->text = frame_join_cri(s);
    return true;
}

static bool
unwrap(str s, struct wrapping *w)
{
    *w = (struct wrapping){ .at = WHEN_NONE };
    if (s.n < 2)
        return false;
    if (s.p[0] == '{')
        return str_find_char(s, '\n') != STR_NONE && frame_is_pieces(s) ? frame_docker(s, w)
                                                                        : frame_json(s, w);
    if (s.p[0] == '_' && s.p[1] == '_')
        return cut_export(s, w);
    if (str_is_digit(s.p[0]))
        return frame_stamped(s, w);
    size_t equals = str_find_char(str_head(s, 32), '=');
    return str_is_alpha(s.p[0]) && equals != STR_NONE &&
           str_find_char(str_head(s, equals), ' ') == STR_NONE && cut_logfmt(s, w);
}

static bool
frame_by(const struct format *format, str text, struct framed *f)
{
    struct framed own = { .line = { .whole = text, .at = WHEN_NONE } };
    int offset_s = 0;
    if (!format->frame(text, &own.line, &own.civil, &own.zoned, &offset_s))
        return false;
    own.dated = own.civil.year != 0;
    if (own.zoned && own.dated)
        own.line.at = when_from_civil(own.civil) - (when)offset_s * WHEN_SECOND;
    own.line.program = str_from(format->name);
    *f = own;
    return true;
}

/* A format's own framing inside the wrapping; its program is then called as the format is.  Exim's is a bare stamp,
 * which others' lines begin with, too: it comes last. */
static bool
frame_inner_own(str text, struct framed *f)
{
    extern const struct format format_exim;
    for (size_t i = 0; formats[i]; i++)
        if (formats[i]->frame && formats[i] != &format_exim && frame_by(formats[i], text, f))
            return true;
    return frame_by(&format_exim, text, f);
}

/* Host, program, pid and text of what was inside. */
static bool
take_inner(const struct wrapping *w, struct framed *f, unsigned depth)
{
    str text = str_trim(w->text);
    struct framed inner = { .line = { .at = WHEN_NONE } };
    bool framed =
        text.n && (syslog_frame_plain(text, &inner) || (w->program.n == 0 && frame_inner_own(text, &inner)));
    if (!framed && depth < FRAME_MAX_DEPTH && text.n) {
        struct wrapping next;
        framed = unwrap(skip_ahead(text), &next) && take_inner(&next, &inner, depth + 1);
    }
    if (!framed) {
        inner = (struct framed){ .line = { .text = text, .at = WHEN_NONE } };
        struct line tagged = { 0 };
        str tag = w->program;
        if (tag.n && tag.p[tag.n - 1] == ':' && syslog_tag(tag, &tagged)) { /* rsyslog's syslogtag */
            inner.line.program = tagged.program;
            inner.line.pid = tagged.pid;
        } else if (tag.n && !str_eq(tag, S("-"))) {
            inner.line.program = tag;
        } else if (!syslog_tag(text, &inner.line)) {
            return false;
        }
    }
    if (inner.line.host.n == 0)
        inner.line.host = w->host;
    struct str_number pid = str_cut_number(w->pid, 18);
    if (inner.line.pid == 0 && pid.ok && pid.rest.n == 0)
        inner.line.pid = (int64_t)pid.value;
    if (w->zoned || !framed) {
        inner.line.at = w->at;
        inner.civil = w->civil;
        inner.dated = w->dated;
        inner.zoned = w->zoned;
    }
    *f = inner;
    return true;
}

str
frame_container(str whole)
{
    str s = skip_colour(whole);
    size_t n = 0;
    while (n < s.n && n < 48 &&
           (str_is_alpha(s.p[n]) || str_is_digit(s.p[n]) || s.p[n] == '-' || s.p[n] == '_'))
        n++;
    str rest = str_skip(s, n);
    return n > 1 && str_is_alpha(s.p[0]) && str_starts(str_trim_left(rest), S("| ")) &&
                   str_starts(rest, S(" "))
               ? str_head(s, n)
               : (str){ 0 };
}

bool
frame_wrapped(str whole, struct framed *f)
{
    struct wrapping w;
    scratch_begin(whole.n);
    str s = skip_ahead(whole);
    if (s.p != whole.p && (syslog_frame_plain(s, f) || frame_inner_own(s, f))) {
        f->line.whole = whole;
        return true;
    }
    if (!unwrap(s, &w) || !take_inner(&w, f, 1))
        return false;
    f->line.whole = whole;
    return true;
}

str
frame_unescape(str text)
{
    static _Thread_local struct buf out;
    if (str_find_char(text, '#') == STR_NONE)
        return text;
    out.n = 0;
    buf_reserve(&out, text.n);
    for (size_t i = 0; i < text.n; i++) {
        const char *p = text.p + i;
        bool escape = *p == '#' && text.n - i >= 4 && p[1] == '0' && p[2] >= '0' && p[2] <= '3' &&
                      p[3] >= '0' && p[3] <= '7';
        out.p[out.n++] = escape ? ' ' : *p;
        i += escape ? 3 : 0;
    }
    return str_trim_right(buf_str(&out));
}

struct frame_repeat
frame_repeat(str text)
{
    struct frame_repeat r = { 0 };
    bool dashed = str_starts(text, S("--- "));
    str s = str_skip(text, dashed ? 4 : 0);
    r.before = str_starts(s, S("last message repeated "));
    if (!r.before && !str_starts(s, S("message repeated ")))
        return r;
    struct str_number n = str_cut_number(str_skip(s, r.before ? 22 : 17), 9);
    if (!n.ok || n.value == 0 || !str_starts(n.rest, S(" time")))
        return (struct frame_repeat){ 0 };
    r.times = n.value < FRAME_MAX_REPEAT ? (unsigned)n.value : FRAME_MAX_REPEAT;
    if (r.before)
        return r;
    size_t open = str_find(n.rest, S(": ["));
    if (open == STR_NONE)
        return (struct frame_repeat){ 0 };
    r.text = str_trim_right(str_skip(n.rest, open + 3));
    if (r.text.n && r.text.p[r.text.n - 1] == ']')
        r.text.n--;
    r.text = str_trim(r.text);
    return r;
}
