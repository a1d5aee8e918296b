/* Views of bytes: searching, trimming, splitting, numbers. */
#include "str.h"

#include <strings.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "json_scan.h"

bool
str_ieq_bytes(const char *a, const char *b, size_t n)
{
    if (n == 0 || memcmp(a, b, n) == 0) /* mostly */
        return true;
    for (size_t i = 0; i < n; i++)
        if (str_lower_char(a[i]) != str_lower_char(b[i]))
            return false;
    return true;
}

int
str_cmp(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c != 0)
        return c;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_digits(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_digit(s.p[i]))
            return false;
    return s.n > 0;
}

size_t
str_rfind_char(str s, char c)
{
    const char *at = s.n ? (const char *)memrchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : STR_NONE;
}

size_t
str_count_char(str s, char c)
{
    size_t n = 0, i = str_find_char(s, c); /* mostly there is none */
    if (i == STR_NONE)
        return 0;
#ifdef __SSE2__
    enum { STEP = 16, MOST_STEPS = 255 }; /* a byte counts so far */
    const __m128i wanted = _mm_set1_epi8(c), zero = _mm_setzero_si128();
    while (i + STEP <= s.n) {
        __m128i counts = zero;
        for (int k = 0; k < MOST_STEPS && i + STEP <= s.n; k++, i += STEP)
            counts = _mm_sub_epi8(
                counts, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(s.p + i)), wanted));
        __m128i sums = _mm_sad_epu8(counts, zero);
        n += (size_t)_mm_cvtsi128_si64(sums) + (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
    }
#endif
    for (; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

#ifdef __SSE2__
/* Short needles in lines: what memmem(3) prepares costs more than the search.  Sixteen places at a time are asked for the
 * needle's first and last byte; the last sixteen may overlap those before. */
enum { SHORT_NEEDLE = 64, PLACES = 16 };

static size_t
find_short(str s, str needle)
{
    const __m128i first = _mm_set1_epi8(needle.p[0]), last = _mm_set1_epi8(needle.p[needle.n - 1]);
    const size_t end = s.n - needle.n + 1;
    for (size_t i = 0; i < end; i += PLACES) {
        if (i + PLACES > end)
            i = end - PLACES;
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i + needle.n - 1));
        __m128i both = _mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last));
        for (unsigned bits = (unsigned)_mm_movemask_epi8(both); bits; bits &= bits - 1) {
            size_t at = i + (size_t)__builtin_ctz(bits);
            if (memcmp(s.p + at, needle.p, needle.n) == 0)
                return at;
        }
    }
    return STR_NONE;
}
#endif

/* The same in texts that are hardly longer than the needle. */
static size_t
find_in_short(str s, str needle)
{
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if (s.p[i] == needle.p[0] && memcmp(s.p + i, needle.p, needle.n) == 0)
            return i;
    return STR_NONE;
}

size_t
str_find(str s, str needle)
{
    enum { SHORT_TEXT = 16 };
    if (needle.n == 0)
        return 0;
    if (s.n < needle.n)
        return STR_NONE;
#ifdef __SSE2__
    if (needle.n > 1 && needle.n <= SHORT_NEEDLE && s.n - needle.n + 1 >= PLACES)
        return find_short(s, needle);
#endif
    if (s.n - needle.n < SHORT_TEXT)
        return find_in_short(s, needle);
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    return at ? (size_t)(at - s.p) : STR_NONE;
}

bool
str_has_any(str s, const str *needles, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_has(s, needles[i]))
            return true;
    return false;
}

bool
str_starts_any(str s, const str *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(s, prefixes[i]))
            return true;
    return false;
}

str
str_word(str s, const char *ends)
{
    size_t n = 0;
    while (n < s.n && !str_is_space(s.p[n]) && (s.p[n] == '\0' || strchr(ends, s.p[n]) == NULL))
        n++;
    return str_head(s, n);
}

str
str_skip_mark(str s)
{
    static const str mark = S("\xef\xbb\xbf");
    return str_starts(s, mark) ? str_skip(s, mark.n) : s;
}

