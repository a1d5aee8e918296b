/* Time stamps by a description of their form, as strptime(3) has it.
 *
 *   %Y %y %m %d %e %H %I %M %S   numbers; %e may be padded with a blank, %y is of this century
 *   %b %a %p                     Nov, Sat, AM or PM
 *   %f                           a fraction of the second, with its . or , if there is one
 *   %z                           Z, UTC, GMT, +01:00, +0100
 *   %s                           seconds, milliseconds or microseconds since 1970, by their number of digits
 *   %%, any other                itself; a blank stands for one or more
 */
#ifndef STAMP_H
#define STAMP_H

#include "when.h"

struct stamp_result {
    struct civil civil; /* year 0 where not said */
    int offset_s;       /* east positive */
    bool zoned, ok;
};

/* Whether a form can be meant: no unknown %, and a time in it. */
bool stamp_form_ok(str form);

/* The whole of s by a form; an empty form: RFC 3339, else RFC 3164. */
struct stamp_result stamp_read(str form, str s);

#endif
