/* waybill init: the schema, made or brought up to date. */
#include "cli.h"

#include "db.h"

static int run(struct cli *, int argc, char **argv);

const struct command command_init = {
    .name = "init",
    .arguments = "",
    .summary = "create the schema, or bring it up to date; safe to repeat",
    .run = run,
    .help = "Without --db and PG* variables this also makes and starts the private server.\n",
};

static int
run(struct cli *cli, int argc, char **argv)
{
    struct opt table[] = { { .name = NULL } };
    struct diag d = { 0 };
    struct db *db;
    bool changed;
    int code;
    int n = opt_parse(&command_init, table, argc, argv, &code);
    if (n < 0)
        return code;
    if (n > 0) {
        warn("init takes no arguments");
        return EXIT_USAGE;
    }
    if (!db_open(&db, cli->db, &d))
        die_diag(&d);
    if (!db_migrate(db, false, &changed, &d))
        die_diag(&d);
    db_close(db);
    note(changed ? "the schema is ready" : "the schema was up to date");
    return EXIT_FINE;
}
