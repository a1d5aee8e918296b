/* Sends rows to tables by COPY BINARY on a thread of its own. */
#include "writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BUFFER_BYTES = 1 << 20,
    QUEUE_LENGTH = 8,
    MONTHS_OPEN = 3, /* buffers per partitioned table: neighbouring months alternate in a log */
    MONTHS_KNOWN = 512,
};

/* Months are counted from year 0; rows outside of these years go to the default partition. */
static const int FIRST_MONTH = 1990 * 12, LAST_MONTH = 2100 * 12;
enum { MONTH_NONE = -1 };

struct job {
    size_t table;
    int month;
    struct buf buf;
};

struct open_buffer {
    int month;
    uint64_t used;
    struct buf buf;
};

struct table_state {
    struct open_buffer open[MONTHS_OPEN];
    int known[MONTHS_KNOWN]; /* months whose partition is there */
    size_t nknown;
};

struct writer {
    struct db *db;
    const struct writer_table *tables;
    size_t ntables;
    struct table_state *states;
    uint64_t clock;
    when last_at; /* of the row before, and its month: rows come in bursts */
    int last_month;

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

static int
month_of(when at)
{
    if (at == WHEN_NONE)
        return MONTH_NONE;
    struct civil c = when_to_civil(at);
    int month = c.year * 12 + c.month - 1;
    return month < FIRST_MONTH || month >= LAST_MONTH ? MONTH_NONE : month;
}

static bool
ensure_month(struct writer *w, const struct job *j, struct diag *d)
{
    struct table_state *s = &w->states[j->table];
    if (j->month == MONTH_NONE)
        return true;
    for (size_t i = 0; i < s->nknown; i++)
        if (s->known[i] == j->month)
            return true;
    struct arena a = { 0 };
    struct db_rows rows;
    str params[2] = { str_from(w->tables[j->table].name),
                      arena_printf(&a, "%04d-%02d-01", j->month / 12, j->month % 12 + 1) };
    bool good = db_query(w->db, &a, sql_text("queries/ensure_month.sql"), params, 2, &rows, d);
    arena_free(&a);
    if (good && s->nknown < MONTHS_KNOWN)
        s->known[s->nknown++] = j->month;
    return good;
}

static bool
run_job(struct writer *w, struct job *j, struct diag *d)
{
    const struct writer_table *t = &w->tables[j->table];
    char name[96], copy[1024];
    bool temp = strncmp(t->name, "temp.", 5) == 0;
    if (t->by_month && j->month != MONTH_NONE)
        snprintf(name, sizeof name, "waybill.%s_%04d%02d", t->name, j->month / 12, j->month % 12 + 1);
    else if (t->by_month)
        snprintf(name, sizeof name, "waybill.%s_default", t->name);
    else
        snprintf(name, sizeof name, "%s%s", temp ? "pg_temp." : "waybill.", temp ? t->name + 5 : t->name);
    snprintf(copy, sizeof copy, "copy %s (%s) from stdin (format binary)", name, t->columns);
    pgcopy_trailer(&j->buf);
    if (!ensure_month(w, j, d) || !db_copy_in(w->db, copy, d))
        return false;
    bool good = db_copy_put(w->db, j->buf.p, j->buf.n, d);
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
        j.buf.n = 0;
        if (w->nspare < QUEUE_LENGTH)
            w->spare[w->nspare++] = j.buf;
        else
            buf_free(&j.buf);
        w->busy = false;
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct writer *
writer_new(struct db *db, const struct writer_table *tables, size_t n)
{
    struct writer *w = xcalloc(1, sizeof *w);
    w->db = db;
    w->tables = tables;
    w->ntables = n;
    w->states = xcalloc(n, sizeof *w->states);
    w->last_at = WHEN_NONE;
    w->last_month = MONTH_NONE;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    if (pthread_create(&w->thread, NULL, writer_thread, w) != 0)
        die(EXIT_INTERNAL, "cannot start a thread");
    return w;
}

void
writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    for (size_t i = 0; i < w->ntables; i++)
        for (int k = 0; k < MONTHS_OPEN; k++)
            buf_free(&w->states[i].open[k].buf);
    for (size_t i = 0; i < w->nspare; i++)
        buf_free(&w->spare[i]);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w->states);
    free(w);
}

/* Hands a buffer to the thread, waiting for room, and leaves an empty one in its place. */
static void
submit(struct writer *w, size_t table, struct open_buffer *o)
{
    if (o->buf.n == 0)
        return;
    pthread_mutex_lock(&w->lock);
    while (w->queued == QUEUE_LENGTH)
        pthread_cond_wait(&w->changed, &w->lock);
    w->queue[(w->first + w->queued++) % QUEUE_LENGTH] =
        (struct job){ .table = table, .month = o->month, .buf = o->buf };
    o->buf = w->nspare ? w->spare[--w->nspare] : (struct buf){ 0 };
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

struct buf *
writer_row(struct writer *w, size_t table, when at)
{
    struct table_state *s = &w->states[table];
    int month = MONTH_NONE;
    if (w->tables[table].by_month) {
        if (at != w->last_at) {
            w->last_at = at;
            w->last_month = month_of(at);
        }
        month = w->last_month;
    }
    struct open_buffer *o = NULL;
    for (int i = 0; i < MONTHS_OPEN && o == NULL; i++)
        if (s->open[i].buf.n && s->open[i].month == month)
            o = &s->open[i];
    if (o && o->buf.n >= BUFFER_BYTES)
        submit(w, table, o);
    if (o == NULL) { /* a free buffer, else the one that was idle longest */
        o = &s->open[0];
        for (int i = 1; i < MONTHS_OPEN; i++)
            if (s->open[i].used < o->used)
                o = &s->open[i];
        submit(w, table, o);
    }
    if (o->buf.n == 0) {
        o->month = month;
        buf_reserve(&o->buf, BUFFER_BYTES + (64 << 10));
        pgcopy_header(&o->buf);
    }
    o->used = ++w->clock;
    pgcopy_row(&o->buf, w->tables[table].ncolumns);
    return &o->buf;
}

bool
writer_sync(struct writer *w, struct diag *d)
{
    for (size_t t = 0; t < w->ntables; t++)
        for (int k = 0; k < MONTHS_OPEN; k++)
            submit(w, t, &w->states[t].open[k]);
    pthread_mutex_lock(&w->lock);
    while (w->queued || w->busy)
        pthread_cond_wait(&w->changed, &w->lock);
    bool good = !w->failed;
    if (!good && d)
        *d = w->diag;
    pthread_mutex_unlock(&w->lock);
    return good;
}

void
writer_forget_months(struct writer *w)
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
