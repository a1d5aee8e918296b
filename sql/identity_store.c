/* Keeps whose the addresses in DMARC reports are: by COPY to a table of the session, from there by the set. */
#include "identity_store.h"

#include "pgcopy.h"

enum { ROWS_AT_ONCE = 20000, NCOLUMNS = 15 };

bool
identity_store_put(struct identity_store *s, const struct identity_row *r, struct diag *d)
{
    const str texts[] = { r->standing, r->service, r->title, r->kind,
                          r->known_by, r->mark,    r->ptr,   r->ptr_status };
    struct buf *b = &s->rows;
    if (s->n == 0)
        pgcopy_header(b);
    pgcopy_row(b, NCOLUMNS);
    pgcopy_inet(b, r->ip);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        pgcopy_some(b, texts[i]);
    pgcopy_bool_if(b, r->ptr.n, r->confirmed);
    pgcopy_some(b, r->org_domain);
    pgcopy_some(b, r->country);
    pgcopy_int8_if(b, r->asn, r->asn);
    pgcopy_some(b, r->as_name);
    pgcopy_when(b, r->seen_at);
    return ++s->n < ROWS_AT_ONCE || identity_store_flush(s, d);
}

bool
identity_store_flush(struct identity_store *s, struct diag *d)
{
    if (s->n == 0)
        return true;
    pgcopy_trailer(&s->rows);
    bool good = (s->ready || db_exec(s->db, sql_text("queries/identity_stage.sql"), d)) &&
                db_exec(s->db, "begin", d) && db_copy_in(s->db, sql_text("queries/identity_copy.sql"), d);
    s->ready = true;
    if (good) {
        good = db_copy_put(s->db, s->rows.p, s->rows.n, d);
        good = db_copy_end(s->db, good, d) && good;
    }
    good = good && db_exec(s->db, sql_text("queries/identity_put.sql"), d) && db_exec(s->db, "commit", d);
    s->rows.n = s->n = 0;
    return good;
}

void
identity_store_free(struct identity_store *s)
{
    buf_free(&s->rows);
}
