/* Where a result goes: written aside and renamed, so that a file is the old one or the new, whole. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
write_all(int fd, str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = str_skip(bytes, (size_t)n);
    }
    return true;
}

static bool
write_stdout(str bytes, struct diag *d)
{
    if (fflush(stdout) != 0 || !write_all(STDOUT_FILENO, bytes))
        return diag_errno(d, EXIT_CANNOT_WRITE, "cannot write the standard output");
    return true;
}

/* Devices and pipes are no files to replace. */
static bool
write_through(const char *path, str bytes, struct diag *d)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool good = fd >= 0 && write_all(fd, bytes);
    int saved = errno;
    if (fd >= 0 && close(fd) != 0 && good) {
        good = false;
        saved = errno;
    }
    errno = saved;
    return good ? true : diag_errno(d, EXIT_CANNOT_WRITE, "cannot write %s", path);
}

static mode_t
usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* mode is that of the file it replaces, or the usual one. */
static bool
write_aside(const char *path, mode_t mode, str bytes, struct diag *d)
{
    char aside[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    if ((size_t)snprintf(aside, sizeof aside, "%.*s.waybill-XXXXXX", folder, path) >= sizeof aside)
        return diag_set(d, EXIT_CANNOT_WRITE, "cannot write %s: the path is too long", path);
    int fd = mkstemp(aside);
    if (fd < 0)
        return diag_errno(d, EXIT_CANNOT_WRITE, "cannot write %s", path);
    bool good = write_all(fd, bytes) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int saved = errno;
    if (close(fd) != 0 && good) {
        good = false;
        saved = errno;
    }
    if (good && rename(aside, path) == 0)
        return true;
    errno = good ? errno : saved;
    diag_errno(d, EXIT_CANNOT_WRITE, "cannot write %s", path);
    unlink(aside);
    return false;
}

bool
output_write(const struct output *o, str bytes, struct diag *d)
{
    if (o->path == NULL || strcmp(o->path, "-") == 0)
        return write_stdout(bytes, d);
    struct stat st;
    if (stat(o->path, &st) != 0)
        return write_aside(o->path, usual_mode(), bytes, d);
    if (!S_ISREG(st.st_mode))
        return write_through(o->path, bytes, d);
    char real[PATH_MAX]; /* a link stays, its target is replaced */
    if (realpath(o->path, real) == NULL)
        return diag_errno(d, EXIT_CANNOT_WRITE, "cannot write %s", o->path);
    return write_aside(real, st.st_mode & 07777, bytes, d);
}
