/* Sessions: queries, rows one by one, COPY both ways, failures and what is left after them.
 * Runs on a private server in a scratch home. */
#include "db.h"

#include <stdlib.h>
#include <unistd.h>

#include "server.h"
#include "tap.h"

static struct arena arena;
static struct diag d;

/* One cell of a query without parameters; "?" if it fails. */
static str
ask(struct db *db, const char *sql)
{
    struct db_rows r;
    if (!db_query(db, &arena, sql, NULL, 0, &r, &d) || r.rows == 0)
        return S("?");
    return db_cell(&r, 0, 0);
}

static void
test_query(struct db *db)
{
    struct db_rows r;
    str params[] = { S("it's"), { 0 }, S(""), S("caf\xc3\xa9") };
    ok(db_query(db, &arena, "select $1::text as a, $2::text, $3::text as c, $4::text, length($4::text)",
                params, 4, &r, &d),
       "a query with parameters");
    is_int((long long)(r.rows * r.columns), 5, "its shape");
    is_str(r.names[0], "a", "a column's name");
    is_str(db_cell(&r, 0, 0), "it's", "a quote is no matter");
    ok(db_cell(&r, 0, 1).p == NULL, "null is null");
    ok(db_cell(&r, 0, 2).p != NULL && db_cell(&r, 0, 2).n == 0, "the empty text is not");
    is_str(db_cell(&r, 0, 4), "4", "the session speaks UTF-8");
    ok(db_query(db, &arena, "select 1 where false", NULL, 0, &r, &d) && r.rows == 0 && r.columns == 1,
       "no rows");
    is_str(ask(db, "select timestamptz '2026-11-21 23:11:35+01'"), "2026-11-21 22:11:35+00",
           "times are in UTC");
    is_str(ask(db, "select current_setting('application_name')"), "waybill", "it says who it is");
    ok(db_exec(db, "create temporary table t (n integer, v text); insert into t values (1, 'x')", &d),
       "several statements at once");
    ok(db_exec(db, "", &d), "no statement at all");
    is_int(db_server_version(db) >= SERVER_OLDEST * 10000, 1, "the server's version");
}

static void
test_failure(struct db *db)
{
    d = (struct diag){ 0 };
    ok(!db_exec(db, "select 1/0", &d) && d.code == EXIT_DATABASE, "an error");
    is_str(str_from(d.text), "database: division by zero [22012]", "its text");
    is_str(str_from(db_state(db)), "22012", "its state");
    str bad[] = { S("\xff\xfe") };
    struct db_rows r;
    ok(!db_query(db, &arena, "select $1::text", bad, 1, &r, &d), "bytes that are no UTF-8 are refused");
    is_str(ask(db, "select 7"), "7", "and the session goes on");
    ok(!db_exec(db, "do $$ begin raise exception E'two\\nlines'; end $$", &d), "an error of several lines");
    ok(strchr(d.text, '\n') == NULL, "is told in one");
}

struct seen {
    int rows, stop_at;
    long sum;
};

static bool
on_row(void *ctx, size_t columns, const str *names, const str *cells)
{
    struct seen *seen = ctx;
    int64_t n = 0;
    if (columns == 2 && str_eq(names[0], S("n")) && cells[1].p == NULL)
        str_to_i64(cells[0], &n);
    seen->sum += n;
    return ++seen->rows != seen->stop_at;
}

static void
test_each(struct db *db)
{
    struct seen all = { 0 }, some = { .stop_at = 3 }, none = { 0 }, broken = { 0 };
    static const char sql[] = "select n, null::text from generate_series(1, $1::int) n";
    str hundred_thousand[] = { S("100000") }, zero[] = { S("0") };
    ok(db_each(db, sql, hundred_thousand, 1, on_row, &all, &d), "rows one by one");
    ok(all.rows == 100000 && all.sum == 5000050000L, "all of them");
    ok(db_each(db, sql, hundred_thousand, 1, on_row, &some, &d) && some.rows == 3, "stopped at the third");
    is_str(ask(db, "select 8"), "8", "and the session goes on");
    ok(db_each(db, sql, zero, 1, on_row, &none, &d) && none.rows == 0, "no rows");
    ok(!db_each(db, "select 1/(5 - n) as n, null::text from generate_series(1, 9) n", NULL, 0, on_row,
                &broken, &d),
       "an error amid the rows");
    is_str(str_from(db_state(db)), "22012", "is told");
    is_str(ask(db, "select 9"), "9", "and the session goes on after it");
}

