/* What the files of source share. */
#ifndef SOURCE_IMPL_H
#define SOURCE_IMPL_H

#include "source.h"
#include "unpack.h"

enum { SOURCE_READ = 1 << 20 }; /* bytes read, or unpacked, at a time */

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
    const struct unpacker *unpacker; /* NULL: plain bytes, and the rest means nothing */
    void *unpacking;
    char *raw; /* compressed bytes not yet unpacked */
    size_t raw_at, raw_n;
    bool raw_eof;
    bool member_open;
    bool pending;      /* the last step filled all the room: there may be more without further input */
    uint64_t unpacked; /* bytes */
};

/* One read(2) into p; 0 at the end, -1 on error, EINTR where it is to stop. */
ssize_t source_read_some(struct source *, char *p, size_t n);

/* Makes room for more bytes behind the window, moving it to the front when that helps. */
char *source_room(struct source *, size_t more);

/* source_unpack.c: what is in the window turns out to be compressed; and the next step. */
void source_unpack_begin(struct source *);
bool source_unpack_more(struct source *, struct diag *);

#endif
