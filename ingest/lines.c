/* Reads a source of log lines.
 *
 * Decides the year and the zone of stamps that do not say theirs (line_clock.c)
 * and what becomes of the pieces of lines at the edges of a cut file. */
#include "lines.h"

#include <stdlib.h>

#include "buf.h"
#include "frame.h"
#include "line_clock.h"
#include "syslog.h"

enum { OWNER_CACHE = 64 };

struct lines {
    struct source *source;
    const struct ingest_options *options;
    const struct format *first;
    struct sink *sink;
    struct tracker *tracker;
    struct line_clock clock;
    uint64_t resume_at, line, checkpoint_at, stop_at;
    void **kept; /* what formats remember of this source while another one is read; NULL: nothing yet */
    enum frame_records records;
    bool muted, held, growing, several_hosts;
    bool overlong;   /* the beginning of this line was rejected already */
    bool unreadable; /* the source broke off; what was read of it is good */
    struct buf head; /* an unfinished first line, until its neighbour is read */
    when last_at;
    str last_host;
    char host_bytes[256];
    struct buf counted; /* the latest line that "last message repeated" may mean: its text */
    const struct format *counted_owner;
    char counted_program[64];
    size_t counted_program_n;
    int64_t counted_pid;
    struct {
        char program[32];
        size_t n;
        const struct format *owner;
    } owners[OWNER_CACHE];
};

static const struct format *
find_owner(str program)
{
    const struct format *f;
    for (size_t i = 0; (f = format_at(i)) != NULL; i++)
        if (f->owns && f->owns(program))
            return f;
    return NULL;
}

/* The format that owns a program; a file has few programs and many lines. */
static const struct format *
owner_of(struct lines *l, str program)
{
    if (program.n == 0)
        return NULL;
    if (program.n > sizeof l->owners->program)
        return find_owner(program);
    size_t slot = (program.n * 7 + (unsigned char)program.p[program.n - 1]) % OWNER_CACHE;
    if (l->owners[slot].n != program.n || memcmp(l->owners[slot].program, program.p, program.n) != 0) {
        memcpy(l->owners[slot].program, program.p, program.n);
        l->owners[slot].n = program.n;
        l->owners[slot].owner = find_owner(program);
    }
    return l->owners[slot].owner;
}

static void
keep_host(struct lines *l, str host)
{
    if (str_eq(l->last_host, host))
        return;
    l->several_hosts |= l->last_host.n != 0;
    size_t n = host.n < sizeof l->host_bytes ? host.n : sizeof l->host_bytes;
    if (n)
        memcpy(l->host_bytes, host.p, n);
    l->last_host = str_of(l->host_bytes, n);
}

/* The framing of a format's own files; the same format may also come through syslog. */
static bool
frame_own(const struct format *format, str whole, struct framed *f)
{
    int offset_s = 0;
    *f = (struct framed){ .line = { .whole = whole, .at = WHEN_NONE }, .dated = true };
    if (format == NULL || format->frame == NULL ||
        !format->frame(whole, &f->line, &f->civil, &f->zoned, &offset_s))
        return false;
    f->dated = f->civil.year != 0;
    if (f->zoned && f->dated)
        f->line.at = when_from_civil(f->civil) - (when)offset_s * WHEN_SECOND;
    return true;
}

/* Takes off the framing and finds the time; NULL if the line has none. */
static const struct format *
frame_line(struct lines *l, str whole, struct line *line, unsigned *flags, bool *framed)
{
    struct framed f;
    *framed = false;
    bool own = frame_own(l->first, whole, &f);
    if (!own && !syslog_frame(whole, &f))
        return NULL;
    *framed = true;
    const struct format *owner = own ? l->first : owner_of(l, f.line.program);
    if (!own)
        syslog_repeated_stamp(owner, &f);
    if (f.line.at == WHEN_NONE)
        f.line.at = line_clock_time(&l->clock, &f.civil, f.dated, f.line.text, flags);
    if (l->options->host.n)
        f.line.host = l->options->host;
    *line = f.line;
    return owner;
}

