/* Log formats as data: a table of rows, each for one kind of line.
 *
 * A row is tried when its program matches and its needle is found; the pattern
 * (PCRE2, compiled once, JIT) then cuts the fields: its named groups are the
 * field names of event.h.  The needle comes first because it is cheap; the rows
 * of a program are tried in order, so frequent ones stand first.  Rows that cannot
 * begin as the text does, by their needle or pattern, are passed over: a needle that
 * stands at the start (^) or at the first colon (@) costs next to nothing, one that
 * may stand anywhere is searched for. */
#ifndef LOGROW_H
#define LOGROW_H

#include "event.h"

/* In a pattern: the shortest text before what begins with this character, as ".*?", but looked for only there. */
#define LOG_UPTO(c) "[^" c "]*+(?:" c "[^" c "]*+)*?"

struct log_row {
    const char *id;      /* "smtpd.client": unique in its format, kept in event.row */
    const char *program; /* last part of the tag ("smtpd"), or "*" for any */
    const char *needle;  /* literal; a leading ^ ties it to the start of the text, @ to its first colon */
    const char *pattern; /* NULL: the needle says it all; matched at the start of the text, to its end */
    enum event_kind kind;
    unsigned flags;    /* enum event_flag, or 0 */
    enum stage stage;  /* of a refusal, or STAGE_UNKNOWN */
    const char *value; /* reason of an IGNORED line; action, type, engine of others, or NULL */
};

/* A compiled table. */
struct log_table;
struct log_table *log_table_new(const struct log_row *rows, size_t n);
void log_table_free(struct log_table *);

/* Finds the row for a text and fills kind, flags, stage, row and fields; false if no row matches.
 * program is the last part of the tag.  value goes to why (IGNORED) or ACTION (others). */
bool log_table_match(struct log_table *, str program, str text, struct event *);

/* How many rows match (for the self-proof: a sample belongs to one row only). */
size_t log_table_count(struct log_table *, str program, str text);

#endif
