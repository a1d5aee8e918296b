/* A source of bytes: files, standard input, memory; decompressed on the way (unpack.h). */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "source_impl.h"
#include "source_member.h"

static struct source_impl *
impl_new(int fd)
{
    struct source_impl *im = xcalloc(1, sizeof *im);
    im->fd = fd;
    return im;
}

static bool (*stop_when)(void);

void
source_stop_when(bool (*stop)(void))
{
    stop_when = stop;
}

/* read(2) goes on after a signal (SA_RESTART): waiting for a pipe is done here, so that a signal ends it. */
static bool
wait_for_bytes(const struct source *s)
{
    enum { LOOK_MS = 500 }; /* a signal may come right before the wait */
    struct pollfd p = { .fd = s->impl->fd, .events = POLLIN };
    if (s->regular || p.fd < 0 || stop_when == NULL)
        return true;
    while (!stop_when())
        if (poll(&p, 1, LOOK_MS) > 0)
            return true;
    errno = EINTR;
    return false;
}

ssize_t
source_read_some(struct source *s, char *p, size_t n)
{
    for (;;) {
        struct source_impl *im = s->impl;
        if (!wait_for_bytes(s))
            return -1;
        ssize_t got = im->reader ? im->reader(im->reader_ctx, p, n) : read(im->fd, p, n);
        if (got >= 0)
            s->raw_bytes += (uint64_t)got;
        if (got >= 0 || im->reader || errno != EINTR)
            return got;
    }
}

enum { HASH_BYTES = 64 << 10 }; /* at a time: a call costs more than a line */

static void
hash_taken(struct source *s)
{
    struct source_impl *im = s->impl;
    if (im->unhashed && im->sha == NULL)
        im->sha = sha256_new();
    if (im->unhashed)
        sha256_add(im->sha, str_of(s->window.p - im->unhashed, im->unhashed));
    im->unhashed = 0;
}

/* All of its bytes stay where they are: they are hashed when somebody asks for it, which is rare. */
static bool
in_memory(const struct source_impl *im)
{
    return im->fd < 0 && im->reader == NULL;
}

char *
source_room(struct source *s, size_t more)
{
    struct source_impl *im = s->impl;
    hash_taken(s);
    size_t at = s->window.p ? (size_t)(s->window.p - im->buf) : 0;
    if (im->room - at - s->window.n < more) {
        if (im->room - s->window.n >= more && at >= s->window.n) {
            memcpy(im->buf, s->window.p, s->window.n);
        } else {
            size_t room = im->room ? im->room : SOURCE_READ * 2;
            while (room - s->window.n < more)
                room *= 2;
            char *grown = xmalloc(room);
            if (s->window.n)
                memcpy(grown, s->window.p, s->window.n);
            free(im->buf);
            im->buf = grown;
            im->room = room;
        }
        s->window.p = im->buf;
    }
    return im->buf + (s->window.p - im->buf) + s->window.n;
}

static bool
read_plain(struct source *s, struct diag *d)
{
    char *to = source_room(s, SOURCE_READ);
    ssize_t got = source_read_some(s, to, SOURCE_READ);
    if (got < 0)
        return diag_errno(d, EXIT_NO_INPUT, "%s: cannot read", s->path);
    s->window.n += (size_t)got;
    s->eof = got == 0;
    return true;
}

/* Looks at the first bytes and turns to unpacking where they are compressed. */
static bool
recognise(struct source *s, struct diag *d)
{
    struct source_impl *im = s->impl;
    while (s->window.n < UNPACK_MAGIC_MAX && !s->eof)
        if (!read_plain(s, d))
            return false;
    im->unpacker = unpack_recognise(s->window);
    if (im->unpacker)
        source_unpack_begin(s);
    return true;
}

/* A FIFO without a writer is waited for when it is read. */
static int
open_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (stop_when ? O_NONBLOCK : 0));
    if (fd >= 0 && stop_when)
        fcntl(fd, F_SETFL, O_RDONLY);
    return fd;
}

bool
source_open(struct source *s, const char *path, struct diag *d)
{
    *s = (struct source){ .path = path };
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open_path(path);
    if (fd < 0 && errno == ENOTDIR && source_open_member(s, path))
        return true;
    if (fd < 0)
        return diag_errno(d, EXIT_NO_INPUT, "%s: cannot open", path);
    struct stat st;
    if (fstat(fd, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            close(fd);
            return diag_set(d, EXIT_NO_INPUT, "%s: is a directory", path);
        }
        if (S_ISREG(st.st_mode)) {
            s->regular = true;
            s->raw_total = (uint64_t)st.st_size;
            s->modified_at = st.st_mtime;
        }
    }
    s->impl = impl_new(fd);
    if (recognise(s, d))
        return true;
    source_close(s);
    return false;
}

void
source_open_memory(struct source *s, const char *name, str bytes)
{
    *s = (struct source){ .path = name, .window = bytes, .eof = true };
    s->impl = impl_new(-1);
}

bool
source_open_reader(struct source *s, const char *name, source_reader *reader, void *ctx, struct diag *d)
{
    *s = (struct source){ .path = name };
    s->impl = impl_new(-1);
    s->impl->reader = reader;
    s->impl->reader_ctx = ctx;
    if (recognise(s, d))
        return true;
    source_close(s);
    return false;
}

void
source_on_close(struct source *s, void (*release)(void *ctx), void *ctx)
{
    s->impl->on_close = release;
    s->impl->on_close_ctx = ctx;
}

void
source_close(struct source *s)
{
    struct source_impl *im = s->impl;
    if (im == NULL)
        return;
    if (im->unpacker)
        im->unpacker->close(im->unpacking);
    if (im->fd >= 0)
        close(im->fd);
    sha256_free(im->sha);
    free(im->buf);
    free(im->raw);
    if (im->on_close)
        im->on_close(im->on_close_ctx);
    free(im);
    *s = (struct source){ 0 };
}

bool
source_more(struct source *s, struct diag *d)
{
    if (s->eof)
        return true;
    return s->impl->unpacker ? source_unpack_more(s, d) : read_plain(s, d);
}

void
source_more_later(struct source *s)
{
    struct source_impl *im = s->impl;
    if (im->unpacker || in_memory(im))
        return;
    s->eof = false;
    if (s->window.n)
        return;
    hash_taken(s);
    free(im->buf);
    im->buf = NULL;
    im->room = 0;
    s->window = (str){ 0 };
}

bool
source_want(struct source *s, size_t n, struct diag *d)
{
    while (s->window.n < n && !s->eof)
        if (!source_more(s, d))
            return false;
    return true;
}

void
source_take(struct source *s, size_t n)
{
    if (n > s->window.n)
        BUG("taking %zu of %zu bytes", n, s->window.n);
    s->window = str_skip(s->window, n);
    s->offset += n;
    s->impl->unhashed += n;
    if (s->impl->unhashed >= HASH_BYTES && !in_memory(s->impl))
        hash_taken(s);
}

void
source_digest(struct source *s, unsigned char out[32])
{
    hash_taken(s);
    if (s->impl->sha)
        sha256_value(s->impl->sha, out);
    else
        sha256_of((str){ 0 }, out);
}

bool
source_slurp(struct source *s, size_t limit, struct diag *d)
{
    while (!s->eof) {
        if (s->window.n > limit)
            return diag_set(d, EXIT_REJECTED_INPUT, "%s: larger than the limit of %zu bytes", s->path, limit);
        if (!source_more(s, d))
            return false;
    }
    return s->window.n <= limit ||
           diag_set(d, EXIT_REJECTED_INPUT, "%s: larger than the limit of %zu bytes", s->path, limit);
}
