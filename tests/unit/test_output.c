/* Results written to files: whole or not at all. */
#include "cli.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "tap.h"

static struct arena arena;
static const char *folder;

static str
content(const char *path)
{
    char *text = arena_alloc(&arena, 4096);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return S("(none)");
    size_t n = fread(text, 1, 4096, f);
    fclose(f);
    return str_of(text, n);
}

static int
entries(void)
{
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(dir);
    return n;
}

static int
mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

int
main(void)
{
    char template[512];
    const char *tmp = getenv("TEST_TMP");
    snprintf(template, sizeof template, "%s/output.XXXXXX", tmp ? tmp : "/tmp");
    folder = mkdtemp(template);
    if (folder == NULL || chdir(folder) != 0)
        return 1;
    umask(022);
    struct diag d = { 0 };

    ok(output_write(&(struct output){ "new" }, S("one"), &d), "a new file");
    is_str(content("new"), "one", "its content");
    is_int(mode_of("new"), 0644, "its mode");
    chmod("new", 0600);
    ok(output_write(&(struct output){ "new" }, S("two"), &d), "written again");
    is_str(content("new"), "two", "its new content");
    is_int(mode_of("new"), 0600, "it keeps its mode");
    ok(output_write(&(struct output){ "empty" }, S(""), &d), "an empty result");
    is_str(content("empty"), "", "is an empty file");
    ok(symlink("new", "link") == 0 && output_write(&(struct output){ "link" }, S("three"), &d),
       "through a link");
    is_str(content("new"), "three", "reaches its target");
    char target[16];
    is_int(readlink("link", target, sizeof target), 3, "and leaves it a link");
    int before = entries();

    ok(!output_write(&(struct output){ "/dev/full" }, S("x"), &d), "a full device");
    is_int(d.code, EXIT_CANNOT_WRITE, "its exit code");
    is_str(str_from(d.text), "cannot write /dev/full: No space left on device", "its text");
    ok(output_write(&(struct output){ "/dev/null" }, S("x"), &d) && mode_of("/dev/null") == 0666,
       "a device stays a device");
    ok(!output_write(&(struct output){ "no/such/folder" }, S("x"), &d) && d.code == EXIT_CANNOT_WRITE,
       "a folder that is not there");
    ok(!output_write(&(struct output){ "." }, S("x"), &d) && d.code == EXIT_CANNOT_WRITE,
       "a folder for a file");

    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, small = { 2, RLIM_INFINITY };
    getrlimit(RLIMIT_FSIZE, &old);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ small.rlim_cur, old.rlim_max });
    bool written = output_write(&(struct output){ "new" }, S("four"), &d);
    setrlimit(RLIMIT_FSIZE, &old);
    ok(!written && d.code == EXIT_CANNOT_WRITE, "a write that fails midway");
    is_str(content("new"), "three", "leaves the old file whole");
    is_int(entries(), before, "and nothing beside it");

    (void)!system("rm -rf -- \"$PWD\"");
    arena_free(&arena);
    return done_testing();
}
