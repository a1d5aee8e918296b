/* Sources: what is compressed gives the same text and the same account of damage, read at once or in pieces; of what is
 * damaged, the text before the damage. */
#include <dirent.h>
#include <stdlib.h>

#include "../fuzz/pieces.h"
#include "arena.h"
#include "source.h"
#include "tap.h"
#include "unzip.h"

struct reading {
    unsigned char digest[32];
    size_t n;
    str damage;
};

static struct reading
read_in_pieces(str bytes, size_t most)
{
    struct pieces from = { bytes, most };
    struct reading r = { 0 };
    struct source s;
    struct diag d = { 0 };
    if (!source_open_reader(&s, "pieces", read_piece, &from, &d))
        abort();
    for (;;) {
        source_take(&s, s.window.n);
        if (s.eof)
            break;
        if (!source_more(&s, &d))
            abort();
    }
    source_digest(&s, r.digest);
    r.n = (size_t)s.offset;
    r.damage = str_from(s.damage ? s.damage : "whole");
    source_close(&s);
    return r;
}

static bool
obeys(str bytes, const char *name, const char *what, size_t at)
{
    static const size_t sizes[] = { 1, 7, 62 };
    struct reading whole = read_in_pieces(bytes, SIZE_MAX);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct reading r = read_in_pieces(bytes, sizes[i]);
        if (memcmp(r.digest, whole.digest, sizeof r.digest) == 0 && r.n == whole.n &&
            str_eq(r.damage, whole.damage))
            continue;
        printf("# %s, %s at %zu, in pieces of %zu: %zu bytes, %.*s; at once: %zu bytes, %.*s\n", name, what,
               at, sizes[i], r.n, PRSTR(r.damage), whole.n, PRSTR(whole.damage));
        return false;
    }
    return true;
}

/* As it is, cut, damaged, followed by junk, twice, and the second damaged. */
static bool
obeys_however_damaged(struct arena *a, str bytes, const char *name)
{
    enum { STEP = 5, JUNK = 6 };
    char *room = arena_bytes(a, 2 * bytes.n + JUNK);
    bool good = obeys(bytes, name, "nothing", 0);
    for (size_t at = 0; at < bytes.n && good; at += STEP) {
        memcpy(room, bytes.p, bytes.n);
        good = obeys(str_head(bytes, at), name, "cut", at);
        room[at] ^= (char)(1 << at % 8);
        good = good && obeys(str_of(room, bytes.n), name, "damage", at);
    }
    memcpy(room, bytes.p, bytes.n);
    memcpy(room + bytes.n, "\0\0junk", JUNK);
    good = good && obeys(str_of(room, bytes.n + JUNK), name, "junk", bytes.n);
    memcpy(room + bytes.n, bytes.p, bytes.n);
    good = good && obeys(str_of(room, 2 * bytes.n), name, "itself", bytes.n);
    room[bytes.n + bytes.n / 2] ^= 1;
    return good && obeys(str_of(room, 2 * bytes.n), name, "itself, damaged,", bytes.n);
}

/* The seeds of the fuzz target; their first byte is no part of the source. */
static void
check_seeds(const char *folder)
{
    enum { MOST = 1 << 16 };
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    ok(n > 2, "%s is there", folder);
    for (int i = 0; i < n; i++) {
        struct arena a = { 0 };
        char path[512], *bytes = arena_bytes(&a, MOST);
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        FILE *f = names[i]->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (f) {
            str seed = str_skip(str_of(bytes, fread(bytes, 1, MOST, f)), 1);
            fclose(f);
            ok(obeys_however_damaged(&a, seed, names[i]->d_name),
               "%s: the same in any pieces, however damaged", names[i]->d_name);
        }
        arena_free(&a);
        free(names[i]);
    }
    free(names);
}

#define FRAME "28b52ffd"

static void
check_verdicts(void)
{
    static const struct {
        const char *hex;
        size_t n;
        const char *damage, *what;
    } wanted[] = {
        { FRAME "6000000000000000000000000000000000000000010000", 0, "zstd data is damaged",
          "zstd that says 256 bytes and ends without one" },
        { FRAME "0000"
                "280000"
                "68656c6c6f"
                "070000",
          5, "zstd data is damaged", "zstd: the block before a damaged one is kept" },
        { FRAME "0000"
                "280000"
                "68656c6c6f"
                "290000"
                "68656c",
          8, "zstd stream is cut short", "zstd: the beginning of a block that is no compressed one is kept" },
        { FRAME "0000"
                "290000"
                "68656c6c6f"
                "0000" FRAME "0000"
                "290000"
                "68656c6c6f",
          10, "whole", "zstd frames with padding between" },
        { FRAME "0000"
                "290000"
                "68656c6c6f"
                "6a",
          5, "junk follows the zstd data", "zstd and a byte" },
        { "502a4d1805000000"
          "68656c6c6f",
          0, "whole", "a skippable frame" },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        str bytes = arena_unhex(&a, str_from(wanted[i].hex));
        struct reading r = read_in_pieces(bytes, SIZE_MAX);
        is_int((long long)r.n, (long long)wanted[i].n, wanted[i].what);
        is_str(r.damage, wanted[i].damage, wanted[i].what);
        ok(obeys(bytes, wanted[i].what, "nothing", 0), "%s: the same in pieces", wanted[i].what);
    }
    arena_free(&a);
}

/* Two members as they are stored; the sum of the first is wrong. */
static void
check_archive(void)
{
    static const char hex[] = "504b03040a000000000000002100010000000600000006000000010000006166697273740a504b"
                              "03040a0000000000000021007ec00f06070000000700000001000000627365636f6e640a";
    static const size_t sizes[] = { 1, 7, SIZE_MAX };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pieces from = { arena_unhex(&a, str_from(hex)), sizes[i] };
        struct source s;
        struct diag d = { 0 };
        str name, all = { 0 };
        char bytes[4];
        if (!source_open_reader(&s, "archive", read_piece, &from, &d))
            abort();
        struct unzip *u = unzip_open_source(&s, &d);
        while (u && unzip_next(u, &name)) {
            all = arena_join(&a, all, S(" "), name);
            for (ssize_t n; (n = unzip_read(u, bytes, sizeof bytes)) > 0;)
                all = arena_printf(&a, "%.*s%.*s", PRSTR(all), (int)n, bytes);
        }
        is_str(all, " afirst\n bsecond\n", "a member whose sum is wrong is given, and so is the next");
        ok(u && str_has(str_from(unzip_damage(u)), S("CRC")), "and it is told");
        if (u)
            unzip_close(u);
        source_close(&s);
    }
    arena_free(&a);
}

int
main(void)
{
    check_archive();
    check_verdicts();
    check_seeds("tests/fuzz/corpus/source");
    return done_testing();
}
