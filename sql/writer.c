/* Sends rows to tables by COPY BINARY on a thread of its own. */
#include "writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pipe.h"

enum {
    BUFFER_BYTES = 1 << 20,
    FIRST_BYTES = 1 << 17, /* a table's first buffer, that the server need not wait for so long */
    QUEUE_LENGTH = 8,
    WEEKS_OPEN = 8,   /* buffers per partitioned table that go straight into a week's partition */
    IDLE_ROWS = 4096, /* a buffer that got no row for so long gives way to another week */
    OTHER_WEEKS = 64, /* in the buffer for the rest, which the server distributes */
    PARTITIONS_KNOWN = 512,
    DAYS = 7,
};

/* Weeks are counted from Monday, 5 January 1970, as ensure_partition() makes them.  What lies outside of
 * 1990 to 2100 goes to the default partition. */
static const when FIRST_MONDAY = 4 * WHEN_DAY;
enum { WEEK_NONE = INT32_MIN, FIRST_WEEK = 1043, LAST_WEEK = 6783 };

struct open_buffer {
    int32_t weeks[OTHER_WEEKS]; /* those of its rows; of a week's own buffer only one */
    size_t nweeks;
    uint64_t used;
    struct buf buf;
};

struct job {
    size_t table;
    struct open_buffer rows;
};

struct partition {
    when from, until;
    char name[64];
    uint64_t made; /* the transaction that made it and all others of its table; else 0 */
};

struct table_state {
    struct open_buffer open[WEEKS_OPEN], other;
    struct partition known[PARTITIONS_KNOWN];
    size_t nknown;
    size_t limit; /* of its buffers, in bytes */
    bool opened;  /* since the last writer_sync() */
};

/* What goes before the rows in a pipe.  Both sides are the same program. */
struct frame {
    size_t table, nweeks, n; /* n 0: the end */
    int32_t weeks[OTHER_WEEKS];
};

struct writer {
    struct db *db; /* NULL: rows go through relay */
    int relay;
    const struct writer_table *tables;
    size_t ntables;
    writer_opener *open; /* or NULL */
    void *open_ctx;
    struct table_state *states;
    uint64_t clock;
    uint64_t transaction; /* its number, 0 where unknown: writer_sync() lets the caller end it */

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job queue[QUEUE_LENGTH];
    size_t queued, first;
    bool busy, stop, failed;
    struct diag diag;
    struct buf spare[QUEUE_LENGTH];
    size_t nspare;
};

static int32_t
week_of(when at)
{
    if (at < FIRST_MONDAY) /* WHEN_NONE too */
        return WEEK_NONE;
    when week = (at - FIRST_MONDAY) / (DAYS * WHEN_DAY);
    return week < FIRST_WEEK || week >= LAST_WEEK ? WEEK_NONE : (int32_t)week;
}

/* The partition for a moment, made if it is not there; NULL: see diag.  Valid until the next call. */
static const struct partition *
partition_for(struct writer *w, size_t table, when at, struct diag *d)
{
    struct table_state *s = &w->states[table];
    for (size_t i = 0; i < s->nknown; i++)
        if (s->known[i].from <= at && at < s->known[i].until)
            return &s->known[i];
    struct arena a = { 0 };
    struct db_rows rows;
    str params[2] = { str_from(w->tables[table].name), arena_printf(&a, "%lld", (long long)at) };
    struct partition *p = NULL;
    if (db_query(w->db, &a, sql_text("queries/ensure_partition.sql"), params, 2, &rows, d)) {
        if (s->nknown == PARTITIONS_KNOWN)
            s->nknown = 0;
        p = &s->known[s->nknown++];
        *p = (struct partition){ .from = db_int(db_cell(&rows, 0, 1)),
                                 .until = db_int(db_cell(&rows, 0, 2)),
                                 .made = (uint64_t)db_int(db_cell(&rows, 0, 3)) };
        snprintf(p->name, sizeof p->name, "%.*s", PRSTR(db_cell(&rows, 0, 0)));
    }
    arena_free(&a);
    return p;
}

/* Whether a partition is of a table that the open transaction began to fill.  Then rows go in frozen (COPY's FREEZE): who
 * reads them need not look up who wrote them, nor write that down, and no vacuum comes to freeze them.  Not into a new week
 * of a table that others read: frozen rows show themselves to older snapshots, so that a report would see half a run. */
static bool
is_new(struct writer *w, const struct partition *p)
{
    if (p->made != 0 && w->transaction == 0) {
        struct arena a = { 0 };
        struct db_rows rows;
        struct diag ignored = { 0 };
        if (db_query(w->db, &a, sql_text("queries/transaction.sql"), NULL, 0, &rows, &ignored))
            w->transaction = (uint64_t)db_int(db_cell(&rows, 0, 0));
        arena_free(&a);
    }
    return p->made != 0 && p->made == w->transaction;
}

