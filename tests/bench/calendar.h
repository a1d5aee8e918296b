/* Log lines in the order of their seconds.
 *
 * A simulation writes the lines of one message at once although they lie minutes
 * apart; a calendar holds one list of bytes per second of the near future and
 * writes each list when its second has passed.  Lines of one second keep the
 * order in which they were added; with sorted set they are ordered by their
 * first 26 bytes (RFC 3339 stamps with microseconds).
 *
 * Invariant: a line's second lies in [now, now + CALENDAR_SECONDS). */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALENDAR_SECONDS = 1 << 15, CALENDAR_CHUNK = 1016, CALENDAR_STAMP = 26 };

struct calendar_chunk {
    struct calendar_chunk *next;
    size_t n;
    char bytes[CALENDAR_CHUNK];
};

struct calendar {
    FILE *out;
    bool sorted;
    int64_t now; /* seconds */
    uint64_t bytes;
    struct calendar_chunk *free, *head[CALENDAR_SECONDS], *tail[CALENDAR_SECONDS];
};

static inline struct calendar_chunk *
calendar_chunk_new(struct calendar *c)
{
    struct calendar_chunk *k = c->free;
    if (k != NULL)
        c->free = k->next;
    else if ((k = malloc(sizeof *k)) == NULL)
        abort();
    k->next = NULL;
    k->n = 0;
    return k;
}

static inline void
calendar_add(struct calendar *c, int64_t second, const char *p, size_t n)
{
    size_t slot = (size_t)second % CALENDAR_SECONDS;
    if (second < c->now || second >= c->now + CALENDAR_SECONDS)
        abort();
    while (n > 0) {
        struct calendar_chunk *k = c->tail[slot];
        if (k == NULL || k->n == CALENDAR_CHUNK) {
            struct calendar_chunk *fresh = calendar_chunk_new(c);
            if (k == NULL)
                c->head[slot] = fresh;
            else
                k->next = fresh;
            c->tail[slot] = k = fresh;
        }
        size_t room = CALENDAR_CHUNK - k->n, take = n < room ? n : room;
        memcpy(k->bytes + k->n, p, take);
        k->n += take;
        p += take;
        n -= take;
    }
}

struct calendar_line {
    const char *p;
    size_t n, at;
};

static inline int
calendar_compare(const void *a, const void *b)
{
    const struct calendar_line *x = a, *y = b;
    int d = memcmp(x->p, y->p, CALENDAR_STAMP);
    return d != 0 ? d : (x->at > y->at) - (x->at < y->at);
}

/* Writes one second's bytes, ordered by stamp. */
static inline void
calendar_write_sorted(struct calendar *c, const char *p, size_t n)
{
    size_t count = 0, room = 0;
    struct calendar_line *lines = NULL;
    for (const char *end = p + n; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        if (count == room) {
            room = room == 0 ? 256 : room * 2;
            if ((lines = realloc(lines, room * sizeof *lines)) == NULL)
                abort();
        }
        lines[count] = (struct calendar_line){ .p = p, .n = (size_t)(nl - p) + 1, .at = count };
        p += lines[count++].n;
    }
    if (count > 0)
        qsort(lines, count, sizeof *lines, calendar_compare);
    for (size_t i = 0; i < count; i++)
        fwrite(lines[i].p, 1, lines[i].n, c->out);
    free(lines);
}

static inline void
calendar_flush(struct calendar *c, size_t slot)
{
    size_t n = 0;
    char *all = NULL;
    for (struct calendar_chunk *k = c->head[slot], *next; k != NULL; k = next) {
        next = k->next;
        if (c->sorted) {
            if ((all = realloc(all, n + k->n)) == NULL)
                abort();
            memcpy(all + n, k->bytes, k->n);
        } else {
            fwrite(k->bytes, 1, k->n, c->out);
        }
        n += k->n;
        k->next = c->free;
        c->free = k;
    }
    if (c->sorted)
        calendar_write_sorted(c, all, n);
    free(all);
    c->head[slot] = c->tail[slot] = NULL;
    c->bytes += n;
}

/* Writes what lies before a second. */
static inline void
calendar_advance(struct calendar *c, int64_t second)
{
    for (; c->now < second; c->now++)
        calendar_flush(c, (size_t)c->now % CALENDAR_SECONDS);
}

/* Opens path; false if that fails. */
static inline bool
calendar_open(struct calendar *c, const char *path, int64_t now, bool sorted)
{
    *c = (struct calendar){ .now = now, .sorted = sorted };
    c->out = fopen(path, "w");
    return c->out != NULL;
}

/* Writes all that is left; false if any write failed. */
static inline bool
calendar_close(struct calendar *c)
{
    bool fine;
    calendar_advance(c, c->now + CALENDAR_SECONDS);
    fine = !ferror(c->out);
    return fclose(c->out) == 0 && fine;
}

#endif