static bool
take_event(struct lines *l, struct event *e, str whole)
{
    struct sink *sink = l->sink;
    if (l->muted) { /* counted all the same: the account is of the whole source */
        if (e->kind == EVENT_IGNORED)
            account_ignore(sink->account, e->length);
        else if (e->kind == EVENT_REJECT)
            account_reject(sink->account, e->length);
        else
            account_record(sink->account, e->length, e->at);
        return e->kind == EVENT_IGNORED || e->kind == EVENT_REJECT || tracker_event(l->tracker, e);
    }
    if (sink->ops->event && !sink->ops->event(sink, e))
        return false;
    switch (e->kind) {
    case EVENT_IGNORED: account_ignore(sink->account, e->length); return true;
    case EVENT_REJECT:
        return sink_reject(sink, e->line, (struct origin){ e->offset, e->length }, whole, "%s", e->why);
    default: account_record(sink->account, e->length, e->at); return tracker_event(l->tracker, e);
    }
}

/* One line may tell of several recipients: it is one record, and an event for each. */
static bool
take_recipients(struct lines *l, struct event *e)
{
    while (event_next_recipient(e)) {
        if (!l->muted && l->sink->ops->event && !l->sink->ops->event(l->sink, e))
            return false;
        if (!tracker_event(l->tracker, e))
            return false;
    }
    return true;
}

/* What else a line says; its bytes are counted already. */
static bool
take_more(struct lines *l, const struct format *owner, const struct event *as_given)
{
    struct sink *sink = l->sink;
    for (;;) {
        struct event e = *as_given;
        if (!owner->more(&e))
            return true;
        sink->account->records++;
        if ((!l->muted && sink->ops->event && !sink->ops->event(sink, &e)) || !tracker_event(l->tracker, &e))
            return false;
    }
}

static bool
reject_line(struct lines *l, str whole, struct origin o, const char *why)
{
    if (l->muted) {
        account_reject(l->sink->account, o.length);
        return true;
    }
    if (l->sink->ops->event) {
        struct event e = { .kind = EVENT_REJECT,
                           .why = why,
                           .offset = o.offset,
                           .length = o.length,
                           .line = l->line,
                           .at = WHEN_NONE,
                           .text = whole };
        if (!l->sink->ops->event(l->sink, &e))
            return false;
    }
    return sink_reject(l->sink, l->line, o, whole, "%s", why);
}

/* The end of a line whose beginning stands elsewhere, once its neighbour told host and time. */
static bool
hand_out_head(struct lines *l)
{
    if (l->head.n == 0 || l->sink->ops->fragment == NULL)
        return true;
    struct fragment f = { .is_head = true,
                          .bytes = buf_str(&l->head),
                          .origin = { 0, l->head.n },
                          .edge_at = l->last_at,
                          .host = l->last_host.n ? l->last_host : l->options->host };
    bool good = l->sink->ops->fragment(l->sink, &f);
    l->head.n = 0;
    return good;
}

/* Lines that an earlier run read are muted; at their end stands what it handed out. */
static bool
set_muted(struct lines *l, uint64_t offset)
{
    bool was_muted = l->muted;
    l->muted = offset < l->resume_at;
    if (was_muted && !l->muted &&
        !(l->held ? tracker_hand_out(l->tracker) : tracker_flush(l->tracker, false)))
        return false;
    tracker_mute(l->tracker, l->muted);
    return true;
}

/* Only refusals and attempts are counted: of the others, said again, nothing is new. */
static void
keep_counted(struct lines *l, const struct format *owner, const struct line *line, const struct event *e)
{
    l->counted_owner = NULL;
    if ((e->kind != EVENT_REFUSAL && e->kind != EVENT_ATTEMPT) || line->program.n > sizeof l->counted_program)
        return;
    l->counted_owner = owner;
    l->counted.n = 0;
    buf_add(&l->counted, line->text);
    if (line->program.n)
        memcpy(l->counted_program, line->program.p, line->program.n);
    l->counted_program_n = line->program.n;
    l->counted_pid = line->pid;
}

