/* A source of bytes: files, standard input, memory; decompressed on the way (unpack.h). */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "source_member.h"
#include "unpack.h"

enum { READ_SIZE = 1 << 20, RAW_SIZE = 256 << 10, PORTION = 16 << 10 };

struct source_impl {
    int fd; /* -1: memory, or a reader */
    source_reader *reader;
    void *reader_ctx;
    void (*on_close)(void *);
    void *on_close_ctx;
    struct sha256 *sha; /* NULL: nothing hashed yet */
    size_t unhashed;    /* bytes right before the window that are taken but not hashed yet */
    char *buf;          /* the window lies in it; NULL for memory */
    size_t room;
    char *raw; /* compressed bytes not yet inflated */
    size_t raw_at, raw_n;
    bool raw_eof;
    const struct unpacker *unpacker; /* NULL: plain bytes */
    void *unpacking;
    bool member_open;
    bool pending;      /* the last step filled all the room: there may be more without further input */
    uint64_t unpacked; /* bytes */
};

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

/* One read(2) into p; 0 at the end, -1 on error, EINTR where it is to stop. */
static ssize_t
read_some(struct source *s, char *p, size_t n)
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

/* Reads on until n bytes wait to be unpacked, or all there are. */
static bool
want_raw(struct source *s, size_t n, struct diag *d)
{
    struct source_impl *im = s->impl;
    while (im->raw_n - im->raw_at < n && !im->raw_eof) {
        if (im->raw_at + n > RAW_SIZE || im->raw_at == im->raw_n) {
            memmove(im->raw, im->raw + im->raw_at, im->raw_n - im->raw_at);
            im->raw_n -= im->raw_at;
            im->raw_at = 0;
        }
        ssize_t got = read_some(s, im->raw + im->raw_n, RAW_SIZE - im->raw_n);
        if (got < 0)
            return diag_errno(d, EXIT_NO_INPUT, "%s: cannot read", s->path);
        im->raw_n += (size_t)got;
        im->raw_eof = got == 0;
    }
    return true;
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

/* Makes room for more bytes behind the window, moving it to the front when that helps. */
static char *
window_room(struct source *s, size_t more)
{
    struct source_impl *im = s->impl;
    hash_taken(s);
    size_t at = s->window.p ? (size_t)(s->window.p - im->buf) : 0;
    if (im->room - at - s->window.n < more) {
        if (im->room - s->window.n >= more && at >= s->window.n) {
            memcpy(im->buf, s->window.p, s->window.n);
        } else {
            size_t room = im->room ? im->room : READ_SIZE * 2;
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

static void
end_stream(struct source *s, const char *damage)
{
    s->eof = true;
    if (s->damage == NULL)
        s->damage = damage;
}

/* Opens the next member if one follows; zero padding between members is skipped. */
static bool
next_member(struct source *s, struct diag *d)
{
    struct source_impl *im = s->impl;
    do {
        while (im->raw_at < im->raw_n && im->raw[im->raw_at] == '\0')
            im->raw_at++;
        if (!want_raw(s, im->unpacker->magic, d)) /* it may straddle two reads */
            return false;
    } while (im->raw_at < im->raw_n && im->raw[im->raw_at] == '\0');
    if (im->raw_at == im->raw_n) {
        end_stream(s, NULL);
        return true;
    }
    if (!im->unpacker->recognise(str_of(im->raw + im->raw_at, im->raw_n - im->raw_at))) {
        end_stream(s, im->unpacker->junk);
        return true;
    }
    if (!im->unpacker->restart(im->unpacking))
        die(EXIT_INTERNAL, "out of memory");
    im->member_open = true;
    return true;
}

/* Compressed bytes taken so far. */
static uint64_t
raw_taken(const struct source *s)
{
    return s->raw_bytes - (s->impl->raw_n - s->impl->raw_at);
}

/* What is damaged gives more or less before that shows, depending on how much the decoder sees at once.  So it sees the
 * same portions, and has the same room, however the bytes come. */
static size_t
portion(const struct source *s)
{
    return s->impl->unpacker->is_text ? 1 : PORTION - raw_taken(s) % PORTION;
}

/* Asked where READ_SIZE bytes, or a multiple, were given. */
static bool
is_bomb(const struct source *s)
{
    uint64_t unpacked = s->impl->unpacked;
    return unpacked > UNPACK_RATIO_FROM && unpacked / UNPACK_RATIO > raw_taken(s);
}

/* One step of the decoder into the window; the bytes it gave. */
static size_t
unpack_step(struct source *s)
{
    struct source_impl *im = s->impl;
    const char *why = NULL;
    bool text = im->unpacker->is_text;
    size_t have = im->raw_n - im->raw_at, most = text ? have : portion(s);
    size_t room = text ? READ_SIZE : READ_SIZE - im->unpacked % READ_SIZE;
    struct unpack_io io = {
        .in = im->raw + im->raw_at,
        .in_n = have < most ? have : most,
        .out = window_room(s, READ_SIZE),
        .out_n = room,
    };
    enum unpack_result result = im->unpacker->step(im->unpacking, &io, &why);
    size_t got = room - io.out_n;
    im->raw_at = (size_t)(io.in - im->raw);
    im->pending = result == UNPACK_ON && io.out_n == 0;
    im->unpacked += got;
    s->window.n += got;
    if (result == UNPACK_END)
        im->member_open = false;
    else if (result == UNPACK_DAMAGED)
        end_stream(s, why);
    else if (io.out_n == 0 && is_bomb(s))
        end_stream(s, "unpacks to more than 5000 times its size");
    return got;
}

static bool
unpack_more(struct source *s, struct diag *d)
{
    struct source_impl *im = s->impl;
    while (!s->eof) {
        if (!im->member_open && !next_member(s, d))
            return false;
        if (s->eof)
            return true;
        if (!want_raw(s, portion(s), d))
            return false;
        if (im->raw_at == im->raw_n && !im->pending) {
            bool whole = im->unpacker->may_end && im->unpacker->may_end(im->unpacking);
            end_stream(s, whole ? NULL : im->unpacker->cut);
            return true;
        }
        if (unpack_step(s) > 0)
            return true;
    }
    return true;
}

static bool
read_plain(struct source *s, struct diag *d)
{
    char *to = window_room(s, READ_SIZE);
    ssize_t got = read_some(s, to, READ_SIZE);
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
    if (im->unpacker == NULL)
        return true;
    s->compressed = im->member_open = true;
    im->unpacking = im->unpacker->open();
    im->raw = xmalloc(s->window.n > RAW_SIZE ? s->window.n : RAW_SIZE);
    memcpy(im->raw, s->window.p, s->window.n);
    im->raw_n = s->window.n;
    im->raw_eof = s->eof;
    s->window.n = 0;
    s->eof = false;
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
    return s->impl->unpacker ? unpack_more(s, d) : read_plain(s, d);
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
