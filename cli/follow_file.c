/* One file that may be followed: whether it is new or has changed, and what to do with it.
 *
 * Logs become tails; what is read whole (messages, reports, compressed logs) goes through ingest_file() once nobody
 * writes to it.  What a rotation named is a log that we follow, the rest of a known source, or one that came while nobody
 * followed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "follow_impl.h"

/* A file that is read whole is let rest so long after a change. */
static const when QUIET = WHEN_SECOND;
/* A log in a directory that nobody wrote to for so long is read and not followed. */
static const when STALE = 2 * WHEN_DAY;
/* A file that another process follows is looked at again. */
static const when BUSY_FIRST = 100 * WHEN_SECOND / 1000, BUSY_MOST = 30 * WHEN_SECOND;

static struct seen *
seen_of(struct follow *f, const struct stat *st)
{
    for (;;) {
        size_t mask = f->seen_room - 1;
        size_t at = (size_t)((uint64_t)st->st_ino * 0x9e3779b97f4a7c15u ^ (uint64_t)st->st_dev) & mask;
        if (f->seen_room && f->nseen * 2 < f->seen_room) {
            while (f->seen[at].ino && (f->seen[at].ino != st->st_ino || f->seen[at].dev != st->st_dev))
                at = (at + 1) & mask;
            if (f->seen[at].ino == 0) {
                f->nseen++;
                f->seen[at] = (struct seen){ .dev = st->st_dev, .ino = st->st_ino, .size = -1 };
            }
            return &f->seen[at];
        }
        struct seen *old = f->seen;
        size_t room = f->seen_room;
        f->seen_room = room ? room * 2 : 256;
        f->seen = xcalloc(f->seen_room, sizeof *f->seen);
        for (size_t i = 0; i < room; i++) {
            if (old[i].ino == 0)
                continue;
            size_t to = (size_t)((uint64_t)old[i].ino * 0x9e3779b97f4a7c15u ^ (uint64_t)old[i].dev) &
                        (f->seen_room - 1);
            while (f->seen[to].ino)
                to = (to + 1) & (f->seen_room - 1);
            f->seen[to] = old[i];
        }
        free(old);
    }
}

when
file_modified_at(const struct stat *st)
{
    return (when)st->st_mtim.tv_sec * WHEN_SECOND + st->st_mtim.tv_nsec / 1000;
}

struct tail *
file_tail(const struct follow *f, const struct stat *st)
{
    for (struct tail *t = f->tails; t; t = t->next)
        if (t->stream == NULL && !t->over && t->ino == st->st_ino && t->dev == st->st_dev)
            return t;
    return NULL;
}

static void
look_again(struct follow *f, when at)
{
    if (f->scan_at == WHEN_NONE || at < f->scan_at)
        f->scan_at = at;
}

void
file_came_before(struct follow *f, const struct stat *st)
{
    seen_of(f, st)->before = true;
}

void
file_forget(struct follow *f, const struct tail *t)
{
    struct stat st;
    if (t->stream || fstat(t->fd, &st) != 0)
        return;
    struct seen *e = seen_of(f, &st);
    e->size = t->rest ? st.st_size : -1;
    e->modified = file_modified_at(&st);
    e->done = t->rest;
    e->shadow = 0;
}

/* One file ------------------------------------------------------------------------------------------ */

/* A whole file into the database. */
static bool
ingest_whole(struct follow *f, const struct walk_file *file, struct seen *e, const struct stat *st)
{
    bool busy;
    struct diag d = { 0 };
    when now = when_now();
    if (now - file_modified_at(st) < QUIET && file_modified_at(st) <= now) {
        e->done = false;
        look_again(f, now + QUIET);
        return true;
    }
    if (!load_try_batch(f->in->load, &busy, &d))
        return ingest_fail(f->in, &d);
    if (busy) {
        e->done = false;
        look_again(f, now + QUIET);
        return true;
    }
    return ingest_file(f->in, file) || !f->in->failed;
}

/* Whether a source that goes by the same head is longer: lines that came between the copy and the truncation
 * are in the log that we read and not in its copy. */
static bool
is_shorter_copy(struct follow *f, struct source *s, struct diag *d)
{
    struct load_source found[LOAD_MAX_CANDIDATES];
    size_t n = 0;
    if (!load_find(f->in->load, s->window, true, found, LOAD_MAX_CANDIDATES, &n, d))
        return ingest_fail(f->in, d);
    while (n && !s->eof) {
        source_take(s, s->window.n);
        if (!source_more(s, d))
            return false;
    }
    uint64_t bytes = s->offset + s->window.n;
    for (size_t i = 0; i < n; i++)
        if (found[i].bytes > bytes && bytes >= found[i].head_length)
            return true;
    return false;
}

/* What a file with a name from a rotation is to us. */
enum rotated { ROTATED_KNOWN, ROTATED_LIVE, ROTATED_NEW, ROTATED_NOT_OURS };

