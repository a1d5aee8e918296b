/* Compressions of whole streams: gzip, xz, bzip2, zstd, each in a file that owns its library; and text in UTF-16,
 * which is read as if it were one.
 *
 * source.c reads the bytes and asks; a format only turns bytes of one member
 * (stream, frame) into bytes.  Members may follow each other without end. */
#ifndef UNPACK_H
#define UNPACK_H

#include "str.h"

enum {
    UNPACK_MAGIC_MAX = 10, /* bytes that recognise may want to see */
    UNPACK_RATIO = 5000,   /* what unpacks to more is a bomb; looked at beyond UNPACK_RATIO_FROM bytes */
    UNPACK_RATIO_FROM = 1 << 30,
    UNPACK_MEMORY = 256 << 20, /* of a decoder: xz -9 and zstd --long ask for less */
};

enum unpack_result {
    UNPACK_ON,      /* wants more bytes, or more room */
    UNPACK_END,     /* the member ended */
    UNPACK_DAMAGED, /* nothing more can be had */
};

/* What stands between in and out: both are moved and shrunk by what was taken and written. */
struct unpack_io {
    const char *in;
    size_t in_n;
    char *out;
    size_t out_n;
};

struct unpacker {
    const char *name;
    bool is_text;                /* another encoding of text: no bomb, and a step may leave a little room */
    size_t magic;                /* bytes that recognise wants */
    bool (*recognise)(str head); /* whether a member starts so */
    void *(*open)(void);
    bool (*restart)(void *); /* for the next member; false: out of memory */
    enum unpack_result (*step)(void *, struct unpack_io *, const char **why); /* why: where DAMAGED */
    /* Of what has no end of its own: whether all is whole where the bytes end.  NULL: it has. */
    bool (*may_end)(const void *);
    void (*close)(void *);
    const char *cut, *junk; /* "gzip stream is cut short", "junk follows the gzip data" */
};

extern const struct unpacker unpack_gzip, unpack_xz, unpack_bzip2, unpack_zstd, unpack_utf16;

/* The format of a stream that starts so, or NULL. */
const struct unpacker *unpack_recognise(str head);

#endif
