/* Where the private server lives, and as whom it runs.
 *
 * The difficulty is root: the server's user must be able to enter its
 * directory, but homes are often closed (/root, mktemp -d).  An empty or new
 * home is handed to that user; below a closed one the base goes to
 * /var/lib/waybill, and a link in the home leads there. */
#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ELSEWHERE "/var/lib/waybill" /* for root, where the home is closed to the server's user */

static const char *const unprivileged[] = { "postgres", "nobody" };

bool
home_locate(struct arena *a, const char **home, struct diag *d)
{
    const char *own = getenv("WAYBILL_HOME"), *data = getenv("XDG_DATA_HOME"), *user = getenv("HOME");
    str path;
    if (own && *own == '/') {
        path = arena_copy(a, str_from(own));
    } else if (own && *own) {
        char cwd[PATH_MAX];
        if (getcwd(cwd, sizeof cwd) == NULL)
            return diag_errno(d, EXIT_DATABASE, "WAYBILL_HOME is relative to a directory that is gone");
        path = arena_printf(a, "%s/%s", cwd, own);
    } else if (data && *data == '/') {
        path = arena_printf(a, "%s/waybill", data);
    } else {
        struct passwd *pw = getpwuid(geteuid());
        if (user == NULL || *user != '/')
            user = pw ? pw->pw_dir : NULL;
        if (user == NULL)
            return diag_set(d, EXIT_DATABASE,
                            "no place for the private server: HOME is not set (set WAYBILL_HOME)");
        path = arena_printf(a, "%s/.local/share/waybill", user);
    }
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    *home = arena_z(a, path);
    return true;
}

void
home_places(struct server *s)
{
    str link = arena_printf(s->arena, "%s/server", s->home);
    char real[PATH_MAX];
    s->base = realpath(link.p, real) ? arena_z(s->arena, str_from(real)) : link.p;
    s->data = arena_printf(s->arena, "%s/data", s->base).p;
    s->log = arena_printf(s->arena, "%s/server.log", s->base).p;
}

static bool
take_user(struct server *s, const struct passwd *pw)
{
    s->uid = pw->pw_uid;
    s->gid = pw->pw_gid;
    s->user = arena_z(s->arena, str_from(pw->pw_name));
    return true;
}

bool
home_user(struct server *s, struct diag *d)
{
    s->root = geteuid() == 0;
    struct stat base;
    bool there = stat(s->base, &base) == 0;
    struct passwd *pw;
    if (!s->root) {
        if (there && base.st_uid != geteuid())
            return diag_set(d, EXIT_DATABASE,
                            "the private server in %s belongs to another user (set WAYBILL_HOME to a place "
                            "of your own)",
                            s->home);
        if ((pw = getpwuid(geteuid())) == NULL)
            return diag_set(d, EXIT_DATABASE,
                            "user id %u has no name, which PostgreSQL asks for (add it to the user "
                            "database, or name a server with --db)",
                            (unsigned)geteuid());
        return take_user(s, pw);
    }
    if (there && base.st_uid != 0) {
        if ((pw = getpwuid(base.st_uid)) == NULL)
            return diag_set(d, EXIT_DATABASE, "the owner of %s, user id %u, has no name", s->base,
                            (unsigned)base.st_uid);
        return take_user(s, pw);
    }
    for (size_t i = 0; i < sizeof unprivileged / sizeof *unprivileged; i++)
        if ((pw = getpwnam(unprivileged[i])) && pw->pw_uid != 0)
            return take_user(s, pw);
    return diag_set(d, EXIT_DATABASE,
                    "PostgreSQL does not run as root, and there is no user postgres or nobody (create one, "
                    "or name a server with --db)");
}

bool
home_enter(const struct server *s, struct diag *d)
{
    if (!s->root)
        return true;
    if (setegid(s->gid) == 0 && seteuid(s->uid) == 0)
        return true;
    diag_errno(d, EXIT_DATABASE, "cannot become user %s", s->user);
    home_leave(s);
    return false;
}

void
home_leave(const struct server *s)
{
    if (s->root && (seteuid(0) != 0 || setegid(0) != 0))
        BUG("cannot become root again");
}

