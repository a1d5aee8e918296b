/* One batch of ingest --follow: a piece of every file and pipe that has something, and the tails that end with it.
 *
 * All of it is one transaction; the ingest lock is held for that long alone.  When to run one is follow.c's business. */
#include <sys/stat.h>

#include "follow_impl.h"
#include "load_kept.h"

static const when BUSY = 200 * WHEN_SECOND / 1000;
/* A file is let go when nobody wrote to it for so long: one that was renamed, one that is removed, any other. */
static const when RETIRE_OLD = 10 * WHEN_MINUTE, RETIRE_GONE = 10 * WHEN_SECOND, RETIRE_QUIET = 6 * WHEN_HOUR;

bool
batch_commit(struct follow *f)
{
    struct diag d = { 0 };
    bool told = false;
    for (struct tail *t = f->tails; t; t = t->next) {
        told |= t->changed;
        if (t->changed && !kept_commit(f, t))
            return false;
        if (!t->changed || t->stream == NULL)
            continue;
        unsigned char sha256[32];
        size_t n = stream_mark(t->stream, (size_t)(t->source.offset - t->committed), sha256);
        if (n >= STREAM_MARK_LEAST && !load_set_mark(f->in->load, str_from(t->stream->name), n, sha256, &d))
            return ingest_fail(f->in, &d);
    }
    if (!load_commit(f->in->load, &d))
        return ingest_fail(f->in, &d);
    for (struct tail *t = f->tails; t; t = t->next)
        tail_committed(t);
    f->committed_at = when_now();
    f->analyze_due = true;
    if (told)
        follow_is_well(f);
    return ingest_join_fragments(f->in);
}

/* Tails that end: truncated, renamed long ago, a pipe without writers. */
void
batch_note_ends(struct follow *f, when now)
{
    struct stat st;
    for (struct tail *t = f->tails; t; t = t->next) {
        if (t->over)
            continue;
        if (t->stream) {
            t->over = t->stream->ended && t->stream->given == t->stream->kept.n && !t->backlog && t->lines;
            continue;
        }
        when quiet = now - t->grown_at;
        bool gone = t->old && fstat(t->fd, &st) == 0 && st.st_nlink == 0;
        t->over = quiet > (gone     ? RETIRE_GONE
                           : t->old ? RETIRE_OLD
                                    : RETIRE_QUIET) &&
                  (t->old || f->roots[0].is_directory);
        t->rest = t->over;
    }
}

bool
batch_any_over(const struct follow *f)
{
    for (const struct tail *t = f->tails; t; t = t->next)
        if (t->over)
            return true;
    return false;
}

static void
remove_over(struct follow *f)
{
    for (struct tail **at = &f->tails; *at;) {
        struct tail *t = *at;
        if (!t->over) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        debug("%s: done", t->path);
        file_forget(f, t);
        kept_disown(f, t);
        tail_free(t);
        f->generation++;
    }
}

/* One batch of all that has something; backlog: there is more already. */
bool
batch_run(struct follow *f, bool *backlog)
{
    bool busy;
    struct diag d = { 0 };
    when now = when_now();
    *backlog = false;
    if (!load_try_batch(f->in->load, &busy, &d))
        return ingest_fail(f->in, &d);
    if (busy) {
        follow_rest(NULL, 0, BUSY);
        return true;
    }
    for (struct tail *t = f->tails; t; t = t->next) {
        if (tail_has_work(f, t, now) && !tail_pump(f, t))
            return false;
        *backlog |= t->backlog;
    }
    batch_note_ends(f, now);
    for (struct tail *t = f->tails; t; t = t->next)
        if (t->over && !tail_finish(f, t, t->rest || t->stream))
            return false;
    if (!batch_commit(f))
        return false;
    remove_over(f);
    return true;
}
