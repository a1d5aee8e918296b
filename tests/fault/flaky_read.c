/* Preloaded by test_input: reads of the file that FLAKY names come in pieces and fail behind FLAKY_AT. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t read(int fd, void *p, size_t n);

ssize_t
read(int fd, void *p, size_t n)
{
    static ssize_t (*real)(int, void *, size_t);
    char link[64], path[4096];
    const char *flaky = getenv("FLAKY"), *at = getenv("FLAKY_AT");
    if (real == NULL)
        real = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    if (flaky && at && strcmp(path, flaky) == 0) {
        if (lseek(fd, 0, SEEK_CUR) > atol(at)) {
            errno = EIO;
            return -1;
        }
        n = n < 100000 ? n : 100000;
    }
    return real(fd, p, n);
}
