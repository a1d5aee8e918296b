/* Looking for one of several characters, sixteen bytes at a time. */
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

#endif
