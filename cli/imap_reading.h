/* Reading one folder with one session: what ingest_imap.c and imap_reading.c share. */
#ifndef IMAP_READING_H
#define IMAP_READING_H

#include "ingest_imap.h"
#include "load_mailbox.h"

enum {
    BATCH_MESSAGES = 500,
    BATCH_BYTES = 32 << 20,
    SET_ROOM = 4000, /* characters of a set of UIDs; servers take lines of 8000 */
};

struct imap_run {
    const struct imap_options *options;
    struct ingest *to;
    struct imap_url url;
    struct imap_login login;
    bool logged_in; /* with the present secret */
    struct imap *session;
    struct arena arena;          /* the source's */
    struct arena scratch;        /* one message's */
    bool progressed;             /* since the last connection */
    bool failed;                 /* the database is gone */
    bool folder_wanted;          /* that messages are moved to: it is there */
    struct imap_folder *folders; /* that match the URL's pattern */
    size_t nfolders;
    /* the folder being read */
    struct load_mailbox at;
    struct imap_selected selected;
    const struct imap_entry *batch;
    size_t nbatch;
    bool seen[BATCH_MESSAGES];
    bool head_only;
    uint64_t nread, nkept, ndone;
};

/* Selects the folder at.folder, reads what is new, and does with it what was asked for.  After IMAP_CUT
 * another session goes on where the last commit ended. */
enum imap_trouble imap_read_folder(struct imap_run *, struct diag *);

#endif
