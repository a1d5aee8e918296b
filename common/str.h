/* Views of bytes.
 *
 * A str never owns what it points to and need not end in NUL; p may be NULL
 * only when n is 0.  Case folding here is ASCII, as header names and DNS want. */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct str {
    const char *p;
    size_t n;
} str;

#define S(lit)   ((str){ "" lit, sizeof(lit) - 1 })
#define STR_NONE SIZE_MAX                       /* "not found" of str_find and kin */
#define PRSTR(s) (int)(s).n, (s).p ? (s).p : "" /* for "%.*s"; texts below 2 GiB */

static inline str
str_of(const char *p, size_t n)
{
    return (str){ p, n };
}

static inline str
str_from(const char *z)
{
    return (str){ z, z ? strlen(z) : 0 };
}

/* The first n bytes, and what is behind them; n may exceed the length. */
static inline str
str_head(str s, size_t n)
{
    return (str){ s.p, n < s.n ? n : s.n };
}

static inline str
str_skip(str s, size_t n)
{
    n = n < s.n ? n : s.n;
    return (str){ s.p ? s.p + n : s.p, s.n - n };
}

/* b is mostly a literal, whose length the compiler knows. */
static inline bool
str_eq(str a, str b)
{
    return a.n == b.n && (b.n == 0 || (*a.p == *b.p && memcmp(a.p, b.p, b.n) == 0));
}

static inline bool
str_starts(str s, str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || (*s.p == *prefix.p && memcmp(s.p, prefix.p, prefix.n) == 0));
}

static inline bool
str_ends(str s, str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

static inline bool
str_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
str_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
str_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The value of a hexadecimal digit of either case; -1: it is none. */
static inline int
str_hex_digit(char c)
{
    static const unsigned char above[256] = {
        ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
        ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
        ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16
    };
    return above[(unsigned char)c] - 1;
}

static inline char
str_lower_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The index of the first c, or STR_NONE. */
static inline size_t
str_find_char(str s, char c)
{
    const char *at = s.n ? (const char *)memchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : STR_NONE;
}

/* Equal but for ASCII case. */
bool str_ieq_bytes(const char *a, const char *b, size_t n);
static inline bool
str_ieq(str a, str b)
{
    return a.n == b.n && str_ieq_bytes(a.p, b.p, a.n);
}

static inline bool
str_istarts(str s, str prefix)
{
    if (prefix.n == 0 || s.n < prefix.n)
        return prefix.n == 0;
    return str_lower_char(s.p[0]) == str_lower_char(prefix.p[0]) && str_ieq_bytes(s.p, prefix.p, prefix.n);
}

size_t str_count_char(str s, char c);
int str_cmp(str a, str b); /* as memcmp, the shorter first */
bool str_digits(str s);    /* at least one, and nothing else */
size_t str_rfind_char(str s, char c);
size_t str_find(str s, str needle);
size_t str_ifind(str s, str needle);
static inline bool
str_has(str s, str needle)
{
    return str_find(s, needle) != STR_NONE;
}
bool str_has_any(str s, const str *needles, size_t n);
bool str_starts_any(str s, const str *prefixes, size_t n);
/* Up to the first blank, or the first of these characters. */
str str_word(str s, const char *ends);
/* Without the byte order mark of UTF-8 that it may begin with. */
str str_skip_mark(str s);

/* Blanks are SP, HT, CR, LF, VT, FF. */
static inline str
str_trim_left(str s)
{
    for (; s.n && str_is_space(s.p[0]); s.n--)
        s.p++;
    return s;
}
static inline str
str_trim_right(str s)
{
    while (s.n && str_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}
static inline str
str_trim(str s)
{
    return str_trim_left(str_trim_right(s));
}

/* s without its first character if that is c, else an empty view that makes what follows fail. */
str str_after(str s, char c);

/* Splits at the first c: head before it, tail after it; without c head is all and found is false. */
struct str_cut {
    str head, tail;
    bool found;
};
static inline struct str_cut
str_cut(str s, char c)
{
    size_t at = str_find_char(s, c);
    if (at == STR_NONE)
        return (struct str_cut){ .head = s, .tail = str_skip(s, s.n) };
    return (struct str_cut){ .head = str_head(s, at), .tail = str_skip(s, at + 1), .found = true };
}
struct str_cut str_rcut(str s, char c);
struct str_cut str_cut_str(str s, str sep);

/* What stands between open and close, such as "<a>" -> a; an empty view if s is not so enclosed. */
str str_unwrap(str s, char open, char close);

/* Length of the quoted string at the start of s, quotes included, "\\" taking the next character along; 0 if it is
 * not closed. */
size_t str_quoted_length(str s);

/* A decimal number at the start of s, of 1..max_digits digits; ok is false where there is none,
 * where more digits follow, or where it exceeds UINT64_MAX. */
struct str_number {
    uint64_t value;
    str rest;
    bool ok;
};
struct str_number str_cut_number(str s, int max_digits);

/* The whole of s as a number; false if it is anything else. */
bool str_to_u64(str s, uint64_t *out);
bool str_to_i64(str s, int64_t *out);
bool str_to_double(str s, double *out); /* plain decimals: 1, 0.02, 12.5 */

/* The value of the four hexadecimal digits at the start of s; -1: they are none. */
int32_t str_hex4(str s);

/* The bytes that pairs of hexadecimal digits stand for, at most room, up to what is no pair; returns how many. */
size_t str_unhex(str hex, char *out, size_t room);

#endif
