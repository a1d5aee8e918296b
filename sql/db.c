/* Sessions with PostgreSQL; the owner of libpq.
 *
 * Every session speaks UTF-8, UTC and ISO dates, whatever the server's or the
 * user's defaults, so that texts read back are the same everywhere.  Who reads
 * or writes what is the callers' business; the private server is server.c's. */
#include "db.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "embedded.h"
#include "server.h"

#define CONNECT_TIMEOUT_S "15"
#define PRIVATE_TRIES     600       /* while the private server recovers: one minute */
#define PRIVATE_PAUSE_NS  100000000 /* between them */
#define PARAMS_MOST       32        /* parameters of a query */

struct db {
    PGconn *conn;
    bool private_server;
    char state[6];
    PGcancel *cancel;
    char *copied;    /* row of db_copy_next */
    bool copy_asked; /* its COPY was sent and not yet answered */
};

static const char session_settings[] = "set client_min_messages = warning; set timezone = 'UTC'; "
                                       "set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; "
                                       "set bytea_output = 'hex'; set extra_float_digits = 1";

const char *
sql_text(const char *path)
{
    const struct embedded *f = embedded_find(path);
    if (f == NULL)
        BUG("no embedded file %s", path);
    return f->bytes;
}

/* libpq's messages end in a newline and run over several lines; ours are one. */
static str
one_line(struct arena *a, const char *message)
{
    str s = str_trim(str_from(message));
    if (str_istarts(s, S("ERROR:")))
        s = str_trim(str_skip(s, 6));
    str copy = arena_copy(a, s);
    for (size_t i = 0; i < copy.n; i++)
        if (str_is_space(copy.p[i]))
            ((char *)(uintptr_t)copy.p)[i] = ' ';
    return copy;
}

static const char *
hint_for(const char *state)
{
    static const struct {
        const char *prefix, *hint;
    } hints[] = {
        { "53100", " (free space on the database's disk)" },
        { "53200", " (the database server is out of memory)" },
        { "42501", " (ask the schema's owner)" },
        { "25006", " (the server is read-only: a standby?)" },
        { "57P0", " (the server was stopped; what was committed is kept)" },
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strncmp(state, hints[i].prefix, strlen(hints[i].prefix)) == 0)
            return hints[i].hint;
    return "";
}

/* Fills diag from a result (which may be NULL) or the connection, and releases the result. */
static bool
fail(struct db *db, PGresult *r, struct diag *d)
{
    struct arena a = { 0 };
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    snprintf(db->state, sizeof db->state, "%s", state ? state : "");
    const char *primary = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *detail = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL) : NULL;
    const char *context = r ? PQresultErrorField(r, PG_DIAG_CONTEXT) : NULL;
    if (primary) {
        diag_set(d, EXIT_DATABASE, "database: %.*s%s%.*s%s%.*s%s [%s]", PRSTR(one_line(&a, primary)),
                 detail ? ": " : "", PRSTR(one_line(&a, detail)), context ? "; " : "",
                 PRSTR(one_line(&a, context)), hint_for(db->state), db->state);
    } else {
        const char *message = r ? PQresultErrorMessage(r) : "";
        if (*message == 0)
            message = PQerrorMessage(db->conn);
        diag_set(d, EXIT_DATABASE, "database: %.*s", PRSTR(one_line(&a, message)));
    }
    arena_free(&a);
    PQclear(r);
    return false;
}

static void
on_notice(void *ctx, const PGresult *r)
{
    (void)ctx;
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (text)
        warn("database: %s", text);
}

bool
db_is_named(const char *conninfo)
{
    static const char *const names[] = { "PGHOST", "PGSERVICE", "PGDATABASE", "PGHOSTADDR", "PGPORT" };
    if (conninfo)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return true;
    }
    return false;
}

/* conninfo may be "" for the PG* variables alone, and a bare name is a database's. */
static PGconn *
connect_to(const char *conninfo, const char *database)
{
    const char *keys[8], *values[8];
    size_t n = 0;
    if (getenv("PGCONNECT_TIMEOUT") == NULL) {
        keys[n] = "connect_timeout";
        values[n++] = CONNECT_TIMEOUT_S;
    }
    keys[n] = "dbname";
    values[n++] = conninfo;
    if (database) {
        keys[n] = "dbname"; /* only the first of them is read as a conninfo */
        values[n++] = database;
    }
    keys[n] = "client_encoding";
    values[n++] = "UTF8";
    keys[n] = "application_name";
    values[n++] = "waybill";
    keys[n] = NULL;
    values[n] = NULL;
    return PQconnectdbParams(keys, values, 1);
}