/* What a line says that stands for several: its event so many times, its bytes once. */
static bool
take_repeated(struct lines *l, const struct format *owner, struct line *line, struct event *e, unsigned times,
              str whole)
{
    line->text = e->text = frame_unescape(line->text);
    owner->parse(line, e);
    if (!take_event(l, e, whole))
        return false;
    if (e->kind != EVENT_REFUSAL && e->kind != EVENT_ATTEMPT)
        return true;
    struct account once = *l->sink->account;
    for (; times > 1; times--)
        if (!take_event(l, e, whole))
            return false;
    *l->sink->account = once;
    return true;
}

static bool
take_repeat(struct lines *l, const struct format *owner, struct line *line, struct event *e,
            const struct frame_repeat *r, str whole)
{
    if (r->before) {
        owner = l->counted_owner;
        line->program = e->program = str_of(l->counted_program, l->counted_program_n);
        line->pid = e->pid = l->counted_pid;
        line->text = buf_str(&l->counted);
    } else {
        line->text = r->text;
    }
    e->text = line->text;
    if (owner)
        return take_repeated(l, owner, line, e, r->times, whole);
    e->kind = EVENT_IGNORED;
    e->why = r->before ? "repeats a line that counts nothing" : "a program whose lines are not read";
    return take_event(l, e, whole);
}

/* One line without its end; length counts the end too. */
static bool
take_line(struct lines *l, str whole, uint64_t length)
{
    struct origin o = { l->source->offset, length };
    l->line++;
    if (!set_muted(l, o.offset))
        return false;
    if (whole.n && whole.p[whole.n - 1] == '\r')
        whole.n--;
    if (str_trim(whole).n == 0) {
        account_ignore(l->sink->account, length);
        return true;
    }
    struct line line;
    unsigned flags = 0;
    bool framed;
    const struct format *owner = frame_line(l, whole, &line, &flags, &framed);
    bool header = !framed && l->first && l->first->is_header && l->first->is_header(whole);
    bool cut = !framed && o.offset == 0 && !header;       /* the source may begin in the middle of a line */
    if (!framed && !cut && l->first && l->first->frame) { /* such files may hold lines without a stamp */
        line = (struct line){ .whole = whole, .text = whole, .at = WHEN_NONE };
        struct event e = {
            .at = WHEN_NONE, .text = whole, .offset = o.offset, .length = length, .line = l->line
        };
        l->first->parse(&line, &e);
        if (e.kind == EVENT_IGNORED)
            return take_event(l, &e, whole);
    }
    if (!framed && frame_is_note(whole)) {
        struct event e = { .kind = EVENT_IGNORED,
                           .why = "a note of journalctl's",
                           .at = WHEN_NONE,
                           .text = whole,
                           .offset = o.offset,
                           .length = length,
                           .line = l->line };
        return take_event(l, &e, whole);
    }
    if (!framed) {
        if (cut && !l->muted)
            buf_add(&l->head, str_of(whole.p, (size_t)length));
        return reject_line(l, whole, o, cut ? "begins in the middle of a line" : "no time stamp");
    }
    if (line.at == WHEN_NONE)
        return reject_line(l, whole, o, "the time stamp is not a possible time");
    l->last_at = line.at;
    keep_host(l, line.host);
    if (!hand_out_head(l))
        return false;
    struct event e = { .at = line.at,
                       .host = line.host,
                       .program = line.program,
                       .text = line.text,
                       .pid = line.pid,
                       .offset = o.offset,
                       .length = o.length,
                       .line = l->line,
                       .flags = flags };
    if (line.text.n && (line.text.p[0] == 'm' || line.program.n == 0)) {
        struct frame_repeat again = frame_repeat(line.text);
        if (again.times)
            return take_repeat(l, owner, &line, &e, &again, whole);
    }
    if (owner == NULL) {
        l->counted_owner = NULL;
        e.kind = EVENT_IGNORED;
        e.why = "a program whose lines are not read";
        return take_event(l, &e, whole);
    }
    l->sink->format = owner->name;
    line.text = e.text = frame_unescape(str_trim_right(line.text));
    struct event as_given;
    if (owner->more) /* a large struct: rarely copied */
        as_given = e;
    owner->parse(&line, &e);
    keep_counted(l, owner, &line, &e);
    return take_event(l, &e, whole) && take_recipients(l, &e) &&
           (owner->more == NULL || take_more(l, owner, &as_given));
}

