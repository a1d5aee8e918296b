/* How many lines (or events, of a format that has no lines) each format reads in a second of one core's time: framing,
 * the row of its table, the tracker; into a sink that only counts.
 *
 * parse FILE...: each file is read again and again, end to end in memory, until there is something to measure; it is
 * named by its folder, as samples/ has them.  Of events each copy speaks of other addresses, for an event that is told
 * again is skipped. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "esp_table.h"
#include "format.h"
#include "lines.h"
#include "reply.h"

enum { MOST_BYTES = 32 << 20, MOST_TIMES = 60000 };

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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

static uint64_t events;

static bool
take_event(struct sink *s, const struct event *e)
{
    (void)s;
    events += e->kind != EVENT_IGNORED && e->kind != EVENT_REJECT;
    return true;
}

static const struct sink_ops of_lines = {
    .transit = take_transit,
    .attempt = take_attempt,
    .refusal = take_refusal,
    .verdict = take_verdict,
    .notification = take_notification,
    .reject = take_reject,
    .reputation = take_reputation,
};
static const struct sink_ops of_events = {
    .event = take_event,
    .transit = take_transit,
    .attempt = take_attempt,
    .refusal = take_refusal,
    .verdict = take_verdict,
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
    struct sink sink = { .ops = format->read ? &of_events : &of_lines,
                         .account = &account,
                         .classify = reply_classify };
    struct ingest_options options = { .zone = &utc, .year = 2026, .now = when_now() };
    struct lines_result lines = { 0 };
    struct source s;
    events = 0;
    source_open_memory(&s, name, bytes);
    bool good = format->read ? format->read(&s, &options, &sink)
                             : lines_read(&s, &options, format, &sink, (struct lines_from){ 0 }, &lines);
    source_close(&s);
    return !good ? 0 : format->read ? events : lines.lines;
}

/* The file end to end, MOST_BYTES of it; each copy's addresses, "anna@example.com", have its number before their at
 * sign where number_copies; a list's line of names stands once. */
static struct buf
repeat(str once, bool number_copies)
{
    struct buf all = { 0 };
    for (size_t k = 0; k < MOST_TIMES && all.n + once.n <= MOST_BYTES; k++) {
        if (!number_copies) {
            buf_add(&all, once);
            continue;
        }
        char number[32];
        snprintf(number, sizeof number, "%zu", k);
        str copy = k > 0 && esp_table_owner(once) ? str_cut(once, '\n').tail : once;
        for (size_t i = 0; i < copy.n; i++) {
            if (copy.p[i] == '@' || str_starts(str_skip(copy, i), S("%40")))
                buf_add(&all, str_from(number));
            buf_put(&all, copy.p + i, 1);
        }
    }
    return all;
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
        struct buf bytes = repeat(str_of(once, n), format->read != NULL);
        read_all(argv[i], str_of(once, n), format); /* what is made once is made now */
        double begun = now();
        uint64_t count = read_all(argv[i], buf_str(&bytes), format);
        double took = now() - begun;
        if (count)
            printf("%.0f %s %s\n", (double)count / took, basename(dirname(strdup(argv[i]))),
                   basename(argv[i]));
        buf_free(&bytes);
        free(once);
    }
    return 0;
}
