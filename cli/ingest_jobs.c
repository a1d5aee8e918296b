/* Large log files of one run, each read by a process of its own, into one batch. */
#include "ingest_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto.h"
#include "pipe.h"

struct ingest_jobs;

struct ingest_job {
    pid_t pid; /* 0: free */
    bool done; /* under jobs' lock: its taker is at the end */
    struct ingest_jobs *jobs;
    int fd; /* its rows */
    pthread_t taker;
    struct load *load;
    struct load_source source;
    char *path;
    const struct format *format;
    struct lines_from from;
    /* What the taker fills in. */
    bool ended; /* all came */
    struct load_told told;
    struct ingest_read result;
};

struct ingest_jobs {
    struct ingest_job jobs[INGEST_JOBS_MOST];
    int most;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    volatile sig_atomic_t *stop; /* shared with the processes: they are to end */
};

static int
count_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > INGEST_JOBS_MOST ? INGEST_JOBS_MOST : (int)n;
}

bool
ingest_jobs_want(const struct ingest *in, const struct source *s, const struct format *format)
{
    return in->load && in->many && format && format->read == NULL && s->regular &&
           s->raw_total >= INGEST_JOB_BYTES && count_cores() > 1;
}

/* The other process ------------------------------------------------------------------------------------ */

static const volatile sig_atomic_t *told_to_stop;

static bool
go_on(const struct ingest_options *o, const struct source *s)
{
    return !*told_to_stop && ingest_show_progress(o, s);
}

_Noreturn static void
read_there(struct ingest *in, struct source *s, const struct ingest_job *job, pid_t parent, int fd)
{
    struct ingest_read r = { 0 };
    struct ingest mine = *in;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before */
        _exit(EXIT_INTERNAL);
    for (int i = 0; i < in->jobs->most; i++) /* else a process whose taker is gone would not hear of it */
        if (in->jobs->jobs[i].pid)
            close(in->jobs->jobs[i].fd);
    told_to_stop = in->jobs->stop;
    mine.load = load_relay(in->load, fd);
    mine.sink = load_sink(mine.load);
    mine.options.progress = go_on;
    ingest_read(&mine, s, job->format, job->from, &r);
    struct load_told told = load_relay_end(mine.load);
    _exit(pipe_write(fd, &told, sizeof told) && pipe_write(fd, &r, sizeof r) ? EXIT_FINE : EXIT_INTERNAL);
}

/* This process ------------------------------------------------------------------------------------------ */

static void *
take(void *arg)
{
    struct ingest_job *job = arg;
    job->ended = load_take(job->load, job->fd) && pipe_read(job->fd, &job->told, sizeof job->told) &&
                 pipe_read(job->fd, &job->result, sizeof job->result);
    if (!job->ended) /* the batch fails; the others need not read on */
        *job->jobs->stop = 1;
    pthread_mutex_lock(&job->jobs->lock);
    job->done = true;
    pthread_cond_signal(&job->jobs->changed);
    pthread_mutex_unlock(&job->jobs->lock);
    return NULL;
}

/* Waits for one, and ends its source. */
static bool
finish(struct ingest *in, struct ingest_job *job)
{
    struct diag d = { 0 };
    int status = 0;
    pthread_join(job->taker, NULL);
    close(job->fd); /* not by the taker: a process forked meanwhile closes what it finds in the jobs */
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        ;
    job->pid = 0;
    job->done = false;
    if (job->ended)
        load_add(in->load, &job->told);
    bool good = !in->failed;
    if (good && !job->ended) {
        if (!load_failed(in->load, &d)) /* else it ended because nobody took its rows */
            diag_set(&d, EXIT_INTERNAL, "%s: the process that read it ended before its time", job->path);
        good = ingest_fail(in, &d);
    }
    if (good)
        good = ingest_settle(in, &job->source, job->format, job->from, &job->result);
    free(job->path);
    return good;
}

