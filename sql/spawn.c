/* Runs PostgreSQL's programs as the server's user.
 *
 * The child leaves the caller's session, so that an interrupt at the terminal
 * does not reach the server, holds none of its files, so that nobody waits on
 * a pipe that the server keeps open, and starts from an environment without
 * the variables that would change what the programs do. */
#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Drops what names another server or another language; messages are looked through for a cause. */
static void
clean_environment(const struct server *s)
{
    for (char **e = environ; *e;) {
        if (strncmp(*e, "PG", 2) == 0 || strncmp(*e, "LC_", 3) == 0 || strncmp(*e, "LANG", 4) == 0) {
            char name[256];
            int n = snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
            if (n > 0 && (size_t)n < sizeof name && unsetenv(name) == 0) {
                e = environ;
                continue;
            }
        }
        e++;
    }
    setenv("LC_ALL", "C", 1);
    setenv("HOME", s->base, 1);
    unsetenv("TZ");
}

static void
close_from(int first)
{
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        for (int fd = first; fd < 1024; fd++)
            close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        int fd = atoi(e->d_name);
        if (fd >= first && fd != dirfd(dir))
            close(fd);
    }
    closedir(dir);
}

static bool
become_user(const struct server *s)
{
    if (!s->root)
        return true;
    return initgroups(s->user, s->gid) == 0 && setgid(s->gid) == 0 && setuid(s->uid) == 0;
}

_Noreturn static void
child(const struct server *s, const char *const *argv, const char *output, bool ends_with_us, pid_t parent)
{
    setsid();
    umask(077);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || !become_user(s) || chdir(s->base) != 0)
        _exit(126);
    if (ends_with_us) /* set after the change of user, which clears it */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (ends_with_us && getppid() != parent) /* it ended before that was set */
        _exit(126);
    int out = open(output, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    if (out < 0)
        _exit(125);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    close_from(3);
    clean_environment(s);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static pid_t
start(const struct server *s, const char *const *argv, const char *output, bool ends_with_us, struct diag *d)
{
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        child(s, argv, output, ends_with_us, parent);
    if (pid < 0)
        diag_errno(d, EXIT_DATABASE, "cannot run %s", argv[0]);
    return pid;
}

pid_t
spawn(const struct server *s, const char *const *argv, const char *output, struct diag *d)
{
    return start(s, argv, output, false, d);
}

bool
spawn_wait(const struct server *s, const char *const *argv, const char *output, struct diag *d)
{
    pid_t pid = start(s, argv, output, true, d);
    int status = 0;
    if (pid < 0)
        return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return diag_errno(d, EXIT_DATABASE, "cannot wait for %s", argv[0]);
    if (!WIFEXITED(status))
        return diag_set(d, EXIT_DATABASE, "%s was killed by signal %d", argv[0], WTERMSIG(status));
    if (WEXITSTATUS(status) == 126)
        return diag_set(d, EXIT_DATABASE, "cannot run %s as user %s in %s", argv[0], s->user, s->base);
    if (WEXITSTATUS(status) == 125)
        return diag_set(d, EXIT_DATABASE, "user %s cannot write %s", s->user, output);
    return WEXITSTATUS(status) == 0;
}
