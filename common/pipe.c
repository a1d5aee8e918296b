/* Whole blocks of bytes through pipes. */
#include "pipe.h"

#include <errno.h>
#include <unistd.h>

bool
pipe_write(int fd, const void *bytes, size_t n)
{
    for (const char *p = bytes; n;) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

bool
pipe_read(int fd, void *bytes, size_t n)
{
    for (char *p = bytes; n;) {
        ssize_t k = read(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}
