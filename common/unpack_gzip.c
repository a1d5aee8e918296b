/* gzip (RFC 1952), and bare zlib streams (RFC 1950), which some call deflate; the owner of zlib. */
#include <zlib.h>

#include "arena.h"
#include "diag.h"
#include "unpack.h"

#include <stdlib.h>

enum { EITHER = 15 + 32 }; /* the largest window, a header of gzip or zlib */

static bool
gzip_recognise(str head)
{
    static const str marks[] = { S("\x1f\x8b\x08"), S("x\x01"), S("x\x9c"), S("x\xda") };
    return str_starts_any(head, marks, sizeof marks / sizeof *marks);
}

static void *
gzip_open(void)
{
    z_stream *z = xcalloc(1, sizeof *z);
    if (inflateInit2(z, EITHER) != Z_OK)
        die(EXIT_INTERNAL, "out of memory");
    return z;
}

static bool
gzip_restart(void *z)
{
    return inflateReset(z) == Z_OK;
}

static enum unpack_result
gzip_step(void *state, struct unpack_io *io, const char **why)
{
    z_stream *z = state;
    z->next_in = (unsigned char *)(uintptr_t)io->in;
    z->avail_in = (unsigned)io->in_n;
    z->next_out = (unsigned char *)io->out;
    z->avail_out = (unsigned)io->out_n;
    int rc = inflate(z, Z_NO_FLUSH);
    io->in = (const char *)z->next_in;
    io->in_n = z->avail_in;
    io->out = (char *)z->next_out;
    io->out_n = z->avail_out;
    if (rc == Z_STREAM_END)
        return UNPACK_END;
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return UNPACK_ON;
    *why =
        z->msg && str_has(str_from(z->msg), S("check")) ? "gzip check sum is wrong" : "gzip data is damaged";
    return UNPACK_DAMAGED;
}

static void
gzip_close(void *z)
{
    inflateEnd(z);
    free(z);
}

const struct unpacker unpack_gzip = {
    .name = "gzip",
    .magic = 3,
    .recognise = gzip_recognise,
    .open = gzip_open,
    .restart = gzip_restart,
    .step = gzip_step,
    .close = gzip_close,
    .cut = "gzip stream is cut short",
    .junk = "junk follows the gzip data",
};
