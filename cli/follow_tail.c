/* One file or pipe that grows: read on in pieces, committed at line ends.  Where to begin is follow_begin.c's.
 *
 * A file is known by what it is (device, inode) and by its bytes, never by its name.  When it shrinks, or the bytes
 * before our place are others, it was truncated: what it is now is a new source, and what we had not read of the old one
 * is looked for in the copy that a rotation made (follow_file.c). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "follow_impl.h"
#include "ingest_account.h"

/* Verdicts wait so long for their message, and what is read twice may be told a little earlier. */
static const when REACH_BACK = 90 * WHEN_SECOND;

static ssize_t
read_file(void *ctx, char *p, size_t n)
{
    struct tail *t = ctx;
    ssize_t got = read(t->fd, p, n);
    if (got <= 0)
        return got;
    size_t m = (size_t)got;
    if (m >= TAIL_LAST) {
        memcpy(t->last, p + m - TAIL_LAST, TAIL_LAST);
        t->last_n = TAIL_LAST;
    } else {
        size_t keep = t->last_n + m > TAIL_LAST ? TAIL_LAST - m : t->last_n;
        memmove(t->last, t->last + t->last_n - keep, keep);
        memcpy(t->last + keep, p, m);
        t->last_n = keep + m;
    }
    return got;
}