static bool
settle(struct db *db, struct diag *d)
{
    if (PQstatus(db->conn) != CONNECTION_OK)
        return fail(db, NULL, d);
    int version = PQserverVersion(db->conn);
    if (version < SERVER_OLDEST * 10000)
        return diag_set(d, EXIT_DATABASE,
                        "the server runs PostgreSQL %d, which is too old (%d or newer is needed)",
                        version / 10000, SERVER_OLDEST);
    PQsetNoticeReceiver(db->conn, on_notice, NULL);
    db->cancel = PQgetCancel(db->conn);
    return db_exec(db, session_settings, d);
}

/* The private server is made without our database; whoever connects first makes it. */
static bool
make_database(const char *conninfo, struct diag *d)
{
    struct db first = { .conn = connect_to(conninfo, "postgres") };
    bool good = settle(&first, d);
    if (good && !db_exec(&first, "create database " SERVER_DATABASE, d))
        good =
            strcmp(first.state, "42P04") == 0 || strcmp(first.state, "23505") == 0; /* another was faster */
    PQfreeCancel(first.cancel);
    PQfinish(first.conn);
    return good;
}

/* A server amid recovery, or one that ended since we looked, is worth another try. */
static bool
is_passing(const char *message)
{
    return strstr(message, "the database system is") || strstr(message, "No such file") ||
           strstr(message, "Connection refused") || strstr(message, "server closed the connection");
}

static bool
connect_private(struct db *db, struct diag *d)
{
    struct arena a = { 0 };
    struct server server;
    const char *conninfo = NULL;
    bool good = server_find(&server, &a, d);
    for (int tries = 0; good && tries < PRIVATE_TRIES; tries++) {
        PQfinish(db->conn);
        db->conn = NULL;
        good = server_start(&server, &conninfo, d);
        if (!good)
            break;
        db->conn = connect_to(conninfo, NULL);
        const char *message = PQerrorMessage(db->conn);
        if (PQstatus(db->conn) == CONNECTION_OK)
            break;
        if (strstr(message, "database \"" SERVER_DATABASE "\" does not exist"))
            good = make_database(conninfo, d);
        else if (is_passing(message))
            nanosleep(&(struct timespec){ .tv_nsec = PRIVATE_PAUSE_NS }, NULL);
        else
            break;
    }
    arena_free(&a);
    return good;
}

bool
db_open(struct db **out, const char *conninfo, struct diag *d)
{
    struct db *db = xcalloc(1, sizeof *db);
    bool good = true;
    if (db_is_named(conninfo))
        db->conn = connect_to(conninfo ? conninfo : "", NULL);
    else
        good = connect_private(db, d);
    if (!good || !settle(db, d)) {
        db_close(db);
        return false;
    }
    *out = db;
    return true;
}

/* All options in effect, as libpq reports them. */
bool
db_open_again(struct db **out, const struct db *old, struct diag *d)
{
    PQconninfoOption *options = PQconninfo(old->conn);
    if (options == NULL)
        return diag_set(d, EXIT_INTERNAL, "out of memory");
    const char *keys[128], *values[128];
    size_t n = 0;
    for (PQconninfoOption *o = options; o->keyword && n < 127; o++)
        if (o->val && *o->val) {
            keys[n] = o->keyword;
            values[n++] = o->val;
        }
    keys[n] = values[n] = NULL;
    struct db *db = xcalloc(1, sizeof *db);
    db->private_server = old->private_server;
    db->conn = PQconnectdbParams(keys, values, 0);
    PQconninfoFree(options);
    if (!settle(db, d)) {
        db_close(db);
        return false;
    }
    *out = db;
    return true;
}

void
db_close(struct db *db)
{
    if (db == NULL)
        return;
    PQfreemem(db->copied);
    PQfreeCancel(db->cancel);
    PQfinish(db->conn);
    free(db);
}

const char *
db_state(const struct db *db)
{
    return db->state;
}

int
db_server_version(const struct db *db)
{
    return PQserverVersion(db->conn);
}

