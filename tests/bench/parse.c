/* How many lines (or events, of a format that has no lines) a second each format reads on one core: framing, the
 * row of its table, the tracker; into a sink that only counts.
 *
 * parse FILE...: each file is read again and again, end to end in memory, until there is something to measure; it is
 * named by its folder, as samples/ has them. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "lines.h"
#include "reply.h"

enum { MOST_BYTES = 32 << 20, MOST_TIMES = 60000 };

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#define TAKE(name, type)                                  \
    static bool take_##name(struct sink *s, const type x) \
    {                                                     \
        (void)s, (void)x;                                 \
        return true;                                      \
    }
TAKE(transit, struct transit *)
TAKE(attempt, struct attempt *)
TAKE(refusal, struct refusal *)
TAKE(verdict, struct verdict *)
TAKE(notification, struct notification *)
TAKE(reject, struct reject *)
TAKE(reputation, struct reputation *)

static const struct sink_ops counting = {
    .transit = take_transit,
    .attempt = take_attempt,
    .refusal = take_refusal,
    .verdict = take_verdict,
    .notification = take_notification,
    .reject = take_reject,
    .reputation = take_reputation,
};

static char *
read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *bytes = xmalloc((size_t)size + 1);
    *n = fread(bytes, 1, (size_t)size, f);
    fclose(f);
    return bytes;
}

/* How many lines or events there were; 0: it failed. */
static uint64_t
read_all(const char *name, str bytes, const struct format *format)
{
    struct zone utc;
    zone_init(&utc, S("UTC"));
    struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    struct sink sink = { .ops = &counting, .account = &account, .classify = reply_classify };
    struct ingest_options options = { .zone = &utc, .year = 2026, .now = when_now() };
    struct lines_result lines = { 0 };
    struct source s;
    source_open_memory(&s, name, bytes);
    bool good = format->read ? format->read(&s, &options, &sink)
                             : lines_read(&s, &options, format, &sink, (struct lines_from){ 0 }, &lines);
    source_close(&s);
    return !good ? 0 : format->read ? account.records + account.ignores + account.rejects : lines.lines;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t n;
        char *once = read_file(argv[i], &n);
        if (once == NULL || n == 0)
            continue;
        const struct format *format = format_recognise(str_of(once, n), true);
        if (format == NULL ||
            (format->read && strcmp(format->kind, "events") != 0)) /* reports and messages are no lines */
            continue;
        size_t times = MOST_BYTES / n < MOST_TIMES ? MOST_BYTES / n : MOST_TIMES;
        char *bytes = xmalloc(times * n);
        for (size_t k = 0; k < times; k++)
            memcpy(bytes + k * n, once, n);
        read_all(argv[i], str_of(once, n), format); /* what is made once is made now */
        double begun = now();
        uint64_t count = read_all(argv[i], str_of(bytes, times * n), format);
        double took = now() - begun;
        if (count)
            printf("%.0f %s %s\n", (double)count / took, basename(dirname(strdup(argv[i]))),
                   basename(argv[i]));
        free(bytes);
        free(once);
    }
    return 0;
}
