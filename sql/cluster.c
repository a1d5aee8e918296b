/* Makes the private cluster and writes its configuration.
 *
 * A cluster is made aside and renamed when whole, so that one cut short is
 * never taken for one.  waybill.conf is written anew at every start; settings
 * of one's own go behind its include in postgresql.conf, or by ALTER SYSTEM. */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"

#define INITDB_LOG_MOST 65536 /* bytes of initdb's output that are looked through */
#define REMOVE_TRIES    50
#define REMOVE_PAUSE_US 100000
#define SOCKET_NAME     "/.s.PGSQL.65535.lock" /* the longest name beside the socket */

static const char settings[] =
    "# Written by waybill at every start of the server; changes here are lost.\n"
    "listen_addresses = ''\n"
    "port = 5432\n"
    "unix_socket_permissions = 0700\n"
    "max_connections = 40\n"
    "shared_buffers = 128MB\n"
    "work_mem = 32MB\n"
    "maintenance_work_mem = 256MB\n"
    "max_parallel_workers_per_gather = 2\n"
    "random_page_cost = 1.1\n"
    "jit = off\n"
    "fsync = on\n"
    "synchronous_commit = on\n"
    "full_page_writes = on\n"
    /* Nothing archives or follows this server, so bulk loads into new tables need no WAL. */
    "wal_level = minimal\n"
    "max_wal_senders = 0\n"
    "max_wal_size = 4GB\n"
    "checkpoint_timeout = 15min\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "log_destination = 'stderr'\n"
    "logging_collector = off\n"
    "log_checkpoints = off\n"
    "log_min_error_statement = panic\n" /* statements hold people's addresses */
    "log_line_prefix = '%m [%p] '\n"
    "lc_messages = 'C'\n";

static bool
write_file(const char *path, str text, struct diag *d)
{
    char aside[PATH_MAX];
    if ((size_t)snprintf(aside, sizeof aside, "%s.new", path) >= sizeof aside)
        return diag_set(d, EXIT_DATABASE, "%s: the path is too long", path);
    FILE *f = fopen(aside, "we");
    if (f == NULL)
        return diag_errno(d, EXIT_DATABASE, "cannot write %s", aside);
    bool good = fwrite(text.p, 1, text.n, f) == text.n && fflush(f) == 0 && fsync(fileno(f)) == 0;
    int saved = errno;
    if (fclose(f) != 0 && good) {
        good = false;
        saved = errno;
    }
    if (good && rename(aside, path) == 0)
        return true;
    errno = good ? errno : saved;
    diag_errno(d, EXIT_DATABASE, "cannot write %s", path);
    unlink(aside);
    return false;
}

static bool
append_file(const char *path, str text, struct diag *d)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    if (!good)
        diag_errno(d, EXIT_DATABASE, "cannot write %s", path);
    if (fd >= 0)
        close(fd);
    return good;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int
cluster_major(const struct server *s)
{
    char path[PATH_MAX], text[16] = "";
    if ((size_t)snprintf(path, sizeof path, "%s/PG_VERSION", s->data) >= sizeof path)
        return 0;
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    struct str_number major = str_cut_number(str_of(text, n), 4);
    return major.ok ? (int)major.value : 0;
}

/* The line of initdb's output that tells why, or its last. */
static str
find_cause(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return S("no output");
    char *text = arena_alloc(a, INITDB_LOG_MOST);
    size_t n = fread(text, 1, INITDB_LOG_MOST, f);
    fclose(f);
    str last = S("no output"), cause = { 0 };
    struct str_cut c = { .tail = str_of(text, n) };
    while (c.tail.n) {
        c = str_cut(c.tail, '\n');
        str line = str_trim(c.head);
        if (line.n == 0)
            continue;
        last = line;
        if (cause.n == 0 &&
            (str_has(line, S("FATAL")) || str_has(line, S("error:")) || str_has(line, S("PANIC"))))
            cause = line;
    }
    return cause.n ? cause : last;
}

/* Peer authentication knows who calls; the map lets the server's user and root in, nobody else. */
static bool
write_access(const struct server *s, const char *dir, struct diag *d)
{
    static const str hba = S("# Only the server's own user and root, over the Unix socket.\n"
                             "local all all peer map=waybill\n");
    str ident = arena_printf(s->arena,
                             "# map, user of the system, user of the database\n"
                             "waybill \"root\" " SERVER_USER "\n"
                             "waybill \"%s\" " SERVER_USER "\n",
                             s->user);
    return write_file(arena_printf(s->arena, "%s/pg_hba.conf", dir).p, hba, d) &&
           write_file(arena_printf(s->arena, "%s/pg_ident.conf", dir).p, ident, d) &&
           append_file(arena_printf(s->arena, "%s/postgresql.conf", dir).p,
                       S("\ninclude_if_exists = 'waybill.conf'\n"
                         "# Settings of your own go below; they win over those of waybill.conf.\n"),
                       d);
}