/* The last line lacks its end.  It is read as it is, apart from the lines before, so that it can be
 * taken back when its rest turns up. */
static bool
take_tail(struct lines *l, str whole)
{
    struct fragment f = { .bytes = whole,
                          .origin = { l->source->offset, whole.n },
                          .edge_at = l->last_at,
                          .host = l->last_host.n ? l->last_host : l->options->host };
    return set_muted(l, l->source->offset) && tracker_flush(l->tracker, false) &&
           (l->sink->ops->fragment == NULL || l->sink->ops->fragment(l->sink, &f)) &&
           take_line(l, whole, whole.n);
}

/* What was open so long that the bytes behind it are many is handed out as a part. */
static bool
checkpoint(struct lines *l)
{
    l->checkpoint_at += LINES_CHECKPOINT;
    tracker_mute(l->tracker, l->source->offset <= l->resume_at);
    return tracker_flush(l->tracker, false);
}

/* What follows a rejected beginning is no line of its own, whatever it looks like. */
static bool
end_overlong(struct lines *l, uint64_t length)
{
    l->overlong = false;
    return set_muted(l, l->source->offset) && reject_line(l, str_head(l->source->window, (size_t)length),
                                                          (struct origin){ l->source->offset, length },
                                                          "the end of a line longer than the limit");
}

/* The end of the next record of several lines, as an index of its last byte; its inner lines are counted. */
static size_t
find_record(struct lines *l)
{
    struct source *s = l->source;
    size_t n = frame_record(l->records, str_head(s->window, LINE_MAX_BYTES + 1), false);
    if (n == 0)
        return STR_NONE;
    for (str rest = str_head(s->window, n - 1); rest.n; rest = str_cut(rest, '\n').tail)
        l->line += str_find_char(rest, '\n') != STR_NONE;
    return n - 1;
}

/* The end of the next line or record, as an index of its last byte. */
static size_t
next_record(struct lines *l)
{
    str window = str_head(l->source->window, LINE_MAX_BYTES + 1);
    if (l->records != FRAME_LINES)
        return find_record(l);
    if (l->first && l->first->record && !l->overlong)
        return l->first->record(window, l->source->eof && !l->growing);
    return str_find_char(window, '\n');
}

static bool
take_lines(struct lines *l)
{
    struct source *s = l->source;
    for (;;) {
        size_t n = next_record(l);
        if (n != STR_NONE) {
            size_t text = s->window.p[n] == '\n' ? n : n + 1;
            if (l->overlong ? !end_overlong(l, n + 1) : !take_line(l, str_head(s->window, text), n + 1))
                return false;
            source_take(s, n + 1);
            if (s->offset >= l->checkpoint_at && !checkpoint(l))
                return false;
            if (s->offset >= l->stop_at)
                return true;
            continue;
        }
        if (s->window.n > LINE_MAX_BYTES) {
            l->line += !l->overlong;
            if (!set_muted(l, s->offset) || !reject_line(l, str_head(s->window, LINE_MAX_BYTES),
                                                         (struct origin){ s->offset, LINE_MAX_BYTES },
                                                         "a line longer than the limit of 1 MiB"))
                return false;
            source_take(s, LINE_MAX_BYTES);
            l->overlong = true;
            continue;
        }
        if (s->eof)
            return true;
        bool wanted = l->options->progress == NULL || l->options->progress(l->options, s);
        if (!wanted && s->offset >= l->resume_at) /* not amid what is known: the account is of all of it */
            return true;
        if (!source_more(s, &l->sink->diag))
            return !(l->unreadable = true);
    }
}

/* Reading in turns ---------------------------------------------------------------------------------- */

