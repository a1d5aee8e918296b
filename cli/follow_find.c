/* The files that are followed: those named, those in directories named, and what rotations make of them.
 *
 * What is done with each is follow_file.c's. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "follow_impl.h"

/* What was rotated may have been written to so long before our last commit and still hold more. */
static const when SLACK = WHEN_MINUTE;

static str
dir_of(str path, str *base)
{
    struct str_cut c = str_rcut(path, '/');
    *base = c.found ? c.tail : path;
    return !c.found ? S(".") : c.head.n ? c.head : S("/");
}

/* "mail" of "mail.log". */
static str
stem_of(str base)
{
    struct str_cut c = str_cut(str_skip(base, 1), '.');
    return str_head(base, c.head.n + 1);
}

static bool
has_digit(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (str_is_digit(s.p[i]))
            return true;
    return false;
}

/* Whether name is what a rotation makes of base: mail.log.1, mail.log-20261122.gz, mail-20261122.log. */
static bool
is_rotation(str base, str name)
{
    if (str_eq(base, name))
        return false;
    if (str_starts(name, base)) {
        str rest = str_skip(name, base.n);
        return str_has(S(".-_~@"), str_head(rest, 1)) &&
               (has_digit(rest) || str_starts(rest, S(".old")) || str_starts(rest, S(".bak")) ||
                str_starts(rest, S(".gz")));
    }
    str stem = stem_of(base), extension = str_skip(base, stem.n);
    if (extension.n == 0 || stem.n == 0 || !str_starts(name, stem))
        return false;
    str rest = str_skip(name, stem.n);
    return rest.n > 1 && str_has(S("-._"), str_head(rest, 1)) && str_is_digit(rest.p[1]) &&
           str_has(rest, extension);
}

void
find_roots(struct follow *f, char *const *paths, int n)
{
    for (int i = 0; i < n; i++) {
        struct stat st;
        struct root r = { .path = paths[i], .since = WHEN_NONE };
        bool there = stat(paths[i], &st) == 0;
        r.is_stream = strcmp(paths[i], "-") == 0 || (there && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
        r.is_directory = there && !r.is_stream && S_ISDIR(st.st_mode);
        r.dir = dir_of(str_from(paths[i]), &r.base);
        if (!there && !r.is_stream)
            note("%s: not there yet; waiting for it", paths[i]);
        ARENA_PUSH(&f->arena, f->roots, f->nroots, f->roots_room) = r;
    }
}

/* Scanning ------------------------------------------------------------------------------------------ */

/* What rotation made of a file; names are in no order, so the oldest comes by its content, not first. */
static bool
find_rotated(struct follow *f, struct root *r)
{
    const char *dir = arena_z(&f->scan, r->dir);
    DIR *d = opendir(dir);
    if (d == NULL)
        return true;
    bool good = true;
    f->ours_since = r->since != WHEN_NONE && r->since < f->started_at ? r->since : f->started_at;
    for (struct dirent *e; good && (e = readdir(d)) != NULL;) {
        if (!is_rotation(r->base, str_from(e->d_name)))
            continue;
        struct stat st;
        const char *path = arena_printf(&f->scan, "%s/%s", dir, e->d_name).p;
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        /* Its own time survives compression; while we were not there, what came and went is all ours. */
        bool ours = file_modified_at(&st) >= f->ours_since;
        if (!f->scanned && !ours && file_tail(f, &st) == NULL)
            file_came_before(f, &st);
        if (!ours && file_tail(f, &st) == NULL)
            continue;
        struct walk_file file = { .path = path, .stored_at = WHEN_NONE };
        good = file_look_at(f, &file, FILE_ROTATED);
    }
    closedir(d);
    return good;
}

static bool
each_file(void *ctx, const struct walk_file *file)
{
    return file_look_at(ctx, file, FILE_IN_DIRECTORY);
}

static void
problem(void *ctx, const char *text)
{
    (void)ctx;
    debug("%s", text);
}

enum { WATCH_DEPTH = WALK_MAX_DEPTH };

static void
watch_tree(struct follow *f, const char *dir, int depth)
{
    watch_directory(f->watch, dir, (str){ 0 });
    DIR *d = depth < WATCH_DEPTH ? opendir(dir) : NULL;
    if (d == NULL)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
            continue;
        const char *path = arena_printf(&f->scan, "%s/%s", dir, e->d_name).p;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            watch_tree(f, path, depth + 1);
    }
    closedir(d);
}

static bool
find_file(struct follow *f, struct root *r)
{
    struct diag d = { 0 };
    struct walk_file file = { .path = r->path, .stored_at = WHEN_NONE };
    watch_directory(f->watch, arena_z(&f->scan, r->dir), stem_of(r->base));
    char *real = realpath(r->path, NULL);
    if (real && strcmp(real, r->path) != 0) { /* a link: what it points to is written to elsewhere */
        str base, dir = dir_of(str_from(real), &base);
        watch_directory(f->watch, arena_z(&f->scan, dir), stem_of(base));
    }
    free(real);
    if (!f->scanned) {
        if (!load_last_read(f->in->load, str_from(r->path), &r->since, &d))
            return ingest_fail(f->in, &d);
        if (r->since != WHEN_NONE)
            r->since -= SLACK;
    }
    if (!file_look_at(f, &file, FILE_NAMED) || !find_rotated(f, r))
        return false;
    struct stat st;
    bool there = stat(r->path, &st) == 0;
    r->is_followed = there && file_tail(f, &st);
    for (struct tail *t = f->tails; t; t = t->next) /* moved to where we do not look, or removed */
        if (t->stream == NULL && strcmp(t->path, r->path) == 0)
            t->old = !there || t->ino != st.st_ino || t->dev != st.st_dev;
    return true;
}

bool
find_files(struct follow *f)
{
    arena_reset(&f->scan);
    f->scan_at = WHEN_NONE;
    for (size_t i = 0; i < f->nroots && !interrupted; i++) {
        struct root *r = &f->roots[i];
        struct stat st;
        if (r->is_stream)
            continue;
        if (stat(r->path, &st) == 0) /* it may have come, or be another thing now */
            r->is_directory = S_ISDIR(st.st_mode);
        if (r->is_directory) {
            watch_tree(f, r->path, 0);
            walk(&f->scan, r->path, each_file, problem, f);
        } else if (!find_file(f, r)) {
            return false;
        }
        if (f->in->failed)
            return false;
    }
    f->scanned = true;
    return true;
}
