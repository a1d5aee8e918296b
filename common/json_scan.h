/* Bytes of JSON that need no look one by one, stepped over sixteen at a time. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stddef.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { JSON_SCAN_STEP = 16 };

/* What ends a run inside a string: its quote, an escape, a control, a byte beyond ASCII. */
static inline int
json_ends_text(char c)
{
    return c == '"' || c == '\\' || (signed char)c < ' ';
}

/* What JSON writes otherwise than as it is; a delete, too, though it need not be. */
static inline int
json_ends_plain(char c)
{
    static const unsigned char ends[256] = { [0 ... 0x1f] = 1, ['"'] = 1, ['\\'] = 1, [0x7f ... 0xff] = 1 };
    return ends[(unsigned char)c];
}

/* What ends a run between strings: what opens or closes something, and the end of a line. */
static inline int
json_ends_between(char c)
{
    return c == '"' || c == '{' || c == '}' || c == '[' || c == ']' || c == '\n';
}

#ifdef __SSE2__
/* A bit for each of the bytes that json_ends_text() is true of. */
static inline unsigned
json_text_ends(__m128i v)
{
    const __m128i quote = _mm_set1_epi8('"'), escape = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(' ');
    __m128i ends = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, escape)),
                                _mm_subs_epi8(v, blank)); /* below 0: signed, so beyond ASCII too */
    return (unsigned)_mm_movemask_epi8(ends);
}
#endif

/* The length of the run that s begins with; n: it goes on. */
static inline size_t
json_text_run(const char *s, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; i + JSON_SCAN_STEP <= n; i += JSON_SCAN_STEP) {
        unsigned bits = json_text_ends(_mm_loadu_si128((const __m128i *)(const void *)(s + i)));
        if (bits)
            return i + (size_t)__builtin_ctz(bits);
    }
#endif
    while (i < n && !json_ends_text(s[i]))
        i++;
    return i;
}

/* What the character behind a backslash stands for; 0: no single byte. */
static inline char
json_escaped(char c)
{
    static const char meant[256] = { ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                     ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t' };
    return meant[(unsigned char)c];
}

/* A copy of runs and what such escapes between them stand for; where it ends there may be another escape.  Of what
 * follows in to, JSON_SCAN_STEP bytes may be written too. */
struct json_copied {
    size_t read, wrote;
};
static inline struct json_copied
json_text_copy(char *to, const char *s, size_t n)
{
    struct json_copied d = { 0 };
#ifdef __SSE2__
    while (d.read + JSON_SCAN_STEP < n) { /* the byte behind these, too */
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + d.read));
        _mm_storeu_si128((__m128i *)(void *)(to + d.wrote), v);
        unsigned bits = json_text_ends(v);
        size_t run = bits ? (size_t)__builtin_ctz(bits) : JSON_SCAN_STEP;
        d.read += run;
        d.wrote += run;
        if (bits == 0)
            continue;
        char means = s[d.read] == '\\' ? json_escaped(s[d.read + 1]) : '\0';
        if (means == '\0')
            return d;
        to[d.wrote++] = means;
        d.read += 2;
    }
#endif
    while (d.read < n && !json_ends_text(s[d.read]))
        to[d.wrote++] = s[d.read++];
    return d;
}

/* The same of a text to be written; the last sixteen may overlap those before. */
static inline size_t
json_plain_run(const char *s, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), escape = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(' ');
    const __m128i erase = _mm_set1_epi8(0x7f);
    while (i + JSON_SCAN_STEP <= n) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        __m128i ends = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, escape)),
                                    _mm_or_si128(_mm_cmplt_epi8(v, blank), _mm_cmpeq_epi8(v, erase)));
        unsigned bits = (unsigned)_mm_movemask_epi8(ends);
        if (bits)
            return i + (size_t)__builtin_ctz(bits);
        i += JSON_SCAN_STEP;
        if (i < n && i + JSON_SCAN_STEP > n)
            i = n - JSON_SCAN_STEP;
    }
#endif
    while (i < n && !json_ends_plain(s[i]))
        i++;
    return i;
}

static inline size_t
json_between_run(const char *s, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), line = _mm_set1_epi8('\n'), fold = _mm_set1_epi8(0x20);
    const __m128i open = _mm_set1_epi8('{'),
                  close = _mm_set1_epi8('}'); /* and [ ], which differ in one bit */
    for (; i + JSON_SCAN_STEP <= n; i += JSON_SCAN_STEP) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i)), folded = _mm_or_si128(v, fold);
        __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close));
        __m128i ends =
            _mm_or_si128(brackets, _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, line)));
        unsigned bits = (unsigned)_mm_movemask_epi8(ends);
        if (bits)
            return i + (size_t)__builtin_ctz(bits);
    }
#endif
    while (i < n && !json_ends_between(s[i]))
        i++;
    return i;
}

/* What is neither blank, control, comma, bracket nor beyond ASCII. */
static inline size_t
json_word_run(const char *s, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(' '), comma = _mm_set1_epi8(',');
    const __m128i open = _mm_set1_epi8('['), close = _mm_set1_epi8(']');
    for (; i + JSON_SCAN_STEP <= n; i += JSON_SCAN_STEP) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(v, comma),
                                     _mm_or_si128(_mm_cmpeq_epi8(v, open), _mm_cmpeq_epi8(v, close)));
        __m128i words = _mm_andnot_si128(marks, _mm_cmpgt_epi8(v, blank));
        unsigned others = ~(unsigned)_mm_movemask_epi8(words) & 0xffff;
        if (others)
            return i + (size_t)__builtin_ctz(others);
    }
#endif
    while (i < n && s[i] > ' ' && s[i] != ',' && s[i] != '[' && s[i] != ']')
        i++;
    return i;
}

/* Blanks between values: pretty-printed JSON is full of them. */
static inline size_t
json_blank_run(const char *s, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(' '), line = _mm_set1_epi8('\n');
    const __m128i tab = _mm_set1_epi8('\t'), back = _mm_set1_epi8('\r');
    for (; i + JSON_SCAN_STEP <= n; i += JSON_SCAN_STEP) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        __m128i blanks = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, blank), _mm_cmpeq_epi8(v, line)),
                                      _mm_or_si128(_mm_cmpeq_epi8(v, tab), _mm_cmpeq_epi8(v, back)));
        unsigned others = ~(unsigned)_mm_movemask_epi8(blanks) & 0xffff;
        if (others)
            return i + (size_t)__builtin_ctz(others);
    }
#endif
    while (i < n && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r'))
        i++;
    return i;
}

#endif
