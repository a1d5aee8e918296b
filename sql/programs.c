/* Finds PostgreSQL's server programs, which distributions keep out of PATH.
 *
 * The version comes from the directory's name where packages put it there,
 * else from "postgres --version". */
#include "server.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where packages install: Debian, Red Hat, and PostgreSQL's own sources. */
static const char *const patterns[] = {
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
};

#define PATH_ENTRIES 64 /* of PATH that are looked at */

static bool
has_program(const char *dir, const char *name)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    return n > 0 && (size_t)n < sizeof path && access(path, X_OK) == 0;
}

/* The first number in a text such as "postgres (PostgreSQL) 15.18"; 0 if there is none. */
static int
first_number(str s)
{
    while (s.n && !str_is_digit(s.p[0]))
        s = str_skip(s, 1);
    struct str_number n = str_cut_number(s, 4);
    return n.ok ? (int)n.value : 0;
}

static int
ask_version(const char *dir)
{
    int fds[2];
    if (pipe(fds) != 0)
        return 0;
    pid_t pid = fork();
    if (pid == 0) {
        char path[PATH_MAX + sizeof "/postgres"];
        snprintf(path, sizeof path, "%s/postgres", dir);
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        execl(path, path, "--version", (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    char text[256];
    size_t n = 0;
    ssize_t got;
    while (pid > 0 && n < sizeof text && (got = read(fds[0], text + n, sizeof text - n)) > 0)
        n += (size_t)got;
    close(fds[0]);
    int status = 1;
    if (pid > 0)
        waitpid(pid, &status, 0);
    return status == 0 ? first_number(str_of(text, n)) : 0;
}

/* The major version of a directory of programs, 0 if it is none. */
static int
major_of(const char *dir)
{
    if (!has_program(dir, "initdb") || !has_program(dir, "postgres"))
        return 0;
    int named = 0;
    if (sscanf(dir, "/usr/lib/postgresql/%4d/bin", &named) != 1)
        sscanf(dir, "/usr/pgsql-%4d/bin", &named);
    return named > 0 ? named : ask_version(dir);
}

struct found {
    char dir[PATH_MAX];
    int major;
};

static void
consider(struct found *best, const char *dir, int wanted)
{
    char real[PATH_MAX];
    if (realpath(dir, real) == NULL)
        return;
    int major = major_of(real);
    if (major == 0 || (wanted ? major != wanted : major <= best->major))
        return;
    memcpy(best->dir, real, sizeof real);
    best->major = major;
}

/* PATH may hold links to the programs ("/usr/local/bin/initdb"): their targets count. */
static void
consider_path(struct found *best, int wanted)
{
    const char *path = getenv("PATH");
    struct str_cut c = { .tail = str_from(path ? path : "") };
    for (int i = 0; i < PATH_ENTRIES && c.tail.n; i++) {
        c = str_cut(c.tail, ':');
        char file[PATH_MAX], real[PATH_MAX];
        int n = snprintf(file, sizeof file, "%.*s/initdb", PRSTR(c.head));
        if (c.head.n == 0 || c.head.p[0] != '/' || (size_t)n >= sizeof file || realpath(file, real) == NULL)
            continue;
        *strrchr(real, '/') = 0;
        consider(best, real, wanted);
    }
}

static void
search(struct found *best, int wanted)
{
    const char *only = getenv("WAYBILL_PGBIN");
    if (only && *only) {
        consider(best, only, wanted);
        return;
    }
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        glob_t g;
        if (glob(patterns[i], 0, NULL, &g) == 0)
            for (size_t k = 0; k < g.gl_pathc; k++)
                consider(best, g.gl_pathv[k], wanted);
        globfree(&g);
    }
    consider_path(best, wanted);
}

bool
programs_find(struct arena *a, int major, const char **dir, struct diag *d)
{
    struct found best = { .major = 0 };
    search(&best, major);
    if (best.major == 0 && major)
        return diag_set(d, EXIT_DATABASE,
                        "no programs of PostgreSQL %d are installed, which made the private server's data "
                        "(install the package postgresql-%d, or set WAYBILL_HOME to a new place)",
                        major, major);
    if (best.major == 0)
        return diag_set(d, EXIT_DATABASE,
                        "no PostgreSQL server is installed: initdb and postgres were not found (install the "
                        "package postgresql, or name a server with --db)");
    if (best.major < SERVER_OLDEST)
        return diag_set(d, EXIT_DATABASE, "PostgreSQL %d in %s is too old (%d or newer is needed)",
                        best.major, best.dir, SERVER_OLDEST);
    *dir = arena_z(a, str_from(best.dir));
    return true;
}

const char *
server_program(struct arena *a, const char *name, int major)
{
    struct found best = { .major = 0 };
    search(&best, major);
    if (best.major == 0 || !has_program(best.dir, name))
        return name;
    return arena_printf(a, "%s/%s", best.dir, name).p;
}
