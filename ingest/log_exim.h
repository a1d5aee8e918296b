/* Exim's main log and reject log.
 *
 * A line is "STAMP[.mmm][ +zone] [pid]? ID REST" or the same without an id.
 * Its own files have no host and no program; in syslog the program is exim or
 * exim4 and the stamp is often repeated in the text.
 *
 * What a line's REST begins with decides how it is read (Exim's
 * specification, chapter "Log files"): a flag ("<=", "=>", ...), the other
 * end of a dialogue ("H=name (helo) [ip]"), or words. */
#ifndef LOG_EXIM_H
#define LOG_EXIM_H

#include "format.h"
#include "logrow.h"

/* Takes stamp, zone and pid off a line of Exim's own files: out->text starts
 * at the id or the first word, out->whole is the line, out->pid is set where
 * said (the rest of out stays as it is).  civil is the stamp as written;
 * zoned tells whether offset_s (east positive) was said.  False: the line has
 * no such stamp (a header in a reject log, the rest of a cut line); then out
 * is untouched, and parse still understands it with text = whole and
 * at = WHEN_NONE. */
bool exim_frame(str whole, struct line *out, struct civil *civil, bool *zoned, int *offset_s);

/* A text cut at its joints; the rows whose program is its kind match its rest. */
struct exim_part {
    str id;   /* or empty */
    str kind; /* "<=", "=>", "**", "==", "host", "message", "words", "header" or "split" */
    str flag; /* as written: "<=", "=>", "->", ">>", "*>", "**", "==", or empty */
    str rest;
};

/* A line without time and program can only be a header in a reject log.  What
 * stands before the rest of a "host" line (client, TLS, user, sender) goes to
 * the event's fields. */
struct exim_part exim_cut(const struct line *, struct event *);

/* The table, for the self-proof. */
const struct log_row *exim_rows(size_t *n);

#endif
