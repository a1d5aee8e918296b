/* Plain JSON, quickly.
 *
 * Strings are views of the text; only those with escapes are written anew.  Whatever is not plain is left to
 * json_read.c: nothing is forgiven or refused here, so that one reader alone decides what broken JSON means. */
#include "json_plain.h"

#include "json_scan.h"
#include "utf8.h"

enum { NUMBER = 64, STACK = 64, FEW = 3 /* names are as well looked through */ };
static const str most = S("9223372036854775807"); /* in 64 bits */
enum { SURE = 256 << 10 }; /* so much room is taken for a text without a look at how long it is */

/* What is read goes from function to function as at, the first unread byte; NULL: not plain. */
struct plain {
    struct arena *arena;
    const char *end;           /* of the text */
    bool lines;                /* strings may hold line ends as they are */
    struct json_value *values; /* of containers that are still open */
    size_t n, room;
};

static inline size_t
left(const struct plain *p, const char *at)
{
    return (size_t)(p->end - at);
}

/* The next byte; NUL, which nothing plain has, at the end. */
static inline char
peek(const struct plain *p, const char *at)
{
    return at < p->end ? *at : '\0';
}

static inline const char *
skip_blanks(const struct plain *p, const char *at)
{
    if (at == p->end || (unsigned char)*at > ' ')
        return at;
    at += *at == ' '; /* mostly a single one */
    return at == p->end || (unsigned char)*at > ' ' ? at : at + json_blank_run(at, left(p, at));
}

static const char *
take_word(const struct plain *p, const char *at, str word)
{
    return str_starts(str_of(at, left(p, at)), word) ? at + word.n : NULL;
}

