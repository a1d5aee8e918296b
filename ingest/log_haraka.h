/* Logs of Haraka, in its three forms:
 *
 *   [NOTICE] [UUID.1] [core] recipient <a@example.com> code=OK msg="" sender="b@example.com"
 *   level=NOTICE uuid=UUID.1 origin=core message="recipient <a@example.com>" code=OK ...
 *   {"level":"NOTICE","uuid":"UUID.1","origin":"core","message":"...","code":"OK",...}
 *
 * behind its own time stamp, or in syslog and journals (program haraka).
 *
 * UUID is a connection, UUID.1 its first transaction: the queue id.  Outbound
 * lines add the number of the domain (UUID.1.1).  They do not name the
 * recipients they are about: those were said when they came in. */
#ifndef LOG_HARAKA_H
#define LOG_HARAKA_H

#include "arena.h"
#include "format.h"

enum { HARAKA_MAX_PAIRS = 40 };

/* One line, whatever its form. */
struct haraka_line {
    str level, uuid, origin;
    str message; /* without its pairs */
    struct haraka_pair {
        str key, value;
    } pairs[HARAKA_MAX_PAIRS];
    size_t n;
};

/* log_haraka_line.c: false if the text has none of the forms. */
bool haraka_line_read(struct haraka_line *, str text, struct arena *);
/* The value of a key, empty if it was not said. */
str haraka_get(const struct haraka_line *, const char *key);
str haraka_angle(str); /* what the outermost angle brackets hold; all of it where there are none */
void haraka_ignore(struct event *, const char *why);

/* log_haraka_memory.c: what was said of a connection and of a transaction.  Bounded: old ones make way. */
enum { HARAKA_MAX_RECIPIENTS = 1000 };
enum { HARAKA_TROUBLE = 160 };
struct haraka_mail {
    uint64_t hash;
    struct arena texts;
    str mail_from, message_id, size, auth_user;
    bool has_mail_from, born;
    str *recipients;
    enum haraka_done { HARAKA_OPEN, HARAKA_DEFERRED, HARAKA_TOLD } * done; /* of each: as lines told so far */
    size_t n, room, done_room;
    str tls_version, tls_cipher;
    char trouble[HARAKA_TROUBLE]; /* what kept the last host from taking it, and which of its domains */
    size_t trouble_n;
    unsigned trouble_todo;
};
void haraka_memory_clear(void);
void *haraka_memory_suspend(void);                                     /* gives what was there, leaves none */
void haraka_memory_resume(void *);                                     /* behind a clear */
struct haraka_mail *haraka_mail_of(str host, str queue_id, bool make); /* NULL if not known */
void haraka_connection_set(str host, str uuid, str ip, str port);
bool haraka_connection_get(str host, str uuid, str *ip, str *port);
void haraka_mail_recipient(struct haraka_mail *, str recipient);

/* The line that is being told, and what is left of it to tell. */
struct haraka_now {
    struct arena arena; /* of one line */
    struct haraka_line line;
    str queue_id;
    struct haraka_mail *mail; /* NULL: its transaction is not known */
    /* what haraka_take_recipient goes on with */
    bool pending;
    size_t next;
    enum haraka_done wanted;
    str domain; /* empty: all domains */
    str reply;
    enum attempt_result result;
    bool accepted_here; /* by the next server within the transaction */
};

/* log_haraka_session.c: a line of the server itself; may leave attempts pending. */
void haraka_take_core(struct haraka_now *, struct event *);

/* log_haraka_plugins.c: a line of a plugin, whose verdict it may be. */
void haraka_take_plugin(const struct haraka_now *, struct event *);

/* log_haraka_outbound.c: a line of the outbound queue; may leave attempts pending. */
void haraka_take_outbound(struct haraka_now *, struct event *);
/* The next recipient of what is pending, as an event; false: there is none. */
bool haraka_take_recipient(struct haraka_now *, struct event *);

#endif
