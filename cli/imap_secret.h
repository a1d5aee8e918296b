/* Where the password or token of a mailbox comes from: a file, a command, or a netrc; never the command line. */
#ifndef IMAP_SECRET_H
#define IMAP_SECRET_H

#include "arena.h"
#include "diag.h"

enum { SECRET_MAX = 16 << 10, NETRC_MAX = 1 << 20 };

struct secret_source {
    const char *file;    /* --password-file: its first line */
    const char *command; /* --password-command: the first line of its output, run by /bin/sh */
    const char *netrc;   /* --netrc, or NULL: $NETRC, ~/.netrc */
};

/* Fills secret, and user where it is empty and the netrc names one.  Files that others can read are refused.
 * EXIT_USAGE where nothing was named and no netrc has it, else EXIT_NO_INPUT. */
bool
secret_get(struct arena *, const struct secret_source *, str host, str *user, str *secret, struct diag *);

/* The entry of a netrc for a host and, where it is not empty, a user; "default" serves any host. */
bool netrc_find(struct arena *, str text, str host, str *user, str *password);

#endif
