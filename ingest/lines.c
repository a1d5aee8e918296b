/* Reads a source of log lines.
 *
 * Cuts lines and records, follows what an earlier run read, lets sources be read in turns, and decides what
 * becomes of the pieces of lines at the edges of a cut file.  What a line says is line_take.c's business, its
 * time line_clock.c's. */
#include <stdlib.h>

#include "lines_impl.h"

enum { CLOCK_BYTES = 64 << 10 };

/* Lines that an earlier run read are muted; at their end stands what it handed out. */
static bool
set_muted(struct lines *l, uint64_t offset)
{
    bool was_muted = l->muted;
    l->muted = l->replaying || offset < l->resume_at;
    if (was_muted && !l->muted &&
        !(l->held ? tracker_hand_out(l->tracker) : tracker_flush(l->tracker, false)))
        return false;
    tracker_mute(l->tracker, l->muted);
    return true;
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
           line_take(l, whole, whole.n);
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
    return set_muted(l, l->source->offset) && line_reject(l, str_head(l->source->window, (size_t)length),
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
    l->line += str_count_char(str_head(s->window, n - 1), '\n');
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

/* What truncation leaves before the lines of a writer that goes on at its old place: perhaps gigabytes of nothing. */
static void
skip_nuls(struct lines *l)
{
    struct source *s = l->source;
    size_t n = 0;
    while (n < s->window.n && s->window.p[n] == '\0')
        n++;
    account_ignore(l->sink->account, n);
    source_take(s, n);
}

static bool
take_lines(struct lines *l)
{
    struct source *s = l->source;
    for (;;) {
        if (s->window.n && s->window.p[0] == '\0' && l->records == FRAME_LINES && !l->overlong)
            skip_nuls(l);
        size_t n = next_record(l);
        if (n != STR_NONE) {
            size_t text = s->window.p[n] == '\n' ? n : n + 1;
            if (l->overlong ? !end_overlong(l, n + 1)
                            : !set_muted(l, s->offset) || !line_take(l, str_head(s->window, text), n + 1))
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
            if (!set_muted(l, s->offset) || !line_reject(l, str_head(s->window, LINE_MAX_BYTES),
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
    if (l->growing && l->source->offset < CLOCK_BYTES &&
        !l->clock.from_ids) { /* it may have begun with one line */
        struct diag ignored = { 0 };
        source_want(l->source, CLOCK_BYTES, &ignored);
        line_clock_learn(&l->clock, l->source->window, l->first);
    }
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

size_t
lines_kept_back(const struct lines *l, struct origin *lines, size_t most)
{
    return tracker_kept_back(l->tracker, lines, most);
}

bool
lines_replay(struct lines *l, str bytes, int64_t offset)
{
    struct source memory, *s = l->source;
    struct account *account = l->sink->account, unused = { 0 };
    uint64_t checkpoint_at = l->checkpoint_at;
    source_open_memory(&memory, s->path, bytes);
    memory.offset = (uint64_t)offset;
    take_turn(l);
    if (s->modified_at && !l->clock.from_ids)
        l->clock.reference = s->modified_at * WHEN_SECOND;
    line_clock_learn(&l->clock, bytes, l->first);
    l->sink->account = &unused;
    l->source = &memory;
    l->replaying = true;
    l->checkpoint_at = l->stop_at = UINT64_MAX;
    bool good = take_lines(l) && tracker_hand_out(l->tracker);
    l->replaying = l->muted = l->overlong = false;
    tracker_mute(l->tracker, false);
    tracker_begin(l->tracker);
    l->checkpoint_at = checkpoint_at;
    l->source = s;
    l->sink->account = account;
    l->line = 0;
    source_close(&memory);
    return good;
}

void
lines_so_far(const struct lines *l, struct lines_result *r)
{
    str host = l->several_hosts ? (str){ 0 } : str_head(l->last_host, LINES_HOST_MAX);
    *r = (struct lines_result){ .resume_offset = l->source->offset,
                                .lines = l->line,
                                .waited_since = tracker_waited_since(l->tracker),
                                .host_n = host.n };
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
    good = tracker_flush(l->tracker, true) && line_hand_out_head(l) && good;
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