static void
test_copy(struct db *db)
{
    db_exec(db, "create temporary table c (n integer primary key, v text)", &d);
    ok(db_copy_in(db, "copy c from stdin", &d) && db_copy_put(db, "1\tone\n2\t", 8, &d) &&
           db_copy_put(db, "two\n", 4, &d) && db_copy_end(db, true, &d),
       "COPY in, rows cut anywhere");
    is_str(ask(db, "select string_agg(v, ',' order by n) from c"), "one,two", "arrived");
    ok(db_copy_in(db, "copy c from stdin", &d) && db_copy_put(db, "3\tthree\n", 8, &d) &&
           db_copy_end(db, false, &d),
       "COPY given up");
    is_str(ask(db, "select count(*) from c"), "2", "leaves nothing");
    ok(db_copy_in(db, "copy c from stdin", &d) && db_copy_put(db, "2\tagain\n", 8, &d) &&
           !db_copy_end(db, true, &d),
       "a duplicate fails at the end");
    is_str(str_from(db_state(db)), "23505", "with its state");
    ok(!db_copy_in(db, "copy nowhere from stdin", &d), "a table that is not there");
    ok(db_copy_in(db, "copy c from stdin", &d), "a COPY whose rows are bad");
    char *junk = xmalloc(1 << 20);
    memset(junk, 'x', 1 << 20);
    for (int i = 0; i < 1 << 20; i += 64)
        junk[i] = '\n';
    bool good = true;
    for (int i = 0; good && i < 200; i++)
        good = db_copy_put(db, junk, 1 << 20, &d);
    good = good && db_copy_end(db, true, &d);
    ok(!good && strcmp(db_state(db), "22P02") == 0, "fails with the server's reason");
    free(junk);
    is_str(ask(db, "select count(*) from c"), "2", "and the session goes on");

    str row;
    int rows = 0;
    d = (struct diag){ 0 };
    ok(db_copy_out(db, "copy (select n from generate_series(1, 1000) n) to stdout", &d), "COPY out");
    while (db_copy_next(db, &row, &d))
        rows += row.n > 0 && row.p[row.n - 1] == '\n';
    ok(rows == 1000 && row.p == NULL && d.code == 0, "all rows, then the end without a complaint");
    ok(db_copy_out(db, "copy (select 1/(500 - n) from generate_series(1, 1000) n) to stdout", &d),
       "COPY out that will fail");
    while (db_copy_next(db, &row, &d))
        continue;
    is_str(str_from(db_state(db)), "22012", "does so with its state");
    is_int(d.code, EXIT_DATABASE, "and fills diag");
    is_str(ask(db, "select 1"), "1", "and the session goes on after that");
}

static void
test_sessions(struct db *db)
{
    struct db *other = NULL;
    if (!ok(db_open_again(&other, db, &d), "a second session"))
        return;
    str me = ask(db, "select pg_backend_pid()"), it = ask(other, "select pg_backend_pid()");
    ok(!str_eq(me, it), "is another");
    is_str(ask(other, "select current_database()"), "waybill", "to the same database");
    is_str(ask(other, "select current_setting('timezone')"), "UTC", "with the same settings");
    struct db_rows r;
    ok(db_query(db, &arena, "select pg_terminate_backend($1::int)", &it, 1, &r, &d), "ended from outside");
    usleep(200000);
    d = (struct diag){ 0 };
    ok(!db_exec(other, "select 1", &d) && d.code == EXIT_DATABASE, "its next call fails");
    ok(strstr(d.text, "terminat") != NULL, "with the reason");
    ok(!db_copy_in(other, "copy x from stdin", &d) && !db_query(other, &arena, "select 1", NULL, 0, &r, &d),
       "and so do all others");
    db_close(other);
    db_close(NULL);
}

int
main(void)
{
    char home[512];
    const char *tmp = getenv("TEST_TMP");
    snprintf(home, sizeof home, "%s/test_db.%ld", tmp ? tmp : "/tmp", (long)getpid());
    setenv("WAYBILL_HOME", home, 1);
    diag_verbosity = -1;
    struct db *db;
    if (!ok(db_open(&db, NULL, &d), "a session with a private server")) {
        printf("# %s\n", d.text);
        return done_testing();
    }
    test_query(db);
    test_failure(db);
    test_each(db);
    test_copy(db);
    test_sessions(db);
    db_close(db);
    struct server server;
    bool was_running = false;
    ok(server_find(&server, &arena, &d) && server_stop(&server, &was_running, &d) && was_running, "stopped");
    arena_free(&arena);
    return done_testing();
}