/* Sees that all partitions for a job's rows are there, and gives the name to copy to: the one partition
 * that takes them all, else the table itself. */
static bool
place(struct writer *w, const struct job *j, char *name, size_t size, bool *freeze, struct diag *d)
{
    const struct open_buffer *o = &j->rows;
    const char *table = w->tables[j->table].name;
    snprintf(name, size, "%s", table);
    for (size_t i = 0; i < o->nweeks; i++) {
        if (o->weeks[i] == WEEK_NONE) {
            if (o->nweeks == 1)
                snprintf(name, size, "%s_default", table);
            continue;
        }
        when week = FIRST_MONDAY + o->weeks[i] * (DAYS * WHEN_DAY), end = week + DAYS * WHEN_DAY;
        for (when at = week; at < end;) { /* several where an older version made months */
            const struct partition *p = partition_for(w, j->table, at, d);
            if (p == NULL)
                return false;
            if (o->nweeks == 1 && at == week && p->until >= end) {
                snprintf(name, size, "%s", p->name);
                *freeze = is_new(w, p);
            }
            at = p->until;
        }
    }
    return true;
}

static bool
run_job(struct writer *w, struct job *j, struct diag *d)
{
    const struct writer_table *t = &w->tables[j->table];
    char name[64], copy[1024];
    bool *opened = &w->states[j->table].opened;
    if (w->open && !*opened && !w->open(w->open_ctx, w->db, j->table, d))
        return false;
    *opened = true;
    bool temp = strncmp(t->name, "temp.", 5) == 0, freeze = false;
    if (temp)
        snprintf(name, sizeof name, "%s", t->name + 5);
    else if (!place(w, j, name, sizeof name, &freeze, d))
        return false;
    snprintf(copy, sizeof copy, "copy %s.%s (%s) from stdin (format binary%s)", temp ? "pg_temp" : "waybill",
             name, t->columns, freeze ? ", freeze" : "");
    struct buf *b = &j->rows.buf;
    pgcopy_trailer(b);
    if (!db_copy_in(w->db, copy, d))
        return false;
    bool good = db_copy_put(w->db, b->p, b->n, d);
    struct diag end = { 0 };
    if (!db_copy_end(w->db, good, &end) && good) {
        *d = end;
        good = false;
    }
    return good;
}

static void *
writer_thread(void *arg)
{
    struct writer *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->queued == 0 && !w->stop)
            pthread_cond_wait(&w->changed, &w->lock);
        if (w->queued == 0)
            break;
        struct job j = w->queue[w->first];
        w->first = (w->first + 1) % QUEUE_LENGTH;
        w->queued--;
        w->busy = true;
        bool skip = w->failed;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        struct diag d = { 0 };
        bool good = skip || run_job(w, &j, &d);
        pthread_mutex_lock(&w->lock);
        if (!good) {
            w->failed = true;
            w->diag = d;
        }
        j.rows.buf.n = 0;
        if (w->nspare < QUEUE_LENGTH)
            w->spare[w->nspare++] = j.rows.buf;
        else
            buf_free(&j.rows.buf);
        w->busy = false;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static struct writer *
writer_make(struct db *db, const struct writer_table *tables, size_t n)
{
    struct writer *w = xcalloc(1, sizeof *w);
    w->db = db;
    w->tables = tables;
    w->ntables = n;
    w->states = xcalloc(n, sizeof *w->states);
    for (size_t t = 0; t < n; t++)
        w->states[t].limit = FIRST_BYTES;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    return w;
}

struct writer *
writer_new(struct db *db, const struct writer_table *tables, size_t n)
{
    struct writer *w = writer_make(db, tables, n);
    if (pthread_create(&w->thread, NULL, writer_thread, w) != 0)
        die(EXIT_INTERNAL, "cannot start a thread");
    return w;
}

void
writer_open_with(struct writer *w, writer_opener *open, void *ctx)
{
    w->open = open;
    w->open_ctx = ctx;
}

static void
stop_thread(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
}

void
writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    if (w->db)
        stop_thread(w);
    for (size_t i = 0; i < w->ntables; i++) {
        for (int k = 0; k < WEEKS_OPEN; k++)
            buf_free(&w->states[i].open[k].buf);
        buf_free(&w->states[i].other.buf);
    }
    for (size_t i = 0; i < w->nspare; i++)
        buf_free(&w->spare[i]);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w->states);
    free(w);
}

/* Relays -------------------------------------------------------------------------------------------- */

static void
put_all(int fd, const void *bytes, size_t n)
{
    if (!pipe_write(fd, bytes, n))
        _exit(EXIT_INTERNAL); /* who was to take it is gone, and all the work with it */
}

struct writer *
writer_relay(int fd, const struct writer_table *tables, size_t n)
{
    struct writer *w = writer_make(NULL, tables, n);
    w->relay = fd;
    return w;
}