const char *
db_password(struct db *db)
{
    const char *p = PQpass(db->conn);
    return p && *p ? p : NULL;
}

/* Quoted for a conninfo string: every value, since any may hold blanks. */
static void
add_option(struct buf *b, const char *keyword, const char *value)
{
    buf_printf(b, "%s%s='", b->n ? " " : "", keyword);
    for (const char *p = value; *p; p++) {
        if (*p == '\'' || *p == '\\')
            buf_char(b, '\\');
        buf_char(b, *p);
    }
    buf_char(b, '\'');
}

/* The usual options first, then what differs from libpq's defaults; our own session's are left out. */
str
db_conninfo(struct db *db, struct arena *a)
{
    static const char *const usual[] = { "host", "hostaddr", "port", "dbname", "user" };
    static const char *const ours[] = { "application_name", "client_encoding", "connect_timeout",
                                        "passfile" };
    struct buf b = { 0 };
    PQconninfoOption *options = PQconninfo(db->conn);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        for (PQconninfoOption *o = options; o && o->keyword; o++)
            if (strcmp(o->keyword, usual[i]) == 0 && o->val && *o->val)
                add_option(&b, o->keyword, o->val);
    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        bool show = o->val && *o->val && o->dispchar[0] != '*';
        show = show && (o->compiled == NULL || strcmp(o->val, o->compiled) != 0);
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
            show = show && strcmp(o->keyword, usual[i]) != 0;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            show = show && strcmp(o->keyword, ours[i]) != 0;
        if (show)
            add_option(&b, o->keyword, o->val);
    }
    PQconninfoFree(options);
    str copy = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return copy;
}

/* One result, whatever comes behind it thrown away. */
static bool
finish(struct db *db, PGresult *r, ExecStatusType want, struct diag *d)
{
    ExecStatusType got = PQresultStatus(r);
    if (got == want || (want == PGRES_COMMAND_OK && (got == PGRES_TUPLES_OK || got == PGRES_EMPTY_QUERY))) {
        PQclear(r);
        return true;
    }
    return fail(db, r, d);
}

bool
db_exec(struct db *db, const char *sql, struct diag *d)
{
    return finish(db, PQexec(db->conn, sql), PGRES_COMMAND_OK, d);
}

