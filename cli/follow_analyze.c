/* waybill analyze beside ingest --follow: a process of its own, so that what it does holds up no reading. */
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "follow_impl.h"

extern char **environ;

void
analyzer_reap(struct follow *f, bool wait_for_it)
{
    int status;
    if (f->analyzer == 0 || waitpid(f->analyzer, &status, wait_for_it ? 0 : WNOHANG) != f->analyzer)
        return;
    f->analyzer = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        f->analyze_due = true; /* it said why */
}

void
analyzer_start(struct follow *f, when now)
{
    const char *argv[16] = { f->cli->program, "-q" };
    size_t n = 2;
    pid_t pid;
    analyzer_reap(f, false);
    if (f->analyzer || !f->analyze_due || now - f->analyzed_at < f->options->analyze_every_s * WHEN_SECOND)
        return;
    if (f->cli->db) {
        argv[n++] = "--db";
        argv[n++] = f->cli->db;
    }
    if (f->cli->config) {
        argv[n++] = "--config";
        argv[n++] = f->cli->config;
    }
    argv[n++] = "analyze";
    if (f->options->reply_rules) {
        argv[n++] = "--reply-rules";
        argv[n++] = f->options->reply_rules;
    }
    argv[n] = NULL;
    f->analyzed_at = now;
    f->analyze_due = false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0); /* ours is the log */
    int code = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code == 0)
        f->analyzer = pid;
    else
        warn("analyze cannot be started: %s", strerror(code));
}
