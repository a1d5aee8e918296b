/* What becomes of one line: its framing is taken off, its format found, and its events go to the tracker.
 *
 * Which bytes are a line, and whether an earlier run read it, is lines.c's business. */
#include "hash.h"
#include "lines_impl.h"
#include "syslog.h"

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
    if (format == NULL || format->frame == NULL)
        return false;
    *f = (struct framed){ .line = { .whole = whole, .at = WHEN_NONE }, .dated = true };
    if (!format->frame(whole, &f->line, &f->civil, &f->zoned, &offset_s))
        return false;
    f->dated = f->civil.year != 0;
    if (f->zoned && f->dated)
        f->line.at = when_from_civil(f->civil) - (when)offset_s * WHEN_SECOND;
    return true;
}

static bool
is_header(const struct lines *l, str whole)
{
    return l->first && l->first->is_header && l->first->is_header(whole);
}

/* Takes off the framing and finds the time; NULL if the line has none. */
static const struct format *
frame_line(struct lines *l, str whole, struct line *line, unsigned *flags, bool *framed)
{
    struct framed f;
    *framed = false;
    bool own = frame_own(l->first, whole, &f);
    if (!own && (is_header(l, whole) || !syslog_frame(whole, &f)))
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

/* The event of a framed line, before its format has seen it. */
static struct event
framed_event(const struct lines *l, const struct line *line, struct origin o, unsigned flags)
{
    return (struct event){ .at = line->at,
                           .host = line->host,
                           .program = line->program,
                           .text = line->text,
                           .pid = line->pid,
                           .offset = o.offset,
                           .length = o.length,
                           .line = l->line,
                           .flags = flags };
}

/* What else a line says; its bytes are counted already. */
static bool
take_more(struct lines *l, const struct format *owner, const struct line *line, struct origin o,
          unsigned flags)
{
    struct sink *sink = l->sink;
    while (owner->has_more == NULL || owner->has_more()) {
        struct event e = framed_event(l, line, o, flags);
        if (!owner->more(&e))
            break;
        sink->account->records++;
        if ((!l->muted && sink->ops->event && !sink->ops->event(sink, &e)) || !tracker_event(l->tracker, &e))
            return false;
    }
    return true;
}

static struct event
unframed_event(const struct lines *l, str whole, struct origin o)
{
    return (struct event){
        .at = WHEN_NONE, .text = whole, .offset = o.offset, .length = o.length, .line = l->line
    };
}

bool
line_reject(struct lines *l, str whole, struct origin o, const char *why)
{
    if (l->muted) {
        account_reject(l->sink->account, o.length);
        return true;
    }
    struct event e = unframed_event(l, whole, o);
    e.kind = EVENT_REJECT;
    e.why = why;
    if (l->sink->ops->event && !l->sink->ops->event(l->sink, &e))
        return false;
    return sink_reject(l->sink, l->line, o, whole, "%s", why);
}

bool
line_hand_out_head(struct lines *l)
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
    l->counted_host = hash_bytes(line->host);
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
    if (r->before) { /* of the same host: others' lines may stand between */
        owner = l->counted_host == hash_bytes(line->host) ? l->counted_owner : NULL;
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

/* A line that no framing fits. */
static bool
take_unframed(struct lines *l, str whole, struct origin o)
{
    const struct format *first = l->first;
    bool cut = o.offset == 0 && !is_header(l, whole); /* the source may begin in the middle of a line */
    if (!cut && first && first->frame) {              /* such files may hold lines without a stamp */
        struct line line = { .whole = whole, .text = whole, .at = WHEN_NONE };
        struct event e = unframed_event(l, whole, o);
        first->parse(&line, &e);
        if (e.kind == EVENT_IGNORED)
            return take_event(l, &e, whole);
    }
    if (frame_is_note(whole)) {
        struct event e = unframed_event(l, whole, o);
        e.kind = EVENT_IGNORED;
        e.why = "a note of journalctl's, or of no mail program";
        return take_event(l, &e, whole);
    }
    if (cut && !l->muted)
        buf_add(&l->head, str_of(whole.p, (size_t)o.length));
    return line_reject(l, whole, o, cut ? "begins in the middle of a line" : "no time stamp");
}

/* The events of a line whose format is known. */
static bool
take_owned(struct lines *l, const struct format *owner, struct line *line, struct event *e, str whole)
{
    l->sink->format = owner->name;
    line->text = e->text = frame_unescape(str_trim_right(line->text));
    unsigned flags = e->flags;
    owner->parse(line, e);
    keep_counted(l, owner, line, e);
    return take_event(l, e, whole) && take_recipients(l, e) &&
           (owner->more == NULL || take_more(l, owner, line, (struct origin){ e->offset, e->length }, flags));
}

bool
line_take(struct lines *l, str whole, uint64_t length)
{
    struct origin o = { l->source->offset, length };
    l->line++;
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
    if (!framed)
        return take_unframed(l, whole, o);
    if (line.at == WHEN_NONE)
        return line_reject(l, whole, o, "the time stamp is not a possible time");
    l->last_at = line.at;
    keep_host(l, line.host);
    if (!line_hand_out_head(l))
        return false;
    struct event e = framed_event(l, &line, o, flags);
    if (line.text.n && (line.text.p[0] == 'm' || line.program.n == 0)) {
        struct frame_repeat again = frame_repeat(line.text);
        if (again.times)
            return take_repeat(l, owner, &line, &e, &again, whole);
    }
    if (owner)
        return take_owned(l, owner, &line, &e, whole);
    l->counted_owner = NULL;
    e.kind = EVENT_IGNORED;
    e.why = "a program whose lines are not read";
    return take_event(l, &e, whole);
}
