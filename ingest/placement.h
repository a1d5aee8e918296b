/* Where a message was filed, as its headers tell (stage "routing"). */
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include "message.h"

/* Fills m->placement_folder, _verdict, _by from the first header that tells. */
void placement_read(struct message *, struct arena *);

/* What a file's place tells where mailboxes lie as plain folders: "seeds/ann@example.org/Junk/1.eml",
 * "seeds/ann@example.org/[Gmail]/Spam/1.eml", "ann@example.org/Junk.mbox". */
struct placement_path {
    str folder, mailbox; /* views into path; empty where it tells nothing */
};
struct placement_path placement_of_path(str path);

#endif
