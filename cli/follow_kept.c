/* Raw lines that are kept in the database while a killed process would need them: those that something is still awaited
 * for, and of a pipe the last ones, in whose sessions and messages the next run goes on.
 *
 * A pipe's are read again, muted, when it is followed again.  A file is its own memory, so that its lines are read from
 * here only when it is gone (truncated, without a copy); then, and when a pipe never comes back, what was awaited is
 * told as it is. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "follow_impl.h"
#include "load_kept.h"

enum {
    KEPT_CONTEXT = 1 << 20, /* bytes of a pipe */
    KEPT_LINES = 4096,      /* that are awaited for, of one file or pipe */
    KEPT_LOCKS = 1000,      /* the server's room for locks is small: further files are followed without */
};

static str
name_of(struct tail *t)
{
    if (t->stream)
        return str_from(t->stream->name);
    snprintf(t->kept_name, sizeof t->kept_name, "source %lld", (long long)t->known.source_id);
    return str_from(t->kept_name);
}

bool
kept_own(struct follow *f, struct tail *t, bool *ours)
{
    struct diag d = { 0 };
    str name = name_of(t);
    if (t->kept_owned && !str_eq(str_from(t->owned_name), name)) /* it is another file's beginning now */
        kept_disown(f, t);
    *ours = t->kept_owned || f->nowned >= KEPT_LOCKS;
    if (*ours)
        return true;
    if (!load_kept_own(f->in->load, name, ours, &d))
        return ingest_fail(f->in, &d);
    if (*ours) {
        t->kept_owned = true;
        f->nowned++;
        snprintf(t->owned_name, sizeof t->owned_name, "%.*s", PRSTR(name));
    }
    return true;
}

void
kept_disown(struct follow *f, struct tail *t)
{
    struct diag d = { 0 };
    if (!t->kept_owned)
        return;
    t->kept_owned = false;
    f->nowned--;
    if (f->in->load && !load_kept_disown(f->in->load, str_from(t->owned_name), &d))
        debug("%s", d.text);
}

const struct format *
kept_format(struct follow *f, struct tail *t)
{
    struct arena a = { 0 };
    struct load_piece *pieces;
    size_t n;
    struct diag d = { 0 };
    const struct format *format = NULL;
    if (!load_kept_get(f->in->load, &a, name_of(t), &pieces, &n, &d))
        ingest_fail(f->in, &d);
    else if (n && pieces[n - 1].format.p)
        format = format_find(pieces[n - 1].format);
    arena_free(&a);
    return format;
}

bool
kept_replay(struct follow *f, struct tail *t)
{
    struct arena a = { 0 };
    struct load_piece *pieces;
    size_t n;
    struct diag d = { 0 };
    if (!load_kept_get(f->in->load, &a, name_of(t), &pieces, &n, &d)) {
        arena_free(&a);
        return ingest_fail(f->in, &d);
    }
    t->kept_base = n ? pieces[n - 1].position + (int64_t)pieces[n - 1].bytes.n : 0;
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = lines_replay(t->lines, pieces[i].bytes, pieces[i].position - t->kept_base);
    arena_free(&a);
    return good || ingest_fail(f->in, &f->in->sink->diag);
}

/* Keeping ------------------------------------------------------------------------------------------- */

static bool
put(struct follow *f, struct tail *t, uint64_t offset, str bytes)
{
    struct diag d = { 0 };
    struct load_piece p = { .position = t->kept_base + (int64_t)offset,
                            .bytes = bytes,
                            .source_id = t->known.source_id,
                            .begins_at = t->kept_base };
    return bytes.n == 0 || load_kept_put(f->in->load, name_of(t), &p, &d) || ingest_fail(f->in, &d);
}

/* The whole lines among the last bytes of a pipe's batch; all of it, mostly. */
static str
context_of(str batch)
{
    if (batch.n <= KEPT_CONTEXT)
        return batch;
    str last = str_skip(batch, batch.n - KEPT_CONTEXT);
    return str_cut(last, '\n').tail;
}

/* One line that something is awaited for, which a batch told. */
static bool
put_line(struct follow *f, struct tail *t, str batch, struct origin o)
{
    if (o.length > LINE_MAX_BYTES + 1)
        return true;
    if (t->stream)
        return put(f, t, o.offset, str_head(str_skip(batch, o.offset - t->committed), o.length));
    char *bytes = xmalloc(o.length);
    ssize_t got = pread(t->fd, bytes, o.length, (off_t)o.offset);
    bool good = put(f, t, o.offset, str_of(bytes, got > 0 ? (size_t)got : 0));
    free(bytes);
    return good;
}

