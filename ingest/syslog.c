/* Framing of syslog lines. */
#include "syslog.h"

#include "frame.h"
#include "scan.h"

enum { PRI_MAX = 191, RECOGNISE_LINES = 200 };

/* "<22>" before a stamp. */
static str
skip_pri(str s, bool *had)
{
    *had = false;
    if (s.n < 3 || s.p[0] != '<')
        return s;
    struct str_number pri = str_cut_number(str_skip(s, 1), 3);
    if (!pri.ok || pri.value > PRI_MAX || pri.rest.n == 0 || pri.rest.p[0] != '>')
        return s;
    *had = true;
    return str_skip(pri.rest, 1);
}

static str
cut_word(str *s)
{
    struct str_cut c = str_cut(*s, ' ');
    *s = c.tail;
    return c.head;
}

/* "123]" behind a bracket: its length, or 0 where it is not closed; what is no number is no pid. */
static size_t
pid_length(str s, int64_t *pid)
{
    enum { DIGITS = 18 };
    size_t n = 0;
    *pid = 0;
    while (n < s.n && n < DIGITS && str_is_digit(s.p[n]))
        *pid = *pid * 10 + (s.p[n++] - '0');
    if (n < s.n && s.p[n] == ']')
        return n + 1;
    if (n < s.n && str_is_digit(s.p[n]))
        *pid = 0;
    size_t close = str_find_char(s, ']');
    return close == STR_NONE ? 0 : close + 1;
}

/* "postfix/smtpd[123]: text"; also without pid, and with the blank after the colon missing. */
bool
syslog_tag(str s, struct line *out)
{
    enum { NAME_MOST = 64 };
    size_t i = scan_to3(s, '[', ':', ' ');
    if (i == 0 || i == s.n || i > NAME_MOST)
        return false;
    out->program = str_head(s, i);
    if (s.p[i] == '[') {
        size_t n = pid_length(str_skip(s, i + 1), &out->pid);
        if (n == 0)
            return false;
        i += 1 + n;
    }
    if (i == s.n || s.p[i] != ':')
        return false;
    s = str_skip(s, i + 1);
    out->text = s.n && s.p[0] == ' ' ? str_skip(s, 1) : s;
    return true;
}

/* Skips structured data: "-" or [id k="v" ...] elements (RFC 5424 6.3). */
static bool
skip_structured(str *s)
{
    if (s->n && s->p[0] == '-') {
        *s = str_skip(*s, 1);
        return true;
    }
    while (s->n && s->p[0] == '[') {
        bool quoted = false;
        size_t i = 1;
        for (; i < s->n; i++) {
            if (s->p[i] == '\\' && quoted)
                i++;
            else if (s->p[i] == '"')
                quoted = !quoted;
            else if (s->p[i] == ']' && !quoted)
                break;
        }
        if (i >= s->n)
            return false;
        *s = str_skip(*s, i + 1);
    }
    return true;
}

/* RFC 5424: VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP SD [SP MSG] */
static bool
frame_5424(str s, struct framed *out)
{
    if (!str_starts(s, S("1 ")))
        return false;
    s = str_skip(s, 2);
    struct when_result stamp = when_rfc3339(s);
    if (!stamp.ok || stamp.rest.n == 0 || stamp.rest.p[0] != ' ')
        return false;
    s = str_skip(stamp.rest, 1);
    out->civil = stamp.civil;
    out->dated = true;
    out->zoned = stamp.zoned;
    out->line.at = stamp.zoned ? stamp.at : WHEN_NONE;
    out->line.host = cut_word(&s);
    out->line.program = cut_word(&s);
    str pid = cut_word(&s);
    cut_word(&s); /* MSGID */
    struct str_number n = str_cut_number(pid, 18);
    out->line.pid = n.ok && n.rest.n == 0 ? (int64_t)n.value : 0;
    if (str_eq(out->line.host, S("-")))
        out->line.host = (str){ 0 };
    if (out->line.program.n == 0 || !skip_structured(&s))
        return false;
    s = str_skip_mark(str_trim_left(s));
    if (!str_eq(out->line.program, S("-")) || !syslog_tag(s, &out->line))
        out->line.text = s;
    return true;
}

/* What stands in a host's place where a container or a format without hosts wrote the line. */
static bool
is_no_host(str host)
{
    return host.n == 0 || host.p[0] == '{' || str_eq(host, S("stdout")) || str_eq(host, S("stderr"));
}

