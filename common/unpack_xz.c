/* xz (tukaani.org/xz/xz-file-format.txt); the owner of liblzma. */
#include <lzma.h>

#include "arena.h"
#include "diag.h"
#include "unpack.h"

#include <stdlib.h>

static bool
xz_recognise(str head)
{
    return str_starts(head, str_of("\xfd"
                                   "7zXZ\0",
                                   6));
}

static bool
xz_restart(void *z)
{
    return lzma_stream_decoder(z, UNPACK_MEMORY, 0) == LZMA_OK;
}

static void *
xz_open(void)
{
    lzma_stream *z = xmalloc(sizeof *z);
    *z = (lzma_stream)LZMA_STREAM_INIT;
    if (!xz_restart(z))
        die(EXIT_INTERNAL, "out of memory");
    return z;
}

static enum unpack_result
xz_step(void *state, struct unpack_io *io, const char **why)
{
    lzma_stream *z = state;
    z->next_in = (const uint8_t *)io->in;
    z->avail_in = io->in_n;
    z->next_out = (uint8_t *)io->out;
    z->avail_out = io->out_n;
    lzma_ret rc = lzma_code(z, LZMA_RUN);
    io->in = (const char *)z->next_in;
    io->in_n = z->avail_in;
    io->out = (char *)z->next_out;
    io->out_n = z->avail_out;
    switch (rc) {
    case LZMA_STREAM_END: return UNPACK_END;
    case LZMA_OK:
    case LZMA_BUF_ERROR: return UNPACK_ON; /* no progress: wants more of something */
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR: *why = "xz data needs more memory than the limit of 256 MiB"; break;
    case LZMA_OPTIONS_ERROR: *why = "xz data uses a filter that is not known"; break;
    default: *why = "xz data is damaged"; break;
    }
    return UNPACK_DAMAGED;
}

static void
xz_close(void *z)
{
    lzma_end(z);
    free(z);
}

const struct unpacker unpack_xz = {
    .name = "xz",
    .magic = 6,
    .recognise = xz_recognise,
    .open = xz_open,
    .restart = xz_restart,
    .step = xz_step,
    .close = xz_close,
    .cut = "xz stream is cut short",
    .junk = "junk follows the xz data",
};
