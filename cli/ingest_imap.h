/* Mailboxes as sources of ingest: imaps://USER@HOST/FOLDER. */
#ifndef INGEST_IMAP_H
#define INGEST_IMAP_H

#include "cli.h"
#include "imap.h"
#include "imap_secret.h"
#include "ingest_run.h"

struct imap_options {
    struct secret_source secret;
    const char *ca_file, *client_cert, *client_key, *then;
    bool oauth, plaintext;
    int64_t retries;
    /* made of then */
    enum imap_action action;
    str argument;
};

enum { IMAP_RETRIES = 5 };

/* Rows for the table of a command's options. */
#define IMAP_OPTION_ROWS(o)                                                                             \
    { "password-file", 0, OPT_STRING, &(o).secret.file },                                               \
        { "password-command", 0, OPT_STRING, &(o).secret.command },                                     \
        { "netrc", 0, OPT_STRING, &(o).secret.netrc }, { "oauth", 0, OPT_FLAG, &(o).oauth },            \
        { "ca-file", 0, OPT_STRING, &(o).ca_file }, { "client-cert", 0, OPT_STRING, &(o).client_cert }, \
        { "client-key", 0, OPT_STRING, &(o).client_key }, { "plaintext", 0, OPT_FLAG, &(o).plaintext }, \
        { "then", 0, OPT_STRING, &(o).then },                                                           \
    {                                                                                                   \
        "retries", 0, OPT_INT, &(o).retries                                                             \
    }
#define IMAP_OPTION_HELP                                                                              \
    "  --password-file FILE  password of an imaps:// source: the file's first line\n"                 \
    "  --password-command COMMAND\n"                                                                  \
    "                    the same: the first line that the command prints\n"                          \
    "  --netrc FILE      the same: by host and user, instead of ~/.netrc\n"                           \
    "  --oauth           it is an OAuth 2.0 access token, no password\n"                              \
    "  --ca-file FILE    authorities (PEM) whose certificates are trusted, instead of the system's\n" \
    "  --client-cert FILE  certificate (PEM) to show the server, with its key\n"                      \
    "  --client-key FILE  its key, where that is another file\n"                                      \
    "  --plaintext       imap:// without TLS, though the host is not this one\n"                      \
    "  --then move=FOLDER|flag=KEYWORD|seen|delete\n"                                                 \
    "                    what becomes of messages whose rows are committed\n"                         \
    "  --retries N       tries after a cut connection before giving up (5)\n"

/* Whether the options and those of the sources that are URLs make sense; says what does not. */
bool imap_options_check(struct imap_options *, int nsources, char **sources, bool dry_run);

/* Reads what is new in the folders that a URL names; false when nothing more can be taken. */
bool ingest_imap(const struct imap_options *, const char *url, struct ingest *);

#endif
