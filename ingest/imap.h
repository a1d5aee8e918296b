/* A session with an IMAP server (RFC 3501, RFC 9051): what reading a mailbox takes, and what is done with
 * messages that were read.
 *
 * Reading changes nothing: BODY.PEEK only, and EXAMINE unless something shall
 * be done.  One message is in memory at a time.  Functions return what a
 * failure means (imap_net.h) and set d; a server's NO or BAD to a command is
 * IMAP_REFUSED with the session still usable. */
#ifndef IMAP_H
#define IMAP_H

#include "imap_net.h"
#include "imap_reply.h"

enum {
    IMAP_MAX_LINE = 1 << 20,     /* of a response, without its literals */
    IMAP_MAX_MESSAGE = 64 << 20, /* as MESSAGE_MAX_BYTES; a larger literal is not kept */
    IMAP_MAX_LISTED = 1 << 20,   /* messages of one listing; the next one gives the rest */
    IMAP_MAX_FOLDERS = 20000,
    IMAP_HEAD_BYTES = 64 << 10, /* what is fetched of a message that is too large */
};

struct imap;

enum imap_trouble imap_open(struct imap **, const struct imap_login *, struct diag *);
void imap_close(struct imap *); /* says good-bye; NULL is fine */

/* Folders whose names match a pattern ("*", "%", RFC 3501 6.3.8), in the server's order.  Names are UTF-8. */
struct imap_folder {
    str name;
    bool closed, copies; /* struct imap_list */
};
enum imap_trouble
imap_folders(struct imap *, struct arena *, str pattern, struct imap_folder **, size_t *n, struct diag *);

struct imap_selected {
    uint32_t uidvalidity;
    uint64_t messages;
    bool any_flag; /* keywords of one's own can be made */
};
enum imap_trouble
imap_select(struct imap *, str folder, bool writable, struct imap_selected *, struct diag *);

/* Messages whose UID is above after, ascending: all, or the first IMAP_MAX_LISTED or fewer of them.  The array is
 * the session's, until the next call. */
struct imap_entry {
    uint32_t uid;
    uint32_t size; /* as RFC822.SIZE says, at most UINT32_MAX */
};
enum imap_trouble
imap_entries(struct imap *, uint32_t after, const struct imap_entry **, size_t *n, struct diag *);

/* Fetches messages one after the other; what each gets is gone when it returns, false ends all (IMAP_STOPPED).
 * too_large: its bytes were passed over, body is empty. */
struct imap_message {
    uint32_t uid;
    when at;  /* INTERNALDATE */
    str body; /* empty: the server has none, or it is too large */
    bool too_large;
};
typedef bool imap_each(void *ctx, const struct imap_message *);
enum imap_trouble imap_fetch(struct imap *, str set, bool head_only, imap_each *, void *ctx, struct diag *);

/* What becomes of messages that were read. */
enum imap_action { IMAP_LEAVE, IMAP_MOVE, IMAP_FLAG, IMAP_DELETE };
/* argument: the folder, or the flag.  Deleting without UIDPLUS leaves the messages marked \Deleted. */
enum imap_trouble imap_act(struct imap *, enum imap_action, str argument, str set, struct diag *);

/* Whether there is a folder of that name; makes it where there is none. */
enum imap_trouble imap_want_folder(struct imap *, str folder, bool *made, struct diag *);

#endif