static void
relay(struct writer *w, size_t table, struct open_buffer *o)
{
    struct frame f = { .table = table, .nweeks = o->nweeks, .n = o->buf.n };
    memcpy(f.weeks, o->weeks, o->nweeks * sizeof *o->weeks);
    put_all(w->relay, &f, sizeof f);
    put_all(w->relay, o->buf.p, o->buf.n);
    o->buf.n = 0;
    o->nweeks = 0;
}

/* Hands a buffer to the thread, waiting for room, and leaves an empty one in its place. */
static void
submit(struct writer *w, size_t table, struct open_buffer *o)
{
    if (o->buf.n == 0)
        return;
    if (w->db == NULL) {
        relay(w, table, o);
        return;
    }
    pthread_mutex_lock(&w->lock);
    while (w->queued == QUEUE_LENGTH)
        pthread_cond_wait(&w->changed, &w->lock);
    w->queue[(w->first + w->queued++) % QUEUE_LENGTH] = (struct job){ .table = table, .rows = *o };
    o->buf = w->nspare ? w->spare[--w->nspare] : (struct buf){ 0 };
    o->nweeks = 0;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

bool
writer_take(struct writer *w, int fd)
{
    struct open_buffer o = { 0 };
    struct frame f;
    bool good = false;
    while (pipe_read(fd, &f, sizeof f)) {
        good = f.n == 0;
        if (good || writer_failed(w) || f.table >= w->ntables || f.nweeks > OTHER_WEEKS)
            break;
        o.nweeks = f.nweeks;
        memcpy(o.weeks, f.weeks, sizeof o.weeks);
        buf_reserve(&o.buf, f.n);
        if (!pipe_read(fd, o.buf.p, f.n))
            break;
        o.buf.n = f.n;
        submit(w, f.table, &o);
    }
    buf_free(&o.buf);
    return good;
}

static bool
notes_week(struct open_buffer *o, int32_t week)
{
    for (size_t i = 0; i < o->nweeks; i++)
        if (o->weeks[i] == week)
            return true;
    if (o->nweeks == OTHER_WEEKS)
        return false;
    o->weeks[o->nweeks++] = week;
    return true;
}

/* The buffer for a week: its own, one that is free or idle, else that for the rest. */
static struct open_buffer *
buffer_for(struct writer *w, size_t table, int32_t week)
{
    struct table_state *s = &w->states[table];
    struct open_buffer *idle = &s->open[0];
    for (int i = 0; i < WEEKS_OPEN; i++) {
        struct open_buffer *o = &s->open[i];
        if (o->nweeks && o->weeks[0] == week)
            return o;
        if (o->nweeks == 0 ? idle->nweeks != 0 : idle->nweeks != 0 && o->used < idle->used)
            idle = o;
    }
    if (idle->nweeks == 0)
        return idle;
    if (idle->used + IDLE_ROWS >= w->clock)
        return &s->other;
    submit(w, table, idle);
    return idle;
}

struct buf *
writer_row(struct writer *w, size_t table, when at)
{
    int32_t week = WEEK_NONE;
    struct open_buffer *o = &w->states[table].open[0];
    if (w->tables[table].partitioned) {
        week = week_of(at);
        o = buffer_for(w, table, week);
    }
    if (o->buf.n >= w->states[table].limit) {
        submit(w, table, o);
        w->states[table].limit = BUFFER_BYTES;
    }
    if (w->tables[table].partitioned && !notes_week(o, week)) {
        submit(w, table, o);
        notes_week(o, week);
    }
    if (o->buf.n == 0) {
        buf_reserve(&o->buf, BUFFER_BYTES + (64 << 10));
        pgcopy_header(&o->buf);
    }
    o->used = ++w->clock;
    pgcopy_row(&o->buf, w->tables[table].ncolumns);
    return &o->buf;
}

static void
submit_all(struct writer *w)
{
    for (size_t t = 0; t < w->ntables; t++) {
        for (int k = 0; k < WEEKS_OPEN; k++)
            submit(w, t, &w->states[t].open[k]);
        submit(w, t, &w->states[t].other);
    }
}

void
writer_relay_end(struct writer *w)
{
    submit_all(w);
    put_all(w->relay, &(struct frame){ 0 }, sizeof(struct frame));
}

bool
writer_sync(struct writer *w, struct diag *d)
{
    submit_all(w);
    pthread_mutex_lock(&w->lock);
    while (w->queued || w->busy)
        pthread_cond_wait(&w->changed, &w->lock);
    bool good = !w->failed;
    if (!good && d)
        *d = w->diag;
    w->transaction = 0;
    for (size_t t = 0; t < w->ntables; t++)
        w->states[t].opened = false;
    pthread_mutex_unlock(&w->lock);
    return good;
}

void
writer_forget_partitions(struct writer *w)
{
    for (size_t t = 0; t < w->ntables; t++)
        w->states[t].nknown = 0;
}

bool
writer_failed(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    bool failed = w->failed;
    pthread_mutex_unlock(&w->lock);
    return failed;
}