/* What syslogd itself writes without a tag. */
static bool
is_syslogd(str text)
{
    return str_eq(text, S("-- MARK --")) || str_starts(text, S("exiting on signal ")) ||
           str_starts(text, S("syslogd ")) || str_starts(text, S("rsyslogd "));
}

/* Before a mail program's tag, or behind it, some systems name facility and level. */
static bool
may_have_priority(const struct line *line)
{
    return line->text.n && (line->text.p[0] == '[' || (line->pid == 0 && line->program.n <= 8));
}

bool
syslog_frame_common(str whole, struct framed *out)
{
    *out = (struct framed){ .line = { .whole = whole, .at = WHEN_NONE } };
    bool had_pri;
    str s = skip_pri(whole, &had_pri);
    if ((had_pri || (s.n > 2 && s.p[0] == '1' && s.p[1] == ' ')) && frame_5424(s, out))
        return true;
    struct when_result stamp = when_rfc3164(s);
    if (stamp.ok) {
        if (stamp.rest.n >= 6 && stamp.rest.p[0] == ' ' && str_digits(str_head(str_skip(stamp.rest, 1), 4)) &&
            stamp.rest.p[5] == ' ') { /* "Nov 21 22:11:35 2026 host": some routers' year */
            stamp.civil.year = (int)str_cut_number(str_skip(stamp.rest, 1), 4).value;
            stamp.rest = str_skip(stamp.rest, 5);
            out->dated = true;
        }
    } else {
        stamp = when_rfc3339(s);
        if (!stamp.ok)
            return false;
        out->dated = true;
        out->zoned = stamp.zoned;
    }
    out->civil = stamp.civil;
    if (out->zoned)
        out->line.at = stamp.at;
    if (stamp.rest.n == 0 || stamp.rest.p[0] != ' ')
        return false;
    str rest = str_trim_left(stamp.rest);
    s = rest;
    out->line.host = cut_word(&s);
    if (is_no_host(out->line.host))
        return false;
    if (out->line.host.p[out->line.host.n - 1] == ':' && syslog_tag(rest, &out->line)) {
        out->line.host = (str){ 0 };
        return true;
    }
    if (syslog_tag(s, &out->line)) {
        if (may_have_priority(&out->line))
            frame_priority(&out->line);
        return true;
    }
    out->line.program = (str){ 0 };
    out->line.text = s;
    return frame_repeat(s).before || is_syslogd(s);
}

/* A container's stamp, behind which stand its stream's name or the stamp of the line itself. */
static bool
is_wrapped_stamp(str s)
{
    enum { DATE = 10, STAMP_MOST = 48 };
    if (s.p[DATE] != 'T')
        return false;
    struct str_cut stamp = str_cut(str_head(s, STAMP_MOST), ' ');
    str rest = str_skip(s, stamp.head.n + 1);
    return stamp.found && (str_starts(rest, S("stdout ")) || str_starts(rest, S("stderr ")) ||
                           (rest.n > 3 && rest.p[3] == ' ' && when_rfc3164(rest).ok));
}

/* Whether a line may begin with a stamp: what begins with a letter is a month or a day of the week, what begins with a
 * digit a year, seconds since 1970, or the version of RFC 5424. */
static bool
may_be_plain(str s)
{
    enum { EPOCH_DIGITS = 10, YEAR = 4 };
    if (s.n <= EPOCH_DIGITS)
        return false;
    if (str_is_alpha(s.p[0]))
        return s.p[3] == ' ' || s.p[3] == ',' || s.p[3] == '\t';
    if (!str_is_digit(s.p[0]) || s.p[1] == ' ')
        return true;
    return !str_is_alpha(s.p[YEAR]) && !is_wrapped_stamp(s) &&
           (!str_is_digit(s.p[YEAR]) || str_digits(str_head(s, EPOCH_DIGITS)));
}

bool
syslog_frame_plain(str whole, struct framed *out)
{
    return may_be_plain(whole) && (syslog_frame_common(whole, out) || frame_odd(whole, out));
}

/* "mx greylisting filter[12]: text": some programs' names are of several words.  Such a tag has a pid, and is read only
 * where nothing else fits: elsewhere the first word is a facility or a host's. */
