/* Brings the schema up to date.
 *
 * Migrations are append-only files, applied in order, each in a transaction of
 * its own, and never changed once released: their checksums are kept and
 * compared.  Views hold no data; they are renewed together whenever a migration
 * ran or their files changed.  The row of version 0 keeps the views' checksum. */
#include "db.h"

#include <stdlib.h>

#include "crypto.h"
#include "embedded.h"

#define MIGRATION_DIGITS 4 /* of its number, which starts its name */
#define VIEWS_VERSION    0

struct migration {
    int64_t version;
    str name;                    /* "foundation" */
    const struct embedded *file; /* NULL: the views */
    str checksum;                /* SHA-256, hex */
};

struct plan {
    struct migration *migrations; /* those of the program, in order */
    size_t n, room;
    struct migration views;
    size_t applied; /* how many of them the database has */
    bool views_current;
};

static bool
is_in(const struct embedded *f, str folder)
{
    return str_starts(str_from(f->path), folder) && str_ends(str_from(f->path), S(".sql"));
}

static str
digest_text(struct arena *a, const struct sha256 *h)
{
    unsigned char digest[32];
    sha256_value(h, digest);
    return sha256_hex(a, digest);
}

/* What the program carries. */
static void
plan_embedded(struct arena *a, struct plan *plan)
{
    struct sha256 *views = sha256_new();
    for (const struct embedded *f = embedded_files; f->path; f++) {
        if (is_in(f, S("views/"))) {
            sha256_add(views, str_from(f->path));
            sha256_add(views, str_of(f->bytes, f->length));
        }
        if (!is_in(f, S("migrations/")))
            continue;
        str name = str_skip(str_from(f->path), S("migrations/").n);
        struct str_number number = str_cut_number(name, MIGRATION_DIGITS);
        if (!number.ok || number.value != plan->n + 1)
            BUG("%s is not the next migration", f->path);
        struct sha256 *h = sha256_new();
        sha256_add(h, str_of(f->bytes, f->length));
        str rest = str_after(number.rest, '_');
        ARENA_PUSH(a, plan->migrations, plan->n, plan->room) =
            (struct migration){ .version = (int64_t)number.value,
                                .name = str_head(rest, rest.n - S(".sql").n),
                                .file = f,
                                .checksum = digest_text(a, h) };
        sha256_free(h);
    }
    plan->views =
        (struct migration){ .version = VIEWS_VERSION, .name = S("views"), .checksum = digest_text(a, views) };
    sha256_free(views);
}

/* What the database has, compared with it; *plan says what is left to do. */
static bool
plan_read(struct db *db, struct arena *a, struct plan *plan, struct diag *d)
{
    struct db_rows rows;
    plan->applied = 0;
    plan->views_current = false;
    if (!db_query(db, a, sql_text("queries/schema_exists.sql"), NULL, 0, &rows, d))
        return false;
    if (rows.rows == 0)
        return true;
    if (!db_query(db, a, sql_text("queries/schema_migrations.sql"), NULL, 0, &rows, d))
        return false;
    for (size_t i = 0; i < rows.rows; i++) {
        int64_t version;
        str checksum = db_cell(&rows, i, 2);
        if (!str_to_i64(db_cell(&rows, i, 0), &version) || version < 0)
            return diag_set(d, EXIT_DATABASE, "waybill.schema_migration holds the odd version %.*s",
                            PRSTR(db_cell(&rows, i, 0)));
        if (version == VIEWS_VERSION) {
            plan->views_current = str_eq(checksum, plan->views.checksum);
            continue;
        }
        if (version > (int64_t)plan->n)
            return diag_set(
                d, EXIT_DATABASE,
                "the database's schema has version %lld, this program knows %zu (use a newer waybill)",
                (long long)version, plan->n);
        if (version != (int64_t)plan->applied + 1)
            return diag_set(d, EXIT_DATABASE, "migration %zu is missing from waybill.schema_migration",
                            plan->applied + 1);
        const struct migration *m = &plan->migrations[plan->applied++];
        if (!str_eq(checksum, m->checksum))
            return diag_set(
                d, EXIT_DATABASE,
                "migration %lld (%.*s) was applied with other contents than this program's (use the "
                "waybill that made this database, or a new database)",
                (long long)m->version, PRSTR(m->name));
    }
    return true;
}

static bool
record(struct db *db, struct arena *a, const struct migration *m, struct diag *d)
{
    str params[] = { arena_printf(a, "%lld", (long long)m->version), m->name, m->checksum };
    struct db_rows none;
    return db_query(db, a, sql_text("queries/schema_record.sql"), params, 3, &none, d);
}

/* Runs a file's statements with the file named in the complaint. */
static bool
run_file(struct db *db, const struct embedded *f, struct diag *d)
{
    struct diag why = { 0 };
    if (db_exec(db, f->bytes, &why))
        return true;
    return diag_set(d, EXIT_DATABASE, "%s: %.900s", f->path, why.text);
}

static bool
apply_views(struct db *db, struct arena *a, const struct plan *plan, struct diag *d)
{
    for (const struct embedded *f = embedded_files; f->path; f++)
        if (is_in(f, S("views/")) && !run_file(db, f, d))
            return false;
    return record(db, a, &plan->views, d);
}

static bool
in_transaction(struct db *db, struct arena *a, const struct plan *plan, const struct migration *m,
               struct diag *d)
{
    if (!db_exec(db, "begin", d))
        return false;
    bool good = m->file ? run_file(db, m->file, d) && record(db, a, m, d) : apply_views(db, a, plan, d);
    if (good)
        return db_exec(db, "commit", d);
    struct diag ignored;
    db_exec(db, "rollback", &ignored);
    return false;
}

static bool
apply(struct db *db, struct arena *a, struct plan *plan, struct diag *d)
{
    /* another command may have been faster: look again now that we hold the lock */
    if (!db_exec(db, sql_text("queries/schema_create.sql"), d) || !plan_read(db, a, plan, d))
        return false;
    bool any = false;
    for (size_t i = plan->applied; i < plan->n; i++) {
        debug("migration %lld: %.*s", (long long)plan->migrations[i].version,
              PRSTR(plan->migrations[i].name));
        if (!in_transaction(db, a, plan, &plan->migrations[i], d))
            return false;
        any = true;
    }
    if (any || !plan->views_current)
        return in_transaction(db, a, plan, &plan->views, d);
    return true;
}

bool
db_migrate(struct db *db, bool check_only, bool *changed, struct diag *d)
{
    struct arena a = { 0 };
    struct plan plan = { 0 };
    plan_embedded(&a, &plan);
    bool good = plan_read(db, &a, &plan, d);
    *changed = good && (plan.applied < plan.n || !plan.views_current);
    if (good && *changed && !check_only) {
        struct diag ignored;
        good = db_exec(db, sql_text("queries/schema_lock.sql"), d) && apply(db, &a, &plan, d);
        db_exec(db, sql_text("queries/schema_unlock.sql"), &ignored);
        if (!good && strcmp(db_state(db), "42501") == 0)
            diag_set(d, EXIT_DATABASE,
                     "the schema must be brought up to date by its owner (waybill init): permission denied");
    }
    arena_free(&a);
    return good;
}

bool
db_open_ready(struct db **out, const char *conninfo, struct diag *d)
{
    bool changed;
    if (!db_open(out, conninfo, d))
        return false;
    if (db_migrate(*out, false, &changed, d))
        return true;
    db_close(*out);
    *out = NULL;
    return false;
}