static struct tail *
new_tail(const char *path)
{
    struct tail *t = xcalloc(1, sizeof *t);
    t->path = xcalloc(1, strlen(path) + 1);
    memcpy(t->path, path, strlen(path));
    t->fd = -1;
    t->since = t->last_since = WHEN_NONE;
    t->total = t->batch = (struct account){ .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    t->grown_at = when_now();
    return t;
}

struct tail *
tail_of_file(struct follow *f, const char *path, int fd, const struct stat *st)
{
    (void)f;
    struct tail *t = new_tail(path);
    t->fd = fd;
    t->dev = st->st_dev;
    t->ino = st->st_ino;
    return t;
}

struct tail *
tail_of_stream(struct follow *f, const char *path, int fd)
{
    (void)f;
    struct tail *t = new_tail(path);
    t->stream = xcalloc(1, sizeof *t->stream);
    stream_open(t->stream, fd);
    return t;
}

void
tail_reset(struct tail *t)
{
    lines_drop(t->lines);
    t->lines = NULL;
    source_close(&t->source);
    t->in_database = t->begun = t->changed = t->backlog = t->kept_sure = false;
    t->since = t->last_since = WHEN_NONE;
    t->committed = t->counted = 0;
    t->last_n = t->head_n = 0;
    t->from = (struct lines_from){ 0 };
    t->known = (struct load_source){ 0 };
    t->total = t->batch = (struct account){ .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    if (t->stream)
        stream_rewind(t->stream);
    else
        lseek(t->fd, 0, SEEK_SET);
}

void
tail_free(struct tail *t)
{
    if (t == NULL)
        return;
    lines_drop(t->lines);
    source_close(&t->source);
    if (t->stream) {
        stream_close(t->stream);
        free(t->stream);
    }
    if (t->fd >= 0)
        close(t->fd);
    free(t->path);
    free(t);
}

/* Whether the bytes before our place are those that we read. */
static bool
is_same_file(struct tail *t, const struct stat *st)
{
    char bytes[TAIL_LAST];
    uint64_t at = t->source.raw_bytes;
    if ((uint64_t)st->st_size < at)
        return false;
    return t->last_n == 0 || pread(t->fd, bytes, t->last_n, (off_t)(at - t->last_n)) != (ssize_t)t->last_n ||
           memcmp(bytes, t->last, t->last_n) == 0;
}

bool
tail_is_truncated(struct follow *f, struct tail *t)
{
    struct stat st;
    if (t->over || t->stream || fstat(t->fd, &st) != 0 || is_same_file(t, &st))
        return t->over;
    note("%s: truncated; going on from its beginning", t->path);
    t->over = true; /* the file as it is now is found anew */
    f->scan_now = true;
    return true;
}

bool
tail_open(struct tail *t)
{
    struct diag d = { 0 };
    if (t->source.impl == NULL) {
        bool good = t->stream ? source_open_reader(&t->source, t->path, stream_read, t->stream, &d)
                              : source_open_reader(&t->source, t->path, read_file, t, &d);
        if (!good) {
            warn("%s", d.text);
            return false;
        }
    }
    source_more_later(&t->source);
    return source_want(&t->source, LOAD_HEAD, &d);
}

void
tail_note_times(struct tail *t)
{
    struct stat st;
    t->source.modified_at =
        t->stream == NULL && fstat(t->fd, &st) == 0 ? st.st_mtime : when_now() / WHEN_SECOND;
}

/* Reading ------------------------------------------------------------------------------------------- */

bool
tail_has_work(struct follow *f, struct tail *t, when now)
{
    struct stat st;
    if (t->over)
        return false;
    if (t->lines == NULL && t->stream == NULL)
        return true; /* to begin anew */
    if (t->backlog)
        return true;
    if (t->stream)
        return stream_fill(t->stream);
    if (fstat(t->fd, &st) != 0)
        return false;
    if (st.st_nlink == 0)
        t->old = true;
    if ((uint64_t)st.st_size == t->source.raw_bytes || tail_is_truncated(f, t))
        return false;
    t->grown_at = now;
    return true;
}

static when
earlier(when a, when b)
{
    return a == WHEN_NONE ? b : b == WHEN_NONE || a < b ? a : b;
}

/* Reads muted up to where an earlier run ended. */
static bool
catch_up(struct tail *t)
{
    if (t->source.offset >= t->from.offset)
        return true;
    while (t->source.offset < t->from.offset && !interrupted) {
        uint64_t before = t->source.offset, left = t->from.offset - before;
        if (!lines_take(t->lines, left < TAIL_QUOTA ? left : TAIL_QUOTA))
            return false;
        if (t->source.offset == before)
            break;
    }
    t->total = t->batch; /* not of this run */
    t->counted = t->source.offset;
    t->batch = (struct account){ .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    return true;
}

/* The head by which a file is known grows with it. */
static void
update_head(struct tail *t)
{
    size_t n = t->source.offset < LOAD_HEAD ? (size_t)t->source.offset : LOAD_HEAD;
    if (n <= t->known.head_length || n > t->head_n)
        return;
    t->known.head_length = n;
    sha256_of(str_of(t->head, n), t->known.head_sha256);
}

static void
settle_account(struct follow *f, struct tail *t)
{
    t->since = earlier(t->since, t->batch.first_at);
    t->total.first_at = earlier(t->total.first_at, t->batch.first_at);
    if (t->batch.last_at > t->total.last_at || t->total.last_at == WHEN_NONE)
        t->total.last_at = t->batch.last_at;
    ingest_account_add(&t->total, &t->batch);
    ingest_account_add(&f->in->total, &t->batch);
    t->batch = (struct account){ .first_at = WHEN_NONE, .last_at = WHEN_NONE };
}

static bool
end_batch(struct follow *f, struct tail *t, const struct lines_result *r, str state)
{
    struct diag d = { 0 };
    struct load_result result = { .bytes = t->source.offset,
                                  .resume_offset = r->resume_offset,
                                  .lines = r->lines,
                                  .state = state,
                                  .since = WHEN_NONE };
    f->in->total.bytes += t->source.offset - t->counted;
    t->counted = t->source.offset;
    settle_account(f, t);
    when since = earlier(earlier(t->since, t->last_since), r->waited_since);
    if (since != WHEN_NONE) {
        result.since = since - REACH_BACK;
        result.until = t->total.last_at;
    }
    source_digest(&t->source, result.sha256);
    update_head(t);
    t->known.host = f->in->options.host.n ? f->in->options.host : lines_host(r);
    t->changed = true;
    bool good = load_end(f->in->load, &t->known, &t->total, &result, &d);
    t->known.host = (str){ 0 };
    return good || ingest_fail(f->in, &d);
}

/* The source in the batch; false with in->failed unset: it has to begin anew. */
static bool
go_on(struct follow *f, struct tail *t)
{
    struct diag d = { 0 };
    bool same = true, ours = true;
    if (!t->begun && !tail_is_still_known(f, t))
        return false;
    bool good = t->begun ? load_go_on(f->in->load, &t->known, t->committed, &same, &d)
                         : load_begin(f->in->load, &t->known, t->in_database,
                                      str_of(t->head, t->head_n < LOAD_HEAD ? t->head_n : LOAD_HEAD), &d);
    if (!good)
        return ingest_fail(f->in, &d);
    return same && kept_own(f, t, &ours) && ours;
}

static bool
take_lines(struct follow *f, struct tail *t)
{
    struct source *s = &t->source;
    tail_note_times(t);
    if (t->stream || !tail_is_truncated(f, t)) /* else what was read of it before is all there is */
        source_more_later(s);
    else
        s->eof = true;
    uint64_t before = s->offset;
    bool good = lines_take(t->lines, TAIL_QUOTA);
    if (t->head_n < LOAD_HEAD && t->stream == NULL) {
        ssize_t got = pread(t->fd, t->head, LOAD_HEAD, 0);
        t->head_n = got > 0 ? (size_t)got : t->head_n;
    }
    if (!good && f->in->sink->diag.code == EXIT_NO_INPUT) {
        warn("%s", f->in->sink->diag.text);
        t->over = true;
    } else if (!good) {
        return ingest_fail(f->in, &f->in->sink->diag);
    }
    t->backlog = !s->eof || s->offset - before >= TAIL_QUOTA;
    return true;
}

bool
tail_pump(struct follow *f, struct tail *t)
{
    struct ingest *in = f->in;
    if (t->lines == NULL) {
        enum tail_kind kind = tail_start(f, t);
        if (in->failed)
            return false;
        if (kind != TAIL_LOG) {
            if (t->stream == NULL)
                t->over = f->scan_now = true;
            else if (t->stream->ended || kind == TAIL_WHOLE || kind == TAIL_NO_FORMAT)
                t->over = true;
            if (t->stream && t->over && t->source.window.n) {
                warn("%s: %s", t->path,
                     kind == TAIL_WHOLE ? "only logs can be followed here"
                                        : "no known format (of journalctl's, verbose and cat are not read)");
                in->unreadable++;
            }
            return true;
        }
    }
    in->sink->account = &t->batch;
    in->sink->source = str_from(t->path);
    in->sink->format = t->format->name;
    if (!catch_up(t))
        return ingest_fail(in, &in->sink->diag);
    if (t->source.offset < t->from.offset) /* interrupted, or the file is another one */
        return true;
    if (!go_on(f, t)) {
        if (!in->failed)
            tail_reset(t);
        return !in->failed;
    }
    uint64_t before = t->source.offset;
    if (!take_lines(f, t))
        return false;
    if (t->source.offset == before)
        return true;
    if (!lines_hand_out(t->lines))
        return ingest_fail(in, &in->sink->diag);
    struct lines_result r;
    lines_so_far(t->lines, &r);
    return end_batch(f, t, &r, S("following"));
}

bool
tail_finish(struct follow *f, struct tail *t, bool with_rest)
{
    struct lines_result r;
    if (t->lines == NULL || t->source.offset < t->from.offset || (!t->changed && !go_on(f, t)))
        return !f->in->failed;
    f->in->sink->account = &t->batch;
    t->source.eof = true; /* lines that were read into the window before the file was truncated */
    if (!lines_take(t->lines, UINT64_MAX))
        return ingest_fail(f->in, &f->in->sink->diag);
    bool good = lines_end(t->lines, with_rest, &r);
    t->lines = NULL;
    return good ? end_batch(f, t, &r, S("whole")) : ingest_fail(f->in, &f->in->sink->diag);
}

void
tail_committed(struct tail *t)
{
    if (!t->changed)
        return;
    if (t->stream)
        stream_commit(t->stream, (size_t)(t->source.offset - t->committed));
    t->changed = false;
    t->in_database = t->begun = true;
    t->committed = t->source.offset;
    t->last_since = t->since;
    t->since = WHEN_NONE;
}
