/* The files below the paths that a user names. */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walker {
    struct arena *arena;
    bool (*each)(void *ctx, const struct walk_file *);
    void (*problem)(void *ctx, const char *text);
    void *ctx;
    bool stopped;
};

static void
say_problem(struct walker *w, const char *path, const char *what)
{
    str text = arena_printf(w->arena, "%s: %s: %s", path, what, strerror(errno));
    w->problem(w->ctx, text.p);
}

bool
is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A file, also behind a link: no directory there, and no pipe that waits for its writer. */
static bool
is_wanted(struct walker *w, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0)
        return S_ISREG(st.st_mode);
    say_problem(w, path, "cannot look at it");
    return false;
}

static bool
is_maildir(struct walker *w, const char *path)
{
    return is_directory(arena_printf(w->arena, "%s/cur", path).p) ||
           is_directory(arena_printf(w->arena, "%s/new", path).p);
}

/* The last part of a path without trailing slashes, and what stands before it. */
static str
base_name(str path, str *parent)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    struct str_cut c = str_rcut(path, '/');
    *parent = c.found ? c.head : (str){ 0 };
    return c.found ? c.tail : path;
}

/* ".../example.org/ann/Maildir/.Junk/cur" belongs to ann@example.org, folder Junk. */
static void
describe_maildir(struct arena *a, str dir, struct walk_file *f)
{
    str parent, name = base_name(dir, &parent);
    f->folder = S("INBOX");
    if (name.n > 1 && name.p[0] == '.') { /* Maildir++: a dot begins a folder, dots part its levels */
        f->folder = str_skip(name, 1);
        name = base_name(parent, &parent);
    }
    if (str_ieq(name, S("Maildir")) || str_ieq(name, S("mail")) || str_ieq(name, S(".maildir")))
        name = base_name(parent, &parent);
    str domain = base_name(parent, &parent);
    bool full = str_has(name, S("@")) || !str_has(domain, S("."));
    f->mailbox = full ? name : arena_join(a, name, S("@"), domain);
    f->in_maildir = true;
}

/* A Maildir file name begins with the seconds since 1970 of its delivery. */
static when
stored_at(str name)
{
    struct str_number n = str_cut_number(name, 12);
    if (!n.ok || n.value < 100000000 || n.rest.n == 0 || n.rest.p[0] != '.')
        return WHEN_NONE;
    return (when)n.value * WHEN_SECOND;
}

struct entry {
    const char *name;
    bool is_file; /* the directory itself says so; else it is to be looked at */
};

static int
by_name(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static struct entry *
list(struct walker *w, const char *path, size_t *n)
{
    size_t room = 0;
    struct entry *entries = NULL;
    *n = 0;
    DIR *d = opendir(path);
    if (d == NULL) {
        say_problem(w, path, "cannot read the directory");
        return NULL;
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            ARENA_PUSH(w->arena, entries, *n, room) =
                (struct entry){ arena_z(w->arena, str_from(e->d_name)), e->d_type == DT_REG };
    closedir(d);
    if (*n)
        qsort(entries, *n, sizeof *entries, by_name);
    return entries;
}

static void
walk_maildir_part(struct walker *w, const char *path, const char *part, const struct walk_file *like)
{
    size_t n;
    const char *dir = arena_printf(w->arena, "%s/%s", path, part).p;
    const struct entry *entries = list(w, dir, &n);
    for (size_t i = 0; i < n && !w->stopped; i++) {
        const struct entry *e = &entries[i];
        struct walk_file f = *like;
        f.path = arena_printf(w->arena, "%s/%s", dir, e->name).p;
        f.stored_at = stored_at(str_from(e->name));
        if (e->name[0] != '.' && (e->is_file || is_wanted(w, f.path)))
            w->stopped = !w->each(w->ctx, &f);
    }
}

bool
walk_is_store_state(const char *name)
{
    static const char *const prefixes[] = { "dovecot.index",    "dovecot.list",    "dovecot-uid",
                                            "dovecot-keywords", "dovecot.mailbox", ".dovecot",
                                            "maildirsize",      "maildirfolder",   "subscriptions",
                                            "courierimap" };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static bool
is_maildir_part(const char *name)
{
    return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 || strcmp(name, "tmp") == 0;
}

bool
walk_in_maildir(struct arena *a, str path, struct walk_file *f)
{
    str dir, folder, name = base_name(path, &dir), part = base_name(dir, &folder);
    if (!str_eq(part, S("cur")) && !str_eq(part, S("new")))
        return false;
    describe_maildir(a, folder, f);
    f->stored_at = stored_at(name);
    return true;
}

static void
walk_directory(struct walker *w, const char *path, int depth)
{
    size_t n;
    bool maildir = is_maildir(w, path);
    if (depth > WALK_MAX_DEPTH) {
        errno = ELOOP;
        say_problem(w, path, "too deep");
        return;
    }
    if (maildir) {
        struct walk_file like = { .stored_at = WHEN_NONE };
        describe_maildir(w->arena, str_from(path), &like);
        if (is_directory(arena_printf(w->arena, "%s/cur", path).p))
            walk_maildir_part(w, path, "cur", &like);
        if (is_directory(arena_printf(w->arena, "%s/new", path).p))
            walk_maildir_part(w, path, "new", &like);
    }
    const struct entry *entries = list(w, path, &n);
    for (size_t i = 0; i < n && !w->stopped; i++) {
        const struct entry *e = &entries[i];
        const char *sub = arena_printf(w->arena, "%s/%s", path, e->name).p;
        if (walk_is_store_state(e->name) || (maildir && is_maildir_part(e->name)))
            continue;
        struct stat st;
        if (!e->is_file && lstat(sub, &st) == 0 && S_ISDIR(st.st_mode))
            walk_directory(w, sub, depth + 1);
        else if (e->is_file || is_wanted(w, sub))
            w->stopped = !w->each(w->ctx, &(struct walk_file){ .path = sub, .stored_at = WHEN_NONE });
    }
}

void
walk(struct arena *a, const char *path, bool (*each)(void *ctx, const struct walk_file *),
     void (*problem)(void *ctx, const char *text), void *ctx)
{
    struct walker w = { .arena = a, .each = each, .problem = problem, .ctx = ctx };
    if (strcmp(path, "-") != 0 && is_directory(path))
        walk_directory(&w, path, 0);
    else
        each(ctx, &(struct walk_file){ .path = path, .stored_at = WHEN_NONE });
}
