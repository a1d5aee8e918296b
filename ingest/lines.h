/* Reads a source of log lines: framing, time, the format of each line, the tracker.
 *
 * One file may hold the lines of many programs; each goes to the format that
 * owns it.  Lines of programs that no format owns are counted as ignored. */
#ifndef LINES_H
#define LINES_H

#include "format.h"
#include "tracker.h"

enum {
    LINE_MAX_BYTES = 1 << 20,     /* longer lines are rejected whole */
    LINES_CHECKPOINT = 128 << 20, /* bytes after which all that is open is handed out as parts */
};

enum { LINES_HOST_MAX = 255 };

/* What is known of a source's lines. */
struct lines_result {
    uint64_t resume_offset; /* of an unfinished last line, for the next run to begin with; else the end */
    uint64_t lines;         /* the unfinished one included */
    when waited_since;      /* tracker_waited_since() */
    size_t host_n;          /* the host that wrote all of them; empty: several, or none said */
    char host[LINES_HOST_MAX];
};
static inline str
lines_host(const struct lines_result *r)
{
    return str_of(r->host, r->host_n);
}

/* Where an earlier run ended; held: with lines_hand_out, not by ending the source. */
struct lines_from {
    uint64_t offset;
    bool held;
};

/* Reads to the end.  first is the source's recognised or forced format.  Lines before from were
 * read by an earlier run: they are followed, muted, so that what comes after finds its context. */
bool lines_read(struct source *, const struct ingest_options *, const struct format *first, struct sink *,
                struct lines_from, struct lines_result *);

/* The same piece by piece, for a source that grows: lines_take reads the whole lines up to source->eof,
 * which means "for now" and is the caller's to clear (source_more_later), and stops behind `most` bytes.  After
 * lines_hand_out all that was read is in the sink: a moment to commit.  lines_end takes the unfinished last
 * line if the source has ended for good, else leaves it for a later run, and frees.
 * The sources of several may be read in turns, by one thread. */
struct lines;
struct lines *lines_open(struct source *, const struct ingest_options *, const struct format *first,
                         struct sink *, struct lines_from);
bool lines_take(struct lines *, uint64_t most);
bool lines_hand_out(struct lines *); /* tracker_hand_out says what is kept back */
/* The lines of what is kept back, at most so many. */
size_t lines_kept_back(const struct lines *, struct origin *, size_t most);
/* Before the first lines_take: follows, muted, lines that were read before this source began, for their context.  They
 * count for nothing.  offset: of the first of these bytes, from the beginning of the source (so mostly below 0). */
bool lines_replay(struct lines *, str bytes, int64_t offset);
void lines_so_far(const struct lines *, struct lines_result *);
bool lines_end(struct lines *, bool for_good, struct lines_result *);
void lines_drop(struct lines *); /* without handing anything out; NULL is fine */

#endif
