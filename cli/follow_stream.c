/* Bytes of a pipe, FIFO or socket that are the stream's until their lines are committed. */
#include "follow_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"

enum { PIPE_BYTES = 1 << 20 };

static bool
has_path(int fd)
{
    char link[32], target[8];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, target, sizeof target) > 0 && target[0] == '/';
}

void
stream_open(struct stream *s, int fd)
{
    struct stat st;
    *s = (struct stream){ .fd = fd, .aux = { -1, -1 }, .how = STREAM_READ, .stuck_at = SIZE_MAX };
    if (fstat(fd, &st) != 0)
        return;
    s->named = S_ISFIFO(st.st_mode) && has_path(fd);
    snprintf(s->name, sizeof s->name, "%s %llu:%llu", S_ISFIFO(st.st_mode) ? "pipe" : "stream",
             (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    if (S_ISSOCK(st.st_mode))
        s->how = STREAM_PEEK;
    if (S_ISFIFO(st.st_mode) && pipe2(s->aux, O_CLOEXEC | O_NONBLOCK) == 0) {
        s->how = STREAM_TEE;
        fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* fewer wake-ups; what we get is good enough */
        fcntl(s->aux[1], F_SETPIPE_SZ, PIPE_BYTES);
    }
}

void
stream_close(struct stream *s)
{
    if (s->fd > STDERR_FILENO)
        close(s->fd);
    for (int i = 0; i < 2; i++)
        if (s->aux[i] >= 0)
            close(s->aux[i]);
    buf_free(&s->kept);
}

static bool
is_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLIN | POLLHUP | POLLERR));
}

/* Bytes from the front of the pipe, which stay there; 0 the end, -1 none now. */
static ssize_t
peek(struct stream *s, char *p, size_t most)
{
    if (s->how == STREAM_PEEK)
        return recv(s->fd, p, most, MSG_PEEK | MSG_DONTWAIT);
    ssize_t n = tee(s->fd, s->aux[1], most, SPLICE_F_NONBLOCK);
    size_t have = 0;
    while (n > 0 && have < (size_t)n) {
        ssize_t got = read(s->aux[0], p + have, (size_t)n - have);
        if (got <= 0)
            break;
        have += (size_t)got;
    }
    return n > 0 ? (ssize_t)have : n;
}

/* Takes n bytes out of the pipe, which are there. */
static void
discard(struct stream *s, size_t n)
{
    char bytes[1 << 16];
    while (n) {
        ssize_t got = read(s->fd, bytes, n < sizeof bytes ? n : sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        n -= (size_t)got;
    }
}

/* Whether so many bytes may be all that the pipes hold: pages need not be full, and without privileges a
 * pipe may have two of them only. */
static bool
may_be_full(const struct stream *s, size_t n)
{
    size_t least = 64 << 10;
    int fds[] = { s->fd, s->aux[1] };
    for (int i = 0; i < 2; i++) {
        int room = fds[i] < 0 ? -1 : fcntl(fds[i], F_GETPIPE_SZ);
        if (room > 0 && (size_t)room < least)
            least = (size_t)room;
    }
    return n >= least / 2;
}

static void
fill_by_reading(struct stream *s)
{
    buf_reserve(&s->kept, STREAM_MOST);
    errno = EAGAIN;
    ssize_t got = is_readable(s->fd) ? read(s->fd, s->kept.p + s->kept.n, STREAM_MOST) : -1;
    if (got > 0)
        s->kept.n += (size_t)got;
    else if (got == 0 || (errno != EAGAIN && errno != EINTR && is_readable(s->fd)))
        s->ended = true;
}

static void
fill_by_peeking(struct stream *s)
{
    size_t seen = s->kept.n - s->drained;
    struct buf all = { 0 };
    buf_reserve(&all, PIPE_BYTES);
    ssize_t got = peek(s, all.p, PIPE_BYTES);
    if (got > (ssize_t)seen) {
        buf_put(&s->kept, all.p + seen, (size_t)got - seen);
        s->stuck_at = SIZE_MAX;
    } else if (got == 0) {
        s->ended = seen == 0;
    } else if (got < 0 && errno == EINVAL) { /* looking is not possible here after all */
        discard(s, seen);
        s->drained = 0;
        s->how = STREAM_READ;
    } else {
        s->stuck_at = s->kept.n;
    }
    buf_free(&all);
    struct pollfd p = { .fd = s->fd, .events = POLLIN };
    if (s->stuck_at == s->kept.n && poll(&p, 1, 0) > 0 && (p.revents & POLLHUP))
        s->ended = true; /* nobody writes any more; the rest of a line is all that is left */
    /* A line that fills the pipe: its rest can only come if we make room.  Not while there is more than the reader was
     * given: whole lines, say, that wait for the database and are to stay where a kill does not reach them. */
    if (!s->ended && s->stuck_at == s->kept.n && s->given == s->kept.n && may_be_full(s, seen)) {
        discard(s, seen);
        s->drained = s->kept.n;
        s->stuck_at = SIZE_MAX;
    }
}

bool
stream_fill(struct stream *s)
{
    if (!s->ended && s->kept.n < STREAM_MOST + s->drained)
        s->how == STREAM_READ ? fill_by_reading(s) : fill_by_peeking(s);
    return s->given < s->kept.n || s->ended;
}

bool
stream_is_stuck(const struct stream *s)
{
    return s->stuck_at == s->kept.n && s->kept.n > s->drained;
}

ssize_t
stream_read(void *ctx, char *p, size_t n)
{
    struct stream *s = ctx;
    size_t have = s->kept.n - s->given;
    if (n > have)
        n = have;
    if (n)
        memcpy(p, s->kept.p + s->given, n);
    s->given += n;
    return (ssize_t)n;
}

void
stream_forget(struct stream *s)
{
    if (s->how == STREAM_READ)
        return;
    s->kept.n = s->given = s->drained = 0;
    s->stuck_at = SIZE_MAX;
}

void
stream_rewind(struct stream *s)
{
    s->given = 0;
}

void
stream_commit(struct stream *s, size_t n)
{
    if (n == 0)
        return;
    size_t in_memory = n < s->drained ? n : s->drained;
    if (s->how != STREAM_READ)
        discard(s, n - in_memory);
    s->drained -= in_memory;
    memmove(s->kept.p, s->kept.p + n, s->kept.n - n);
    s->kept.n -= n;
    s->given -= n;
    s->stuck_at = SIZE_MAX;
}

size_t
stream_mark(const struct stream *s, size_t n, unsigned char sha256[32])
{
    size_t in_memory = n < s->drained ? n : s->drained;
    sha256_of(str_of(s->kept.p + in_memory, n - in_memory), sha256);
    return n - in_memory;
}

bool
stream_begins_with(const struct stream *s, size_t n, const unsigned char sha256[32])
{
    unsigned char digest[32];
    if (n < STREAM_MARK_LEAST || n > s->kept.n)
        return false;
    sha256_of(str_of(s->kept.p, n), digest);
    return memcmp(digest, sha256, 32) == 0;
}
