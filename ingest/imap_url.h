/* IMAP URLs as waybill takes them (RFC 5092, folders only), and the names of folders on the wire
 * (modified UTF-7, RFC 3501 section 5.1.3).
 *
 *   imaps://ann%40example.com@imap.example.com/INBOX
 *   imap://ann@example.com@imap.example.com:1143/Reports/DMARC     the last "@" parts user and host
 *   imaps://reports@imap.example.com/R*                             all folders whose names begin so
 *
 * A password in a URL is refused: others read it in the list of processes. */
#ifndef IMAP_URL_H
#define IMAP_URL_H

#include "arena.h"
#include "diag.h"

enum { IMAP_PORT = 143, IMAPS_PORT = 993, IMAP_MAX_FOLDER = 1000 };

struct imap_url {
    bool tls; /* imaps: TLS from the first byte */
    str user; /* decoded; empty where not said */
    str host; /* without brackets, lower case */
    int port;
    str folder;   /* UTF-8; "INBOX" where not said */
    bool pattern; /* the folder holds "*" or "%": LIST tells which are meant */
};

/* Whether a source of ingest is meant to be a URL of this kind. */
bool imap_is_url(str);

/* EXIT_USAGE; what is said of a bad URL never repeats what might be a password. */
bool imap_url_parse(struct arena *, str text, struct imap_url *, struct diag *);

/* The host as the database knows it: with its port where that is not the usual one. */
str imap_url_host(struct arena *, const struct imap_url *);

/* The URL of a folder, or of one of its messages (uid not 0), as RFC 5092 writes them; no secrets. */
str imap_url_print(struct arena *, const struct imap_url *, str folder, uint32_t uidvalidity, uint32_t uid);

/* "Entw\xc3\xbcrfe" <-> "Entw&APw-rfe".  What is no modified UTF-7 is decoded to itself. */
str imap_utf7_encode(struct arena *, str utf8);
str imap_utf7_decode(struct arena *, str wire);

#endif
