/* Keeps DNS answers. */
#include "dns_store.h"

#include "json.h"

enum { ROWS_AT_ONCE = 5000 };

static void
put_time(struct json *j, const char *name, when at, const char *open)
{
    struct arena a = { 0 };
    json_field(j, name, at == WHEN_NONE ? str_from(open) : when_format(&a, at));
    arena_free(&a);
}

static void
put_row(struct json *j, const struct dns_stored *r)
{
    json_object(j);
    json_field(j, "name", r->name);
    json_field(j, "type", r->type);
    json_field(j, "rdata", r->rdata);
    json_field(j, "rcode", r->rcode);
    json_field(j, "origin", r->origin);
    put_time(j, "first_seen", r->first_seen, "-infinity");
    put_time(j, "last_seen", r->last_seen, "infinity");
    json_end_object(j);
}

bool
dns_store_put(struct db *db, const struct dns_stored *rows, size_t n, struct diag *d)
{
    bool good = true;
    for (size_t i = 0; i < n && good;) {
        struct buf b = { 0 };
        struct json j = { .out = &b };
        struct arena a = { 0 };
        struct db_rows none;
        json_array(&j);
        for (size_t end = i + ROWS_AT_ONCE; i < n && i < end; i++)
            put_row(&j, &rows[i]);
        json_end_array(&j);
        str param = str_from(buf_z(&b));
        good = db_query(db, &a, sql_text("queries/dns_put.sql"), &param, 1, &none, d);
        arena_free(&a);
        buf_free(&b);
    }
    return good;
}

bool
dns_store_reopen(struct db *db, str source, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows none;
    bool good = db_query(db, &a, sql_text("queries/dns_reopen.sql"), &source, 1, &none, d);
    arena_free(&a);
    return good;
}

struct reading {
    bool (*each)(void *ctx, const struct dns_stored *);
    void *ctx;
};

static when
read_time(str text)
{
    struct when_result r = when_rfc3339(text);
    return r.ok ? r.at : WHEN_NONE; /* infinite ones come as null */
}

static bool
take(void *ctx, size_t columns, const str *names, const str *c)
{
    struct reading *r = ctx;
    (void)columns, (void)names;
    return r->each(r->ctx, &(struct dns_stored){ .name = c[0],
                                                 .type = c[1],
                                                 .rdata = c[2],
                                                 .rcode = c[3],
                                                 .origin = c[4],
                                                 .first_seen = read_time(c[5]),
                                                 .last_seen = read_time(c[6]) });
}

bool
dns_store_each(struct db *db, bool (*each)(void *, const struct dns_stored *), void *ctx, struct diag *d)
{
    return db_each(db, sql_text("queries/dns_get.sql"), NULL, 0, take, &(struct reading){ each, ctx }, d);
}
