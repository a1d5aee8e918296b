/* Waits for changes of files: inotify, or looking every second where the kernel does not hear of them
 * (network file systems). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "follow_impl.h"

enum { NAMES_CHANGE = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF };

struct watched {
    int wd;
    char *prefix;
};

struct watch {
    int fd;
    bool polling, said;
    struct watched *all;
    size_t n, room;
};

struct watch *
watch_new(bool poll)
{
    struct watch *w = xcalloc(1, sizeof *w);
    w->fd = poll ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    w->polling = w->fd < 0;
    return w;
}

void
watch_free(struct watch *w)
{
    if (w == NULL)
        return;
    if (w->fd >= 0)
        close(w->fd);
    for (size_t i = 0; i < w->n; i++)
        free(w->all[i].prefix);
    free(w->all);
    free(w);
}

/* File systems whose files other machines may change. */
static bool
is_remote(const char *path)
{
    static const unsigned long remote[] = {
        0x6969,     /* NFS */
        0x517b,     /* SMB */
        0xfe534d42, /* SMB 2 */
        0xff534d42, /* CIFS */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x5346414f, /* AFS */
        0x00c36400, /* Ceph */
        0x0bd00bd0, /* Lustre */
        0x01161970, /* GFS2 */
        0x7461636f, /* OCFS2 */
        0x47504653, /* GPFS */
    };
    struct statfs fs;
    if (statfs(path, &fs) != 0)
        return false;
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        if (((unsigned long)fs.f_type & 0xffffffff) == remote[i])
            return true;
    return false;
}

void
watch_directory(struct watch *w, const char *dir, str prefix)
{
    if (w->fd < 0)
        return;
    int wd = inotify_add_watch(w->fd, dir, IN_MODIFY | IN_CLOSE_WRITE | NAMES_CHANGE | IN_ONLYDIR);
    if (wd < 0 || is_remote(dir)) {
        if (!w->polling && wd < 0)
            note("%s: cannot be watched (%s); looking every second instead", dir, strerror(errno));
        w->polling = true;
    }
    if (wd < 0)
        return;
    for (size_t i = 0; i < w->n; i++)
        if (w->all[i].wd == wd && str_eq(str_from(w->all[i].prefix), prefix))
            return;
    if (w->n == w->room) {
        w->room = w->room ? w->room * 2 : 16;
        w->all = xrealloc(w->all, w->room * sizeof *w->all);
    }
    char *copy = xcalloc(1, prefix.n + 1);
    if (prefix.n)
        memcpy(copy, prefix.p, prefix.n);
    w->all[w->n++] = (struct watched){ wd, copy };
}

int
watch_fd(const struct watch *w)
{
    return w->fd;
}

bool
watch_is_polling(const struct watch *w)
{
    return w->polling;
}

static bool
is_waited_for(const struct watch *w, const struct inotify_event *e)
{
    if (e->len == 0 || (e->mask & IN_Q_OVERFLOW))
        return true;
    for (size_t i = 0; i < w->n; i++)
        if (w->all[i].wd == e->wd && strncmp(e->name, w->all[i].prefix, strlen(w->all[i].prefix)) == 0)
            return true;
    return false;
}

bool
watch_take(struct watch *w, bool *names)
{
    _Alignas(struct inotify_event) char bytes[16 << 10];
    bool any = false;
    ssize_t got;
    while (w->fd >= 0 && (got = read(w->fd, bytes, sizeof bytes)) > 0)
        for (char *p = bytes; p < bytes + got;) {
            const struct inotify_event *e = (const struct inotify_event *)(const void *)p;
            if (is_waited_for(w, e)) {
                any = true;
                *names |= (e->mask & (NAMES_CHANGE | IN_Q_OVERFLOW)) != 0 || (e->mask & IN_CLOSE_WRITE) != 0;
            }
            p += sizeof *e + e->len;
        }
    return any;
}
