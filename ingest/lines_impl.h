/* What the files of lines.h share. */
#ifndef LINES_IMPL_H
#define LINES_IMPL_H

#include "buf.h"
#include "frame.h"
#include "line_clock.h"
#include "lines.h"

enum { OWNER_CACHE = 64 };

struct lines {
    struct source *source;
    const struct ingest_options *options;
    const struct format *first;
    struct sink *sink;
    struct tracker *tracker;
    struct line_clock clock;
    uint64_t resume_at, line, checkpoint_at, stop_at;
    void **kept; /* what formats remember of this source while another one is read; NULL: nothing yet */
    enum frame_records records;
    bool muted, held, growing, several_hosts;
    bool replaying;  /* lines from before the source */
    bool overlong;   /* the beginning of this line was rejected already */
    bool unreadable; /* the source broke off; what was read of it is good */
    struct buf head; /* an unfinished first line, until its neighbour is read */
    when last_at;
    str last_host;
    char host_bytes[256];
    struct buf counted; /* the latest line that "last message repeated" may mean: its text */
    const struct format *counted_owner;
    char counted_program[64];
    size_t counted_program_n;
    int64_t counted_pid;
    uint64_t counted_host; /* a hash */
    struct {
        char program[32];
        size_t n;
        const struct format *owner;
    } owners[OWNER_CACHE];
};

/* line_take.c.  All are false only where the sink can take no more. */

/* One line without its end, at the source's place; length counts the end too. */
bool line_take(struct lines *, str whole, uint64_t length);
bool line_reject(struct lines *, str whole, struct origin, const char *why);
/* Hands out the end of a line whose beginning stands elsewhere, once its neighbour told host and time. */
bool line_hand_out_head(struct lines *);

#endif