size_t
str_ifind(str s, str needle)
{
    if (needle.n == 0)
        return 0;
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if (str_lower_char(s.p[i]) == str_lower_char(needle.p[0]) &&
            str_ieq(str_of(s.p + i, needle.n), needle))
            return i;
    return STR_NONE;
}

str
str_after(str s, char c)
{
    if (s.n > 0 && s.p[0] == c)
        return str_skip(s, 1);
    return (str){ 0 };
}

static struct str_cut
cut_at(str s, size_t at, size_t width)
{
    if (at == STR_NONE)
        return (struct str_cut){ .head = s, .tail = str_skip(s, s.n) };
    return (struct str_cut){ .head = str_head(s, at), .tail = str_skip(s, at + width), .found = true };
}

struct str_cut
str_rcut(str s, char c)
{
    return cut_at(s, str_rfind_char(s, c), 1);
}

struct str_cut
str_cut_str(str s, str sep)
{
    return cut_at(s, str_find(s, sep), sep.n);
}

str
str_unwrap(str s, char open, char close)
{
    if (s.n < 2 || s.p[0] != open || s.p[s.n - 1] != close)
        return (str){ 0 };
    return str_of(s.p + 1, s.n - 2);
}

size_t
str_quoted_length(str s)
{
    for (size_t i = 1; i < s.n; i++) {
        i += json_text_run(s.p + i, s.n - i);
        if (i < s.n && s.p[i] == '\\')
            i++;
        else if (i < s.n && s.p[i] == '"')
            return i + 1;
    }
    return 0;
}

struct str_number
str_cut_number(str s, int max_digits)
{
    struct str_number none = { .rest = s };
    enum { SAFE = 19 }; /* digits that cannot exceed 64 bits */
    uint64_t value = 0;
    size_t i = 0, safe = s.n;
    if (safe > SAFE)
        safe = SAFE;
    if (safe > (size_t)max_digits)
        safe = (size_t)max_digits;
    for (; i < safe && str_is_digit(s.p[i]); i++)
        value = value * 10 + (uint64_t)(s.p[i] - '0');
    for (; i < s.n && str_is_digit(s.p[i]); i++) { /* rarely */
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (i >= (size_t)max_digits || (i >= SAFE && value > (UINT64_MAX - digit) / 10))
            return none;
        value = value * 10 + digit;
    }
    if (i == 0)
        return none;
    return (struct str_number){ .value = value, .rest = str_skip(s, i), .ok = true };
}

bool
str_to_u64(str s, uint64_t *out)
{
    struct str_number n = str_cut_number(s, 20);
    if (!n.ok || n.rest.n != 0)
        return false;
    *out = n.value;
    return true;
}

bool
str_to_i64(str s, int64_t *out)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    uint64_t value;
    if (!str_to_u64(negative ? str_skip(s, 1) : s, &value) || value > INT64_MAX)
        return false;
    *out = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

bool
str_to_double(str s, double *out)
{
    enum { DIGITS = 20 };
    bool negative = s.n > 0 && s.p[0] == '-';
    struct str_number whole = str_cut_number(negative ? str_skip(s, 1) : s, DIGITS);
    str tail = str_skip(whole.rest, 1);
    uint64_t part = 0;
    if (!whole.ok || (whole.rest.n && (whole.rest.p[0] != '.' || !str_to_u64(tail, &part))))
        return false;
    double scale = 1;
    for (size_t i = 0; i < tail.n; i++)
        scale *= 10;
    double value = whole.value < (1U << 20) && tail.n <= 9
                       ? ((double)whole.value * scale + (double)part) / scale
                       : (double)whole.value + (double)part / scale;
    *out = negative ? -value : value; /* one division: 0.28 is the double that is written so */
    return true;
}

int32_t
str_hex4(str s)
{
    int32_t v = 0;
    if (s.n < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = str_hex_digit(s.p[i]);
        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

size_t
str_unhex(str hex, char *out, size_t room)
{
    size_t n = 0;
    for (; n < room && 2 * n + 1 < hex.n; n++) {
        int high = str_hex_digit(hex.p[2 * n]), low = str_hex_digit(hex.p[2 * n + 1]);
        if (high < 0 || low < 0)
            break;
        out[n] = (char)(high << 4 | low);
    }
    return n;
}
