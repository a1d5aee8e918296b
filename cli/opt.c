/* Options of the command line, and the times they take.
 *
 * A table of options per command; what they mean is the command's business. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"

#define NEAR_MOST 32 /* longest name compared with a misspelt one */

static struct cli *globals; /* where --db and kin go that stand behind the command */

/* Number of single-character changes between two short texts, transpositions counting one. */
static int
distance(str a, str b)
{
    int d[NEAR_MOST + 1][NEAR_MOST + 1];
    for (size_t i = 0; i <= a.n; i++)
        d[i][0] = (int)i;
    for (size_t j = 0; j <= b.n; j++)
        d[0][j] = (int)j;
    for (size_t i = 1; i <= a.n; i++)
        for (size_t j = 1; j <= b.n; j++) {
            int best = d[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[a.n][b.n];
}

const char *
opt_nearest(str text, const char *const *names, size_t n)
{
    const char *nearest = NULL;
    int least = text.n < 5 ? 2 : 3; /* so many changes are too many */
    for (size_t i = 0; i < n; i++) {
        str name = str_from(names[i]);
        if (name.n > NEAR_MOST || text.n > NEAR_MOST)
            continue;
        int changes = distance(text, name);
        if (changes < least) {
            least = changes;
            nearest = names[i];
        }
    }
    return nearest;
}

static bool
set_value(const struct opt *o, const char *value)
{
    switch (o->kind) {
    case OPT_FLAG: *(bool *)o->value = true; return true;
    case OPT_STRING: *(const char **)o->value = value; return true;
    case OPT_INT:
        if (str_to_i64(str_from(value), o->value))
            return true;
        warn("--%s wants a whole number, not \"%s\"", o->name, value);
        return false;
    case OPT_TIME: {
        when at = opt_time(str_from(value), when_now(), strcmp(o->name, "until") == 0);
        if (at == WHEN_NONE) {
            warn("--%s wants a time such as 2026-11-21, 2026-11-21T22:11:35Z, 7d or last-month, not \"%s\"",
                 o->name, value);
            return false;
        }
        *(when *)o->value = at;
        return true;
    }
    }
    return false;
}

static const struct opt *
find_long(const struct opt *table, str name)
{
    for (; table->name; table++)
        if (str_eq(str_from(table->name), name))
            return table;
    return NULL;
}

static const struct opt *
find_letter(const struct opt *table, char letter)
{
    for (; table->name; table++)
        if (table->letter == letter)
            return table;
    return NULL;
}

/* Reading of one command line: two tables, the command's own first. */
struct reading {
    const struct opt *own, *general;
    const char *what; /* "waybill" or "waybill COMMAND", for --help hints */
    int argc, at;
    char **argv;
};

static bool
unknown_option(const struct reading *r, str name)
{
    const char *names[64];
    size_t n = 0;
    for (const struct opt *o = r->own; o->name && n < 64; o++)
        names[n++] = o->name;
    const char *near = opt_nearest(name, names, n);
    if (near)
        warn("unknown option --%.*s (did you mean --%s?)", PRSTR(name), near);
    else
        warn("unknown option %s%.*s (%s --help lists them)", name.n > 1 ? "--" : "-", PRSTR(name), r->what);
    return false;
}

static bool
read_long(struct reading *r, str word)
{
    struct str_cut c = str_cut(word, '=');
    const struct opt *o = find_long(r->own, c.head);
    if (o == NULL)
        o = find_long(r->general, c.head);
    if (o == NULL)
        return unknown_option(r, c.head);
    if (o->kind == OPT_FLAG && c.found) {
        warn("--%s takes no value", o->name);
        return false;
    }
    if (o->kind == OPT_FLAG || c.found)
        return set_value(o, c.tail.p);
    if (r->at + 1 >= r->argc) {
        warn("--%s wants a value", o->name);
        return false;
    }
    return set_value(o, r->argv[++r->at]);
}

static bool
read_letters(struct reading *r, const char *letters)
{
    for (const char *l = letters; *l; l++) {
        const struct opt *o = find_letter(r->own, *l);
        if (o == NULL)
            o = find_letter(r->general, *l);
        if (o == NULL)
            return unknown_option(r, str_of(l, 1));
        if (o->kind != OPT_FLAG) {
            const char *value = l[1] ? l + 1 : r->at + 1 < r->argc ? r->argv[++r->at] : NULL;
            if (value == NULL)
                warn("-%c wants a value", *l);
            return value && set_value(o, value);
        }
        if (!set_value(o, NULL))
            return false;
    }
    return true;
}

/* One word that starts with a dash. */
static bool
read_option(struct reading *r)
{
    const char *word = r->argv[r->at];
    return word[1] == '-' ? read_long(r, str_from(word + 2)) : read_letters(r, word + 1);
}

struct general {
    bool quiet, verbose, help, version;
};

static void
general_table(struct opt table[7], struct cli *cli, struct general *g)
{
    struct opt rows[7] = {
        { "db", 0, OPT_STRING, &cli->db },
        { "config", 0, OPT_STRING, &cli->config },
        { "quiet", 'q', OPT_FLAG, &g->quiet },
        { "verbose", 'v', OPT_FLAG, &g->verbose },
        { "help", 'h', OPT_FLAG, &g->help },
        { "version", 0, OPT_FLAG, &g->version },
        { .name = NULL },
    };
    memcpy(table, rows, sizeof rows);
}

static void
general_apply(struct cli *cli, const struct general *g)
{
    if (g->quiet || g->verbose)
        diag_verbosity = g->quiet ? -1 : 1;
    static const char *configured; /* --config behind the command may name another */
    if (cli->db == NULL || cli->db == configured)
        cli->db = configured = config_database(cli);
}

int
opt_globals(struct cli *cli, int argc, char **argv, bool *help, bool *version)
{
    struct general g = { 0 };
    struct opt table[7], none = { .name = NULL };
    general_table(table, cli, &g);
    globals = cli;
    struct reading r = {
        .own = table, .general = &none, .what = "waybill", .argc = argc, .at = 1, .argv = argv
    };
    for (; r.at < argc && argv[r.at][0] == '-' && argv[r.at][1] != 0; r.at++) {
        if (strcmp(argv[r.at], "--") == 0) {
            r.at++;
            break;
        }
        if (!read_option(&r))
            return -1;
    }
    *help = g.help;
    *version = g.version;
    if (!g.help && !g.version)
        general_apply(cli, &g);
    return r.at;
}

static void
print_help(const struct command *c)
{
    printf("usage: waybill %s%s%s\n\n%s.\n", c->name, *c->arguments ? " " : "", c->arguments, c->summary);
    if (c->help && *c->help)
        printf("\n%s%s", c->help, c->help[strlen(c->help) - 1] == '\n' ? "" : "\n");
}

int
opt_parse(const struct command *c, const struct opt *own, int argc, char **argv, int *code)
{
    struct cli unused = { 0 };
    struct cli *cli = globals ? globals : &unused;
    struct general g = { 0 };
    struct opt table[7];
    general_table(table, cli, &g);
    char what[64];
    snprintf(what, sizeof what, "waybill %s", c->name);
    struct reading r = { .own = own, .general = table, .what = what, .argc = argc, .at = 1, .argv = argv };
    int arguments = 0;
    bool options = true;
    *code = EXIT_USAGE;
    for (; r.at < argc; r.at++) {
        const char *word = argv[r.at];
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (!options || word[0] != '-' || word[1] == 0)
            argv[++arguments] = argv[r.at];
        else if (!read_option(&r))
            return -1;
        if (g.help) {
            print_help(c);
            *code = EXIT_FINE;
            return -1;
        }
    }
    if (g.version) {
        warn("--version stands before the command");
        return -1;
    }
    if (globals)
        general_apply(cli, &g);
    *code = EXIT_FINE;
    return arguments;
}
