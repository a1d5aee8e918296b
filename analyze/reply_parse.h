/* From the bytes of a reply to the normal form in which needles are sought. */
#ifndef REPLY_PARSE_H
#define REPLY_PARSE_H

#include "reply.h"

/* Lower case (ASCII), single blanks, addresses as "@", continuation codes of
 * several lines ("550-5.7.1 ") removed after the first.  Never longer than the
 * text, at most REPLY_TEXT_MAX bytes, written to out. */
str reply_normal(str text, const struct reply_parts *, char out[REPLY_TEXT_MAX]);

#endif
