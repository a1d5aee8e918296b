/* Zstandard (RFC 8878); the owner of libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include "arena.h"
#include "diag.h"
#include "unpack.h"

#include <stdlib.h>

enum {
    WINDOW_LOG = 27,  /* 128 MiB, what zstd --long asks for */
    HEADER_MOST = 18, /* bytes of a frame's header (RFC 8878 3.1.1) */
    BLOCK_HEADER = 3,
};

static bool
zstd_recognise(str head)
{
    return str_starts(head, S("\x28\xb5\x2f\xfd")) ||
           (head.n >= 4 && ((unsigned char)head.p[0] & 0xf0) == 0x50 &&
            memcmp(head.p + 1, "\x2a\x4d\x18", 3) == 0); /* a skippable frame (RFC 8878 3.1.2) */
}

struct zstd {
    ZSTD_DStream *stream;
    size_t wanted; /* bytes of the next step, as the library said, with the header of the block after it */
    size_t header_bytes; /* seen of the frame's header, or as many as it can have */
    char header[HEADER_MOST];
    uint64_t given; /* bytes of the frame */
};

static bool
zstd_restart(void *state)
{
    struct zstd *z = state;
    *z = (struct zstd){ .stream = z->stream };
    return !ZSTD_isError(ZSTD_DCtx_reset(z->stream, ZSTD_reset_session_only));
}

static void *
zstd_open(void)
{
    struct zstd *z = xcalloc(1, sizeof *z);
    z->stream = ZSTD_createDStream();
    if (z->stream == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG)))
        die(EXIT_INTERNAL, "out of memory");
    return z;
}

/* How much to show the library at once, so that it takes the same steps however the bytes came.
 *
 * Where it sees a whole frame it takes another way, which judges otherwise; the header goes in byte by byte, and it
 * never does.  And where it meets damage it forgets what it gave in that call; so a block goes in without the header of
 * the next. */
static size_t
portion(const struct zstd *z)
{
    if (z->header_bytes < HEADER_MOST)
        return 1;
    return z->wanted > BLOCK_HEADER ? z->wanted - BLOCK_HEADER : z->wanted;
}

static enum unpack_result
damage(size_t rc, const char **why)
{
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_checksum_wrong: *why = "zstd check sum is wrong"; break;
    case ZSTD_error_memory_allocation:
    case ZSTD_error_frameParameter_windowTooLarge:
        *why = "zstd data needs more memory than the limit of 128 MiB";
        break;
    case ZSTD_error_dictionary_wrong: *why = "zstd data needs a dictionary"; break;
    default: *why = "zstd data is damaged"; break;
    }
    return UNPACK_DAMAGED;
}

/* The library does not compare where the last block is empty. */
static bool
gave_what_it_said(const struct zstd *z)
{
    unsigned long long said = ZSTD_getFrameContentSize(z->header, z->header_bytes);
    return said == ZSTD_CONTENTSIZE_UNKNOWN || said == ZSTD_CONTENTSIZE_ERROR || said == z->given;
}

static enum unpack_result
zstd_step(void *state, struct unpack_io *io, const char **why)
{
    struct zstd *z = state;
    do {
        size_t most = portion(z), room = io->out_n;
        ZSTD_inBuffer in = { io->in, io->in_n < most ? io->in_n : most, 0 };
        ZSTD_outBuffer out = { io->out, io->out_n, 0 };
        if (z->header_bytes < HEADER_MOST && in.size)
            z->header[z->header_bytes] = *io->in;
        size_t rc = ZSTD_decompressStream(z->stream, &out, &in);
        if (ZSTD_isError(rc))
            return damage(rc, why);
        if (z->header_bytes < HEADER_MOST)
            z->header_bytes += in.pos;
        io->in += in.pos;
        io->in_n -= in.pos;
        io->out += out.pos;
        io->out_n = room - out.pos;
        z->given += out.pos;
        z->wanted = rc;
        if (rc == 0)
            return gave_what_it_said(z) ? UNPACK_END : damage(0, why);
    } while (io->in_n && io->out_n);
    return UNPACK_ON;
}

static void
zstd_close(void *state)
{
    struct zstd *z = state;
    ZSTD_freeDStream(z->stream);
    free(z);
}

const struct unpacker unpack_zstd = {
    .name = "zstd",
    .magic = 4,
    .recognise = zstd_recognise,
    .open = zstd_open,
    .restart = zstd_restart,
    .step = zstd_step,
    .close = zstd_close,
    .cut = "zstd stream is cut short",
    .junk = "junk follows the zstd data",
};
