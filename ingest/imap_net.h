/* A connection to an IMAP server, logged in: the only door to libcurl.
 *
 * libcurl connects (proxies, IPv6), does TLS or STARTTLS and verifies the
 * certificate, and logs in by the best mechanism that both sides know (SASL,
 * LOGIN).  What is said then is imap.c's business. */
#ifndef IMAP_NET_H
#define IMAP_NET_H

#include <sys/types.h>

#include "imap_url.h"

enum {
    IMAP_CONNECT_S = 30, /* to have a connection */
    IMAP_LOGIN_S = 120,  /* until logged in */
    IMAP_SILENCE_S = 180 /* a server that says nothing for so long is gone */
};

struct imap_login {
    const struct imap_url *url;
    const char *user, *secret;
    bool oauth;                           /* the secret is an access token (XOAUTH2, OAUTHBEARER) */
    bool plaintext;                       /* imap:// without STARTTLS is fine, wherever the host is */
    const char *ca_file;                  /* or NULL: the system's */
    const char *client_cert, *client_key; /* PEM files, or NULL; the key may stand in the certificate's */
    bool (*stop)(void);                   /* asked while waiting; true: end */
};

/* What a failure means for the caller. */
enum imap_trouble {
    IMAP_FINE,
    IMAP_CUT,     /* the network or the server went away, or wants to be asked later: worth another try */
    IMAP_REFUSED, /* another try gives the same */
    IMAP_STOPPED, /* stop() said so */
};

struct imap_net;

/* Of the last IMAP_CUT: the seconds that the server asks to wait, or 0. */
extern int imap_wait_s;

/* All set d where they fail (EXIT_NO_INPUT). */
enum imap_trouble imap_net_open(struct imap_net **, const struct imap_login *, struct diag *);
void imap_net_close(struct imap_net *); /* NULL is fine */
enum imap_trouble imap_net_send(struct imap_net *, str bytes, struct diag *);
enum imap_trouble imap_net_receive(struct imap_net *, char *p, size_t n, size_t *got, struct diag *);

#endif
