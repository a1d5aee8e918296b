/* Messages that Outlook saved (MS-OXMSG), made into MIME again.
 *
 * A .msg holds no message but its properties: the header section as it came
 * (where it came from outside), bodies, attachments.  What is made of them
 * reads like the message, but is not it byte by byte: signatures (DKIM, ARC)
 * cannot hold, so their fields are renamed ("X-Unverifiable-..."). */
#ifndef MSG_H
#define MSG_H

#include "arena.h"

enum {
    MSG_MAX_DEPTH = 5,         /* messages in messages */
    MSG_MAX_ATTACHMENTS = 500, /* of one message; the rest is left out */
    MSG_MAX_BYTES = 128 << 20, /* of what is made */
};

bool msg_recognise(str head);

/* The message, or an empty view where the file is none or cannot be read; *why tells, and is NULL where all of it was
 * read. */
str msg_to_mime(struct arena *, str bytes, const char **why);

#endif