/* What an interrupted start left.  initdb ends with its caller, but what it runs may write on for a moment. */
static bool
remove_remains(const char *aside, struct diag *d)
{
    for (int tries = 0; tries < REMOVE_TRIES; tries++) {
        if (nftw(aside, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || access(aside, F_OK) != 0)
            return true;
        if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
            break;
        usleep(REMOVE_PAUSE_US);
    }
    return diag_errno(d, EXIT_DATABASE, "cannot remove %s, left by an interrupted start", aside);
}

static bool
create_as_owner(const struct server *s, const char *bin, const char *aside, const char *output,
                struct diag *d)
{
    if (access(aside, F_OK) == 0 && !remove_remains(aside, d))
        return false;
    unlink(output);
    const char *initdb = arena_printf(s->arena, "%s/initdb", bin).p;
    const char *argv[] = { initdb,
                           "--pgdata",
                           aside,
                           "--username=" SERVER_USER,
                           "--encoding=UTF8",
                           "--locale=C.UTF-8",
                           "--auth-local=peer",
                           "--auth-host=reject",
                           NULL };
    *d = (struct diag){ 0 };
    home_leave(s);
    bool good = spawn_wait(s, argv, output, d);
    struct diag entering;
    if (!home_enter(s, &entering))
        BUG("%s", entering.text);
    if (!good && d->code == 0)
        diag_set(d, EXIT_DATABASE, "cannot make the private server in %s: %.*s (output: %s)", s->data,
                 PRSTR(find_cause(s->arena, output)), output);
    if (!good || !write_access(s, aside, d)) {
        nftw(aside, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        return false;
    }
    if (rename(aside, s->data) != 0)
        return diag_errno(d, EXIT_DATABASE, "cannot make %s", s->data);
    unlink(output);
    return true;
}

bool
cluster_create(const struct server *s, struct diag *d)
{
    const char *bin;
    if (!programs_find(s->arena, 0, &bin, d))
        return false;
    note("making a private PostgreSQL server in %s", s->base);
    const char *aside = arena_printf(s->arena, "%s/data.new", s->base).p;
    const char *output = arena_printf(s->arena, "%s/initdb.log", s->base).p;
    if (!home_enter(s, d))
        return false;
    bool good = create_as_owner(s, bin, aside, output, d);
    home_leave(s);
    return good;
}

/* Whether a directory can hold the socket: its address has a small fixed room, and some
 * characters have a meaning of their own in the lists that name it. */
static bool
fits_socket(const char *dir)
{
    return strlen(dir) + sizeof SOCKET_NAME <= sizeof((struct sockaddr_un *)0)->sun_path &&
           strpbrk(dir, "\"',\\\n@") == NULL;
}

/* A directory of ours alone: what a link of ours leads to may have been swept from /tmp and
 * made again by somebody else. */
static bool
is_own_directory(const char *dir)
{
    struct stat st;
    return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

static bool
choose_socket_dir(const struct server *s, const char **dir, struct diag *d)
{
    const char *run = arena_printf(s->arena, "%s/run", s->base).p;
    if (fits_socket(run)) {
        if ((mkdir(run, 0700) != 0 && errno != EEXIST) || !is_own_directory(run))
            return diag_errno(d, EXIT_DATABASE, "cannot make %s for the private server's socket", run);
        *dir = run;
        return true;
    }
    char target[PATH_MAX] = "";
    ssize_t n = readlink(run, target, sizeof target - 1);
    if (n > 0 && is_own_directory(target)) {
        *dir = arena_z(s->arena, str_from(target));
        return true;
    }
    unlink(run);
    char made[] = "/tmp/waybill-XXXXXX";
    if (mkdtemp(made) == NULL || symlink(made, run) != 0)
        return diag_errno(d, EXIT_DATABASE,
                          "cannot make a directory for the private server's socket in /tmp");
    *dir = arena_z(s->arena, str_from(made));
    return true;
}

/* Not every build of PostgreSQL has lz4; asking with it tells. */
static const char *
wal_compression(const struct server *s, const char *bin)
{
    const char *argv[] = { arena_printf(s->arena, "%s/postgres", bin).p,
                           "-D",
                           s->data,
                           "-c",
                           "wal_compression=lz4",
                           "-C",
                           "wal_compression",
                           NULL };
    struct diag ignored;
    return spawn_wait(s, argv, "/dev/null", &ignored) ? "lz4" : "pglz";
}

bool
cluster_configure(const struct server *s, const char *bin, struct diag *d)
{
    const char *compression = wal_compression(s, bin), *dir;
    if (!home_enter(s, d))
        return false;
    bool good =
        choose_socket_dir(s, &dir, d) && write_file(arena_printf(s->arena, "%s/waybill.conf", s->data).p,
                                                    arena_printf(s->arena,
                                                                 "%swal_compression = %s\n"
                                                                 "unix_socket_directories = '\"%s\"'\n",
                                                                 settings, compression, dir),
                                                    d);
    home_leave(s);
    return good;
}
