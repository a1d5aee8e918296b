/* Unpacks a source that is compressed, member by member, into its window. */
#include "arena.h"
#include "source_impl.h"

enum { RAW_SIZE = 256 << 10, PORTION = 16 << 10 };

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
        ssize_t got = source_read_some(s, im->raw + im->raw_n, RAW_SIZE - im->raw_n);
        if (got < 0)
            return diag_errno(d, EXIT_NO_INPUT, "%s: cannot read", s->path);
        im->raw_n += (size_t)got;
        im->raw_eof = got == 0;
    }
    return true;
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

/* Asked where SOURCE_READ bytes, or a multiple, were given. */
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
    size_t room = text ? SOURCE_READ : SOURCE_READ - im->unpacked % SOURCE_READ;
    struct unpack_io io = {
        .in = im->raw + im->raw_at,
        .in_n = have < most ? have : most,
        .out = source_room(s, SOURCE_READ),
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

bool
source_unpack_more(struct source *s, struct diag *d)
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

/* The bytes in the window are the first of the compressed ones. */
void
source_unpack_begin(struct source *s)
{
    struct source_impl *im = s->impl;
    s->compressed = im->member_open = true;
    im->unpacking = im->unpacker->open();
    im->raw = xmalloc(s->window.n > RAW_SIZE ? s->window.n : RAW_SIZE);
    memcpy(im->raw, s->window.p, s->window.n);
    im->raw_n = s->window.n;
    im->raw_eof = s->eof;
    s->window.n = 0;
    s->eof = false;
}
