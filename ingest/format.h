/* The registry of formats that waybill reads.
 *
 * Two sorts.  A whole format (mbox, message, DMARC report) reads a source from
 * its first byte to its last.  A line format is handed framed lines: it says
 * which programs' lines are its own and turns each into an event.  A new
 * format is one file, one line in formats.def, and samples. */
#ifndef FORMAT_H
#define FORMAT_H

#include "event.h"
#include "message.h"
#include "sink.h"
#include "source.h"

/* What the caller says of a source that the source itself does not. */
struct ingest_options {
    const char *format; /* forced format, or NULL */
    str host;           /* --host, or empty */
    struct zone *zone;  /* --timezone, or NULL */
    int year;           /* --year, or 0 */
    when now;
    str folder, mailbox; /* of a Maildir or mbox, where the path tells */
    when stored_at;
    /* Called now and then on long logs, or NULL; false ends the reading here, for a later run to go on. */
    bool (*progress)(const struct ingest_options *, const struct source *);
};

/* A line taken out of its framing (RFC 3164, RFC 3339, RFC 5424, ...). */
struct line {
    str whole; /* without its end */
    str host, program, text;
    int64_t pid;
    when at; /* UTC, WHEN_NONE if the format's own parser must find it */
};

/* Cuts a stamp (year 0: not said) and pid off a line of a framing that is no syslog, leaves the text; false: it has
 * none. */
typedef bool format_frame(str whole, struct line *, struct civil *, bool *zoned, int *offset_s);

struct format {
    const char *name;
    const char *kind; /* "log", "message", "mailbox", "report" */
    const char *description;

    /* How sure a look at the first bytes makes us, 0 (no) to 100; eof: head is all there is. */
    int (*recognise)(str head, bool eof);

    /* Whole formats: reads to the end, takes every byte, accounts for each. */
    bool (*read)(struct source *, const struct ingest_options *, struct sink *);

    /* Line formats: whether a program's lines are ours ("postfix/smtpd"), and one line -> event.
     * parse fills kind, row, fields; IGNORED and REJECT say why.  Unknown lines are REJECT. */
    bool (*owns)(str program);
    format_frame *frame; /* of a log with a framing of its own; NULL for syslog */
    void (*parse)(const struct line *, struct event *);

    /* Line formats that need more than one line at a time; each may be NULL. */
    void (*begin)(void); /* a new source: forgets what lines of the one before said */
    /* Sources read in turns: hands out what begin would forget, for resume to take back (and free) behind a
     * begin.  A format whose begin forgets has both. */
    void *(*suspend)(void);
    void (*resume)(void *);
    /* What else the line that parse was given says (one event a recipient, ...), one a call until
     * false.  The event comes as it came to parse: time, host, place. */
    bool (*more)(struct event *);
    bool (*has_more)(void); /* whether more is worth a call; NULL: always */
    /* A line of the format's own files that bears no stamp and is whole even at their beginning. */
    bool (*is_header)(str whole);
    /* Where a record may hold line ends: its length without its own, STR_NONE if it is not all there. */
    size_t (*record)(str window, bool eof);
};

extern const struct format *const formats[]; /* NULL-terminated, from formats.def */
/* All formats, those added first; NULL behind the last. */
const struct format *format_at(size_t);
void format_add(const struct format *); /* user_format.c's; it must stay */
void format_drop_added(void);
const struct format *format_find(str name);
/* The surest of them for these bytes, or NULL. */
const struct format *format_recognise(str head, bool eof);
/* The first bytes that say something, which widens the window to n behind them: truncation leaves NULs before the lines of
 * a writer that goes on at its old place.  What is all NULs for FORMAT_MOST_NULS is given as it is. */
enum { FORMAT_LEAST_NULS = 16, FORMAT_MOST_NULS = 256 << 20 };
str format_head(struct source *, size_t n);

#endif
