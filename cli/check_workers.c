/* Processes that share a list of files.
 *
 * Each takes every n-th file and writes what it made of it into a pipe of its
 * own; reading them in turn gives the order of the list, and a full pipe makes
 * a process wait.  A process that dies costs its own files only. */
#include "check_workers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "cli.h"

struct worker {
    pid_t pid;
    int fd; /* -1: ended */
};

struct head {
    int32_t code;
    uint64_t bytes;
};

static bool
write_all(int fd, const void *p, size_t n)
{
    for (const char *at = p; n;) {
        ssize_t wrote = write(fd, at, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

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

static _Noreturn void
be_worker(const struct workers *w, size_t first, size_t step, int fd)
{
    struct buf out = { 0 };
    if (w->start)
        w->start(w->ctx);
    for (size_t i = first; i < w->n && !interrupted; i += step) {
        out.n = 0;
        struct head head = { .code = w->work(w->ctx, w->paths[i], &out) };
        head.bytes = out.n;
        if (!write_all(fd, &head, sizeof head) || !write_all(fd, out.p, out.n))
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
        be_worker(w, i, n, ends[1]);
    }
    close(ends[1]);
    if (all[i].pid < 0) {
        close(ends[0]);
        return false;
    }
    all[i].fd = ends[0];
    return true;
}

/* What a process made of its next file. */
static int
collect(struct worker *worker, const char *path, struct buf *out)
{
    struct head head;
    out->n = 0;
    if (worker->fd >= 0 && read_all(worker->fd, &head, sizeof head)) {
        buf_reserve(out, head.bytes);
        if (read_all(worker->fd, out->p, head.bytes)) {
            out->n = head.bytes;
            return head.code;
        }
    }
    if (worker->fd >= 0)
        close(worker->fd);
    worker->fd = -1;
    if (!interrupted)
        warn("%s: the process that checked it ended", path);
    return EXIT_INTERNAL;
}

static bool
run_here(const struct workers *w)
{
    struct buf out = { 0 };
    bool going = true;
    if (w->start)
        w->start(w->ctx);
    for (size_t i = 0; i < w->n && going && !interrupted; i++) {
        out.n = 0;
        int code = w->work(w->ctx, w->paths[i], &out);
        going = w->take(w->ctx, i, code, &out);
    }
    buf_free(&out);
    return going;
}

bool
workers_run(const struct workers *w)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = cores < 1 ? 1 : cores > WORKERS_MOST ? WORKERS_MOST : (size_t)cores, started = 0;
    struct worker all[WORKERS_MOST];
    struct buf out = { 0 };
    bool going = true;
    if (n > w->n)
        n = w->n;
    if (n < 2 || w->n < WORKERS_MIN_FILES)
        return run_here(w);
    while (started < n && start_worker(w, all, started, n))
        started++;
    for (size_t i = 0; i < w->n && going && !interrupted; i++) {
        int code = i % n < started ? collect(&all[i % n], w->paths[i], &out) : EXIT_INTERNAL;
        going = w->take(w->ctx, i, code, &out);
    }
    for (size_t i = 0; i < started; i++) {
        if (all[i].fd >= 0)
            close(all[i].fd);
        waitpid(all[i].pid, NULL, 0);
    }
    buf_free(&out);
    return going;
}
