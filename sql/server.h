/* The private PostgreSQL server: a cluster of waybill's own, below its home.
 *
 * Places: HOME is $WAYBILL_HOME, else $XDG_DATA_HOME/waybill, else
 * ~/.local/share/waybill.  HOME/lock is held while a server is made, started or
 * stopped; HOME/server is the base, which belongs to the user that the server
 * runs as and is closed to all others: data (the cluster), run (the socket),
 * server.log.  Where the base cannot lie below HOME, HOME/server is a symbolic
 * link to it.
 *
 * The server runs as the caller, or, since PostgreSQL refuses root, as the
 * owner of the base or "postgres" or "nobody" when the caller is root.  It
 * listens on a Unix socket in a directory of mode 0700 and lets in that user
 * and root alone (peer authentication), as database user "waybill".
 *
 * All calls fail with EXIT_DATABASE.  Texts live in the arena given to
 * server_find.  Not for threads: as root, the effective user changes for a moment. */
#ifndef SERVER_H
#define SERVER_H

#include <sys/types.h>

#include "arena.h"
#include "diag.h"

#define SERVER_OLDEST   15        /* oldest major version of PostgreSQL that works */
#define SERVER_USER     "waybill" /* the cluster's superuser */
#define SERVER_DATABASE "waybill"

struct server {
    struct arena *arena;
    const char *home, *base, *data, *log; /* absolute; base with links followed */
    bool root;                            /* the caller is root, the server's user another */
    uid_t uid;                            /* the server's user */
    gid_t gid;
    const char *user;
};

enum server_state {
    SERVER_ABSENT, /* no cluster yet */
    SERVER_STOPPED,
    SERVER_STARTING, /* or recovering */
    SERVER_RUNNING,
    SERVER_STOPPING,
};

struct server_status {
    enum server_state state;
    pid_t pid;              /* 0 unless there is a process */
    int major;              /* version of the cluster, 0 if absent */
    const char *socket_dir; /* while there is a process, else NULL */
    int port;               /* part of the socket's name */
};

/* Where the server is or would be, and as whom it runs; makes nothing. */
bool server_find(struct server *, struct arena *, struct diag *);

struct server_status server_status(const struct server *);

/* Makes the cluster if there is none and starts the server if it does not run; returns when it
 * takes connections.  Any number of commands may do so at once.  *conninfo names the socket,
 * user and database; the database itself is for the caller to create. */
bool server_start(struct server *, const char **conninfo, struct diag *);

/* Stops the server and waits for its end; true also when none runs. */
bool server_stop(struct server *, bool *was_running, struct diag *);

/* Where a program of PostgreSQL ("psql", "pg_dump") of this major version lies, else the name
 * itself, for PATH to find. */
const char *server_program(struct arena *, const char *name, int major);

/* sql/programs.c: the directory of initdb and postgres of one major version, or with major 0 of the
 * newest installed from SERVER_OLDEST on.  $WAYBILL_PGBIN, if set, is the only one looked at. */
bool programs_find(struct arena *, int major, const char **dir, struct diag *);

/* sql/home.c: makes home and base, with the base's owner; needs the lock. */
bool home_locate(struct arena *, const char **home, struct diag *);
bool home_user(struct server *, struct diag *);
bool home_lock(const struct server *, int *fd, struct diag *);
bool home_make(struct server *, struct diag *);
void home_places(struct server *);

/* As root, file work below the base is done as its owner: enter, work, leave.  Else nothing. */
bool home_enter(const struct server *, struct diag *);
void home_leave(const struct server *);

/* sql/cluster.c: the cluster's files, all written as the base's owner. */
bool cluster_create(const struct server *, struct diag *);
bool cluster_configure(const struct server *, const char *bin, struct diag *);
int cluster_major(const struct server *); /* 0 if there is no cluster */

/* sql/spawn.c: runs a program as the server's user, detached from the caller's terminal, files and
 * PG* variables, its output appended to a file.  Gives its pid, or -1. */
pid_t spawn(const struct server *, const char *const *argv, const char *output, struct diag *);
/* The same, waiting for its end, which is also ours; true if it exited with 0.  False with diag
 * untouched if it said no itself. */
bool spawn_wait(const struct server *, const char *const *argv, const char *output, struct diag *);

#endif
