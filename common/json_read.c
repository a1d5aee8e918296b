/* JSON: trees by json_plain.c or, where a text is not plain, by json-c, whose owner this file is; cuts by
 * counting brackets.
 *
 * json-c's objects are copied into the arena at once, so no caller has a handle
 * to give back, and strings are repaired in the same go.  The cutter interprets
 * nothing: it knows strings, brackets and lines, so that a broken value costs
 * its line and not its neighbours. */
#include "json_read.h"

#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <json-c/json_tokener.h>
#include <stdlib.h>

#include "diag.h"
#include "json_plain.h"
#include "json_scan.h"
#include "utf8.h"

static const str bom = { "\xef\xbb\xbf", 3 };

/* Values are separated by commas and colons, and opened by brackets. */
static bool
too_many_values(str text)
{
    size_t n = 0;
    bool string = false;
    if (text.n <= JSON_MAX_VALUES)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == ',' || c == '[' || c == '{'))
            n++;
    }
    return n > JSON_MAX_VALUES;
}

static str
take_text(struct arena *a, const char *p, size_t n)
{
    return utf8_repair(a, arena_copy(a, str_of(p, n)), NULL);
}

static void copy_value(struct arena *, struct json_value *, struct json_object *);

static void
copy_members(struct arena *a, struct json_value *v, struct json_object *o)
{
    v->kind = JSON_OBJECT;
    v->n = (size_t)json_object_object_length(o);
    v->items = ARENA_ARRAY(a, struct json_value, v->n);
    struct json_object_iterator it = json_object_iter_begin(o), end = json_object_iter_end(o);
    for (size_t i = 0; i < v->n && !json_object_iter_equal(&it, &end); i++, json_object_iter_next(&it)) {
        const char *name = json_object_iter_peek_name(&it);
        v->items[i].name = take_text(a, name, strlen(name));
        copy_value(a, &v->items[i], json_object_iter_peek_value(&it));
    }
}

/* No deeper than JSON_MAX_DEPTH: the tokener saw to it. */
static void
copy_value(struct arena *a, struct json_value *v, struct json_object *o)
{
    switch (json_object_get_type(o)) {
    case json_type_null: v->kind = JSON_NULL; break;
    case json_type_boolean:
        v->kind = JSON_BOOL;
        v->truth = json_object_get_boolean(o);
        break;
    case json_type_int:
    case json_type_double:
        v->kind = json_object_is_type(o, json_type_int) ? JSON_INT : JSON_DOUBLE;
        v->text = arena_copy(a, str_from(json_object_get_string(o)));
        break;
    case json_type_string:
        v->kind = JSON_STRING;
        v->text = take_text(a, json_object_get_string(o), (size_t)json_object_get_string_len(o));
        break;
    case json_type_array:
        v->kind = JSON_ARRAY;
        v->n = json_object_array_length(o);
        v->items = ARENA_ARRAY(a, struct json_value, v->n);
        for (size_t i = 0; i < v->n; i++)
            copy_value(a, &v->items[i], json_object_array_get_idx(o, i));
        break;
    case json_type_object: copy_members(a, v, o); break;
    }
}

static const struct json_value *
fault(struct json_fault *f, size_t offset, const char *why)
{
    if (f)
        *f = (struct json_fault){ offset, why };
    return NULL;
}

static const char *
error_text(enum json_tokener_error e)
{
    switch (e) {
    case json_tokener_continue:
    case json_tokener_error_parse_eof: return "the JSON is cut short";
    case json_tokener_error_depth: return "JSON nested too deep";
    default: return "no JSON";
    }
}

/* What json_plain() leaves: errors, and what json-c forgives. */
static const struct json_value *
read_any(struct arena *a, str body, size_t ahead, struct json_fault *f)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_MAX_DEPTH);
    if (tokener == NULL)
        die(EXIT_INTERNAL, "out of memory");
    struct json_object *o = json_tokener_parse_ex(tokener, body.p, (int)body.n);
    size_t end = json_tokener_get_parse_end(tokener);
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        o = json_tokener_parse_ex(tokener, "", -1); /* a number ends where the text does */
    enum json_tokener_error e = json_tokener_get_error(tokener);
    struct json_value *v = NULL;
    if (e != json_tokener_success) {
        fault(f, ahead + end, error_text(e));
    } else if (end < body.n) {
        fault(f, ahead + end, "something follows the JSON");
    } else {
        v = ARENA_NEW(a, struct json_value);
        copy_value(a, v, o);
    }
    json_object_put(o);
    json_tokener_free(tokener);
    return v;
}

