/* Runs a fuzz target over files, without libFuzzer, so that every compiler can: replay FILE...
 * Each file goes in whole and cut at several places, in memory of exactly its size.  What a sanitizer or an
 * abort ends is named by the last file on stderr. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS = 8, SECONDS_MOST = 60 };

static uint8_t *
slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(66);
    }
    long size = ftell(f);
    rewind(f);
    uint8_t *p = malloc((size_t)size + 1);
    if (p == NULL || fread(p, 1, (size_t)size, f) != (size_t)size) {
        perror(path);
        exit(66);
    }
    fclose(f);
    *n = (size_t)size;
    return p;
}

static void
run(const uint8_t *bytes, size_t n)
{
    uint8_t *exact = malloc(n ? n : 1);
    if (exact == NULL)
        exit(70);
    memcpy(exact, bytes, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t n;
        fprintf(stderr, "%s\n", argv[i]);
        uint8_t *bytes = slurp(argv[i], &n);
        alarm(SECONDS_MOST);
        for (size_t cut = 0; cut < CUTS; cut++)
            run(bytes, n - n * cut / CUTS);
        run(bytes + n / 3, n - n / 3);
        free(bytes);
    }
    printf("%d files\n", argc - 1);
    return 0;
}