static enum rotated
classify_rotated(struct follow *f, const char *path, const struct seen *e, const struct stat *st)
{
    struct source s;
    struct diag d = { 0 };
    struct load_source known = { 0 };
    enum rotated result = ROTATED_NOT_OURS;
    if (!source_open(&s, path, &d))
        return result;
    bool good = source_want(&s, LOAD_HEAD, &d) && s.window.n;
    const struct format *format = f->in->forced ? f->in->forced : format_recognise(s.window, s.eof);
    if (good && ingest_look_up(f->in, &s, format, &known) != INGEST_NEW && !f->in->failed) {
        result = ROTATED_KNOWN;
        for (const struct tail *t = f->tails; t; t = t->next)
            if (!t->over && t->lines && t->known.source_id == known.source_id)
                result = ROTATED_LIVE;
    } else if (good && !f->in->failed && format && !e->before && file_modified_at(st) >= f->ours_since) {
        /* nobody saw it under its first name: it came and went while the database was away, say */
        result = is_shorter_copy(f, &s, &d) ? ROTATED_NOT_OURS : ROTATED_NEW;
    }
    source_close(&s);
    return result;
}

/* Whether it may still be in the making, a copy of a log that we follow. */
static bool
is_in_the_making(struct follow *f, const char *path, const struct stat *st)
{
    bool same = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    for (const struct tail *t = f->tails; t && fd >= 0; t = t->next)
        same |= t->stream == NULL && (t->over || tail_begins_with(t, fd));
    if (fd >= 0)
        close(fd);
    return same || when_now() - file_modified_at(st) < 2 * QUIET;
}

static bool
begin_tail(struct follow *f, struct tail *t)
{
    t->next = f->tails;
    f->tails = t;
    debug("%s: following as %s from %llu", t->path, t->format ? t->format->name : "?",
          (unsigned long long)t->from.offset);
    return true;
}

static bool
take_rotated(struct follow *f, const struct walk_file *file, struct seen *e, const struct stat *st)
{
    enum rotated kind = classify_rotated(f, file->path, e, st);
    if (f->in->failed)
        return false;
    if (kind == ROTATED_LIVE)
        e->shadow = f->generation;
    if (kind == ROTATED_NEW && is_in_the_making(f, file->path, st)) {
        e->done = false;
        look_again(f, when_now() + QUIET);
        return true;
    }
    return kind == ROTATED_LIVE || kind == ROTATED_NOT_OURS || ingest_whole(f, file, e, st);
}

/* Another process follows the file, or one that was killed is not quite gone. */
static bool
wait_for_other(struct follow *f, const char *path, struct seen *e)
{
    e->pause = e->pause ? e->pause * 2 : BUSY_FIRST;
    if (e->pause > BUSY_MOST)
        e->pause = BUSY_MOST;
    if (e->pause > WHEN_SECOND && !e->warned) {
        note("%s: another waybill follows it; waiting for that to end", path);
        e->warned = true;
    }
    e->done = false;
    e->retry_at = when_now() + e->pause;
    look_again(f, e->retry_at);
    return true;
}

static bool
consider(struct follow *f, const struct walk_file *file, enum file_wanted wanted, struct seen *e,
         const struct stat *st)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat opened;
    if (fd < 0 || fstat(fd, &opened) != 0 || opened.st_ino != st->st_ino) {
        if (fd >= 0)
            close(fd);
        else if (!e->warned && errno != ENOENT)
            warn("%s: %s", file->path, strerror(errno));
        e->warned = true;
        return true;
    }
    struct tail *t = tail_of_file(f, file->path, fd, &opened);
    enum tail_kind kind = file->in_maildir ? TAIL_WHOLE : tail_start(f, t);
    bool is_new = kind == TAIL_LOG && !t->in_database;
    bool stale = wanted == FILE_IN_DIRECTORY && !f->scanned && when_now() - file_modified_at(st) > STALE;
    if (kind == TAIL_LOG && !stale && !(is_new && wanted == FILE_ROTATED)) {
        e->done = true;
        e->pause = 0;
        t->old = wanted == FILE_ROTATED;
        return begin_tail(f, t);
    }
    kept_disown(f, t);
    tail_free(t);
    if (f->in->failed)
        return false;
    e->done = true;
    if (kind == TAIL_BUSY)
        return wait_for_other(f, file->path, e);
    if (kind == TAIL_LATER)
        e->shadow = f->generation;
    if (kind == TAIL_NO_FORMAT && !e->warned) {
        warn("%s: no known format; not followed", file->path);
        e->warned = true;
    }
    if (kind != TAIL_WHOLE && kind != TAIL_LOG)
        return true;
    return wanted == FILE_ROTATED ? take_rotated(f, file, e, st) : ingest_whole(f, file, e, st);
}

bool
file_look_at(struct follow *f, const struct walk_file *file, enum file_wanted wanted)
{
    struct stat st;
    if (interrupted || stat(file->path, &st) != 0 || !S_ISREG(st.st_mode))
        return !interrupted;
    struct tail *t = file_tail(f, &st);
    if (t) {
        if (strcmp(t->path, file->path) != 0) { /* it was renamed */
            debug("%s: is %s now", t->path, file->path);
            free(t->path);
            t->path = xcalloc(1, strlen(file->path) + 1);
            memcpy(t->path, file->path, strlen(file->path));
            t->known.path = str_from(t->path);
            t->source.path = t->path;
        }
        t->old |= wanted == FILE_ROTATED;
        return true;
    }
    struct seen *e = seen_of(f, &st);
    when modified = file_modified_at(&st);
    if (e->size != st.st_size || e->modified != modified) {
        e->size = st.st_size;
        e->modified = modified;
        e->done = false;
    }
    if (e->done && (e->shadow == 0 || e->shadow == f->generation))
        return true;
    if (e->retry_at > when_now()) {
        look_again(f, e->retry_at);
        return true;
    }
    e->shadow = 0;
    return consider(f, file, wanted, e, &st);
}