static struct lines *reading; /* whose memory the formats have */

/* Formats keep what lines of one source said in memory of their own. */
static void
take_turn(struct lines *l)
{
    if (reading == l)
        return;
    for (size_t i = 0; formats[i]; i++) {
        const struct format *f = formats[i];
        if (reading && f->suspend)
            reading->kept[i] = f->suspend();
        if (f->begin)
            f->begin();
        if (f->suspend && l->kept[i])
            f->resume(l->kept[i]);
        l->kept[i] = NULL;
    }
    reading = l;
}

struct lines *
lines_open(struct source *s, const struct ingest_options *options, const struct format *first,
           struct sink *sink, struct lines_from from)
{
    struct lines *l = xcalloc(1, sizeof *l);
    *l = (struct lines){ .source = s,
                         .options = options,
                         .first = first,
                         .sink = sink,
                         .tracker = tracker_new(sink),
                         .resume_at = from.offset,
                         .held = from.held,
                         .growing = true,
                         .checkpoint_at = LINES_CHECKPOINT,
                         .last_at = WHEN_NONE };
    size_t n = 0;
    while (formats[n])
        n++;
    l->kept = xcalloc(n, sizeof *l->kept);
    take_turn(l);
    line_clock_init(&l->clock, options, s, first);
    l->records = frame_records_of(s->window, false);
    return l;
}

bool
lines_take(struct lines *l, uint64_t most)
{
    take_turn(l);
    if (l->growing && l->source->modified_at && !l->clock.from_ids) /* years pass while a log is followed */
        l->clock.reference = l->source->modified_at * WHEN_SECOND;
    l->stop_at = most > UINT64_MAX - l->source->offset ? UINT64_MAX : l->source->offset + most;
    return take_lines(l);
}

bool
lines_hand_out(struct lines *l)
{
    if (!l->held && l->source->offset <= l->resume_at) /* all of it was handed out before */
        return true;
    return set_muted(l, l->source->offset) && tracker_hand_out(l->tracker);
}

void
lines_so_far(const struct lines *l, struct lines_result *r)
{
    str host = l->several_hosts ? (str){ 0 } : str_head(l->last_host, LINES_HOST_MAX);
    *r = (struct lines_result){ .resume_offset = l->source->offset, .lines = l->line, .host_n = host.n };
    if (host.n)
        memcpy(r->host, host.p, host.n);
}

void
lines_drop(struct lines *l)
{
    if (l == NULL)
        return;
    take_turn(l); /* what formats kept of it is forgotten by the next turn */
    reading = NULL;
    free(l->kept);
    buf_free(&l->head);
    buf_free(&l->counted);
    tracker_free(l->tracker);
    free(l);
}

bool
lines_end(struct lines *l, bool for_good, struct lines_result *r)
{
    struct source *s = l->source;
    uint64_t resume_offset = s->offset;
    bool good = true;
    take_turn(l);
    if (for_good && s->window.n) {
        good = l->overlong ? end_overlong(l, s->window.n) : take_tail(l, s->window);
        source_take(s, s->window.n);
    }
    if (l->held)
        good = set_muted(l, s->offset) && good;
    else
        tracker_mute(l->tracker, s->offset <= l->resume_at);
    good = tracker_flush(l->tracker, true) && hand_out_head(l) && good;
    lines_so_far(l, r);
    r->resume_offset = resume_offset;
    lines_drop(l);
    return good;
}

bool
lines_read(struct source *s, const struct ingest_options *options, const struct format *first,
           struct sink *sink, struct lines_from from, struct lines_result *r)
{
    struct lines_result unused;
    struct lines *l = lines_open(s, options, first, sink, from);
    l->growing = false;
    l->records = frame_records_of(s->window, s->eof);
    bool good = lines_take(l, UINT64_MAX);
    bool unreadable = l->unreadable;
    if (!good && !unreadable) {
        lines_so_far(l, r ? r : &unused);
        lines_drop(l);
        return false;
    }
    return lines_end(l, good && s->eof, r ? r : &unused) && good;
}