/* What follows "\u", up to the second half of a pair; never longer than it was written. */
static const char *
take_unicode(const struct plain *p, const char *at, char *to, size_t *wrote)
{
    int32_t code = str_hex4(str_of(at, left(p, at)));
    if (code <= 0)
        return NULL;
    at += 4;
    uint32_t whole = (uint32_t)code;
    if (code >= 0xd800 && code <= 0xdfff) {
        if (code > 0xdbff || left(p, at) < 2 || at[0] != '\\' || at[1] != 'u')
            return NULL;
        int32_t low = str_hex4(str_of(at + 2, left(p, at) - 2));
        if (low < 0xdc00 || low > 0xdfff)
            return NULL;
        at += 6;
        whole = 0x10000 + ((uint32_t)(code - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    }
    *wrote = utf8_encode(to, whole);
    return at;
}

/* Whether a byte that ends a run may stand in a string as it is: letters of other scripts, and controls, which
 * json_read() lets be. */
static inline bool
stands(const struct plain *p, char c)
{
    return c != '\0' && (c != '\n' || p->lines);
}

/* How long the string is from its first escape on, up to its quote. */
static size_t
escaped_length(const struct plain *p, const char *from)
{
    const char *at = from;
    while (at < p->end && *at != '"') {
        at += *at == '\\' && left(p, at) > 1 ? 2 : 1;
        at += json_text_run(at, left(p, at));
    }
    return (size_t)(at - from);
}

/* What follows the n bytes from from, an escape, written anew. */
static const char *
take_escaped(struct plain *p, const char *from, size_t n, str *out, bool *ascii)
{
    const char *at = from + n;
    size_t rest = left(p, at);
    char *text = arena_room(p->arena, n + (rest <= SURE ? rest : escaped_length(p, at)) + JSON_SCAN_STEP),
         *to = text + n;
    memcpy(text, from, n);
    for (char c; (c = peek(p, at)) != '"';) {
        char escape = c == '\\' ? peek(p, at + 1) : '\0', means = json_escaped(escape);
        if (means) {
            *to++ = means;
            at += 2;
        } else if (escape == 'u') {
            size_t wrote;
            if ((at = take_unicode(p, at + 2, to, &wrote)) == NULL)
                return NULL;
            to += wrote;
        } else if (c != '\\' && stands(p, c)) {
            *ascii &= (unsigned char)c < 0x80;
            *to++ = c;
            at++;
        } else {
            return NULL;
        }
        struct json_copied copied = json_text_copy(to, at, left(p, at));
        to += copied.wrote;
        at += copied.read;
    }
    *out = arena_taken(p->arena, (size_t)(to - text));
    return at + 1;
}

/* The string that begins at from; the bytes up to at are its own. */
static const char *
take_rare(struct plain *p, const char *from, const char *at, str *out, bool *ascii)
{
    for (char c; (c = peek(p, at)) != '"';) {
        if (c == '\\')
            return take_escaped(p, from, (size_t)(at - from), out, ascii);
        if (!stands(p, c))
            return NULL;
        do {
            *ascii &= (unsigned char)c < 0x80;
            c = peek(p, ++at);
        } while ((unsigned char)c >= 0x80);
        at += json_text_run(at, left(p, at));
    }
    *out = str_of(from, (size_t)(at - from));
    return at + 1;
}

/* The string behind its opening quote. */
__attribute__((always_inline)) static inline const char *
take_string(struct plain *p, const char *at, str *out, bool *ascii)
{
    const char *from = at;
    at += json_text_run(at, left(p, at));
    *ascii = true;
    if (peek(p, at) != '"')
        return take_rare(p, from, at, out, ascii);
    *out = str_of(from, (size_t)(at - from));
    return at + 1;
}

static inline const char *
skip_digits(const struct plain *p, const char *at)
{
    while (str_is_digit(peek(p, at)))
        at++;
    return at;
}

/* An integer of 64 bits or a decimal without exponent. */
static const char *
take_number(const struct plain *p, const char *from, struct json_value *v)
{
    bool minus = peek(p, from) == '-';
    const char *digits = from + minus, *at = skip_digits(p, digits);
    str whole = str_of(digits, (size_t)(at - digits));
    bool decimal = peek(p, at) == '.';
    if (whole.n == 0 || whole.n > most.n || (whole.n == most.n && (decimal || str_cmp(whole, most) > 0)))
        return NULL;
    if (*digits == '0' && (whole.n > 1 || (minus && !decimal)))
        return NULL;
    if (decimal) {
        const char *part = at + 1;
        at = skip_digits(p, part);
        if (at == part || at - from > NUMBER)
            return NULL;
    }
    if (peek(p, at) == 'e' || peek(p, at) == 'E')
        return NULL;
    *v = (struct json_value){ .kind = decimal ? JSON_DOUBLE : JSON_INT,
                              .text = str_of(from, (size_t)(at - from)) };
    return at;
}

static const char *take_other(struct plain *, const char *at, size_t i, str name, unsigned depth);

/* The place of a value to come. */
static inline size_t
push(struct plain *p)
{
    if (p->n == p->room)
        p->values = arena_grow(p->arena, p->values, p->n, &p->room, sizeof *p->values);
    return p->n++;
}

static struct json_value *
keep(struct arena *a, const struct json_value *values, size_t n)
{
    struct json_value *kept = n ? arena_bytes(a, n * sizeof *kept) : NULL;
    for (size_t i = 0; i < n; i++) /* they are few */
        kept[i] = values[i];
    return kept;
}

/* What was pushed since base becomes the container's. */
static struct json_value
container(struct plain *p, enum json_kind kind, size_t base)
{
    size_t n = p->n - base;
    p->n = base;
    return (struct json_value){ .kind = kind, .n = n, .items = keep(p->arena, p->values + base, n) };
}

/* A string, which becomes the ith value, behind its opening quote. */
static inline const char *
take_text(struct plain *p, const char *at, size_t i, str name)
{
    bool ascii;
    struct json_value *v = &p->values[i];
    v->kind = JSON_STRING;
    v->truth = false;
    v->name = name;
    v->n = 0;
    v->items = NULL;
    v->places = NULL;
    at = take_string(p, at, &v->text, &ascii);
    if (at && !ascii)
        v->text = utf8_repair(p->arena, v->text, NULL);
    return at;
}

/* The ith value. */
static inline const char *
take_bare(struct plain *p, const char *at, size_t i, str name, unsigned depth)
{
    return peek(p, at) == '"' ? take_text(p, at + 1, i, name) : take_other(p, at, i, name, depth);
}

/* The same, and the blanks around it. */
static inline const char *
take_value(struct plain *p, const char *at, size_t i, str name, unsigned depth)
{
    at = take_bare(p, skip_blanks(p, at), i, name, depth);
    return at ? skip_blanks(p, at) : NULL;
}

static const char *
take_array(struct plain *p, const char *at, struct json_value *v, unsigned depth)
{
    size_t base = p->n;
    at = skip_blanks(p, at);
    if (peek(p, at) != ']')
        for (;;) {
            if (p->n - base >= PLAIN_VALUES || (at = take_value(p, at, push(p), (str){ 0 }, depth)) == NULL)
                return NULL;
            if (peek(p, at) != ',')
                break;
            at++;
        }
    if (peek(p, at) != ']')
        return NULL;
    *v = container(p, JSON_ARRAY, base);
    return at + 1;
}

/* Where a member's value goes: of a key that occurs twice the first gives the place, the last the value. */
static inline size_t
place_of(struct plain *p, size_t base, struct json_places *places, str name)
{
    unsigned char *first = &places->first[json_slot(name)];
    if (*first == JSON_NOWHERE)
        *first = (unsigned char)(p->n - base);
    else
        for (size_t i = base + *first; i < p->n; i++)
            if (str_eq(p->values[i].name, name))
                return i;
    return push(p);
}

static inline const char *
take_member(struct plain *p, const char *at, size_t base, struct json_places *places, unsigned depth)
{
    str name;
    bool ascii;
    at = skip_blanks(p, at);
    if (peek(p, at) != '"' || (at = take_string(p, at + 1, &name, &ascii)) == NULL ||
        (!ascii && !utf8_valid(name)))
        return NULL;
    at = skip_blanks(p, at);
    if (peek(p, at) != ':' || p->n - base > PLAIN_MEMBERS)
        return NULL;
    return take_value(p, at + 1, place_of(p, base, places, name), name, depth);
}

static const char *
take_object(struct plain *p, const char *at, struct json_value *v, unsigned depth)
{
    size_t base = p->n;
    struct json_places places;
    memset(&places, JSON_NOWHERE, sizeof places);
    at = skip_blanks(p, at);
    if (peek(p, at) != '}')
        for (;;) {
            if ((at = take_member(p, at, base, &places, depth)) == NULL)
                return NULL;
            if (peek(p, at) != ',')
                break;
            at++;
        }
    if (peek(p, at) != '}' || p->n - base > PLAIN_MEMBERS)
        return NULL;
    *v = container(p, JSON_OBJECT, base);
    if (v->n > FEW) {
        struct json_places *kept = arena_bytes(p->arena, sizeof places);
        *kept = places;
        v->places = kept;
    }
    return at + 1;
}

static const char *
take_unquoted(struct plain *p, const char *at, struct json_value *v, unsigned depth)
{
    switch (peek(p, at)) {
    case '{': return depth < PLAIN_DEPTH ? take_object(p, at + 1, v, depth + 1) : NULL;
    case '[': return depth < PLAIN_DEPTH ? take_array(p, at + 1, v, depth + 1) : NULL;
    case 't':
        *v = (struct json_value){ .kind = JSON_BOOL, .truth = true };
        return take_word(p, at, S("true"));
    case 'f': *v = (struct json_value){ .kind = JSON_BOOL }; return take_word(p, at, S("false"));
    case 'n': *v = (struct json_value){ .kind = JSON_NULL }; return take_word(p, at, S("null"));
    default: return take_number(p, at, v);
    }
}

/* What is no string.  What a container holds may move the values while it is read. */
static const char *
take_other(struct plain *p, const char *at, size_t i, str name, unsigned depth)
{
    struct json_value v;
    if ((at = take_unquoted(p, at, &v, depth)) == NULL)
        return NULL;
    v.name = name;
    p->values[i] = v;
    return at;
}

const struct json_value *
json_plain_begin(struct arena *a, str text, bool lines, size_t *used)
{
    struct json_value values[STACK];
    struct plain p = { .arena = a, .end = text.p + text.n, .lines = lines, .values = values, .room = STACK };
    const char *at = take_bare(&p, text.p, push(&p), (str){ 0 }, 0);
    *used = at ? (size_t)(at - text.p) : 0;
    return at ? keep(a, p.values, 1) : NULL;
}

const struct json_value *
json_plain(struct arena *a, str text)
{
    struct plain ahead = { .end = text.p + text.n };
    const char *from = skip_blanks(&ahead, text.p);
    size_t used;
    const struct json_value *v = json_plain_begin(a, str_of(from, left(&ahead, from)), true, &used);
    return skip_blanks(&ahead, from + used) == ahead.end ? v : NULL;
}
