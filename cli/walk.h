/* The files below the paths that a user names: directories in depth, Maildirs understood. */
#ifndef WALK_H
#define WALK_H

#include "arena.h"
#include "when.h"

enum { WALK_MAX_DEPTH = 40 };

struct walk_file {
    const char *path;
    str folder, mailbox; /* of a message in a Maildir: "INBOX", "Junk"; "user@domain" or "user" */
    when stored_at;      /* from a Maildir file name */
    bool in_maildir;
};

/* Calls each file in a fixed order (names compared bytewise).  problem is told of what cannot be read
 * ("path: why"), and the walk goes on. */
void walk(struct arena *, const char *path, bool (*each)(void *ctx, const struct walk_file *),
          void (*problem)(void *ctx, const char *text), void *ctx);

/* Whether the path of a file says that it lies in a Maildir (".../cur/NAME"), and what f says then of it. */
bool walk_in_maildir(struct arena *, str path, struct walk_file *f);
/* Whether a name is that of a file which mail stores keep for themselves, beside the messages. */
bool walk_is_store_state(const char *name);

/* Whether a path leads to one, through links too. */
bool is_directory(const char *path);

#endif
