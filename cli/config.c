/* The configuration file: "key = value" lines.
 *
 * Blank lines and lines that start with # say nothing; a value goes to the end
 * of its line, blanks around it cut off; the last line of a key wins.  What
 * the keys mean is the business of those who ask for them. */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "db.h"
#include "reply.h"
#include "user_format.h"

#define CONFIG_MOST (1 << 20) /* bytes of the file */

struct setting {
    str key;
    const char *value;
};

static struct {
    struct arena arena;
    const char *asked; /* the cli->config it was read for */
    bool read;
    struct setting *settings;
    size_t n, room;
} config;

/* The default file, or NULL where the environment names no home. */
static const char *
default_path(void)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base && *base == '/')
        return arena_printf(&config.arena, "%s/waybill/config", base).p;
    return home && *home == '/' ? arena_printf(&config.arena, "%s/.config/waybill/config", home).p : NULL;
}

static str
read_whole(const char *path, const char *what, bool must)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        if (!must && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
            return (str){ 0 };
        die(EXIT_NO_INPUT, "cannot read %s %s: %s", what, path, strerror(errno));
    }
    char *bytes = arena_alloc(&config.arena, CONFIG_MOST + 1);
    size_t n = fread(bytes, 1, CONFIG_MOST + 1, f);
    if (ferror(f))
        die(EXIT_NO_INPUT, "cannot read %s %s: %s", what, path, strerror(errno));
    fclose(f);
    if (n > CONFIG_MOST)
        die(EXIT_NO_INPUT, "%s %s is longer than %d bytes", what, path, CONFIG_MOST);
    return str_of(bytes, n);
}

static void
load(const struct cli *cli)
{
    config.asked = cli->config;
    config.read = true;
    config.settings = NULL;
    config.n = config.room = 0;
    const char *path = cli->config ? cli->config : default_path();
    if (path == NULL)
        return;
    struct str_cut lines = { .tail = read_whole(path, "the configuration", cli->config != NULL) };
    for (int number = 1; lines.tail.n; number++) {
        lines = str_cut(lines.tail, '\n');
        str line = str_trim(lines.head);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct str_cut c = str_cut(line, '=');
        str key = str_trim(c.head);
        if (!c.found || key.n == 0)
            die(EXIT_USAGE, "%s:%d: a line reads \"key = value\"", path, number);
        ARENA_PUSH(&config.arena, config.settings, config.n, config.room) =
            (struct setting){ .key = key, .value = arena_z(&config.arena, str_trim(c.tail)) };
    }
}

const char *
config_get(struct cli *cli, const char *key)
{
    if (!config.read || config.asked != cli->config)
        load(cli);
    for (size_t i = config.n; i > 0; i--)
        if (str_eq(config.settings[i - 1].key, str_from(key)))
            return config.settings[i - 1].value;
    return NULL;
}

const char *
config_database(struct cli *cli)
{
    return db_is_named(NULL) ? NULL : config_get(cli, "db");
}

str
config_file(const char *path, const char *what)
{
    return read_whole(path, what, true);
}

bool
config_reply_rules(struct cli *cli, const char *path)
{
    struct diag d;
    if (path == NULL)
        path = config_get(cli, "reply_rules");
    if (path && !reply_user_load(read_whole(path, "the rules", true), path, &d))
        die_diag(&d);
    return path != NULL;
}

static void
load_formats(const char *path)
{
    struct diag d;
    if (!user_formats_load(read_whole(path, "the formats", true), path, &d))
        die_diag(&d);
}

/* The directory "formats" beside the default configuration file, or NULL. */
static const char *
default_formats(void)
{
    const char *path = default_path();
    struct stat st;
    if (path == NULL)
        return NULL;
    path = arena_printf(&config.arena, "%.*s/formats", PRSTR(str_rcut(str_from(path), '/').head)).p;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}

static int
is_format_file(const struct dirent *e)
{
    return e->d_name[0] != '.' && str_ends(str_from(e->d_name), S(".format"));
}

void
config_formats(struct cli *cli, const char *path)
{
    struct stat st;
    if (path == NULL)
        path = config_get(cli, "formats");
    if (path == NULL)
        path = default_formats();
    if (path == NULL)
        return;
    if (stat(path, &st) != 0)
        die(EXIT_NO_INPUT, "cannot read the formats %s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode)) {
        load_formats(path);
        return;
    }
    struct dirent **names;
    int n = scandir(path, &names, is_format_file, alphasort);
    if (n < 0)
        die(EXIT_NO_INPUT, "cannot read the formats %s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        load_formats(arena_printf(&config.arena, "%s/%s", path, names[i]->d_name).p);
        free(names[i]);
    }
    free(names);
}
