/* Writes JSON (RFC 8259) into a buf, one value after the other.
 *
 * Commas are its own business; nesting is the caller's (checked by BUG).
 * Strings are UTF-8 out: bytes that are not become U+FFFD, controls are escaped. */
#ifndef JSON_H
#define JSON_H

#include "buf.h"
#include "when.h"

struct json {
    struct buf *out;
    int depth;
    bool pretty;    /* line breaks and indents; else one line */
    bool comma[64]; /* at each depth: a value has been written */
    bool after_key;
};

void json_object(struct json *);
void json_end_object(struct json *);
void json_array(struct json *);
void json_end_array(struct json *);
void json_key(struct json *, const char *key);

void json_str(struct json *, str);
void json_int(struct json *, int64_t);
void json_double(struct json *, double); /* NAN writes null */
void json_bool(struct json *, bool);
void json_null(struct json *);
void json_when(struct json *, when); /* RFC 3339, WHEN_NONE writes null */

/* Key and value; the _some forms write nothing for an empty text, NAN or WHEN_NONE. */
void json_field(struct json *, const char *key, str value);
void json_some(struct json *, const char *key, str value);
void json_some_double(struct json *, const char *key, double value);
void json_some_when(struct json *, const char *key, when value);
void json_field_int(struct json *, const char *key, int64_t value);
void json_field_bool(struct json *, const char *key, bool value);

#endif
