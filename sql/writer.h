/* Sends rows to tables by COPY BINARY on a thread of its own.
 *
 * The caller fills a table's buffer row by row; full buffers go to the thread,
 * which runs one COPY for each while the caller goes on.  All happens in the
 * session's current transaction.  Rows of tables partitioned by time go
 * straight into their partition, which is made when needed.
 *
 * Between writer_sync and the next row the session belongs to the caller. */
#ifndef WRITER_H
#define WRITER_H

#include "db.h"
#include "pgcopy.h"

struct writer;

struct writer_table {
    const char *name;    /* without schema for waybill's own; "temp.x" is the temporary table x */
    const char *columns; /* "a, b, c" */
    int ncolumns;
    bool partitioned; /* by time; each row says its own */
};

struct writer *writer_new(struct db *, const struct writer_table *tables, size_t n);
/* Called on the writer's thread and in its session before the first rows of a table since writer_sync(): makes a temporary
 * table, say.  False ends the work as a COPY does that fails. */
typedef bool writer_opener(void *ctx, struct db *, size_t table, struct diag *);
void writer_open_with(struct writer *, writer_opener *, void *ctx); /* before any row */

/* One without a database: full buffers go through fd to a process that has one, which takes them by
 * writer_take.  It has no thread; a write that does not go through ends the process. */
struct writer *writer_relay(int fd, const struct writer_table *tables, size_t n);

/* Sends what is buffered, and that nothing follows: behind it the pipe is the caller's. */
void writer_relay_end(struct writer *);

/* Takes what comes from fd until the other side says it was all, on any thread; false if it ended early. */
bool writer_take(struct writer *, int fd);

void writer_free(struct writer *);

/* Begins a row and gives the buffer to write its fields into; at is its time for partitioned tables,
 * else WHEN_NONE. */
struct buf *writer_row(struct writer *, size_t table, when at);

/* Sends what is buffered and waits; false if any COPY since the last sync failed. */
bool writer_sync(struct writer *, struct diag *);

/* After a rollback: partitions made in it are gone. */
void writer_forget_partitions(struct writer *);

/* Whether a COPY failed already: no sense in going on. */
bool writer_failed(struct writer *);

#endif
