/* What makes the rows of a run quick to find: indexes and statistics of new partitions, by two sessions at a time. */
#include <pthread.h>
#include <stdlib.h>

#include "groups_impl.h"

/* Tables of ingest, which are there before the rows of this run are: their turn comes while those are on their way. */
#define TOLD "{attempt_log,transit,refusal,verdict_log}"
/* Those that naming the journeys of notifications needs, and the others. */
#define NAMED "{hop,journey}"
#define OTHER "{delivery,finding,journey_verdict}"

enum rows { ROWS_COMING, ROWS_IN, ROWS_NEVER };

struct settling {
    struct groups *g;
    struct db *db; /* that of a stream that has ended; holds the batch lock */
    bool running;  /* the thread */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t known;
    enum rows rows;
    bool good;
    struct diag diag;
};

static bool
ask(struct db *db, const char *name, str param, bool *yes, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    bool good = db_query(db, &a, sql_text(name), &param, 1, &rows, d);
    if (good && yes)
        *yes = str_eq(db_cell(&rows, 0, 0), S("t"));
    arena_free(&a);
    return good;
}

static bool
index_tables(struct db *db, str tables, struct diag *d)
{
    return ask(db, "queries/groups_index.sql", tables, NULL, d);
}

static bool
look_at_tables(struct db *db, str tables, struct diag *d)
{
    return ask(db, "queries/groups_statistics.sql", tables, NULL, d);
}

static enum rows
wait_for_rows(struct settling *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->rows == ROWS_COMING)
        pthread_cond_wait(&s->known, &s->lock);
    enum rows rows = s->rows;
    pthread_mutex_unlock(&s->lock);
    return rows;
}

static void *
settle_beside(void *arg)
{
    struct settling *s = arg;
    s->good = index_tables(s->db, S(TOLD), &s->diag) && look_at_tables(s->db, S(TOLD), &s->diag);
    if (wait_for_rows(s) == ROWS_IN && s->good)
        s->good = index_tables(s->db, S(OTHER), &s->diag) && look_at_tables(s->db, S(OTHER), &s->diag) &&
                  look_at_tables(s->db, S(NAMED), &s->diag);
    return NULL;
}

static void
start(struct settling *s)
{
    if (pthread_create(&s->thread, NULL, settle_beside, s) != 0)
        die(EXIT_INTERNAL, "cannot start a thread");
    s->running = true;
}

struct settling *
groups_settle_begin(struct groups *g, struct diag *d)
{
    struct db *db = g->streams[STREAM_TRANSIT].db;
    bool early = false;
    /* Not waited for: this run's own transaction is open, and what holds the lock may wait for that. */
    if (!ask(db, "queries/load_try_lock.sql", S(GROUPS_BATCH_LOCK), &early, d))
        return NULL;
    struct settling *s = xcalloc(1, sizeof *s);
    s->g = g;
    s->db = db;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->known, NULL);
    if (early)
        start(s);
    return s;
}

static void
tell(struct settling *s, enum rows rows)
{
    pthread_mutex_lock(&s->lock);
    s->rows = rows;
    pthread_cond_signal(&s->known);
    pthread_mutex_unlock(&s->lock);
}

/* The rows are committed. */
static bool
settle_rows(struct settling *s, struct diag *d)
{
    struct db *db = s->g->db;
    if (!s->running && !ask(s->db, "queries/load_lock.sql", S(GROUPS_BATCH_LOCK), NULL, d))
        return false;
    tell(s, ROWS_IN);
    if (!s->running)
        start(s);
    bool good = index_tables(db, S(NAMED), d) && db_exec(db, sql_text("queries/groups_about.sql"), d);
    pthread_join(s->thread, NULL);
    s->running = false;
    if (good && !s->good)
        *d = s->diag;
    return good && s->good && ask(s->db, "queries/load_unlock.sql", S(GROUPS_BATCH_LOCK), NULL, d);
}

bool
groups_settle_end(struct settling *s, bool committed, struct diag *d)
{
    bool good = committed && settle_rows(s, d);
    if (s->running) {
        tell(s, ROWS_NEVER);
        pthread_join(s->thread, NULL);
    }
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->known);
    free(s);
    return good;
}
