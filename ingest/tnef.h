/* What Outlook and Exchange pack into a winmail.dat, or an application/ms-tnef part (MS-OXTNEF).
 *
 * The files come one after the other: attachments, those of messages attached, and bodies of text.  Bodies of
 * compressed RTF are left out.  Lengths that lie end it, with a reason. */
#ifndef TNEF_H
#define TNEF_H

#include "arena.h"
#include "str.h"

enum { TNEF_MAX_DEPTH = 4, TNEF_MAX_FILES = 1000 };

struct tnef_file {
    str name;  /* UTF-8; "" if it has none */
    str bytes; /* a view of the stream, or in the arena */
};

struct tnef {
    struct tnef_level {
        str rest;             /* what is still to be read */
        str title, data;      /* of the attachment that is being read */
        bool open;            /* there is one */
    } levels[TNEF_MAX_DEPTH]; /* messages inside each other */
    size_t depth, files;
    const char *damage; /* why not everything could be read, or NULL */
};

bool tnef_recognise(str head);
struct tnef tnef_open(str bytes); /* which it recognises */
bool tnef_next(struct tnef *, struct arena *, struct tnef_file *);

#endif
