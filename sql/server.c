/* Starts and stops the private server.
 *
 * What runs is read from the server's own postmaster.pid and checked against
 * /proc: a process counts only if it is a postgres whose working directory is
 * our data directory, so a process id that was given away again deceives
 * nobody.  Starting and stopping happen under the home's lock; finding a
 * server that runs needs none. */
#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS       20
#define PATIENCE_MS   5000             /* before we say what we wait for */
#define START_MS      (10 * 60 * 1000) /* a recovery after a crash reads up to max_wal_size */
#define STOP_MS       (2 * 60 * 1000)
#define ORPHANS_MS    10000
#define LOG_MOST      (16 << 20) /* a longer log is put aside at the next start */
#define LOG_TAIL      16384      /* of it that is looked through for a cause */
#define PID_FILE_MOST 4096

static void
pause_ms(int ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L };
    nanosleep(&t, NULL);
}

/* Where a link of /proc leads; empty if there is no such process or we may not know. */
static str
proc_link(pid_t pid, const char *name, char *room, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    ssize_t n = readlink(path, room, size - 1);
    return n > 0 ? str_of(room, (size_t)n) : (str){ 0 };
}

static bool
is_ours(const struct server *s, pid_t pid)
{
    char room[PATH_MAX];
    if (!str_eq(proc_link(pid, "cwd", room, sizeof room), str_from(s->data)))
        return false;
    /* the program may have been replaced by an upgrade: "…/postgres (deleted)" */
    return str_has(proc_link(pid, "exe", room, sizeof room), S("/postgres"));
}

bool
server_find(struct server *s, struct arena *a, struct diag *d)
{
    *s = (struct server){ .arena = a };
    if (!home_locate(a, &s->home, d))
        return false;
    home_places(s);
    return home_user(s, d);
}

/* Lines of postmaster.pid: pid, data directory, start, port, socket directory, address, shared
 * memory, state. */
struct server_status
server_status(const struct server *s)
{
    struct server_status st = { .major = cluster_major(s) };
    if (st.major == 0)
        return st;
    st.state = SERVER_STOPPED;
    char path[PATH_MAX], text[PID_FILE_MOST];
    FILE *f = NULL;
    if ((size_t)snprintf(path, sizeof path, "%s/postmaster.pid", s->data) < sizeof path)
        f = fopen(path, "re");
    if (f == NULL)
        return st;
    str lines[8] = { 0 };
    struct str_cut c = { .tail = str_of(text, fread(text, 1, sizeof text, f)) };
    fclose(f);
    for (size_t i = 0; i < 8; i++) {
        c = str_cut(c.tail, '\n');
        lines[i] = str_trim(c.head);
    }
    int64_t pid;
    if (!str_to_i64(lines[0], &pid) || pid <= 1 || pid > INT_MAX || !is_ours(s, (pid_t)pid))
        return st;
    st.pid = (pid_t)pid;
    st.socket_dir = arena_z(s->arena, lines[4]);
    st.port = (int)str_cut_number(lines[3], 5).value;
    st.state = str_eq(lines[7], S("ready"))      ? SERVER_RUNNING
               : str_eq(lines[7], S("stopping")) ? SERVER_STOPPING
                                                 : SERVER_STARTING;
    return st;
}

static bool
has_socket(const struct server *s, const struct server_status *st)
{
    return st->state == SERVER_RUNNING &&
           access(arena_printf(s->arena, "%s/.s.PGSQL.%d", st->socket_dir, st->port).p, F_OK) == 0;
}

/* The last complaint in the log behind an offset. */
static str
log_cause(const struct server *s, off_t from)
{
    FILE *f = fopen(s->log, "re");
    if (f == NULL)
        return S("it left no log");
    struct stat st;
    if (fstat(fileno(f), &st) == 0 && st.st_size - from > LOG_TAIL)
        from = st.st_size - LOG_TAIL;
    char *text = arena_alloc(s->arena, LOG_TAIL);
    size_t n = fseeko(f, from, SEEK_SET) == 0 ? fread(text, 1, LOG_TAIL, f) : 0;
    fclose(f);
    str cause = { 0 }, last = S("it left no log");
    struct str_cut c = { .tail = str_of(text, n) };
    while (c.tail.n) {
        c = str_cut(c.tail, '\n');
        if (c.head.n == 0)
            continue;
        last = c.head;
        size_t at = str_find(c.head, S("FATAL:"));
        at = at != STR_NONE ? at : str_find(c.head, S("PANIC:"));
        if (at != STR_NONE && !str_has(c.head, S("the database system is")))
            cause = str_skip(c.head, at);
    }
    return cause.n ? cause : last;
}

static off_t
log_size(const struct server *s)
{
    struct stat st;
    return stat(s->log, &st) == 0 ? st.st_size : 0;
}

/* Server processes whose postmaster was killed end by themselves once they notice, but one amid a
 * query may take long, and a new server cannot start beside it.  Their parent is gone, so is their use. */
static bool
end_orphans(const struct server *s, struct diag *d)
{
    for (int waited = 0;; waited += POLL_MS) {
        DIR *dir = opendir("/proc");
        int left = 0;
        for (struct dirent *e; dir && (e = readdir(dir));) {
            int64_t pid;
            if (!str_to_i64(str_from(e->d_name), &pid) || !is_ours(s, (pid_t)pid))
                continue;
            left++;
            if (waited == 0)
                kill((pid_t)pid, SIGQUIT);
            else if (waited >= ORPHANS_MS / 2)
                kill((pid_t)pid, SIGKILL);
        }
        if (dir)
            closedir(dir);
        if (left == 0)
            return true;
        if (waited >= ORPHANS_MS)
            return diag_set(d, EXIT_DATABASE,
                            "%d processes of a killed private server do not end (their directory is %s)",
                            left, s->data);
        pause_ms(POLL_MS);
    }
}

