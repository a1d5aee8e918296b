/* Framings around log lines, beside plain syslog (syslog.h): what journald, Docker, Kubernetes and log
 * shippers put around the line that a mail program wrote.
 *
 * Two steps.  frame_records_of looks at a source's first bytes once and says where a record ends, unless
 * each is a line.  frame_wrapped takes the wrapping off one record and hands what is inside to the plain
 * framings; it is tried only where they have failed. */
#ifndef FRAME_H
#define FRAME_H

#include "syslog.h"

enum frame_records {
    FRAME_LINES,  /* one a line: syslog, journalctl -o json, logfmt */
    FRAME_EXPORT, /* journalctl -o export: fields by line, records by empty line */
    FRAME_PRETTY, /* journalctl -o json-pretty, and other objects over several lines */
    FRAME_PIECES, /* Docker's json-file and CRI: a line each, but what is longer than 16 KiB stands on several */
    FRAME_COUNTED /* syslog over TCP with octet counts (RFC 6587 3.4.1), kept as it came */
};

enum { FRAME_MAX_DEPTH = 3 }; /* wrappings in wrappings */

/* eof: head is all there is. */
enum frame_records frame_records_of(str head, bool eof);

/* The length of the first record of window, with its end; 0: it goes on beyond the window.
 * A record that cannot be cut ends with its line. */
size_t frame_record(enum frame_records, str window, bool eof);

/* Takes the wrappings off.  Views point into whole or into memory of its own, until the next call. */
bool frame_wrapped(str whole, struct framed *);

/* "last message repeated 3 times", "message repeated 3 times: [ text]": how often, and the text. */
struct frame_repeat {
    unsigned times; /* 0: none of these; at most FRAME_MAX_REPEAT */
    bool before;    /* the line before is meant, else text is repeated */
    str text;
};
enum { FRAME_MAX_REPEAT = 10000 };
struct frame_repeat frame_repeat(str text);

/* Shapes of syslog lines that few loggers write (frame_stamp.c), for lines that the common framings refuse. */
bool frame_odd(str whole, struct framed *);

/* Takes off what stands between tag and text, or between host and tag: Solaris' "[ID 197553 mail.info] ", AIX'
 * "mail:info ". */
void frame_priority(struct line *);

/* A line of journalctl or docker compose itself ("-- Boot ... --", "Attaching to ..."), or what a container without
 * a stamp of its own wrote ("nginx-1  | GET / ..."). */
bool frame_is_note(str whole);

/* rsyslog writes control characters as "#012": blanks again, those at the end cut off.  The view lives until
 * the next call. */
str frame_unescape(str text);

#endif
