/* The program: options before the command, help, and the way to the command.
 *
 * A command does everything else itself; what it needs to know of the others
 * stands in commands.def. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#ifndef WAYBILL_VERSION
#define WAYBILL_VERSION "0.1"
#endif

#define X(symbol) extern const struct command symbol;
#include "commands.def"
#undef X

static const struct command *const commands[] = {
#define X(symbol) &symbol,
#include "commands.def"
#undef X
};
#define COMMANDS (sizeof commands / sizeof *commands)

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int
unknown_command(const char *name)
{
    const char *names[COMMANDS + 1];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    names[COMMANDS] = "help";
    const char *near = opt_nearest(str_from(name), names, COMMANDS + 1);
    if (near)
        warn("unknown command %s (did you mean %s?)", name, near);
    else
        warn("unknown command %s (waybill --help lists them)", name);
    return EXIT_USAGE;
}

static void
print_usage(FILE *out)
{
    fputs("usage: waybill [--db CONNINFO] [--config FILE] [-q|-v] COMMAND [options] [arguments]\n\n"
          "Reads mail logs, messages and reports, and follows each message through the delivery chain.\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nOptions:\n"
          "  --db CONNINFO   the database: a libpq conninfo, URI or name (else PGHOST and kin, else a\n"
          "                  private server that is made and started on demand)\n"
          "  --config FILE   read settings from FILE\n"
          "  -q, --quiet     say only what is wrong\n"
          "  -v, --verbose   say more\n"
          "  --help          this text; waybill COMMAND --help for one command\n"
          "  --version       the version\n\n"
          "The manual is waybill(1).\n",
          out);
}

static int
run(struct cli *cli, int argc, char **argv)
{
    if (strcmp(argv[0], "help") == 0 && argc == 1) {
        print_usage(stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[0], "help") == 0) {
        static char help[] = "--help";
        char *asked[] = { argv[1], help, NULL };
        const struct command *about = find_command(argv[1]);
        return about ? about->run(cli, 2, asked) : unknown_command(argv[1]);
    }
    const struct command *c = find_command(argv[0]);
    return c ? c->run(cli, argc, argv) : unknown_command(argv[0]);
}

/* What stdio kept back may still fail: a full disk must not look like success. */
static int
finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return interrupted && code == EXIT_FINE ? EXIT_INTERRUPTED : code;
    if (code != EXIT_CANNOT_WRITE) /* else it was said, and errno is old */
        warn("cannot write the standard output: %s", strerror(errno));
    return code == EXIT_FINE || code == EXIT_BAD_FINDING ? EXIT_CANNOT_WRITE : code;
}

/* A closed standard stream's number would go to the next file or socket that is opened, and be read or
 * written in its place: something that fails as a closed stream does keeps it. */
static void
hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_INTERNAL);
}

int
main(int argc, char **argv)
{
    struct cli cli = { .program = argv[0] };
    bool help = false, version = false;
    hold_streams();
    interrupt_init();
    int at = opt_globals(&cli, argc, argv, &help, &version);
    if (at < 0)
        return EXIT_USAGE;
    if (version) {
        puts("waybill " WAYBILL_VERSION);
        return finish(EXIT_FINE);
    }
    if (help) {
        print_usage(stdout);
        return finish(EXIT_FINE);
    }
    if (at == argc) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    return finish(run(&cli, argc - at, argv + at));
}