static bool
prepare(struct ingest *in)
{
    if (in->jobs)
        return true;
    void *page = mmap(NULL, sizeof(sig_atomic_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    in->jobs = xcalloc(1, sizeof *in->jobs);
    in->jobs->most = count_cores();
    in->jobs->stop = page;
    interrupt_share(page);
    pthread_mutex_init(&in->jobs->lock, NULL);
    pthread_cond_init(&in->jobs->changed, NULL);
    return true;
}

static struct ingest_job *
first_done(struct ingest_jobs *js)
{
    struct ingest_job *found = NULL;
    pthread_mutex_lock(&js->lock);
    while (found == NULL) {
        for (int i = 0; i < js->most && found == NULL; i++)
            if (js->jobs[i].done)
                found = &js->jobs[i];
        if (found == NULL)
            pthread_cond_wait(&js->changed, &js->lock);
    }
    pthread_mutex_unlock(&js->lock);
    return found;
}

/* One that is free; where none is, the first that ends. */
static struct ingest_job *
find_free(struct ingest *in)
{
    struct ingest_jobs *js = in->jobs;
    for (int i = 0; i < js->most; i++)
        if (js->jobs[i].pid == 0)
            return &js->jobs[i];
    struct ingest_job *job = first_done(js);
    return finish(in, job) ? job : NULL;
}

/* A process or its taker did not start. */
static bool
give_up(struct ingest *in, struct ingest_job *job, int code)
{
    struct diag d = { 0 };
    if (job->pid > 0) {
        kill(job->pid, SIGKILL);
        while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    close(job->fd);
    free(job->path);
    job->pid = 0;
    diag_set(&d, EXIT_INTERNAL, "cannot start a process: %s", strerror(code));
    return ingest_fail(in, &d);
}

bool
ingest_jobs_start(struct ingest *in, struct source *s, const struct format *format, struct lines_from from,
                  const struct load_source *source)
{
    struct diag d = { 0 };
    int ends[2];
    if (!prepare(in)) {
        diag_errno(&d, EXIT_INTERNAL, "cannot share memory with another process");
        return ingest_fail(in, &d);
    }
    struct ingest_job *job = find_free(in);
    if (job == NULL)
        return false;
    *job = (struct ingest_job){
        .jobs = in->jobs, .load = in->load, .source = *source, .format = format, .from = from
    };
    if (pipe2(ends, O_CLOEXEC) != 0) {
        diag_errno(&d, EXIT_INTERNAL, "cannot make a pipe");
        return ingest_fail(in, &d);
    }
    size_t n = strlen(s->path) + 1;
    job->path = memcpy(xmalloc(n), s->path, n);
    job->source.path = str_from(job->path);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        close(ends[0]);
        read_there(in, s, job, parent, ends[1]);
    }
    close(ends[1]);
    job->fd = ends[0];
    job->pid = pid;
    int code = pid < 0 ? errno : pthread_create(&job->taker, NULL, take, job);
    return code == 0 || give_up(in, job, code);
}

bool
ingest_jobs_read(const struct ingest *in, const struct source *s)
{
    unsigned char head[32];
    for (int i = 0; in->jobs && i < in->jobs->most; i++) {
        const struct ingest_job *job = &in->jobs->jobs[i];
        if (job->pid == 0)
            continue;
        sha256_of(str_head(s->window, job->source.head_length), head); /* shorter where a short file grew */
        if (memcmp(job->source.head_sha256, head, sizeof head) == 0)
            return true;
    }
    return false;
}

bool
ingest_jobs_wait(struct ingest *in)
{
    bool good = !in->failed;
    for (int i = 0; in->jobs && i < in->jobs->most; i++)
        if (in->jobs->jobs[i].pid)
            good &= finish(in, &in->jobs->jobs[i]);
    return good;
}

void
ingest_jobs_free(struct ingest *in)
{
    if (in->jobs == NULL)
        return;
    interrupt_share(NULL);
    munmap((void *)(uintptr_t)in->jobs->stop, sizeof(sig_atomic_t));
    pthread_mutex_destroy(&in->jobs->lock);
    pthread_cond_destroy(&in->jobs->changed);
    free(in->jobs);
    in->jobs = NULL;
}
