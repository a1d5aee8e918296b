/* Plain JSON, quickly.
 *
 * Strings are views of the text; only those with escapes are written anew.  Whatever is not plain is left to
 * json_read.c: nothing is forgiven or refused here, so that one reader alone decides what broken JSON means. */
#include "json_plain.h"

#include <stdlib.h>

#include "json_scan.h"
#include "utf8.h"

enum { DIGITS = 19, NUMBER = 64, STACK = 64 };
enum { SURE = 256 << 10 }; /* so much room is taken for a text without a look at how long it is */
static const uint64_t EXACT = 1ull << 53; /* integers up to it are exact in a double */

struct plain {
    struct arena *arena;
    const char *at, *end; /* unread */
    bool lines;           /* strings may hold line ends as they are */
    /* The members of containers that are still open. */
    struct json_value *values;
    str *names;
    size_t n, room;
};

/* The next byte; NUL, which nothing plain has, at the end. */
static inline char
peek(const struct plain *p)
{
    return p->at < p->end ? *p->at : '\0';
}

static inline void
skip_blanks(struct plain *p)
{
    p->at += peek(p) == ' '; /* mostly a single one */
    if (p->at < p->end && *p->at <= ' ')
        p->at += json_blank_run(p->at, (size_t)(p->end - p->at));
}

