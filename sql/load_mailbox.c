/* The state of mailboxes: rows of a batch, and look-ups beside it. */
#include "load_mailbox.h"

#include "load_impl.h"

static bool
ask(struct load *l, struct arena *a, const char *query, const struct load_mailbox *m, str fourth, str fifth,
    struct db_rows *rows, struct diag *d)
{
    str params[] = { m->host, m->username, m->folder, fourth, fifth };
    return db_query(l->look, a, sql_text(query), params, fifth.p ? 5 : fourth.p ? 4 : 3, rows, d);
}

static uint32_t
cell_number(const struct db_rows *r, size_t row, size_t column)
{
    uint64_t v = 0;
    str_to_u64(db_cell(r, row, column), &v);
    return (uint32_t)v;
}

static str
number(struct arena *a, uint32_t v)
{
    return arena_printf(a, "%u", v);
}

bool
load_mailbox_get(struct load *l, struct load_mailbox *m, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    bool good = ask(l, &a, "queries/mailbox_get.sql", m, (str){ 0 }, (str){ 0 }, &rows, d);
    m->uidvalidity = good && rows.rows ? cell_number(&rows, 0, 0) : 0;
    m->last_uid = good && rows.rows ? cell_number(&rows, 0, 1) : 0;
    arena_free(&a);
    return good;
}

bool
load_mailbox_forget(struct load *l, const struct load_mailbox *m, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    bool good = ask(l, &a, "queries/mailbox_forget.sql", m, number(&a, m->uidvalidity), (str){ 0 }, &rows, d);
    arena_free(&a);
    return good;
}

static void
put_folder(struct buf *b, const struct load_mailbox *m)
{
    pgcopy_text(b, m->host);
    pgcopy_text(b, m->username);
    pgcopy_text(b, m->folder);
    pgcopy_int8(b, m->uidvalidity);
}

bool
load_mailbox_put(struct load *l, const struct load_mailbox *m, struct diag *d)
{
    if (!load_want_batch(l, d))
        return false;
    struct buf *b = writer_row(l->writer, LOAD_MAILBOX, WHEN_NONE);
    put_folder(b, m);
    pgcopy_int8(b, m->last_uid);
    pgcopy_when(b, when_now());
    pgcopy_int8(b, ++l->mailbox_puts);
    return load_taken(l);
}

bool
load_mailbox_want(struct load *l, const struct load_mailbox *m, uint32_t uid, struct diag *d)
{
    if (!load_want_batch(l, d))
        return false;
    struct buf *b = writer_row(l->writer, LOAD_MAILBOX_PENDING, WHEN_NONE);
    put_folder(b, m);
    pgcopy_int8(b, uid);
    return load_taken(l);
}

bool
load_mailbox_pending(struct load *l, const struct load_mailbox *m, uint32_t *uids, size_t max, size_t *n,
                     struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    bool good = ask(l, &a, "queries/mailbox_pending.sql", m, number(&a, m->uidvalidity),
                    arena_printf(&a, "%zu", max), &rows, d);
    *n = 0;
    for (size_t i = 0; good && i < rows.rows && i < max; i++)
        uids[(*n)++] = cell_number(&rows, i, 0);
    arena_free(&a);
    return good;
}

bool
load_mailbox_done(struct load *l, const struct load_mailbox *m, const uint32_t *uids, size_t n,
                  struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    struct buf list = { 0 };
    for (size_t i = 0; i < n; i++)
        buf_printf(&list, "%c%u", i ? ',' : '{', uids[i]);
    buf_printf(&list, n ? "}" : "{}");
    bool good =
        ask(l, &a, "queries/mailbox_done.sql", m, number(&a, m->uidvalidity), buf_str(&list), &rows, d);
    buf_free(&list);
    arena_free(&a);
    return good;
}
