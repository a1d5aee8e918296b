/* waybill ingest --follow: reads files and pipes as they grow, in small transactions.
 *
 * One loop: wait for a change, gather for a moment, then one batch: of every file and pipe that has something,
 * a piece is read, and all is committed.  Nothing is read but for a batch that is open, so a database that is slow or
 * away holds up the reading, and what was read and not committed is read again: there is one way back,
 * from whatever failed, and it is the one that a killed process takes. */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "follow_impl.h"
#include "reply.h"

static const when GATHER = 100 * WHEN_SECOND / 1000;   /* after the first change */
static const when INTERVAL = 300 * WHEN_SECOND / 1000; /* between commits, unless there is a backlog */
static const when STUCK = 300 * WHEN_SECOND / 1000;    /* before looking at half a line in a pipe again */
static const when POLL = WHEN_SECOND;
static const when RESCAN = 30 * WHEN_SECOND;      /* what no event told */
static const when SWEEP_FIRST = 10 * WHEN_SECOND; /* once copies of what was truncated are found */
enum { FAILURES_MOST = 10, BACKOFF_FIRST_MS = 200, BACKOFF_MOST_MS = 5000, POLLED_MOST = 64 };

static volatile sig_atomic_t look_now;

/* Waits for the time to pass, for a signal or for one of the fds. */
void
follow_rest(struct pollfd *fds, size_t n, when span)
{
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, &before); /* no signal between the look and the wait */
    struct timespec t = { .tv_sec = (time_t)(span / WHEN_SECOND),
                          .tv_nsec = (long)(span % WHEN_SECOND) * 1000 };
    if (!interrupted && !look_now)
        ppoll(fds, (nfds_t)n, &t, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
wake_up(int sig)
{
    (void)sig;
}

/* A daemon is told so that files were rotated; a terminal, that it is gone. */
static void
hang_up(int sig)
{
    if (isatty(STDERR_FILENO) || isatty(STDIN_FILENO))
        interrupted = sig;
    else
        look_now = 1;
}

static void
catch_signals(void)
{
    struct sigaction hup;
    sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = wake_up }, NULL); /* ends a rest */
    if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN)    /* nohup */
        sigaction(SIGHUP, &(struct sigaction){ .sa_handler = hang_up, .sa_flags = SA_RESTART }, NULL);
}

/* The database goes and comes ------------------------------------------------------------------------- */

static void
drop_database(struct follow *f)
{
    struct ingest *in = f->in;
    load_free(in->load);
    db_close(in->db);
    in->load = NULL;
    in->db = NULL;
    f->nowned = 0;
    for (struct tail *t = f->tails; t; t = t->next) {
        tail_reset(t);
        t->kept_owned = false;
    }
    for (size_t i = 0; i < f->seen_room; i++) { /* what was read whole may have been rolled back */
        f->seen[i].done = false;
        f->seen[i].shadow = 0;
    }
}

/* What a database has that restarts, is full, or has too many guests: it passes. */
static bool
is_passing(const struct follow *f)
{
    static const char *const classes[] = { "", "08", "40", "53", "57", "58" };
    const char *state = f->in->db ? db_state(f->in->db) : "";
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(state, classes[i], 2) == 0)
            return true;
    return false;
}

/* Everything goes back to the last commit; false: asked to end. */
static bool
reconnect(struct follow *f)
{
    struct ingest *in = f->in;
    struct diag d = { 0 };
    unsigned ms = (unsigned)BACKOFF_FIRST_MS << (f->failures < 5 ? f->failures : 5);
    if (!f->said_away)
        warn("%s; waiting for the database, nothing is lost", in->diag.text);
    else
        debug("%s", in->diag.text);
    f->said_away = true;
    drop_database(f);
    for (;;) {
        follow_rest(NULL, 0, (when)ms * WHEN_SECOND / 1000);
        if (interrupted)
            return false;
        if (db_open_ready(&in->db, f->cli->db, &d) && load_new_sharing(&in->load, in->db, reply_classify, &d))
            break;
        debug("%s", d.text);
        load_free(in->load);
        db_close(in->db);
        in->load = NULL;
        in->db = NULL;
        ms = ms * 2 < BACKOFF_MOST_MS ? ms * 2 : BACKOFF_MOST_MS;
    }
    in->failed = false;
    in->sink = load_sink(in->load);
    f->scan_now = true;
    return true;
}