static bool
frame_worded(str whole, struct framed *out)
{
    enum { NAME_MOST = 48 };
    if (!may_be_plain(whole) || syslog_frame_common(whole, out) || out->line.host.n == 0)
        return false;
    str s = out->line.text;
    size_t n = 0;
    while (n < s.n && n < NAME_MOST &&
           (str_is_alpha(s.p[n]) || s.p[n] == ' ' || s.p[n] == '-' || s.p[n] == '_'))
        n++;
    if (n == 0 || n >= s.n || s.p[n] != '[' || s.p[n - 1] == ' ')
        return false;
    struct str_number pid = str_cut_number(str_skip(s, n + 1), 10);
    if (!pid.ok || !str_starts(pid.rest, S("]: ")))
        return false;
    out->line.program = str_head(s, n);
    out->line.pid = (int64_t)pid.value;
    out->line.text = str_skip(pid.rest, 3);
    return true;
}

bool
syslog_frame(str whole, struct framed *out)
{
    bool object = whole.n && whole.p[0] == '{'; /* nothing plain begins so */
    return (!object && syslog_frame_plain(whole, out)) || frame_wrapped(whole, out) ||
           frame_worded(whole, out);
}

void
syslog_repeated_stamp(const struct format *owner, struct framed *f)
{
    struct line again = { .pid = f->line.pid };
    struct civil civil;
    bool zoned;
    int offset_s;
    if (owner == NULL || owner->frame == NULL || f->line.text.n == 0 || !str_is_digit(f->line.text.p[0]) ||
        !owner->frame(f->line.text, &again, &civil, &zoned, &offset_s))
        return;
    f->line.text = again.text;
    if (f->zoned)
        return;
    f->civil = civil;
    f->dated = true;
    f->zoned = zoned;
    if (zoned && when_from_civil(civil) != WHEN_NONE)
        f->line.at = when_from_civil(civil) - (when)offset_s * WHEN_SECOND;
}

/* The programs of a head's first lines. */
struct head {
    str text;
    bool eof, looked_at;
    bool framed; /* any of the lines */
    size_t n;
    str programs[RECOGNISE_LINES];
    struct arena arena;
};

/* That which formats are asked about one after the other; text.p NULL: none. */
static _Thread_local struct head shared;

static void
look_at(struct head *h)
{
    str head = h->text;
    enum frame_records how = frame_records_of(head, h->eof);
    h->looked_at = true;
    for (int i = 0; i < RECOGNISE_LINES && head.n; i++) {
        size_t n = frame_record(how, head, h->eof);
        struct framed f;
        if (n == 0)
            break;
        if (syslog_frame(str_trim_right(str_head(head, n)), &f)) {
            h->framed = true;
            if (f.line.program.n) /* some framings use its bytes again */
                h->programs[h->n++] = arena_copy(&h->arena, f.line.program);
        }
        head = str_skip(head, n);
    }
}

void
syslog_share_head(str head, bool eof)
{
    arena_free(&shared.arena);
    shared = (struct head){ .text = head, .eof = eof };
}

static int
ask(const struct head *h, bool (*owns)(str program))
{
    for (size_t i = 0; i < h->n; i++)
        if (owns(h->programs[i]))
            return 90;
    return h->framed ? 10 : 0;
}

int
syslog_recognise(str head, bool eof, bool (*owns)(str program))
{
    if (head.p && head.p == shared.text.p && head.n == shared.text.n && eof == shared.eof) {
        if (!shared.looked_at)
            look_at(&shared);
        return ask(&shared, owns);
    }
    struct head own = { .text = head, .eof = eof };
    look_at(&own);
    int sure = ask(&own, owns);
    arena_free(&own.arena);
    return sure;
}

int
syslog_recognise_own(str head, bool eof, int lines, format_frame *frame,
                     bool (*is_own)(str whole, const struct line *framed), bool (*owns)(str program))
{
    str rest = head;
    for (int i = 0; i < lines && rest.n; i++) {
        struct str_cut c = str_cut(rest, '\n');
        struct line line = { 0 };
        struct civil civil;
        bool zoned;
        int offset_s;
        if (!c.found && !eof)
            break;
        bool framed = frame(c.head, &line, &civil, &zoned, &offset_s);
        if (is_own ? is_own(c.head, framed ? &line : NULL) : framed)
            return 95;
        rest = c.tail;
    }
    int sure = syslog_recognise(head, eof, owns);
    return sure >= 90 ? sure : 0;
}
