/* Where a file or pipe is begun: its format, what the database knows of its bytes, whose it is to follow.
 *
 * A file that the database knows is read muted up to there (follow_tail.c); a pipe goes on behind what its last commit
 * took, with the lines that were kept of it (follow_kept.c). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "follow_impl.h"
#include "load_kept.h"

static struct tail *
another_with(const struct follow *f, const struct tail *t, int64_t source_id)
{
    for (struct tail *o = f->tails; o; o = o->next)
        if (o != t && (o->begun || o->in_database || o->changed) && o->known.source_id == source_id)
            return o;
    return NULL;
}

bool
tail_begins_with(const struct tail *t, int fd)
{
    char a[16 << 10], b[sizeof a];
    off_t at = 0;
    for (ssize_t n; (n = pread(fd, a, sizeof a, at)) > 0; at += n)
        if (pread(t->fd, b, (size_t)n, at) != n || memcmp(a, b, (size_t)n) != 0)
            return false;
    return true;
}

/* What the database knows of the file, whatever its name is now. */
static enum tail_kind
find_known(struct follow *f, struct tail *t)
{
    struct ingest *in = f->in;
    str window = t->source.window;
    char proc[40];
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", t->fd);
    const char *named = t->source.path;
    bool was_regular = t->source.regular;
    t->source.path = proc;
    t->source.regular = true;
    t->source.window = str_of(t->head, t->head_n);
    enum ingest_known v = ingest_look_up(in, &t->source, t->format, &t->known);
    t->source.path = named;
    t->source.regular = was_regular;
    t->source.window = window;
    if (in->failed)
        return TAIL_GONE;
    struct tail *other = v == INGEST_NEW ? NULL : another_with(f, t, t->known.source_id);
    if (other && (other->stream || tail_is_truncated(f, other) || tail_begins_with(other, t->fd)))
        return TAIL_LATER; /* a copy of what is being followed, or a file that still looks like one */
    t->in_database = v != INGEST_NEW && other == NULL;
    if (!t->in_database)
        return TAIL_LOG;
    bool ours;
    if (!kept_own(f, t, &ours))
        return TAIL_GONE;
    if (!ours)
        return TAIL_BUSY;
    t->from = (struct lines_from){ t->known.resume_offset, t->known.following };
    return TAIL_LOG;
}

/* A pipe whose last commit was not taken out of it yet; false: not ours, or the database failed. */
static bool
take_over(struct follow *f, struct tail *t)
{
    unsigned char sha256[32];
    uint64_t n;
    bool ours;
    struct diag d = { 0 };
    if (!kept_own(f, t, &ours))
        return false;
    if (!ours) {
        if (!t->kept_said)
            note("%s: another waybill follows it; waiting for that to end", t->path);
        t->kept_said = true;
        stream_forget(t->stream);
        return false;
    }
    if (!load_get_mark(f->in->load, str_from(t->stream->name), &n, sha256, &d))
        return ingest_fail(f->in, &d);
    if (n && stream_begins_with(t->stream, (size_t)n, sha256)) {
        t->stream->given = (size_t)n;
        stream_commit(t->stream, (size_t)n);
    }
    return true;
}

enum tail_kind
tail_start(struct follow *f, struct tail *t)
{
    struct ingest *in = f->in;
    if (t->stream && !t->begun && t->source.impl == NULL && t->stream->kept.n && !take_over(f, t))
        return f->in->failed ? TAIL_GONE : TAIL_LATER;
    if (!tail_open(t))
        return TAIL_GONE;
    struct source *s = &t->source;
    if (s->compressed)
        return TAIL_WHOLE;
    if (s->window.n == 0)
        return TAIL_EMPTY;
    str head = format_head(s, LOAD_HEAD);
    bool has_line = str_find_char(head, '\n') != STR_NONE;
    t->format = in->forced ? in->forced : has_line ? format_recognise(head, false) : NULL;
    if (t->format == NULL && has_line && t->stream)
        t->format = kept_format(f, t);
    if (in->failed)
        return TAIL_GONE;
    if (t->format == NULL)
        return head.n < TAIL_UNKNOWN || head.p[0] == '\0' ? TAIL_LATER : TAIL_NO_FORMAT;
    if (t->format->read)
        return TAIL_WHOLE;
    tail_note_times(t);
    t->head_n = s->window.n < LOAD_HEAD ? s->window.n : LOAD_HEAD;
    memcpy(t->head, s->window.p, t->head_n);
    enum tail_kind kind = t->stream ? TAIL_LOG : find_known(f, t);
    if (kind != TAIL_LOG)
        return kind;
    t->known.path = str_from(t->path);
    t->known.format = str_from(t->format->name);
    t->known.options = in->options_text;
    t->committed = t->in_database ? t->known.bytes : 0;
    in->sink->account = &t->batch; /* the look at the first lines tells nothing yet */
    t->lines = lines_open(s, &in->options, t->format, in->sink, t->from);
    t->kept_any = t->in_database;
    if (t->stream && !kept_replay(f, t))
        return TAIL_GONE;
    t->backlog = true; /* what the look took in is still to be read */
    in->files++;
    return TAIL_LOG;
}

/* A file that was looked up before the batch was open: whether it is still what it was. */
bool
tail_is_still_known(struct follow *f, struct tail *t)
{
    struct load_source was = t->known;
    bool was_there = t->in_database;
    if (t->stream)
        return true;
    if (find_known(f, t) != TAIL_LOG || t->in_database != was_there)
        return false;
    return !was_there || (t->known.source_id == was.source_id && t->known.bytes == was.bytes &&
                          t->known.resume_offset == was.resume_offset);
}
