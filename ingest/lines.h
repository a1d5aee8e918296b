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
    LINES_CHECKPOINT = 128 << 20, /* bytes between commits */
};

/* Reads to the end.  first is the source's recognised or forced format.  Lines before resume_at were
 * read by an earlier run: they are followed, muted, so that what comes after finds its context. */
bool lines_read(struct source *, const struct ingest_options *, const struct format *first, struct sink *,
                uint64_t resume_at);

/* The offset of an unfinished last line, for the next run to begin with; the length of the source if
 * it ended with a line end.  Valid after lines_read. */
uint64_t lines_resume_offset(void);
/* The host that wrote all of the source's lines; empty where there were several, or none said.  Valid
 * after lines_read, until the next one. */
str lines_host(void);
/* How many lines the source has, the unfinished one included.  Valid after lines_read. */
uint64_t lines_count(void);

#endif