bool
kept_commit(struct follow *f, struct tail *t)
{
    struct origin awaiting[KEPT_LINES];
    struct load_kept_line lines[KEPT_LINES];
    struct diag d = { 0 };
    bool ours;
    if (t->lines == NULL) /* it ended, and with it what was kept */
        return true;
    size_t n = lines_kept_back(t->lines, awaiting, KEPT_LINES);
    if (t->stream == NULL && n == 0 && !t->kept_any)
        return true;
    if (!kept_own(f, t, &ours))
        return false;
    str batch = { 0 }, context = { 0 };
    if (t->stream) {
        batch = str_of(t->stream->kept.p, (size_t)(t->source.offset - t->committed));
        context = context_of(batch);
    }
    if (!put(f, t, t->source.offset - context.n, context))
        return false;
    int64_t since = t->stream || t->kept_sure ? (int64_t)t->committed : 0;
    int64_t until = (int64_t)(t->source.offset - context.n);
    for (size_t i = 0; i < n; i++) {
        int64_t at = (int64_t)awaiting[i].offset;
        lines[i] = (struct load_kept_line){ t->kept_base + at, awaiting[i].length };
        if (at >= since && at < until && !put_line(f, t, batch, awaiting[i]))
            return false;
    }
    t->kept_any = n != 0;
    t->kept_sure = true;
    int64_t drop = t->stream ? t->kept_base + (int64_t)t->source.offset - KEPT_CONTEXT : INT64_MAX;
    return load_kept_drop(f->in->load, name_of(t), drop, lines, n, &d) || ingest_fail(f->in, &d);
}

/* What nobody reads on ------------------------------------------------------------------------------- */

static bool
is_followed(const struct follow *f, str name)
{
    for (struct tail *t = f->tails; t; t = t->next)
        if ((t->stream || t->in_database) && str_eq(name, name_of(t)))
            return true;
    return false;
}

/* Tells what the lines of an orphan still waited to tell. */
static bool
tell(struct follow *f, const struct load_orphan *o, const struct load_piece *pieces, size_t n)
{
    struct ingest *in = f->in;
    struct account unused = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    struct lines_result r;
    struct source s;
    const struct format *format = format_find(o->format);
    if (n == 0 || format == NULL || format->read)
        return true;
    source_open_memory(&s, "what was kept", pieces[0].bytes); /* shows its framing */
    s.modified_at = when_now() / WHEN_SECOND;
    in->sink->account = &unused;
    in->sink->format = format->name;
    struct lines *l = lines_open(&s, &in->options, format, in->sink, (struct lines_from){ .held = true });
    s.window.n = 0;
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = lines_replay(l, pieces[i].bytes, pieces[i].position - pieces[n - 1].begins_at);
    if (good)
        good = lines_end(l, false, &r);
    else
        lines_drop(l);
    source_close(&s);
    return good || ingest_fail(in, &in->sink->diag);
}

static bool
take_orphan(struct follow *f, const struct load_orphan *o, struct arena *a)
{
    struct ingest *in = f->in;
    struct diag d = { 0 };
    struct load_piece *pieces;
    size_t n;
    struct load_source s = { .source_id = o->source_id, .bytes = 1, .resume_offset = 1 };
    debug("%.*s: nobody reads it on", PRSTR(o->stream));
    if (!load_kept_get(in->load, a, o->stream, &pieces, &n, &d) ||
        !load_begin(in->load, &s, true, (str){ 0 }, &d))
        return ingest_fail(in, &d);
    return tell(f, o, pieces, n) && (load_kept_settle(in->load, o, &d) || ingest_fail(in, &d)) &&
           (load_commit(in->load, &d) || ingest_fail(in, &d));
}

bool
kept_sweep(struct follow *f)
{
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct load_orphan *orphans;
    size_t n;
    bool good = true, busy = false, ours;
    if (!load_kept_orphans(f->in->load, &a, &orphans, &n, &d))
        good = ingest_fail(f->in, &d);
    for (size_t i = 0; good && i < n && !busy; i++) {
        const struct load_orphan *o = &orphans[i];
        if (is_followed(f, o->stream))
            continue;
        if (!load_kept_own(f->in->load, o->stream, &ours, &d) ||
            (ours && !load_try_batch(f->in->load, &busy, &d)))
            good = ingest_fail(f->in, &d);
        else if (ours && !busy)
            good = take_orphan(f, o, &a);
        if (good && ours && !load_kept_disown(f->in->load, o->stream, &d))
            good = ingest_fail(f->in, &d);
    }
    arena_free(&a);
    return good;
}
