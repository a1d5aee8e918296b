/* Framing of syslog lines: RFC 3164 as BSD syslog and postlogd write it, RFC 3339 stamps as rsyslog
 * does, RFC 5424, each with or without <PRI>. */
#ifndef SYSLOG_H
#define SYSLOG_H

#include "format.h"

struct framed {
    struct line line;   /* at is set only where the stamp said year and zone */
    struct civil civil; /* the stamp; year 0 where not said */
    bool dated;         /* civil has its year */
    bool zoned;
};

/* Takes the framing off one line (without its end); false if it has none.  Where none of syslog's
 * fits, the wrappings of frame.h are tried. */
bool syslog_frame(str whole, struct framed *out);
bool syslog_frame_plain(str whole, struct framed *out);  /* syslog's alone */
bool syslog_frame_common(str whole, struct framed *out); /* without the odd ones of frame_stamp.c */

/* "postfix/smtpd[123]: text" */
bool syslog_tag(str s, struct line *out);

/* Some programs repeat the stamp in the text, with the year that syslog lacks: takes it off there,
 * and uses it unless syslog's own said everything.  owner: the format of the line's program. */
void syslog_repeated_stamp(const struct format *owner, struct framed *);

/* Until it is called again, the lines of this head (which stays) are framed once for all formats that are asked about it;
 * an empty one ends it. */
void syslog_share_head(str head, bool eof);

/* 90 if one of the first lines is framed and its program is owned, 10 if lines are framed but none is. */
int syslog_recognise(str head, bool eof, bool (*owns)(str program));

/* For a log with files of its own: 95 if one of so many first lines has its framing and is_own takes it (framed is NULL
 * where it has not; is_own NULL: framed is enough), else 90 if a syslog holds lines that are owned, else 0. */
int syslog_recognise_own(str head, bool eof, int lines, format_frame *,
                         bool (*is_own)(str whole, const struct line *framed), bool (*owns)(str program));

#endif
