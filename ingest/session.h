/* What a server or client process said before, by its pid: TLS of the connection, and the queue id
 * its transaction got.  Postfix logs these on lines of their own, without a queue id.
 *
 * The table is of fixed size; a process that has been silent longest makes way. */
#ifndef SESSION_H
#define SESSION_H

#include "when.h"

struct session;
struct session_table;

struct session_table *session_table_new(void);
void session_table_free(struct session_table *);

/* number: the process, or a hash of what the log calls the session.
 * outgoing: towards a remote server (smtp), else from a client (smtpd).  find gives NULL if unknown. */
struct session *session_find(struct session_table *, str host, int64_t number, bool outgoing);
struct session *session_get(struct session_table *, str host, int64_t number, bool outgoing);
void session_clear(struct session *);

void session_set_tls(struct session *, str host, int64_t pid, when at, str peer_ip, str version, str cipher);
/* The session began before this source did: what it said of TLS stands elsewhere. */
void session_set_headless(struct session *);
bool session_is_headless(const struct session *);
/* A refusal was logged in it. */
void session_set_refused(struct session *);
bool session_is_refused(const struct session *);
void session_set_queue_id(struct session *, str queue_id);
/* Where a session names its client once and a message's own lines do not.  What is empty is not said. */
void session_set_client(struct session *, str name, str ip, bool local);
void session_set_auth_user(struct session *, str user);

/* Those with TLS said at or after a time, for what follows in another file. */
struct session_info {
    str host;
    int64_t pid;
    when at;
    bool outgoing;
};
bool
session_each_tls(struct session_table *, when since,
                 bool (*each)(void *ctx, const struct session *, const struct session_info *), void *ctx);

/* Empty where nothing was said. */
str session_peer(const struct session *);
str session_tls_version(const struct session *);
str session_tls_cipher(const struct session *);
str session_queue_id(const struct session *);
str session_client_name(const struct session *);
str session_client_ip(const struct session *);
str session_auth_user(const struct session *);
bool session_is_local(const struct session *);

#endif
