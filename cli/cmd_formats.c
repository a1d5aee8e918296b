/* waybill formats: what it reads, one format a line: name, kind, description. */
#include "cli.h"

#include <stdio.h>

#include "format.h"

static int run(struct cli *, int argc, char **argv);

const struct command command_formats = {
    .name = "formats",
    .arguments = "",
    .summary = "list the formats that ingest reads",
    .run = run,
    .help = "One format a line, fields separated by tabs: name, kind (log, message, mailbox,\n"
            "report), description.\n",
};

static int
run(struct cli *cli, int argc, char **argv)
{
    struct opt table[] = { { .name = NULL } };
    int code;
    (void)cli;
    int n = opt_parse(&command_formats, table, argc, argv, &code);
    if (n < 0)
        return code;
    if (n > 0) {
        warn("formats takes no arguments");
        return EXIT_USAGE;
    }
    for (size_t i = 0; formats[i]; i++)
        printf("%s\t%s\t%s\n", formats[i]->name, formats[i]->kind, formats[i]->description);
    return EXIT_FINE;
}