static inline bool
take_char(struct plain *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool
take_word(struct plain *p, str word)
{
    if (!str_starts(str_of(p->at, (size_t)(p->end - p->at)), word))
        return false;
    p->at += word.n;
    return true;
}

/* What follows "\u", up to the second half of a pair; never longer than it was written.  NULL: not plain. */
static char *
take_unicode(struct plain *p, char *to)
{
    int32_t code = str_hex4(str_of(p->at, (size_t)(p->end - p->at)));
    if (code <= 0)
        return NULL;
    p->at += 4;
    if (code < 0xd800 || code > 0xdfff)
        return to + utf8_encode(to, (uint32_t)code);
    if (code > 0xdbff || p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
        return NULL;
    int32_t low = str_hex4(str_of(p->at + 2, (size_t)(p->end - p->at - 2)));
    if (low < 0xdc00 || low > 0xdfff)
        return NULL;
    p->at += 6;
    return to + utf8_encode(to, 0x10000 + ((uint32_t)(code - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
}

static char *
take_escape(struct plain *p, char *to)
{
    char c = peek(p);
    p->at++;
    switch (c) {
    case '"':
    case '\\':
    case '/': *to++ = c; return to;
    case 'b': *to++ = '\b'; return to;
    case 'f': *to++ = '\f'; return to;
    case 'n': *to++ = '\n'; return to;
    case 'r': *to++ = '\r'; return to;
    case 't': *to++ = '\t'; return to;
    case 'u': return take_unicode(p, to);
    default: return NULL;
    }
}

/* Up to the quote or the first escape. */
static bool
skip_unescaped(struct plain *p, bool *ascii)
{
    for (;;) {
        p->at += json_text_run(p->at, (size_t)(p->end - p->at));
        char c = peek(p);
        if (c == '"' || c == '\\')
            return true;
        if (c == '\0' || (c == '\n' && !p->lines))
            return false;
        do { /* another control, or letters of other scripts */
            *ascii &= (unsigned char)c < 0x80;
            p->at++;
            c = peek(p);
        } while ((unsigned char)c >= 0x80);
    }
}

/* How long the string is from its first escape on, up to its quote. */
static size_t
escaped_length(const struct plain *p)
{
    const char *at = p->at;
    while (at < p->end && *at != '"') {
        at += *at == '\\' && p->end - at > 1 ? 2 : 1;
        at += json_text_run(at, (size_t)(p->end - at));
    }
    return (size_t)(at - p->at);
}

/* What follows the n bytes from from, an escape, written anew. */
static bool
take_escaped(struct plain *p, const char *from, size_t n, str *out, bool *ascii)
{
    size_t rest = (size_t)(p->end - p->at);
    char *text = arena_room(p->arena, n + (rest <= SURE ? rest : escaped_length(p)) + JSON_SCAN_STEP),
         *to = text + n;
    memcpy(text, from, n);
    for (char c; (c = peek(p)) != '"';) {
        if (c == '\\') {
            p->at++;
            if ((to = take_escape(p, to)) == NULL || p->at > p->end)
                return false;
        } else if (c == '\0' || (c == '\n' && !p->lines)) {
            return false;
        } else { /* another control, or letters of other scripts */
            *ascii &= (unsigned char)c < 0x80;
            *to++ = c;
            p->at++;
        }
        n = json_text_copy(to, p->at, (size_t)(p->end - p->at));
        to += n;
        p->at += n;
    }
    p->at++;
    *out = arena_taken(p->arena, (size_t)(to - text));
    return true;
}

/* The string behind its opening quote.  Raw controls are let be, as json_read() does. */
static bool
take_string(struct plain *p, str *out, bool *ascii)
{
    const char *from = p->at;
    *ascii = true;
    if (!skip_unescaped(p, ascii))
        return false;
    size_t n = (size_t)(p->at - from);
    if (*p->at != '"')
        return take_escaped(p, from, n, out, ascii);
    *out = str_of(from, n);
    p->at++;
    return true;
}

/* digits / 10^part, where the quotient of exact numbers is rounded once; else as the C library reads it: no locale is
 * set, and what follows is no part of a number. */
static double
decimal(str text, bool minus, uint64_t digits, ptrdiff_t part)
{
    static const double tens[] = { 1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16 };
    if (digits > EXACT || part >= (ptrdiff_t)(sizeof tens / sizeof *tens)) {
        char z[NUMBER + 1] = { 0 };
        memcpy(z, text.p, text.n);
        return strtod(z, NULL);
    }
    return (minus ? -1.0 : 1.0) * ((double)digits / tens[part]);
}

/* An integer of 64 bits or a decimal without exponent. */
static bool
take_number(struct plain *p, struct json_value *v)
{
    const char *from = p->at;
    bool minus = take_char(p, '-');
    const char *digits = p->at;
    uint64_t all = 0;
    while (str_is_digit(peek(p)) && p->at - digits < DIGITS)
        all = all * 10 + (uint64_t)(*p->at++ - '0');
    ptrdiff_t whole = p->at - digits, part = 0;
    char next = peek(p);
    if (whole == 0 || (whole > 1 && *digits == '0') || (minus && *digits == '0' && next != '.'))
        return false;
    if (all > (next == '.' ? INT64_MAX / 10 : INT64_MAX))
        return false;
    if (take_char(p, '.')) {
        const char *dot = p->at;
        for (; str_is_digit(peek(p)); p->at++)
            all = p->at - dot + whole < DIGITS ? all * 10 + (uint64_t)(*p->at - '0') : UINT64_MAX;
        part = p->at - dot;
        if (part == 0 || p->at - from > NUMBER)
            return false;
    }
    next = peek(p);
    if (next == 'e' || next == 'E')
        return false;
    v->kind = part ? JSON_DOUBLE : JSON_INT;
    v->text = str_of(from, (size_t)(p->at - from));
    if (part) {
        v->number = decimal(v->text, minus, all, part);
        v->integer = (int64_t)v->number;
    } else {
        v->integer = minus ? -(int64_t)all : (int64_t)all;
        v->number = (double)v->integer;
    }
    return true;
}

static bool take_value(struct plain *, size_t i, unsigned depth);

/* The place of a value to come. */
static size_t
push(struct plain *p, str name)
{
    if (p->n == p->room) {
        size_t room = p->room;
        p->names = arena_grow(p->arena, p->names, p->n, &room, sizeof *p->names);
        p->values = arena_grow(p->arena, p->values, p->n, &p->room, sizeof *p->values);
    }
    p->names[p->n] = name;
    return p->n++;
}

static void *
keep(struct arena *a, const void *bytes, size_t n)
{
    return (void *)arena_copy(a, str_of(bytes, n)).p;
}

/* What was pushed since base becomes the container's. */
static void
close_container(struct plain *p, struct json_value *v, size_t base)
{
    v->n = p->n - base;
    v->items = keep(p->arena, p->values + base, v->n * sizeof *v->items);
    if (v->kind == JSON_OBJECT)
        v->keys = keep(p->arena, p->names + base, v->n * sizeof *v->keys);
    p->n = base;
}

static bool
take_array(struct plain *p, struct json_value *v, unsigned depth)
{
    size_t base = p->n;
    v->kind = JSON_ARRAY;
    skip_blanks(p);
    if (peek(p) != ']')
        do {
            if (p->n - base >= PLAIN_VALUES || !take_value(p, push(p, (str){ 0 }), depth))
                return false;
        } while (take_char(p, ','));
    if (!take_char(p, ']'))
        return false;
    close_container(p, v, base);
    return true;
}

/* Names of an object by what they begin with and how long they are: most are told apart without a comparison. */
static uint64_t
name_bit(str name)
{
    return 1ull << ((name.n * 7 + (name.n ? (unsigned char)name.p[0] : 0)) % 64);
}

/* Where a member's value goes: of a key that occurs twice the first gives the place, the last the value. */
static size_t
place_of(struct plain *p, size_t base, uint64_t *names, str name)
{
    uint64_t bit = name_bit(name);
    for (size_t i = *names & bit ? base : p->n; i < p->n; i++)
        if (str_eq(p->names[i], name))
            return i;
    *names |= bit;
    return push(p, name);
}

static bool
take_member(struct plain *p, size_t base, uint64_t *names, unsigned depth)
{
    str name;
    bool ascii;
    skip_blanks(p);
    if (!take_char(p, '"') || !take_string(p, &name, &ascii) || (!ascii && !utf8_valid(name)))
        return false;
    skip_blanks(p);
    return take_char(p, ':') && take_value(p, place_of(p, base, names, name), depth) &&
           p->n - base <= PLAIN_MEMBERS;
}

static bool
take_object(struct plain *p, struct json_value *v, unsigned depth)
{
    size_t base = p->n;
    uint64_t names = 0;
    v->kind = JSON_OBJECT;
    skip_blanks(p);
    if (peek(p) != '}')
        do {
            if (!take_member(p, base, &names, depth))
                return false;
        } while (take_char(p, ','));
    if (!take_char(p, '}'))
        return false;
    close_container(p, v, base);
    return true;
}

static bool
take_text(struct plain *p, struct json_value *v)
{
    bool ascii;
    v->kind = JSON_STRING;
    if (!take_string(p, &v->text, &ascii))
        return false;
    if (!ascii)
        v->text = utf8_repair(p->arena, v->text, NULL);
    return true;
}

static bool
take_known(struct plain *p, struct json_value *v, unsigned depth)
{
    switch (peek(p)) {
    case '"': p->at++; return take_text(p, v);
    case '{': p->at++; return depth < PLAIN_DEPTH && take_object(p, v, depth + 1);
    case '[': p->at++; return depth < PLAIN_DEPTH && take_array(p, v, depth + 1);
    case 't':
        v->kind = JSON_BOOL;
        v->truth = true;
        return take_word(p, S("true"));
    case 'f': v->kind = JSON_BOOL; return take_word(p, S("false"));
    case 'n': v->kind = JSON_NULL; return take_word(p, S("null"));
    default: return take_number(p, v);
    }
}

/* The ith value, and the blanks around it.  What a container holds may move the values while it is read. */
static bool
take_value(struct plain *p, size_t i, unsigned depth)
{
    bool good;
    skip_blanks(p);
    if (peek(p) == '{' || peek(p) == '[') {
        struct json_value v = { 0 };
        good = take_known(p, &v, depth);
        p->values[i] = v;
    } else {
        p->values[i] = (struct json_value){ 0 };
        good = take_known(p, &p->values[i], depth);
    }
    skip_blanks(p);
    return good;
}

const struct json_value *
json_plain_begin(struct arena *a, str text, bool lines, size_t *used)
{
    struct json_value values[STACK];
    str names[STACK];
    struct plain p = { .arena = a,
                       .at = text.p,
                       .end = text.p + text.n,
                       .lines = lines,
                       .values = values,
                       .names = names,
                       .room = STACK };
    struct json_value *v = ARENA_NEW(a, struct json_value);
    bool plain = take_known(&p, v, 0);
    *used = (size_t)(p.at - text.p);
    return plain ? v : NULL;
}

const struct json_value *
json_plain(struct arena *a, str text)
{
    size_t used;
    str copy = arena_copy(a, text);
    struct plain ahead = { .at = copy.p, .end = copy.p + copy.n };
    skip_blanks(&ahead);
    const struct json_value *v =
        json_plain_begin(a, str_of(ahead.at, (size_t)(ahead.end - ahead.at)), true, &used);
    ahead.at += used;
    skip_blanks(&ahead);
    return ahead.at == ahead.end ? v : NULL;
}
