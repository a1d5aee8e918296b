/* How far mailboxes were read, committed together with what was read of them (load.h). */
#ifndef LOAD_MAILBOX_H
#define LOAD_MAILBOX_H

#include "load.h"

struct load_mailbox {
    str host, username, folder;
    uint32_t uidvalidity, last_uid; /* 0: nothing read so far */
};

/* Fills uidvalidity and last_uid of the folder as they were committed last. */
bool load_mailbox_get(struct load *, struct load_mailbox *, struct diag *);

/* The numbering began anew: forgets what was to be done with messages of other UIDVALIDITYs. */
bool load_mailbox_forget(struct load *, const struct load_mailbox *, struct diag *);

/* Puts how far it is read now into the batch; the last one before the commit counts. */
bool load_mailbox_put(struct load *, const struct load_mailbox *, struct diag *);

/* Notes that something is to be done with a message once the batch is committed. */
bool load_mailbox_want(struct load *, const struct load_mailbox *, uint32_t uid, struct diag *);

/* The first messages of committed batches with which something is to be done, ascending, at most max; and that
 * it is done.  Outside of a batch. */
bool load_mailbox_pending(struct load *, const struct load_mailbox *, uint32_t *uids, size_t max, size_t *n,
                          struct diag *);
bool
load_mailbox_done(struct load *, const struct load_mailbox *, const uint32_t *uids, size_t n, struct diag *);

#endif
