/* bzip2; the owner of libbz2. */
#include <bzlib.h>

#include "arena.h"
#include "diag.h"
#include "unpack.h"

#include <stdlib.h>

/* "BZh", the block size, and the first block's mark or that of an empty stream: "BZh9" alone could be text. */
static bool
bzip2_recognise(str head)
{
    return head.n >= 10 && str_starts(head, S("BZh")) && head.p[3] >= '1' && head.p[3] <= '9' &&
           (memcmp(head.p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
            memcmp(head.p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static void *
bzip2_open(void)
{
    bz_stream *z = xcalloc(1, sizeof *z);
    if (BZ2_bzDecompressInit(z, 0, 0) != BZ_OK)
        die(EXIT_INTERNAL, "out of memory");
    return z;
}

static bool
bzip2_restart(void *state)
{
    bz_stream *z = state;
    BZ2_bzDecompressEnd(z);
    *z = (bz_stream){ 0 };
    return BZ2_bzDecompressInit(z, 0, 0) == BZ_OK;
}

static enum unpack_result
bzip2_step(void *state, struct unpack_io *io, const char **why)
{
    bz_stream *z = state;
    z->next_in = (char *)(uintptr_t)io->in;
    z->avail_in = (unsigned)io->in_n;
    z->next_out = io->out;
    z->avail_out = (unsigned)io->out_n;
    int rc = BZ2_bzDecompress(z);
    io->in = z->next_in;
    io->in_n = z->avail_in;
    io->out = z->next_out;
    io->out_n = z->avail_out;
    if (rc == BZ_STREAM_END)
        return UNPACK_END;
    if (rc == BZ_OK)
        return UNPACK_ON;
    *why = rc == BZ_MEM_ERROR ? "bzip2 data needs more memory than there is" : "bzip2 data is damaged";
    return UNPACK_DAMAGED;
}

static void
bzip2_close(void *z)
{
    BZ2_bzDecompressEnd(z);
    free(z);
}

const struct unpacker unpack_bzip2 = {
    .name = "bzip2",
    .magic = 10,
    .recognise = bzip2_recognise,
    .open = bzip2_open,
    .restart = bzip2_restart,
    .step = bzip2_step,
    .close = bzip2_close,
    .cut = "bzip2 stream is cut short",
    .junk = "junk follows the bzip2 data",
};
