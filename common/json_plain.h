/* Plain JSON, quickly: what programs write, which is all of RFC 8259 but its corners. */
#ifndef JSON_PLAIN_H
#define JSON_PLAIN_H

#include "json_read.h"

/* The value that text consists of, just as json_read() gives it, but that its texts may be views of text; NULL where
 * text has anything beyond the plain:
 * errors, numbers beyond 64 bits, with an exponent, "-0", half surrogates, NUL, keys
 * that are not UTF-8, PLAIN_DEPTH levels, PLAIN_MEMBERS in one object, PLAIN_VALUES in one array. */
enum { PLAIN_DEPTH = 32, PLAIN_MEMBERS = 128, PLAIN_VALUES = 1 << 16 };

const struct json_value *json_plain(struct arena *, str text);

/* The same of the value that text begins with, and how long it is.  lines: strings may hold line ends as they are. */
const struct json_value *json_plain_begin(struct arena *, str text, bool lines, size_t *used);

#endif
