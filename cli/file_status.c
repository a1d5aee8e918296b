/* What stands for the bytes of a file that nobody changed. */
#include "file_status.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"

/* Databases are shared by machines, and paths are the same on many. */
static uint64_t
machine(void)
{
    static uint64_t known;
    char name[256] = "";
    if (known)
        return known;
    int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof name - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        n = gethostname(name, sizeof name - 1) == 0 ? (ssize_t)strlen(name) : 0;
    known = hash_bytes(str_of(name, (size_t)n));
    return known;
}

static uint64_t
add_time(uint64_t hash, struct timespec t)
{
    return hash_more_int(hash_more_int(hash, t.tv_sec), t.tv_nsec);
}

int64_t
file_status(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || time(NULL) - st.st_ctim.tv_sec <= FILE_STATUS_QUIET)
        return 0;
    uint64_t hash = hash_more(machine(), str_from(path));
    hash = hash_more_int(hash_more_int(hash, (int64_t)st.st_dev), (int64_t)st.st_ino);
    hash = hash_more_int(hash, st.st_size);
    hash = add_time(add_time(hash, st.st_mtim), st.st_ctim);
    return (int64_t)(hash | 1);
}
