/* A source of bytes: a file, standard input or memory, decompressed on the way.
 *
 * The unread bytes are seen through a window; source_more widens it,
 * source_take drops its front.  gzip, xz, bzip2 and zstd (any number of
 * members) and text in UTF-16 are recognised by content; offsets and hashes
 * are of the decompressed bytes, in UTF-8.  Every byte that leaves the window is hashed. */
#ifndef SOURCE_H
#define SOURCE_H

#include <sys/types.h>

#include "crypto.h"
#include "diag.h"
#include "str.h"

struct source {
    const char *path; /* as named; "-" for standard input */
    str window;       /* unread bytes; moves with source_more */
    uint64_t offset;  /* of window.p in the decompressed stream */
    bool eof;         /* nothing follows the window */
    bool compressed;
    bool regular;        /* a file that gives the same bytes when opened again; no pipe, no device */
    int64_t modified_at; /* the file's time in seconds since 1970; 0 unknown */
    uint64_t raw_bytes, raw_total; /* read so far from the file, and its size (0 unknown): for progress */
    const char *damage;            /* why the stream ended early ("gzip stream is cut short"), or NULL */
    struct source_impl *impl;
};

/* Whether to give up where a pipe has nothing to read, asked while waiting for it; NULL, as at first: never. */
void source_stop_when(bool (*)(void));

/* EXIT_NO_INPUT on failure.  "-" is standard input.  Directories are refused.  Behind the path of a zip or tar archive, as
 * if it were a directory, a member can be named (source_member.h). */
bool source_open(struct source *, const char *path, struct diag *);
void source_open_memory(struct source *, const char *name, str bytes); /* bytes must stay */

/* The bytes that read hands out as read(2) does (a member of an archive, a stream inside another one),
 * inflated as those of a file. */
typedef ssize_t source_reader(void *ctx, char *p, size_t n);
bool source_open_reader(struct source *, const char *name, source_reader *read, void *ctx, struct diag *);

/* What else is to be released with it, after it; once. */
void source_on_close(struct source *, void (*)(void *ctx), void *ctx);

void source_close(struct source *);

/* Reads on until the window has grown by at least one byte, or eof.  The window may move: views into
 * it are stale afterwards.  False on a read error (EXIT_NO_INPUT). */
bool source_more(struct source *, struct diag *);

/* The source may have grown since eof: source_more looks again.  Not for what is compressed, nor for memory.
 * Gives memory back while nothing is in the window. */
void source_more_later(struct source *);

/* Widens the window to at least n bytes, or all there is. */
bool source_want(struct source *, size_t n, struct diag *);

/* Drops the first n bytes of the window. */
void source_take(struct source *, size_t n);

/* SHA-256 of all bytes taken so far. */
void source_digest(struct source *, unsigned char out[32]);

/* Reads the rest into the window, at most limit bytes; false (EXIT_REJECTED_INPUT) if there is more. */
bool source_slurp(struct source *, size_t limit, struct diag *);

#endif
