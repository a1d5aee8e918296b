/* Zstandard (RFC 8878); the owner of libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include "diag.h"
#include "unpack.h"

enum { WINDOW_LOG = 27 }; /* 128 MiB, what zstd --long asks for */

static bool
zstd_recognise(str head)
{
    return str_starts(head, S("\x28\xb5\x2f\xfd")) ||
           (head.n >= 4 && ((unsigned char)head.p[0] & 0xf0) == 0x50 &&
            memcmp(head.p + 1, "\x2a\x4d\x18", 3) == 0); /* a skippable frame (RFC 8878 3.1.2) */
}

static void *
zstd_open(void)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    if (z == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG)))
        die(EXIT_INTERNAL, "out of memory");
    return z;
}

static bool
zstd_restart(void *z)
{
    return !ZSTD_isError(ZSTD_DCtx_reset(z, ZSTD_reset_session_only));
}

static enum unpack_result
zstd_step(void *z, struct unpack_io *io, const char **why)
{
    ZSTD_inBuffer in = { io->in, io->in_n, 0 };
    ZSTD_outBuffer out = { io->out, io->out_n, 0 };
    size_t rc = ZSTD_decompressStream(z, &out, &in);
    io->in += in.pos;
    io->in_n -= in.pos;
    io->out += out.pos;
    io->out_n -= out.pos;
    if (!ZSTD_isError(rc))
        return rc == 0 ? UNPACK_END : UNPACK_ON;
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

static void
zstd_close(void *z)
{
    ZSTD_freeDStream(z);
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
