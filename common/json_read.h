/* Reads JSON (RFC 8259): whole texts as a tree, big files value by value.
 *
 * json_read.c is the owner of json-c.  What comes out lives in the caller's
 * arena and nowhere else.  Reading is forgiving: a byte order mark, bytes that
 * are no UTF-8 (read as Windows-1252), lone surrogates (U+FFFD), controls in
 * strings; of a key that occurs twice the last counts.
 *
 * Bounds: texts longer than JSON_MAX_TEXT, nested deeper than JSON_MAX_DEPTH
 * or with more than JSON_MAX_VALUES values are refused. */
#ifndef JSON_READ_H
#define JSON_READ_H

#include "arena.h"

enum {
    JSON_MAX_TEXT = 64 << 20,
    JSON_MAX_DEPTH = 64,
    JSON_MAX_VALUES = 2 << 20,
};

enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Where to look for a name: in its slot stands the place of the first member whose name has the same. */
enum { JSON_SLOTS = 64, JSON_NOWHERE = 0xff };
struct json_places {
    unsigned char first[JSON_SLOTS];
};

struct json_value {
    enum json_kind kind;
    bool truth;                       /* JSON_BOOL */
    str name;                         /* of a member of an object */
    str text;                         /* JSON_STRING: UTF-8 without NUL; numbers: their digits */
    size_t n;                         /* JSON_ARRAY, JSON_OBJECT: how many */
    struct json_value *items;         /* they, in order */
    const struct json_places *places; /* JSON_OBJECT; NULL: members are looked through */
};

/* Why a text is none, and where: bytes from its start. */
struct json_fault {
    size_t offset;
    const char *why;
};

/* The one value that text consists of; NULL and the fault (may be NULL) where it is something else. */
const struct json_value *json_read(struct arena *, str text, struct json_fault *);

/* The same, but its texts may be views of text. */
const struct json_value *json_read_view(struct arena *, str text, struct json_fault *);

/* The slot of a name: what it begins and ends with, and its length. */
static inline size_t
json_slot(str name)
{
    if (name.n == 0)
        return 0;
    return (name.n * 5 + (unsigned char)name.p[0] + (unsigned char)name.p[name.n - 1] * 3u) % JSON_SLOTS;
}

/* Lets the names of an object that was put together be found by their slots, where they are not too many. */
void json_set_places(struct arena *, struct json_value *object);

/* The members of a value.  All take NULL, and anything of another kind, for "not there". */
static inline const struct json_value *
json_get_slot(const struct json_value *object, str key, size_t slot) /* of the key */
{
    if (object == NULL || object->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = object->places ? object->places->first[slot] : 0; i < object->n; i++)
        if (str_eq(object->items[i].name, key))
            return &object->items[i];
    return NULL;
}
static inline const struct json_value *
json_get(const struct json_value *object, str key)
{
    return json_get_slot(object, key, json_slot(key));
}
const struct json_value *json_dig(const struct json_value *, const char *path); /* "msys/message_event" */
const struct json_value *json_item(const struct json_value *array, size_t i);

/* A string's text or a number's digits; an empty view for anything else. */
str json_text(const struct json_value *);
/* Numbers, cut and clamped to 64 bits, and strings of digits. */
bool json_to_int(const struct json_value *, int64_t *);
bool json_to_double(const struct json_value *, double *); /* numbers, and strings of decimals */
bool json_is_true(const struct json_value *);             /* true, "true", "1", 1 */
static inline bool
json_is(const struct json_value *v, enum json_kind kind)
{
    return v != NULL && v->kind == kind;
}

/* Cuts a stream into values without holding all of it: values one after the other (NDJSON, RFC 7464,
 * pretty-printed, with or without commas) and the elements of top-level arrays.  All zero at the start.
 *
 * Each call is given what is unread, from the end of the last piece on, and whether more will come.
 *   JSON_ITEM  a value: skip bytes of separators, then its length bytes; feed them to json_read
 *   JSON_BAD   the same, but bytes that are no JSON, up to a place where reading can go on
 *   JSON_END   skip bytes of separators, and nothing behind them
 *   JSON_MORE  come again with a longer window; what was seen is not looked at again
 * A value longer than JSON_MAX_TEXT is bad; one that is never closed costs its own line. */
enum json_step { JSON_MORE, JSON_ITEM, JSON_BAD, JSON_END };

struct json_piece {
    enum json_step step;
    size_t skip, length;
};

struct json_cut {
    size_t skip, seen; /* separators before the value; bytes looked at */
    uint64_t arrays;   /* one bit a level: the container is an array */
    unsigned depth;
    bool string, escape; /* inside a string; behind its backslash */
    bool lines;          /* a value was not closed: from now on line ends close what is open */
};

struct json_piece json_cut(struct json_cut *, str unread, bool last);
/* The same, and where the piece is an object that needs no care, the value, read in the same go: its texts may be
 * views of unread.  Else value is NULL, and json_read has to look at the piece. */
struct json_piece
json_cut_value(struct json_cut *, str unread, bool last, struct arena *, const struct json_value **value);

#endif
