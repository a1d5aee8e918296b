/* The members of a zip or tar archive, in memory or in a stream; unzip.c is the owner of libarchive.
 *
 * Directories, links, empty members and what macOS adds (__MACOSX, .DS_Store)
 * are passed over.  Nothing is written anywhere: a name is a name.  Limits
 * guard against bombs: members, bytes in all, and the ratio to the archive. */
#ifndef UNZIP_H
#define UNZIP_H

#include <sys/types.h>

#include "diag.h"
#include "source.h"
#include "str.h"

enum {
    UNZIP_MAX_MEMBERS = 1000,
    UNZIP_MAX_FILES = 1 << 20, /* the same of a stream, which may be a whole mail store */
    UNZIP_MAX_BYTES = 1 << 30, /* of all members of what lies in memory */
    UNZIP_RATIO = 500,         /* looked at beyond UNZIP_RATIO_FROM bytes */
    UNZIP_RATIO_FROM = 32 << 20,
};

bool unzip_recognise(str head); /* the bytes of an archive start so */

struct unzip;
struct unzip *unzip_open(str bytes, struct diag *); /* bytes must stay; NULL: EXIT_REJECTED_INPUT */
/* As a stream from the source's window on, however long; the source must stay, and is nobody else's. */
struct unzip *unzip_open_source(struct source *, struct diag *);
void unzip_close(struct unzip *);

/* The next member that is a file; false at the end, or where the archive cannot be read on.  The name lives until
 * the next call. */
bool unzip_next(struct unzip *, str *name);

/* A member's name as the end of a path: without what leads out of or to the root of the archive. */
str unzip_path(str name);

/* Bytes of the present member, as read(2) and source_open_reader want it: 0 at its end and where it
 * cannot be read on. */
ssize_t unzip_read(void *unzip, char *p, size_t n);

/* Why it could not be read on, or NULL. */
const char *unzip_damage(const struct unzip *);

#endif