/* Something was stored, or there is nothing to store. */
void
follow_is_well(struct follow *f)
{
    f->failures = 0;
    if (f->said_away)
        note("the database is back");
    f->said_away = false;
}

/* The loop ------------------------------------------------------------------------------------------ */

static bool
has_work(struct follow *f, when now)
{
    bool any = false;
    for (struct tail *t = f->tails; t; t = t->next)
        any |= tail_has_work(f, t, now);
    batch_note_ends(f, now);
    return any || batch_any_over(f);
}

static when
until_next(const struct follow *f, when now)
{
    when next = now + (watch_is_polling(f->watch) ? POLL : RESCAN);
    if (f->scan_at != WHEN_NONE && f->scan_at < next)
        next = f->scan_at;
    if (f->swept_at + RESCAN < next)
        next = f->swept_at + RESCAN;
    for (const struct tail *t = f->tails; t; t = t->next) {
        if (t->stream && stream_is_stuck(t->stream) && now + STUCK < next)
            next = now + STUCK;
    }
    if (f->options->analyze_every_s && f->analyze_due && f->analyzer == 0) {
        when due = f->analyzed_at + f->options->analyze_every_s * WHEN_SECOND;
        next = due < next ? due : next;
    }
    return next > now ? next - now : 0;
}

static void
wait_for_change(struct follow *f)
{
    struct pollfd fds[POLLED_MOST];
    size_t n = 0;
    bool names = false;
    when now = when_now();
    if (watch_fd(f->watch) >= 0)
        fds[n++] = (struct pollfd){ .fd = watch_fd(f->watch), .events = POLLIN };
    for (const struct tail *t = f->tails; t && n < POLLED_MOST; t = t->next)
        if (t->stream && !stream_is_stuck(t->stream) && !t->stream->ended)
            fds[n++] = (struct pollfd){ .fd = t->stream->fd, .events = POLLIN };
    follow_rest(fds, n, until_next(f, now));
    bool any = watch_take(f->watch, &names);
    bool unmatched = false; /* a file that is not followed yet may have changed */
    for (size_t i = 0; i < f->nroots && any; i++)
        unmatched |= f->roots[i].is_directory || !f->roots[i].is_followed;
    f->scan_now |= names || unmatched;
}

/* Whether a scan is due; they keep a distance, but what a rotation does comes at once the first time. */
static bool
scan_is_due(struct follow *f, when now)
{
    if (look_now || (f->scan_at != WHEN_NONE && now >= f->scan_at))
        f->scan_now = true;
    look_now = 0;
    if (now - f->scanned_at >= (watch_is_polling(f->watch) ? 2 * POLL : RESCAN))
        f->scan_now = true;
    if (f->scan_now && now - f->scanned_at < WHEN_SECOND / 2) {
        if (f->scan_at == WHEN_NONE || f->scan_at > f->scanned_at + WHEN_SECOND / 2)
            f->scan_at = f->scanned_at + WHEN_SECOND / 2;
        return false;
    }
    return f->scan_now;
}

static bool
scan(struct follow *f, when now)
{
    f->scan_now = false;
    f->scanned_at = now;
    return find_files(f) && batch_commit(f);
}

static bool
sweep(struct follow *f, when now)
{
    f->swept_at = now;
    return kept_sweep(f);
}

