/* Passwords and tokens.  What is read here goes to libcurl and nowhere else. */
#include "imap_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
first_line(struct arena *a, str text, const char *what, str *secret, struct diag *d)
{
    str line = str_cut(text, '\n').head;
    if (str_ends(line, S("\r")))
        line = str_head(line, line.n - 1);
    if (line.n == 0)
        return diag_set(d, EXIT_NO_INPUT, "%s: its first line should be the password, and is empty", what);
    if (str_find_char(line, '\0') != STR_NONE)
        return diag_set(d, EXIT_NO_INPUT, "%s: a password holds no NUL", what);
    *secret = arena_copy(a, line);
    return true;
}

/* Reads a descriptor to its end and closes it. */
static bool
read_all(struct arena *a, int fd, size_t most, str *text)
{
    char *p = arena_alloc(a, most + 1);
    size_t n = 0;
    ssize_t got = 0;
    while (n < most && ((got = read(fd, p + n, most - n)) > 0 || (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    close(fd);
    *text = str_of(p, n);
    return got >= 0;
}

/* A file that nobody else can read. */
static bool
read_private(struct arena *a, const char *path, size_t most, str *text, struct diag *d)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        diag_errno(d, EXIT_NO_INPUT, "%s: cannot open", path);
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        close(fd);
        return diag_set(d, EXIT_NO_INPUT, "%s: others than its owner may open it, mode %03o (chmod 600 it)",
                        path, (unsigned)st.st_mode & 0777);
    }
    if (read_all(a, fd, most, text))
        return true;
    return diag_errno(d, EXIT_NO_INPUT, "%s: cannot read", path);
}

static bool
from_command(struct arena *a, const char *command, str *secret, struct diag *d)
{
    int pipes[2];
    fflush(NULL);
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return diag_errno(d, EXIT_INTERNAL, "cannot make a pipe");
    pid_t pid = fork();
    if (pid < 0) {
        diag_errno(d, EXIT_INTERNAL, "cannot start the password command");
        close(pipes[0]);
        close(pipes[1]);
        return false;
    }
    if (pid == 0) {
        dup2(pipes[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    str text;
    int status = 0;
    read_all(a, pipes[0], SECRET_MAX, &text);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE)
        return diag_set(d, EXIT_NO_INPUT, "the password command was ended by signal %d", WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        return diag_set(d, EXIT_NO_INPUT, "the password command failed with status %d", WEXITSTATUS(status));
    return first_line(a, text, "the password command's output", secret, d);
}

/* The next word of a netrc; quotes and backslashes as curl and Python read them. */
static bool
next_word(struct arena *a, str *s, str *word)
{
    *s = str_trim_left(*s);
    if (s->n == 0)
        return false;
    bool quoted = s->p[0] == '"';
    char *p = arena_alloc(a, s->n + 1);
    size_t n = 0, i = quoted;
    for (; i < s->n; i++) {
        if (s->p[i] == '\\' && i + 1 < s->n)
            i++;
        else if (quoted ? s->p[i] == '"' : str_is_space(s->p[i]))
            break;
        p[n++] = s->p[i];
    }
    *s = str_skip(*s, i + quoted);
    *word = str_of(p, n);
    return true;
}

/* One entry's words, up to the next entry. */
static bool
next_entry(struct arena *a, str *s, str *machine, str *login, str *password)
{
    str word;
    bool inside = false;
    *machine = *login = *password = (str){ 0 };
    for (;;) {
        str before = *s;
        if (!next_word(a, s, &word))
            return inside;
        if (word.n && word.p[0] == '#') { /* a comment, to the end of the line */
            *s = str_cut(before, '\n').tail;
            continue;
        }
        bool machine_word = str_eq(word, S("machine"));
        if ((machine_word || str_eq(word, S("default"))) && inside) {
            *s = before;
            return true;
        }
        if (machine_word)
            inside = next_word(a, s, machine);
        else if (str_eq(word, S("default")))
            inside = true;
        else if (str_eq(word, S("login")))
            next_word(a, s, login);
        else if (str_eq(word, S("password")))
            next_word(a, s, password);
        else if (str_eq(word, S("account")))
            next_word(a, s, &word);
        else if (str_eq(word, S("macdef"))) /* to the next empty line */
            *s = str_cut_str(*s, S("\n\n")).tail;
    }
}

bool
netrc_find(struct arena *a, str text, str host, str *user, str *password)
{
    str machine, login, secret;
    while (next_entry(a, &text, &machine, &login, &secret)) {
        if (machine.n && !str_ieq(machine, host))
            continue;
        if (secret.n == 0 || (user->n && login.n && !str_eq(login, *user)))
            continue;
        if (user->n == 0)
            *user = login;
        *password = secret;
        return true;
    }
    return false;
}

static bool
from_netrc(struct arena *a, const char *named, str host, str *user, str *secret, struct diag *d)
{
    const char *path = named ? named : getenv("NETRC"), *home = getenv("HOME");
    str text;
    if (path == NULL)
        path = arena_printf(a, "%s/.netrc", home ? home : "").p;
    if (named == NULL && access(path, F_OK) != 0)
        return diag_set(
            d, EXIT_USAGE,
            "no password for %.*s%s%.*s: --password-file FILE, --password-command COMMAND, or a line "
            "\"machine %.*s login USER password ...\" in %s",
            PRSTR(*user), user->n ? " at " : "", PRSTR(host), PRSTR(host), path);
    if (!read_private(a, path, NETRC_MAX, &text, d))
        return false;
    return netrc_find(a, text, host, user, secret) ||
           diag_set(d, EXIT_USAGE,
                    "%s has no password for %.*s%s%.*s (--password-file FILE and --password-command COMMAND "
                    "are the other ways)",
                    path, PRSTR(*user), user->n ? " at " : "", PRSTR(host));
}

bool
secret_get(struct arena *a, const struct secret_source *from, str host, str *user, str *secret,
           struct diag *d)
{
    str text;
    bool good;
    if (from->file)
        good =
            read_private(a, from->file, SECRET_MAX, &text, d) && first_line(a, text, from->file, secret, d);
    else if (from->command)
        good = from_command(a, from->command, secret, d);
    else
        good = from_netrc(a, from->netrc, host, user, secret, d);
    if (good && user->n == 0)
        return diag_set(d, EXIT_USAGE, "the URL names no user (imaps://USER@HOST/FOLDER)");
    return good;
}
