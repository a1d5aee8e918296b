/* What every command gets. */
#ifndef CLI_H
#define CLI_H

#include <signal.h>

#include "diag.h"
#include "str.h"
#include "when.h"

/* Options that stand before the command. */
struct cli {
    const char *program; /* argv[0] */
    const char *db;      /* --db, else the configuration's db, else NULL: what db_open takes */
    const char *config;  /* --config or NULL */
};

/* cli/interrupt.c: SIGINT ends the program with EXIT_INTERRUPTED at once, unless the command asked by
 * interrupt_catch to end by itself: then the first one only sets interrupted (the signal's number), the
 * command ends after its batch with EXIT_INTERRUPTED, and the second ends the program.  SIGTERM is the same. */
extern volatile sig_atomic_t interrupted;
void interrupt_catch(void);
void interrupt_share(volatile sig_atomic_t *); /* from now on set beside it: memory that forked readers see */
void interrupt_init(void);                     /* main's */

/* cli/config.c: the value of a key of the configuration file ("key = value" lines; --config, else
 * $XDG_CONFIG_HOME/waybill/config, else ~/.config/waybill/config), or NULL.  Ends the program where a
 * file that was named cannot be read (66) or a line is none (64). */
const char *config_get(struct cli *, const char *key);

/* The bytes of a file that the user named, what it is in words for the complaint.  Ends the program where it
 * cannot be read (66). */
str config_file(const char *path, const char *what);

/* The user's own rules for replies: the file of --reply-rules, else of the configuration's reply_rules, else
 * none; whether there is one.  Ends the program where it cannot be read (66) or a rule is wrong (64). */
bool config_reply_rules(struct cli *, const char *path);

/* The user's own formats: the file, or the files *.format of the directory, of --formats, else of the
 * configuration's formats, else of the directory "formats" beside the configuration file.  Ends the program
 * where one cannot be read (66) or is wrong (64). */
void config_formats(struct cli *, const char *path);

/* What the configuration says of the database, unless the environment names one; NULL if nothing. */
const char *config_database(struct cli *);

struct command {
    const char *name;
    const char *arguments;                           /* for the usage line */
    const char *summary;                             /* one line for --help */
    int (*run)(struct cli *, int argc, char **argv); /* argv[0] is the command's name; gives the exit code */
    const char *help;                                /* options, one a line, as shown by COMMAND --help */
};

/* cli/opt.c: options, long and short, "--name value", "--name=value", "-o FILE", "-oFILE", flags
 * together ("-qv"); arguments in any order; "--" ends the options, "-" is an argument.  Options that may
 * stand before the command (--db, --config, -q, -v) are understood behind it too, unless the table
 * has one of that name.  A row with name NULL ends the table. */
enum opt_kind { OPT_FLAG, OPT_STRING, OPT_INT, OPT_TIME };
struct opt {
    const char *name; /* without dashes */
    char letter;      /* or 0 */
    enum opt_kind kind;
    void *value; /* bool *, const char **, int64_t *, when * */
};

/* Options that stand before the command: reads them into cli and the verbosity; gives the index of the
 * command in argv, argc if there is none, or -1 after saying what is wrong. */
int opt_globals(struct cli *, int argc, char **argv, bool *help, bool *version);

/* Reads argv, moves the arguments to the front of argv[1..]; returns their number, or -1 after
 * saying what is wrong (or after printing help for --help, with *code set to EXIT_FINE). */
int opt_parse(const struct command *, const struct opt *, int argc, char **argv, int *code);

/* A moment as --since, --until and --now take it, in UTC where no zone is said:
 *   2026-11-21T22:11:35Z, "2026-11-21 22:11"   a moment
 *   2026-11-21, 2026-11, 2026                  a day, month, year
 *   today, yesterday, this-week, last-month...  a period (day, week from Monday, month, quarter, year)
 *   now, 30s, 90m, 24h, 7d, 2w, 6mo, 1y         now, or so long before it
 * A period gives its first moment, with upper the first moment after it.  WHEN_NONE if it is none.
 * OPT_TIME calls it with upper for an option named "until". */
when opt_time(str text, when now, bool upper);

/* Where the result goes: stdout or -o FILE, written aside and renamed when whole (a device or pipe is
 * written to as it is).  EXIT_CANNOT_WRITE. */
struct output {
    const char *path; /* NULL or "-": stdout */
};
bool output_write(const struct output *, str bytes, struct diag *);

/* The name of a list that looks most like a text, or NULL if none comes near; for "did you mean". */
const char *opt_nearest(str text, const char *const *names, size_t n);

#endif