const struct json_value *
json_read_view(struct arena *a, str text, struct json_fault *f)
{
    size_t ahead = str_starts(text, bom) ? bom.n : 0;
    str body = str_trim_right(str_skip(text, ahead));
    if (str_trim_left(body).n == 0)
        return fault(f, 0, "no JSON");
    if (body.n > JSON_MAX_TEXT || too_many_values(body))
        return fault(f, 0, "more JSON than is read at once");
    const struct json_value *plain = json_plain(a, body);
    return plain ? plain : read_any(a, body, ahead, f);
}

const struct json_value *
json_read(struct arena *a, str text, struct json_fault *f)
{
    return json_read_view(a, text.n > JSON_MAX_TEXT ? text : arena_copy(a, text), f);
}

void
json_set_places(struct arena *a, struct json_value *object)
{
    if (object->n >= JSON_NOWHERE)
        return;
    struct json_places *places = arena_bytes(a, sizeof *places);
    memset(places, JSON_NOWHERE, sizeof *places);
    for (size_t i = object->n; i > 0; i--)
        places->first[json_slot(object->items[i - 1].name)] = (unsigned char)(i - 1);
    object->places = places;
}

const struct json_value *
json_dig(const struct json_value *v, const char *path)
{
    struct str_cut c = { .tail = str_from(path), .found = true };
    while (v && c.found) {
        c = str_cut(c.tail, '/');
        v = json_get(v, c.head);
    }
    return v;
}

const struct json_value *
json_item(const struct json_value *v, size_t i)
{
    return json_is(v, JSON_ARRAY) && i < v->n ? &v->items[i] : NULL;
}

str
json_text(const struct json_value *v)
{
    return v ? v->text : (str){ 0 };
}

/* The decimal that text is: rounded once where it is the quotient of exact numbers; else as the C library reads it, for
 * which no locale is set. */
