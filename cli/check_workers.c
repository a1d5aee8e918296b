/* Processes that share a list of files.
 *
 * Each does every n-th file, or, of a shared file, every n-th part, and writes
 * what it made of them into a pipe of its own, one frame a part and an empty
 * one behind the last; reading them in turn gives the order of the list, and a
 * full pipe makes a process wait.  A process that dies costs its own parts. */
#include "check_workers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "cli.h"
#include "pipe.h"

struct worker {
    pid_t pid;
    int fd; /* -1: ended */
};

struct head {
    int32_t code; /* NO_MORE: the file has no more parts for this process */
    uint64_t bytes;
};
enum { NO_MORE = -1 };

/* pipe_read() that an interrupt ends. */
static bool
read_all(int fd, void *p, size_t n)
{
    for (char *at = p; n;) {
        ssize_t got = read(fd, at, n);
        if (got < 0 && errno == EINTR && !interrupted)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool
emit_frame(void *to, int code, const struct buf *out)
{
    int fd = *(int *)to;
    struct head head = { .code = code, .bytes = out ? out->n : 0 };
    return pipe_write(fd, &head, sizeof head) && (head.bytes == 0 || pipe_write(fd, out->p, out->n)) &&
           !interrupted;
}

static _Noreturn void
be_worker(const struct workers *w, unsigned nth, unsigned of, int fd)
{
    if (w->start)
        w->start(w->ctx);
    for (size_t i = 0; i < w->n && !interrupted; i++) {
        bool shared = w->files[i].shared;
        if (!shared && i % of != nth)
            continue;
        struct worker_share share = { shared ? nth : 0, shared ? of : 1 };
        w->work(w->ctx, w->files[i].path, share, emit_frame, &fd);
        if (!emit_frame(&fd, NO_MORE, NULL))
            break;
    }
    _exit(0);
}

/* Starts process i; false where that fails. */
static bool
start_worker(const struct workers *w, struct worker *all, size_t i, size_t n)
{
    int ends[2];
    all[i].fd = -1;
    if (pipe(ends) != 0)
        return false;
    all[i].pid = fork();
    if (all[i].pid == 0) {
        for (size_t k = 0; k < i; k++)
            close(all[k].fd);
        close(ends[0]);
        be_worker(w, (unsigned)i, (unsigned)n, ends[1]);
    }
    close(ends[1]);
    if (all[i].pid < 0) {
        close(ends[0]);
        return false;
    }
    all[i].fd = ends[0];
    return true;
}

/* What a process made of its next part; EXIT_INTERNAL once for a process that ended, then NO_MORE. */
static int
collect(struct worker *worker, const char *path, struct buf *out)
{
    struct head head;
    out->n = 0;
    if (worker->fd < 0)
        return NO_MORE;
    if (read_all(worker->fd, &head, sizeof head)) {
        buf_reserve(out, head.bytes);
        if (head.bytes == 0 || read_all(worker->fd, out->p, head.bytes)) {
            out->n = head.bytes;
            return head.code;
        }
    }
    close(worker->fd);
    worker->fd = -1;
    if (!interrupted)
        warn("%s: the process that checked it ended", path);
    return EXIT_INTERNAL;
}

/* The results of one file, in order: a shared one's parts come from the processes in turn, until one has no more; then
 * none of them has. */
static bool
take_file(const struct workers *w, struct worker *all, size_t n, size_t i, struct buf *out)
{
    bool shared = w->files[i].shared;
    size_t first = shared ? 0 : i % n, k = first;
    int code;
    for (; (code = collect(&all[k], w->files[i].path, out)) != NO_MORE; k = shared ? (k + 1) % n : k)
        if (interrupted || !w->take(w->ctx, code, out))
            return false;
    for (size_t other = 0; shared && other < n; other++)
        while (other != k && collect(&all[other], w->files[i].path, out) >= 0)
            continue;
    return true;
}

struct here {
    const struct workers *w;
    bool going;
};

static bool
emit_here(void *to, int code, const struct buf *out)
{
    struct here *h = to;
    h->going = h->w->take(h->w->ctx, code, out) && !interrupted;
    return h->going;
}

static bool
run_here(const struct workers *w)
{
    struct here here = { w, true };
    if (w->start)
        w->start(w->ctx);
    for (size_t i = 0; i < w->n && here.going && !interrupted; i++)
        w->work(w->ctx, w->files[i].path, (struct worker_share){ 0, 1 }, emit_here, &here);
    return here.going;
}

bool
workers_run(const struct workers *w)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = cores < 1 ? 1 : cores > WORKERS_MOST ? WORKERS_MOST : (size_t)cores, started = 0;
    struct worker all[WORKERS_MOST];
    struct buf out = { 0 };
    bool going = true, shared = false;
    for (size_t i = 0; i < w->n; i++)
        shared |= w->files[i].shared;
    if (n < 2 || (!shared && w->n < WORKERS_MIN_FILES))
        return run_here(w);
    while (started < n && start_worker(w, all, started, n))
        started++;
    if (started < n) { /* too few processes: their files would be missing */
        for (size_t i = 0; i < started; i++)
            close(all[i].fd);
        for (size_t i = 0; i < started; i++)
            waitpid(all[i].pid, NULL, 0);
        return run_here(w);
    }
    for (size_t i = 0; i < w->n && going && !interrupted; i++)
        going = take_file(w, all, n, i, &out);
    for (size_t i = 0; i < started; i++) {
        if (all[i].fd >= 0)
            close(all[i].fd);
        waitpid(all[i].pid, NULL, 0);
    }
    buf_free(&out);
    return going;
}
