/* The history of DNS between analyze and the table dns_record, and "waybill db dns". */
#include "dns_keep.h"

#include <stdio.h>
#include <stdlib.h>

#include "hash.h"

static bool
keep_row(void *closure, const struct dns_row *r)
{
    struct dns_keep *k = closure;
    struct arena *a = &k->arena;
    ARENA_PUSH(a, k->rows, k->n, k->room) = (struct dns_stored){ .name = arena_copy(a, r->name),
                                                                 .type = arena_copy(a, r->type),
                                                                 .rdata = arena_copy(a, r->rdata),
                                                                 .rcode = arena_copy(a, r->rcode),
                                                                 .origin = arena_copy(a, r->origin),
                                                                 .first_seen = r->first_seen,
                                                                 .last_seen = r->last_seen };
    return true;
}

/* Whether this hash is new; it is kept. */
static bool
first_time(struct dns_keep *k, uint64_t hash)
{
    if (2 * k->nasked >= k->asked_room) {
        size_t room = k->asked_room ? 2 * k->asked_room : 1024;
        uint64_t *old = k->asked, *grown = xcalloc(room, sizeof *grown);
        for (size_t i = 0; i < k->asked_room; i++)
            for (size_t at = old[i] & (room - 1); old[i]; at = (at + 1) & (room - 1))
                if (grown[at] == 0) {
                    grown[at] = old[i];
                    break;
                }
        free(old);
        k->asked = grown;
        k->asked_room = room;
    }
    hash = hash ? hash : 1;
    for (size_t at = hash & (k->asked_room - 1);; at = (at + 1) & (k->asked_room - 1)) {
        if (k->asked[at] == hash)
            return false;
        if (k->asked[at] == 0) {
            k->asked[at] = hash;
            k->nasked++;
            return true;
        }
    }
}

static void
on_answer(void *closure, str name, enum dns_type type, const struct dns_answer *answer)
{
    struct dns_keep *k = closure;
    if (first_time(k, hash_bytes(name) ^ (uint64_t)type * 0x9E3779B97F4A7C15u))
        dns_answer_rows(&k->arena, name, type, answer, when_now(), S("live"), keep_row, k);
}

void
dns_keep_attach(struct dns_keep *k, struct dns *dns)
{
    dns->seen = on_answer;
    dns->closure = k;
}

bool
dns_keep_save(struct dns_keep *k, struct db *db, struct diag *d)
{
    bool good = dns_store_put(db, k->rows, k->n, d);
    free(k->asked);
    arena_free(&k->arena);
    *k = (struct dns_keep){ 0 };
    return good;
}

/* The table as a snapshot's text. */
struct export
{
    struct buf out;
    struct dns_text_state state;
};

static bool
export_row(void *ctx, const struct dns_stored *s)
{
    struct export *e = ctx;
    dns_row_text(&e->out, &e->state,
                 &(struct dns_row){ .name = s->name,
                                    .type = s->type,
                                    .rdata = s->rdata,
                                    .rcode = s->rcode,
                                    .origin = s->origin,
                                    .first_seen = s->first_seen,
                                    .last_seen = s->last_seen });
    return true;
}

struct dns *
dns_with_history(struct db *db, struct dns *next, struct diag *d)
{
    struct export e = { 0 };
    if (!dns_store_each(db, export_row, &e, d)) {
        buf_free(&e.out);
        return NULL;
    }
    struct dns *dns =
        e.out.n ? dns_history(dns_snapshot("dns_record", buf_str(&e.out), true, NULL), next) : next;
    buf_free(&e.out);
    return dns;
}

struct dns *
dns_of_database(const char *conninfo, struct diag *d)
{
    struct db *db;
    if (!db_open_ready(&db, conninfo, d))
        return NULL;
    struct dns *off = dns_open("off", d), *dns = dns_with_history(db, off, d);
    db_close(db);
    return dns;
}

static int
usage(const char *text)
{
    warn("%s", text);
    return EXIT_USAGE;
}

static int
import_files(struct cli *cli, char **paths, int n, when at)
{
    struct diag d = { 0 };
    struct db *db;
    if (!db_open_ready(&db, cli->db, &d))
        die_diag(&d);
    for (int i = 0; i < n; i++) {
        struct dns_keep keep = { 0 };
        struct dns *snapshot = dns_snapshot_open(paths[i], &d);
        if (snapshot == NULL)
            die_diag(&d);
        dns_snapshot_rows(&keep.arena, snapshot, at, str_from(paths[i]), keep_row, &keep);
        dns_close(snapshot);
        size_t rows = keep.n;
        if (!dns_keep_save(&keep, db, &d))
            die_diag(&d);
        note("%s: %zu answers imported", paths[i], rows);
    }
    if (!dns_store_reopen(db, S(""), &d))
        die_diag(&d);
    db_close(db);
    return EXIT_FINE;
}

static int
export_all(struct cli *cli, const char *path)
{
    struct diag d = { 0 };
    struct db *db;
    struct export e = { 0 };
    if (!db_open_ready(&db, cli->db, &d) || !dns_store_each(db, export_row, &e, &d) ||
        !output_write(&(struct output){ path }, buf_str(&e.out), &d))
        die_diag(&d);
    buf_free(&e.out);
    db_close(db);
    return EXIT_FINE;
}

int
db_dns(struct cli *cli, int argc, char **argv)
{
    extern const struct command command_db;
    when at = WHEN_NONE;
    const char *path = NULL;
    const struct opt table[] = { { "at", 0, OPT_TIME, &at }, { "output", 'o', OPT_STRING, &path }, { 0 } };
    int code, n = opt_parse(&command_db, table, argc, argv, &code);
    if (n < 0)
        return code;
    if (n >= 2 && strcmp(argv[1], "import") == 0)
        return import_files(cli, argv + 2, n - 1, at == WHEN_NONE ? when_now() : at);
    if (n == 1 && strcmp(argv[1], "export") == 0)
        return export_all(cli, path);
    return usage("db dns wants import FILE..., or export");
}
