/* A member of an archive by its path. */
#include "source_member.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "arena.h"
#include "unzip.h"

struct member {
    struct source outer;
    struct unzip *unzip;
};

static void
member_release(void *ctx)
{
    struct member *m = ctx;
    if (m->unzip)
        unzip_close(m->unzip);
    source_close(&m->outer);
    free(m);
}

/* Where the name of the archive ends: at the first part of the path that is a file. */
static size_t
archive_length(struct arena *a, str path)
{
    struct stat st;
    for (size_t n = 1; n < path.n; n++)
        if (path.p[n] == '/' && stat(arena_z(a, str_head(path, n)), &st) == 0 && S_ISREG(st.st_mode))
            return n;
    return 0;
}

static bool
find(struct member *m, const char *archive, str name)
{
    struct diag d = { 0 };
    str at;
    enum { LOOK_AT = 512 };
    if (!source_open(&m->outer, archive, &d) || !source_want(&m->outer, LOOK_AT, &d) ||
        !unzip_recognise(m->outer.window) || (m->unzip = unzip_open_source(&m->outer, &d)) == NULL)
        return false;
    while (unzip_next(m->unzip, &at))
        if (str_eq(unzip_path(at), name))
            return true;
    return false;
}

bool
source_open_member(struct source *s, const char *path)
{
    struct arena a = { 0 };
    struct diag d = { 0 };
    str whole = str_from(path);
    size_t n = archive_length(&a, whole);
    struct member *m = xcalloc(1, sizeof *m);
    bool good = n > 0 && find(m, arena_z(&a, str_head(whole, n)), str_skip(whole, n + 1)) &&
                source_open_reader(s, path, unzip_read, m->unzip, &d);
    arena_free(&a);
    if (good) {
        s->regular = true;
        source_on_close(s, member_release, m);
        return true;
    }
    member_release(m);
    *s = (struct source){ .path = path };
    errno = ENOTDIR;
    return false;
}