static double
decimal(str text)
{
    static const double tens[] = { 1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16 };
    static const uint64_t exact = 1ull << 53; /* integers up to it are, in a double */
    bool minus = str_starts(text, S("-")), point = false;
    uint64_t digits = 0;
    size_t i = minus, places = 0;
    for (; i < text.n && digits <= exact; i++) {
        if (str_is_digit(text.p[i])) {
            digits = digits * 10 + (uint64_t)(text.p[i] - '0');
            places += point;
        } else if (text.p[i] == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (i == text.n && digits <= exact && places < sizeof tens / sizeof *tens)
        return (minus ? -1.0 : 1.0) * ((double)digits / tens[places]);
    char *z = xmalloc(text.n + 1);
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    double value = strtod(z, NULL);
    free(z);
    return value;
}

bool
json_to_int(const struct json_value *v, int64_t *out)
{
    if (json_is(v, JSON_STRING))
        return str_to_i64(v->text, out);
    if (!json_is(v, JSON_INT) && !json_is(v, JSON_DOUBLE))
        return false;
    if (v->kind == JSON_INT && str_to_i64(v->text, out))
        return true;
    double value = decimal(v->text);
    *out = value >= (double)INT64_MAX ? INT64_MAX : value > (double)INT64_MIN ? (int64_t)value : INT64_MIN;
    return true;
}

bool
json_to_double(const struct json_value *v, double *out)
{
    if (json_is(v, JSON_STRING))
        return str_to_double(v->text, out);
    if (!json_is(v, JSON_INT) && !json_is(v, JSON_DOUBLE))
        return false;
    *out = decimal(v->text);
    return true;
}

bool
json_is_true(const struct json_value *v)
{
    if (v == NULL)
        return false;
    if (v->kind == JSON_BOOL)
        return v->truth;
    return str_ieq(v->text, S("true")) || str_eq(v->text, S("1"));
}

/* What may stand between values: blanks, the separator of RFC 7464, commas, brackets of a top-level array. */
static inline bool
is_between(char c)
{
    static const bool between[256] = {
        [' '] = true,  ['\t'] = true, ['\n'] = true, ['\v'] = true, ['\f'] = true,
        ['\r'] = true, [0x1e] = true, [','] = true,  ['['] = true,  [']'] = true
    };
    return between[(unsigned char)c];
}

/* Where the first of these stands; the length of s: nowhere. */
static size_t
between_at(str s)
{
    size_t n = json_word_run(s.p, s.n);
    while (n < s.n && !is_between(s.p[n])) {
        n++;
        n += json_word_run(s.p + n, s.n - n);
    }
    return n;
}

static struct json_piece
piece(struct json_cut *c, enum json_step step, size_t end)
{
    struct json_piece p = { step, c->skip, end - c->skip };
    *c = (struct json_cut){ .lines = c->lines };
    return p;
}

/* Whether the line end inside a value, at i, shows that the value is broken: an object begins at
 * the start of the next line, where none may. */
static bool
broken_at(const struct json_cut *c, str s, size_t i)
{
    if (c->lines)
        return true;
    if (i + 2 >= s.n || s.p[i + 1] != '{' || s.p[i + 2] != '"')
        return false;
    str before = str_trim_right(str_head(s, i)); /* not empty: the value began with no blank */
    char last = before.p[before.n - 1];
    bool in_array = c->depth > 0 && c->depth <= 64 && c->arrays >> (c->depth - 1) & 1;
    return c->string || !(last == ':' || (in_array && (last == ',' || last == '[')));
}

/* The byte at i, inside a value and outside of strings; true when the value ends with it. */
static inline bool
step_structure(struct json_cut *c, char b)
{
    switch (b) {
    case '"': c->string = true; return false;
    case '{':
    case '[':
        if (c->depth < 64)
            c->arrays = (c->arrays & ~(1ull << c->depth)) | (uint64_t)(b == '[') << c->depth;
        c->depth++;
        return false;
    case '}':
    case ']':
        if (c->depth > 0)
            c->depth--;
        return c->depth == 0;
    default: return false;
    }
}

/* What begins with none of {"-digits or letters is junk to the end of its line. */
static struct json_piece
cut_plain(struct json_cut *c, str s, bool last)
{
    char first = s.p[c->skip];
    bool scalar = first == '-' || str_is_digit(first) || str_is_alpha(first);
    str rest = str_skip(s, c->seen);
    size_t n = scalar ? between_at(rest) : str_find_char(rest, '\n');
    if (n < rest.n)
        return piece(c, scalar ? JSON_ITEM : JSON_BAD, c->seen + n);
    c->seen = s.n;
    if (last || s.n - c->skip > JSON_MAX_TEXT)
        return piece(c, scalar && last ? JSON_ITEM : JSON_BAD, s.n);
    return (struct json_piece){ .step = JSON_MORE };
}

/* Nothing closes the value: its first line is given up, and later ones may not cross lines. */
static struct json_piece
cut_unclosed(struct json_cut *c, str s)
{
    str rest = str_skip(s, c->skip);
    size_t line = str_find_char(rest, '\n');
    c->lines = true;
    return piece(c, JSON_BAD, line == STR_NONE ? s.n : c->skip + line);
}

/* Steps over what stands before the value; false if that is all there is. */
static bool
skip_between(struct json_cut *c, str s, bool last)
{
    if (c->seen == 0 && c->skip == 0) {
        if (s.n < bom.n && !last)
            return false;
        c->skip = str_starts(s, bom) ? bom.n : 0;
    }
    if (c->seen <= c->skip) {
        while (c->skip < s.n && is_between(s.p[c->skip]))
            c->skip++;
        c->seen = c->skip;
    }
    return c->skip < s.n;
}

struct json_piece
json_cut_value(struct json_cut *c, str s, bool last, struct arena *a, const struct json_value **value)
{
    enum { MOST = 256 << 10 }; /* what goes on beyond the window is tried but once */
    size_t used;
    bool fresh = c->seen <= c->skip && !c->lines;
    *value = NULL;
    if (fresh && skip_between(c, s, last) && s.p[c->skip] == '{')
        *value = json_plain_begin(a, str_head(str_skip(s, c->skip), MOST), false, &used);
    return *value ? piece(c, JSON_ITEM, c->skip + used) : json_cut(c, s, last);
}

struct json_piece
json_cut(struct json_cut *c, str s, bool last)
{
    if (!skip_between(c, s, last))
        return last ? piece(c, JSON_END, c->skip) : (struct json_piece){ .step = JSON_MORE };
    char first = s.p[c->skip];
    if (first != '{' && first != '"')
        return cut_plain(c, s, last);
    struct json_cut l = *c; /* beside the bytes, which c might overlap for all the compiler knows */
    size_t i = l.seen;
    for (; i < s.n; i++) {
        if (!l.string)
            i += json_between_run(s.p + i, s.n - i);
        else if (!l.escape)
            i += json_text_run(s.p + i, s.n - i);
        if (i == s.n)
            break;
        char b = s.p[i];
        if (b == '\n') {
            if (i + 2 >= s.n && !last)
                break;
            if (broken_at(&l, s, i))
                return piece(c, JSON_BAD, i);
        }
        if (!l.string) {
            if (step_structure(&l, b))
                return piece(c, JSON_ITEM, i + 1);
        } else if (l.escape) {
            l.escape = false;
        } else if (b == '\\') {
            l.escape = true;
        } else if (b == '"') {
            l.string = false;
            if (l.depth == 0)
                return piece(c, JSON_ITEM, i + 1);
        }
    }
    *c = l;
    c->seen = i;
    if (last || s.n - c->skip > JSON_MAX_TEXT)
        return cut_unclosed(c, s);
    return (struct json_piece){ .step = JSON_MORE };
}
