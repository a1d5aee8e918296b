/* A PostgreSQL session: the only door to libpq.
 *
 * A db is used by one thread at a time.  Calls return false with diag filled
 * (EXIT_DATABASE unless said otherwise).  SQL comes from sql_text(), never from
 * pasted strings; values go as parameters. */
#ifndef DB_H
#define DB_H

#include "arena.h"
#include "buf.h"
#include "diag.h"

struct db;

/* The text of an embedded file, "queries/name.sql" or "views/name.sql"; BUG if there is none. */
const char *sql_text(const char *path);

/* Connects.  conninfo is --db's value or NULL; NULL uses the PG* variables if PGHOST, PGSERVICE,
 * PGDATABASE, PGHOSTADDR or PGPORT is set, else the private server, started if need be. */
bool db_open(struct db **, const char *conninfo, struct diag *);
void db_close(struct db *); /* NULL is fine */

/* Whether conninfo and the environment name a server, so that the private one is not meant. */
bool db_is_named(const char *conninfo);
/* A second session to the same server and database; another thread may use the first meanwhile. */
bool db_open_again(struct db **, const struct db *, struct diag *);

/* Runs statements without parameters and without rows (several, separated by semicolons, are fine). */
bool db_exec(struct db *, const char *sql, struct diag *);

/* Rows of a query.  Parameters are texts (NULL p is SQL null), the result's cells too. */
struct db_rows {
    size_t rows, columns;
    str *cells; /* rows * columns, in the arena; p is NULL for SQL null */
    str *names; /* columns */
};
bool db_query(struct db *, struct arena *, const char *sql, const str *params, size_t nparams,
              struct db_rows *, struct diag *);
static inline str
db_cell(const struct db_rows *r, size_t row, size_t column)
{
    return r->cells[row * r->columns + column];
}
static inline int64_t
db_int(str cell) /* 0 for SQL null */
{
    int64_t v = 0;
    str_to_i64(cell, &v);
    return v;
}

/* The same, row by row in constant memory; each gets one row's cells and returns false to stop. */
bool db_each(struct db *, const char *sql, const str *params, size_t nparams,
             bool (*each)(void *ctx, size_t columns, const str *names, const str *cells), void *ctx,
             struct diag *);

/* COPY FROM STDIN: begin, put any number of pieces, end (aborts the COPY when ok is false). */
bool db_copy_in(struct db *, const char *copy_sql, struct diag *);
bool db_copy_put(struct db *, const void *p, size_t n, struct diag *);
bool db_copy_end(struct db *, bool ok, struct diag *);

/* COPY TO STDOUT.  The first only sends the command, so that several sessions can begin at once; next gives
 * one row's bytes (valid until the next call); false with row->p NULL and diag untouched (code 0) at the end. */
bool db_copy_out(struct db *, const char *copy_sql, struct diag *);
bool db_copy_next(struct db *, str *row, struct diag *);

/* The conninfo in effect, without a password, fit for psql; and the password, or NULL. */
str db_conninfo(struct db *, struct arena *);
const char *db_password(struct db *);

/* SQLSTATE of the last call that failed ("23505"), "" if the server gave none. */
const char *db_state(const struct db *);

/* The server's version as PQserverVersion gives it: 150018 is 15.18. */
int db_server_version(const struct db *);

/* sql/migrate.c: brings the schema up to date (advisory lock, one transaction each, checksums),
 * then renews the views.  With check_only it only tells whether that was needed. */
bool db_migrate(struct db *, bool check_only, bool *changed, struct diag *);

/* db_open, then db_migrate if the schema is not there or old: what every command wants. */
bool db_open_ready(struct db **, const char *conninfo, struct diag *);

#endif
