/* waybill db: the database as a thing to look after.
 *
 * psql and pg_dump are PostgreSQL's own, run in our place with the connection
 * filled in; their arguments pass through untouched. */
#include "cli.h"
#include "dns_keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "server.h"

static int run(struct cli *, int argc, char **argv);

const struct command command_db = {
    .name = "db",
    .arguments = "status|migrate|psql|conninfo|stop|dump|purge|dns [options]",
    .summary = "look after the database and the private server",
    .run = run,
    .help = "  status                 where the database is, whether it runs, its schema and size\n"
            "  migrate                bring the schema up to date (the same as init)\n"
            "  psql [ARGS]            run psql on it; psql's own arguments pass through\n"
            "  conninfo               print how to connect, for other programs (no password)\n"
            "  stop                   stop the private server (it starts again on demand)\n"
            "  dump [ARGS]            run pg_dump on it; pg_dump's own arguments pass through\n"
            "  purge --older-than T   delete what is older than T (90d, 6mo, 2026-01-01)\n"
            "  dns import FILE...     add snapshots to the history of DNS; --at T says when they were taken\n"
            "  dns export [-o FILE]   print the history as a snapshot\n",
};

extern const struct command command_init;

static const struct opt no_options[] = { { .name = NULL } };

/* Reads the rest of a subcommand that takes nothing more; false with *code to leave with. */
static bool
takes_nothing(int argc, char **argv, int *code)
{
    int n = opt_parse(&command_db, no_options, argc, argv, code);
    if (n > 0) {
        warn("db %s takes no arguments", argv[0]);
        *code = EXIT_USAGE;
    }
    return n == 0;
}

static struct db *
open_or_die(struct cli *cli, bool ready)
{
    struct diag d = { 0 };
    struct db *db = NULL;
    if (!(ready ? db_open_ready : db_open)(&db, cli->db, &d))
        die_diag(&d);
    return db;
}

/* For a person to look into: also a database whose schema is not this program's. */
static struct db *
open_or_warn(struct cli *cli)
{
    struct diag d = { 0 };
    struct db *db = NULL;
    if (db_open_ready(&db, cli->db, &d))
        return db;
    warn("%s", d.text);
    return open_or_die(cli, false);
}

/* The schema and the size, from the database itself. */
static void
print_database(struct cli *cli, struct arena *a)
{
    struct diag d = { 0 };
    struct db *db = open_or_die(cli, false);
    struct db_rows rows;
    bool behind;
    int version = db_server_version(db);
    printf("version   PostgreSQL %d.%d\n", version / 10000, version % 10000);
    printf("conninfo  %.*s\n", PRSTR(db_conninfo(db, a)));
    if (!db_migrate(db, true, &behind, &d) ||
        !db_query(db, a, sql_text("queries/db_status.sql"), NULL, 0, &rows, &d))
        die_diag(&d);
    printf("schema    %s\n", behind ? "to be brought up to date (waybill init)" : "up to date");
    printf("size      %.*s\n", PRSTR(db_cell(&rows, 0, 0)));
    db_close(db);
}

static int
db_status(struct cli *cli, int argc, char **argv)
{
    static const char *const states[] = { "not made yet", "stopped", "starting", "running", "stopping" };
    struct arena a = { 0 };
    struct diag d = { 0 };
    int code;
    if (!takes_nothing(argc, argv, &code))
        return code;
    if (db_is_named(cli->db)) {
        puts("server    not waybill's own");
        print_database(cli, &a);
        return EXIT_FINE;
    }
    struct server server;
    if (!server_find(&server, &a, &d))
        die_diag(&d);
    struct server_status st = server_status(&server);
    printf("server    private, %s", states[st.state]);
    if (st.pid)
        printf(", process %ld, user %s", (long)st.pid, server.user);
    printf("\nhome      %s\n", server.home);
    if (st.state != SERVER_ABSENT)
        printf("data      %s\nlog       %s\n", server.data, server.log);
    if (st.state == SERVER_RUNNING)
        print_database(cli, &a);
    arena_free(&a);
    return EXIT_FINE;
}

static int
db_migrate_command(struct cli *cli, int argc, char **argv)
{
    return command_init.run(cli, argc, argv);
}

static int
db_conninfo_command(struct cli *cli, int argc, char **argv)
{
    struct arena a = { 0 };
    int code;
    if (!takes_nothing(argc, argv, &code))
        return code;
    struct db *db = open_or_warn(cli);
    printf("%.*s\n", PRSTR(db_conninfo(db, &a)));
    db_close(db);
    arena_free(&a);
    return EXIT_FINE;
}

/* Takes -U NAME out of arguments of psql or pg_dump, in any of its forms, and gives NAME, or NULL: they would let the
 * user of our connection string go before it, and who asked for a reader would be the owner. */
static const char *
take_user(int *argc, char **argv)
{
    static const char flags[] = "aAbeEHlnqsStwWxXz01"; /* short options that may stand before U */
    static const char name[] = "--username";
    const char *user = NULL;
    int n = 1;
    for (int i = 1; i < *argc; i++) {
        char *arg = argv[i], *u = arg[0] == '-' && arg[1] != '-' ? arg + 1 + strspn(arg + 1, flags) : NULL;
        bool is_long = strncmp(arg, name, sizeof name - 1) == 0;
        char *value = is_long ? arg + sizeof name - 1 : u && *u == 'U' ? u + 1 : NULL;
        if (!value || (is_long && *value && *value != '=')) {
            argv[n++] = arg;
            continue;
        }
        user = *value ? value + is_long : i + 1 < *argc ? argv[++i] : "";
        if (!is_long && u > arg + 1) { /* -XU: -X stays */
            *u = 0;
            argv[n++] = arg;
        }
    }
    argv[n] = NULL;
    *argc = n;
    return user;
}

