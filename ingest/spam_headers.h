/* What filters wrote into a message about it, and where providers say they filed it.
 *
 * verdict is "spam" or "ham" where the filter said yes or no, else its own word
 * ("add header", "SPM", "SUSPECT").  Placement words are those of outcomes:
 * inbox, category, junk, quarantined, stored. */
#ifndef SPAM_HEADERS_H
#define SPAM_HEADERS_H

#include "message.h"

/* Fills m->spam (one entry an engine, in the order of their first header) and m->placement_*. */
void spam_headers_read(struct message *, struct arena *);

#endif