/* Waits until the server with this pid is ready.  child: it is ours to wait for. */
static bool
await_ready(const struct server *s, pid_t pid, bool child, off_t log_from, struct diag *d)
{
    for (int waited = 0; waited < START_MS; waited += POLL_MS) {
        bool ended = child ? waitpid(pid, NULL, WNOHANG) == pid : !is_ours(s, pid);
        struct server_status st = server_status(s);
        if (!ended && st.state == SERVER_RUNNING && st.pid == pid)
            return true;
        if (ended)
            return diag_set(d, EXIT_DATABASE, "the private server does not start: %.*s (log: %s)",
                            PRSTR(log_cause(s, log_from)), s->log);
        if (waited == PATIENCE_MS)
            note("the private server is starting; after a crash it replays its log first");
        pause_ms(POLL_MS);
    }
    return diag_set(d, EXIT_DATABASE, "the private server is not ready after %d minutes (log: %s)",
                    START_MS / 60000, s->log);
}

static bool
await_end(const struct server *s, pid_t pid, struct diag *d)
{
    for (int waited = 0; waited < STOP_MS; waited += POLL_MS) {
        waitpid(pid, NULL, WNOHANG); /* it may be our child */
        if (!is_ours(s, pid))
            return true;
        pause_ms(POLL_MS);
    }
    return diag_set(d, EXIT_DATABASE, "the private server, process %ld, does not stop (log: %s)", (long)pid,
                    s->log);
}

static void
remove_sockets(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (strncmp(e->d_name, ".s.PGSQL.", strlen(".s.PGSQL.")) == 0)
            unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
}

/* What a killed server leaves would stop a new one while any process of the same user, even a dead
 * one that nobody waited for, has its number: it goes away now that we know better.  A long log is
 * put aside. */
static bool
clear_the_way(const struct server *s, struct diag *d)
{
    if (!end_orphans(s, d) || !home_enter(s, d))
        return false;
    const char *pid_file = arena_printf(s->arena, "%s/postmaster.pid", s->data).p;
    bool good = unlink(pid_file) == 0 || errno == ENOENT;
    if (!good)
        diag_errno(d, EXIT_DATABASE, "cannot remove %s, left by a killed server", pid_file);
    remove_sockets(arena_printf(s->arena, "%s/run", s->base).p);
    if (log_size(s) > LOG_MOST)
        rename(s->log, arena_printf(s->arena, "%s.old", s->log).p);
    home_leave(s);
    return good;
}

static bool
start_stopped(const struct server *s, int major, struct diag *d)
{
    const char *bin;
    if (major < SERVER_OLDEST)
        return diag_set(d, EXIT_DATABASE,
                        "the private server's data in %s was made by PostgreSQL %d, which is too old (%d or "
                        "newer is needed; set WAYBILL_HOME to a new place)",
                        s->data, major, SERVER_OLDEST);
    if (!programs_find(s->arena, major, &bin, d) || !clear_the_way(s, d) || !cluster_configure(s, bin, d))
        return false;
    const char *argv[] = { arena_printf(s->arena, "%s/postgres", bin).p, "-D", s->data, NULL };
    off_t from = log_size(s);
    pid_t pid = spawn(s, argv, s->log, d);
    return pid > 0 && await_ready(s, pid, true, from, d);
}

/* One way forward from whatever state there is; under the lock. */
static bool
advance(struct server *s, struct diag *d)
{
    if (!home_make(s, d))
        return false;
    struct server_status st = server_status(s);
    if (st.state == SERVER_STARTING && !await_ready(s, st.pid, false, log_size(s), d))
        return false;
    if (st.state == SERVER_STARTING)
        st = server_status(s);
    if (has_socket(s, &st))
        return true;
    if (st.state == SERVER_RUNNING) { /* its socket was swept away: nobody can reach it */
        warn("the private server's socket is gone: starting the server anew");
        kill(st.pid, SIGINT);
        st.state = SERVER_STOPPING;
    }
    if (st.state == SERVER_STOPPING && !await_end(s, st.pid, d))
        return false;
    if (st.state == SERVER_ABSENT && !cluster_create(s, d))
        return false;
    return start_stopped(s, cluster_major(s), d);
}

bool
server_start(struct server *s, const char **conninfo, struct diag *d)
{
    struct server_status st = server_status(s);
    if (!has_socket(s, &st)) {
        int lock = -1;
        if (!home_lock(s, &lock, d))
            return false;
        bool good = advance(s, d);
        close(lock);
        if (!good)
            return false;
        st = server_status(s);
        if (st.socket_dir == NULL)
            return diag_set(d, EXIT_DATABASE, "the private server ended again (log: %s)", s->log);
    }
    *conninfo = arena_printf(s->arena, "host='%s' port=%d user=" SERVER_USER " dbname=" SERVER_DATABASE,
                             st.socket_dir, st.port)
                    .p;
    return true;
}

bool
server_stop(struct server *s, bool *was_running, struct diag *d)
{
    *was_running = false;
    if (server_status(s).pid == 0)
        return true;
    int lock = -1;
    if (!home_lock(s, &lock, d))
        return false;
    struct server_status st = server_status(s);
    bool good = true;
    if (st.pid > 0) {
        *was_running = true;
        kill(st.pid, SIGINT); /* "fast": ends sessions, writes a checkpoint */
        good = await_end(s, st.pid, d);
    }
    close(lock);
    return good;
}