/* One turn; false: the database failed. */
static bool
turn(struct follow *f)
{
    bool backlog = false;
    when now = when_now();
    if (batch_any_over(f) && !batch_run(f, &backlog))
        return false;
    if (scan_is_due(f, now) && !scan(f, now))
        return false;
    if (now - f->swept_at >= RESCAN && !sweep(f, now))
        return false;
    if (f->options->analyze_every_s)
        analyzer_start(f, now);
    if (!has_work(f, now)) {
        follow_is_well(f);
        wait_for_change(f);
        return true;
    }
    if (now - f->committed_at > INTERVAL)
        follow_rest(NULL, 0, GATHER);
    else
        follow_rest(NULL, 0, f->committed_at + INTERVAL - now);
    do {
        if (!batch_run(f, &backlog))
            return false;
    } while (backlog && !interrupted);
    return true;
}

static bool
is_left(const struct follow *f)
{
    if (f->tails)
        return true;
    for (size_t i = 0; i < f->nroots; i++)
        if (!f->roots[i].is_stream)
            return true;
    return false;
}

static void
open_streams(struct follow *f)
{
    for (size_t i = 0; i < f->nroots; i++) {
        const struct root *r = &f->roots[i];
        struct stat st;
        if (!r->is_stream)
            continue;
        bool is_stdin = strcmp(r->path, "-") == 0;
        /* A FIFO that we may write to as well does not end with its writer. */
        int fd = is_stdin ? STDIN_FILENO : open(r->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 && !is_stdin)
            fd = open(r->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            warn("%s: %s", r->path, strerror(errno));
            f->in->unreadable++;
            continue;
        }
        bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
        if (is_file && is_stdin)
            fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        struct tail *t = is_file ? tail_of_file(f, r->path, fd, &st) : tail_of_stream(f, r->path, fd);
        t->next = f->tails;
        f->tails = t;
    }
}

/* What is there is read to its last whole line; what was rotated, and a pipe that nobody can open again, ends. */
static void
finish(struct follow *f)
{
    bool backlog;
    interrupted = 0;
    for (struct tail *t = f->tails; t; t = t->next) {
        if (t->stream && !t->over)
            t->over = t->source.impl != NULL && !t->stream->named;
        else if (t->old && !t->over)
            t->over = t->rest = true;
    }
    if (!f->in->failed && f->in->load)
        batch_run(f, &backlog);
}

/* Whether there are bytes that nobody can read again: in a pipe that ends with us. */
static bool
holds_bytes(const struct follow *f)
{
    for (const struct tail *t = f->tails; t; t = t->next)
        if (t->stream && !t->stream->named && t->stream->kept.n)
            return true;
    return false;
}

int
follow_run(struct ingest *in, struct cli *cli, const struct follow_options *o, char *const *paths, int npaths)
{
    struct follow f = { .in = in,
                        .cli = cli,
                        .options = o,
                        .generation = 1,
                        .scan_now = true,
                        .scan_at = WHEN_NONE,
                        .scanned_at = 0,
                        .started_at = in->started_at };
    f.swept_at = f.started_at + SWEEP_FIRST - RESCAN;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    in->options.progress = NULL;
    catch_signals();
    f.watch = watch_new(o->poll);
    find_roots(&f, paths, npaths);
    open_streams(&f);
    bool alive = true;
    while (alive && !interrupted && is_left(&f))
        if (!turn(&f)) {
            f.failures++;
            alive = in->diag.code == EXIT_DATABASE && (f.failures < FAILURES_MOST || is_passing(&f)) &&
                    reconnect(&f);
        }
    bool asked = interrupted != 0;
    if (alive || asked)
        finish(&f);
    interrupted = 0;
    if (f.analyzer)
        analyzer_reap(&f, true);
    if (in->failed && asked && in->diag.code == EXIT_DATABASE && !holds_bytes(&f)) {
        note("the database is away; what is not stored is read again the next time");
        in->failed = false;
        drop_database(&f);
    }
    for (struct tail *t = f.tails, *next; t; t = next) {
        next = t->next;
        tail_free(t);
    }
    watch_free(f.watch);
    free(f.seen);
    arena_free(&f.scan);
    arena_free(&f.arena);
    return ingest_finish(in, false);
}