/* Makes a directory and those above it; *made tells whether the last one is new. */
static bool
make_directories(struct arena *a, const char *path, mode_t mode, bool *made, struct diag *d)
{
    char *copy = arena_copy(a, str_from(path)).n ? (char *)(uintptr_t)arena_z(a, str_from(path)) : NULL;
    *made = false;
    for (char *at = copy + 1; at[0]; at++) {
        if (*at != '/')
            continue;
        *at = 0;
        if (mkdir(copy, 0755) != 0 && errno != EEXIST)
            return diag_errno(d, EXIT_DATABASE, "cannot make %s for the private server", copy);
        *at = '/';
    }
    if (mkdir(path, mode) == 0)
        *made = true;
    else if (errno != EEXIST)
        return diag_errno(d, EXIT_DATABASE, "cannot make %s for the private server", path);
    return true;
}

static bool
is_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return false;
    int entries = 0;
    for (struct dirent *e; entries == 0 && (e = readdir(dir));)
        entries += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return entries == 0;
}

bool
home_lock(const struct server *s, int *fd, struct diag *d)
{
    bool made;
    if (!make_directories(s->arena, s->home, 0700, &made, d))
        return false;
    if (s->root && (made || is_empty(s->home))) {
        struct stat st;
        if (lstat(s->home, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
            (lchown(s->home, s->uid, s->gid) != 0 || chmod(s->home, 0700) != 0))
            return diag_errno(d, EXIT_DATABASE, "cannot give %s to user %s", s->home, s->user);
    }
    const char *path = arena_printf(s->arena, "%s/lock", s->home).p;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return diag_errno(d, EXIT_DATABASE, "cannot open %s (set WAYBILL_HOME to a writable place)", path);
    struct stat st;
    bool own = fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1;
    if (own && s->root && st.st_uid == 0 && fchown(*fd, s->uid, s->gid) != 0)
        own = false;
    if (!own) {
        close(*fd);
        return diag_set(d, EXIT_DATABASE, "%s is not a lock file (remove it)", path);
    }
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    debug("waiting for another command that starts or stops the private server");
    while (flock(*fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            diag_errno(d, EXIT_DATABASE, "cannot lock %s", path);
            close(*fd);
            return false;
        }
    }
    return true;
}

/* A base outside the home, for root; its link is made last, so that it leads to a base or nowhere. */
static bool
make_elsewhere(struct server *s, const char *link, struct diag *d)
{
    bool made;
    if (!make_directories(s->arena, ELSEWHERE, 0711, &made, d))
        return false;
    char path[] = ELSEWHERE "/XXXXXX";
    if (mkdtemp(path) == NULL || chown(path, s->uid, s->gid) != 0 || symlink(path, link) != 0)
        return diag_errno(d, EXIT_DATABASE, "cannot make %s for the private server", path);
    note("%s is closed to user %s: the private server's files go to %s", s->home, s->user, path);
    return true;
}

bool
home_make(struct server *s, struct diag *d)
{
    const char *base = arena_printf(s->arena, "%s/server", s->home).p;
    struct stat st;
    if (stat(base, &st) == 0 && st.st_uid == s->uid) {
        home_places(s);
        return true;
    }
    /* What an interrupted earlier try left: an empty directory of root's, a link to nowhere. */
    if (lstat(base, &st) == 0 && (S_ISLNK(st.st_mode) ? unlink(base) : rmdir(base)) != 0)
        return diag_errno(d, EXIT_DATABASE, "%s is in the way (remove it)", base);
    bool enters = true;
    if (s->root) {
        if (!home_enter(s, d))
            return false;
        enters = faccessat(AT_FDCWD, s->home, X_OK, AT_EACCESS) == 0;
        home_leave(s);
    }
    if (!enters) {
        if (!make_elsewhere(s, base, d))
            return false;
    } else if (mkdir(base, 0700) != 0 || (s->root && lchown(base, s->uid, s->gid) != 0)) {
        return diag_errno(d, EXIT_DATABASE, "cannot make %s", base);
    }
    home_places(s);
    return true;
}