/* Lets the program be another user: of the private server, which knows only its owner, by taking the role. */
static str
connect_as(struct cli *cli, struct arena *a, struct db *db, const char *user)
{
    str conninfo = db_conninfo(db, a);
    if (!user)
        return conninfo;
    if (db_is_named(cli->db))
        return arena_printf(a, "%.*s user='%s'", PRSTR(conninfo), user);
    const char *options = getenv("PGOPTIONS");
    setenv("PGOPTIONS", arena_z(a, arena_printf(a, "%s -c role=%s", options ? options : "", user)), 1);
    return conninfo;
}

/* Becomes a program of PostgreSQL; the password goes by the environment, where ps does not show it. */
static int
become(struct cli *cli, const char *program, int argc, char **argv)
{
    struct arena a = { 0 };
    struct db *db = open_or_warn(cli);
    const char *path = server_program(&a, program, db_server_version(db) / 10000);
    const char *password = db_password(db), *user = take_user(&argc, argv);
    if (user && (*user == 0 || strpbrk(user, "'\\ ")))
        die(EXIT_USAGE, "-U wants the name of a role, not \"%s\"", user);
    if (password && !user)
        setenv("PGPASSWORD", password, 1);
    char **args = ARENA_ARRAY(&a, char *, (size_t)argc + 3);
    size_t n = 0;
    args[n++] = (char *)(uintptr_t)program;
    args[n++] = (char *)(uintptr_t)arena_printf(&a, "--dbname=%.*s", PRSTR(connect_as(cli, &a, db, user))).p;
    for (int i = 1; i < argc; i++)
        args[n++] = argv[i];
    db_close(db);
    execvp(path, args);
    die(EXIT_DATABASE, "cannot run %s: %s (install the package postgresql-client)", program, strerror(errno));
}

static int
db_psql(struct cli *cli, int argc, char **argv)
{
    return become(cli, "psql", argc, argv);
}

static int
db_dump(struct cli *cli, int argc, char **argv)
{
    return become(cli, "pg_dump", argc, argv);
}

static int
db_stop(struct cli *cli, int argc, char **argv)
{
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct server server;
    bool was_running;
    int code;
    if (!takes_nothing(argc, argv, &code))
        return code;
    if (db_is_named(cli->db)) {
        warn("db stop is for the private server; this one is not waybill's to stop");
        return EXIT_USAGE;
    }
    if (!server_find(&server, &a, &d) || !server_stop(&server, &was_running, &d))
        die_diag(&d);
    note(was_running ? "the private server was stopped" : "the private server was not running");
    arena_free(&a);
    return EXIT_FINE;
}

static int
db_purge(struct cli *cli, int argc, char **argv)
{
    when before = WHEN_NONE;
    struct opt table[] = { { "older-than", 0, OPT_TIME, &before }, { .name = NULL } };
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct db_rows rows;
    int code;
    int n = opt_parse(&command_db, table, argc, argv, &code);
    if (n < 0)
        return code;
    if (n > 0 || before == WHEN_NONE) {
        warn("db purge wants --older-than and a time, such as 90d");
        return EXIT_USAGE;
    }
    struct db *db = open_or_die(cli, true);
    str params[] = { when_format(&a, before) };
    if (!db_exec(db, "begin", &d) ||
        !db_query(db, &a, sql_text("queries/purge_limit.sql"), params, 1, &rows, &d) ||
        !db_exec(db, sql_text("queries/purge.sql"), &d) ||
        !db_query(db, &a, sql_text("queries/purge_result.sql"), NULL, 0, &rows, &d) ||
        !db_exec(db, "commit", &d))
        die_diag(&d);
    for (size_t i = 0; i < rows.rows; i++)
        printf("%.*s\t%.*s\n", PRSTR(db_cell(&rows, i, 0)), PRSTR(db_cell(&rows, i, 1)));
    note("deleted what is older than %.*s", PRSTR(params[0]));
    db_close(db);
    arena_free(&a);
    return EXIT_FINE;
}

static const struct {
    const char *name;
    int (*run)(struct cli *, int argc, char **argv);
} subcommands[] = {
    { "status", db_status }, { "migrate", db_migrate_command },
    { "psql", db_psql },     { "conninfo", db_conninfo_command },
    { "stop", db_stop },     { "dump", db_dump },
    { "purge", db_purge },   { "dns", db_dns },
};
#define SUBCOMMANDS (sizeof subcommands / sizeof *subcommands)

static int
run(struct cli *cli, int argc, char **argv)
{
    const char *names[SUBCOMMANDS];
    for (size_t i = 0; i < SUBCOMMANDS; i++) {
        names[i] = subcommands[i].name;
        if (argc > 1 && strcmp(argv[1], names[i]) == 0)
            return subcommands[i].run(cli, argc - 1, argv + 1);
    }
    if (argc > 1 && argv[1][0] == '-') {
        int code;
        if (opt_parse(&command_db, no_options, argc, argv, &code) < 0)
            return code;
    }
    const char *near = argc > 1 ? opt_nearest(str_from(argv[1]), names, SUBCOMMANDS) : NULL;
    if (near)
        warn("unknown command db %s (did you mean db %s?)", argv[1], near);
    else
        warn("db wants one of status, migrate, psql, conninfo, stop, dump, purge, dns");
    return EXIT_USAGE;
}
