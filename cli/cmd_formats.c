/* waybill formats: what it reads, one format a line: name, kind, description. */
#include "cli.h"

#include <stdio.h>

#include "format.h"

static int run(struct cli *, int argc, char **argv);

const struct command command_formats = {
    .name = "formats",
    .arguments = "[options]",
    .summary = "list the formats that ingest reads",
    .run = run,
    .help =
        "One format a line, fields separated by tabs: name, kind (log, message, mailbox,\n"
        "report), description.\n"
        "  --formats PATH   formats of your own: a file, or a directory of *.format (waybill-formats(7))\n",
};

static int
run(struct cli *cli, int argc, char **argv)
{
    const char *own = NULL;
    struct opt table[] = { { "formats", 0, OPT_STRING, &own }, { .name = NULL } };
    int code;
    int n = opt_parse(&command_formats, table, argc, argv, &code);
    if (n < 0)
        return code;
    if (n > 0) {
        warn("formats takes no arguments");
        return EXIT_USAGE;
    }
    config_formats(cli, own);
    const struct format *f;
    for (size_t i = 0; (f = format_at(i)) != NULL; i++)
        printf("%s\t%s\t%s\n", f->name, f->kind, f->description);
    return EXIT_FINE;
}
