/* What every command gets. */
#ifndef CLI_H
#define CLI_H

#include "diag.h"
#include "str.h"
#include "when.h"

/* Options that stand before the command. */
struct cli {
    const char *program; /* argv[0] */
    const char *db;      /* --db or NULL */
    const char *config;  /* --config or NULL */
};

struct command {
    const char *name;
    const char *arguments;                           /* for the usage line */
    const char *summary;                             /* one line for --help */
    int (*run)(struct cli *, int argc, char **argv); /* argv[0] is the command's name; gives the exit code */
    const char *help;                                /* options, one a line, as shown by COMMAND --help */
};

/* cli/opt.c: options, long and short, "--name value", "--name=value"; arguments in any order.
 * A row with name NULL ends the table. */
enum opt_kind { OPT_FLAG, OPT_STRING, OPT_INT, OPT_TIME };
struct opt {
    const char *name; /* without dashes */
    char letter;      /* or 0 */
    enum opt_kind kind;
    void *value; /* bool *, const char **, int64_t *, when * */
};

/* Reads argv, moves the arguments to the front of argv[1..]; returns their number, or -1 after
 * saying what is wrong (or after printing help for --help, with *code set to EXIT_FINE). */
int opt_parse(const struct command *, const struct opt *, int argc, char **argv, int *code);

/* A moment as --since, --until and --now take it: RFC 3339, a date, "7d", "24h", "yesterday",
 * "last-month", "this-week"...; relative ones count back from now.  upper: the end of that day or
 * period instead of its start.  WHEN_NONE if it is none. */
when opt_time(str text, when now, bool upper);

/* Where the result goes: stdout or -o FILE, written aside and renamed when whole. */
struct output {
    const char *path; /* NULL: stdout */
};
bool output_write(const struct output *, str bytes, struct diag *);

#endif
