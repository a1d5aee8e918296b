/* What the name of a mailbox folder tells of where a message went. */
#ifndef FOLDER_H
#define FOLDER_H

#include "chain.h"
#include "str.h"

/* The outcome word: inbox, junk, quarantined, category; empty for folders that tell nothing. Takes Maildir++ names
 * (".INBOX.Junk"), IMAP paths with "/" or ".", Gmail's labels, Maildir and mbox paths, in any of many languages. */
str folder_placement(str folder);

/* The same as an outcome; a folder that tells nothing: stored. */
enum outcome folder_outcome(str folder);

#endif