/* Parameters as libpq wants them: C strings, in the arena. */
static const char *const *
param_values(struct arena *a, const str *params, size_t n)
{
    if (n > PARAMS_MOST)
        BUG("%zu parameters", n);
    const char **values = ARENA_ARRAY(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        values[i] = params[i].p ? arena_z(a, params[i]) : NULL;
    return values;
}

static str
cell(const PGresult *r, int row, int column)
{
    if (PQgetisnull(r, row, column))
        return (str){ 0 };
    return str_of(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
}

bool
db_query(struct db *db, struct arena *a, const char *sql, const str *params, size_t nparams,
         struct db_rows *out, struct diag *d)
{
    *out = (struct db_rows){ 0 };
    PGresult *r =
        PQexecParams(db->conn, sql, (int)nparams, NULL, param_values(a, params, nparams), NULL, NULL, 0);
    ExecStatusType got = PQresultStatus(r);
    if (got != PGRES_TUPLES_OK && got != PGRES_COMMAND_OK)
        return fail(db, r, d);
    int rows = PQntuples(r), columns = PQnfields(r);
    out->rows = (size_t)rows;
    out->columns = (size_t)columns;
    out->names = ARENA_ARRAY(a, str, out->columns + 1);
    out->cells = ARENA_ARRAY(a, str, out->rows * out->columns + 1);
    for (int c = 0; c < columns; c++)
        out->names[c] = arena_copy(a, str_from(PQfname(r, c)));
    for (int i = 0; i < rows; i++)
        for (int c = 0; c < columns; c++)
            if (!PQgetisnull(r, i, c))
                out->cells[(size_t)i * out->columns + (size_t)c] = arena_copy(a, cell(r, i, c));
    PQclear(r);
    return true;
}

/* Reads what is left of a query that nobody wants any more. */
static void
abandon(struct db *db)
{
    char ignored[256];
    if (db->cancel)
        PQcancel(db->cancel, ignored, (int)sizeof ignored);
    for (PGresult *r; (r = PQgetResult(db->conn));)
        PQclear(r);
}

bool
db_each(struct db *db, const char *sql, const str *params, size_t nparams,
        bool (*each)(void *ctx, size_t columns, const str *names, const str *cells), void *ctx,
        struct diag *d)
{
    struct arena a = { 0 };
    int sent = PQsendQueryParams(db->conn, sql, (int)nparams, NULL, param_values(&a, params, nparams), NULL,
                                 NULL, 0);
    if (!sent || !PQsetSingleRowMode(db->conn)) {
        arena_free(&a);
        return fail(db, NULL, d);
    }
    str *names = NULL, *cells = NULL;
    bool good = true, more = true;
    for (PGresult *r; more && (r = PQgetResult(db->conn));) {
        ExecStatusType got = PQresultStatus(r);
        int columns = PQnfields(r);
        if (got == PGRES_SINGLE_TUPLE) {
            if (names == NULL) {
                names = ARENA_ARRAY(&a, str, (size_t)columns + 1);
                cells = ARENA_ARRAY(&a, str, (size_t)columns + 1);
                for (int c = 0; c < columns; c++)
                    names[c] = arena_copy(&a, str_from(PQfname(r, c)));
            }
            for (int c = 0; c < columns; c++)
                cells[c] = cell(r, 0, c);
            more = each(ctx, (size_t)columns, names, cells);
        } else if (got != PGRES_TUPLES_OK && got != PGRES_COMMAND_OK) {
            good = fail(db, r, d);
            continue; /* the failed result was the last but for NULL */
        }
        PQclear(r);
    }
    if (!more)
        abandon(db);
    arena_free(&a);
    return good;
}

bool
db_copy_in(struct db *db, const char *copy_sql, struct diag *d)
{
    return finish(db, PQexec(db->conn, copy_sql), PGRES_COPY_IN, d);
}

/* The server may have ended the COPY already (disk full, connection gone): its reason is in the
 * result, not in what PQputCopyData says. */
static bool
copy_failed(struct db *db, struct diag *d)
{
    bool told = false;
    for (PGresult *r; (r = PQgetResult(db->conn));) {
        if (!told && PQresultStatus(r) == PGRES_FATAL_ERROR) {
            told = true;
            fail(db, r, d);
        } else {
            ExecStatusType got = PQresultStatus(r);
            PQclear(r);
            if (got == PGRES_COPY_IN)
                break;
        }
    }
    return told ? false : fail(db, NULL, d);
}

bool
db_copy_put(struct db *db, const void *p, size_t n, struct diag *d)
{
    const char *at = p;
    while (n > 0) {
        int piece = n > (1 << 20) ? 1 << 20 : (int)n;
        if (PQputCopyData(db->conn, at, piece) != 1)
            return copy_failed(db, d);
        at += piece;
        n -= (size_t)piece;
    }
    return true;
}

bool
db_copy_end(struct db *db, bool ok, struct diag *d)
{
    if (PQputCopyEnd(db->conn, ok ? NULL : "given up by the client") != 1)
        return copy_failed(db, d);
    bool good = true;
    for (PGresult *r; (r = PQgetResult(db->conn));) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK && good && ok)
            good = fail(db, r, d);
        else
            PQclear(r);
    }
    return good;
}

bool
db_copy_out(struct db *db, const char *copy_sql, struct diag *d)
{
    db->copy_asked = PQsendQuery(db->conn, copy_sql);
    return db->copy_asked || fail(db, NULL, d);
}

bool
db_copy_next(struct db *db, str *row, struct diag *d)
{
    *row = (str){ 0 };
    PQfreemem(db->copied);
    db->copied = NULL;
    if (db->copy_asked) {
        db->copy_asked = false;
        if (!finish(db, PQgetResult(db->conn), PGRES_COPY_OUT, d)) {
            for (PGresult *r; (r = PQgetResult(db->conn));)
                PQclear(r);
            return false;
        }
    }
    int n = PQgetCopyData(db->conn, &db->copied, 0);
    if (n > 0) {
        *row = str_of(db->copied, (size_t)n);
        return true;
    }
    if (n == -2)
        return fail(db, NULL, d);
    bool good = true;
    for (PGresult *r; (r = PQgetResult(db->conn));) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK && good)
            good = fail(db, r, d);
        else
            PQclear(r);
    }
    return false;
}
