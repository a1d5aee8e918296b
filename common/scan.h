/* Looking for characters, sixteen bytes at a time. */
#ifndef SCAN_H
#define SCAN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "str.h"

/* The index of the first a, b or c; the length: there is none. */
static inline size_t
scan_to3(str s, char a, char b, char c)
{
    size_t i = 0;
#ifdef __SSE2__
    enum { STEP = 16 };
    for (; i + STEP <= s.n; i += STEP) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i any = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(a)), _mm_cmpeq_epi8(v, _mm_set1_epi8(b)));
        unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(any, _mm_cmpeq_epi8(v, _mm_set1_epi8(c))));
        if (bits)
            return i + (size_t)__builtin_ctz(bits);
    }
#endif
    while (i < s.n && s.p[i] != a && s.p[i] != b && s.p[i] != c)
        i++;
    return i;
}

enum { SCAN_BYTES = 64 };

/* A bit for each of the SCAN_BYTES at p: 1, it is c.  The first is the lowest. */
static inline uint64_t
scan_bits(const char *p, char c)
{
    uint64_t bits = 0;
#ifdef __SSE2__
    enum { STEP = 16 };
    const __m128i wanted = _mm_set1_epi8(c);
    for (unsigned i = 0; i < SCAN_BYTES; i += STEP) {
        __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + i)), wanted);
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(same) << i;
    }
#else
    for (unsigned i = 0; i < SCAN_BYTES; i++)
        bits |= (uint64_t)(p[i] == c) << i;
#endif
    return bits;
}

#endif
