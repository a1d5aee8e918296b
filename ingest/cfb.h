/* Compound files (MS-CFB): the little file system that Outlook, Word and others keep in one file.
 *
 * Read from memory.  Entries are numbers; 0 is the root.  Every chain and tree
 * is followed once only, so that damaged and hostile files end. */
#ifndef CFB_H
#define CFB_H

#include "arena.h"

enum {
    CFB_MAX_ENTRIES = 65536,
    CFB_BUDGET = 160 << 20, /* bytes of tables and streams for a file of 64 MB and files inside it */
};

struct cfb;

bool cfb_recognise(str head);

/* NULL where the bytes are no compound file that can be read; *why tells.  bytes must stay.  *budget is what may still
 * be taken of memory, here and by cfb_stream: streams that share their sectors are cut where it ends. */
struct cfb *cfb_open(struct arena *, str bytes, uint64_t *budget, const char **why);

/* The child of a storage by its name (ASCII, case counts), or -1. */
int cfb_child(const struct cfb *, int storage, const char *name);

/* The next child of a storage whose name begins so, behind the entry after (-1: the first), or -1. */
int cfb_next(const struct cfb *, int storage, const char *prefix, int after);

/* The bytes of a stream, in the arena or a view; what a broken chain still gives.  *cut says that it is less than
 * the directory promises. */
str cfb_stream(struct cfb *, int entry, bool *cut);

#endif
