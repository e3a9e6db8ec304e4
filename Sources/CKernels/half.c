#include "dj_half.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "half.c"
#include "each_width.h"

DJ_DISPATCH(dj_to_half, (const float *x, uint16_t *y, size_t n), (x, y, n))
DJ_DISPATCH(dj_from_half, (const uint16_t *x, float *y, size_t n), (x, y, n))

#else

#if DJ_WIDTH == 4

#define NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

/* min and max give their second operand where one is NaN. */
LANE __m256i DJ(sixteen_to_half)(__m512 v) {
    v = _mm512_max_ps(_mm512_set1_ps(-65504), _mm512_min_ps(_mm512_set1_ps(65504), v));
    return _mm512_cvtps_ph(v, NEAREST);
}

void DJ(dj_to_half)(const float *x, uint16_t *y, size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(y + i), DJ(sixteen_to_half)(_mm512_loadu_ps(x + i)));
    const __mmask16 rest = (__mmask16)((1u << (n - i)) - 1);
    _mm256_mask_storeu_epi16(y + i, rest,
                             DJ(sixteen_to_half)(_mm512_maskz_loadu_ps(rest, x + i)));
}

void DJ(dj_from_half)(const uint16_t *x, float *y, size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm512_storeu_ps(y + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(x + i))));
    const __mmask16 rest = (__mmask16)((1u << (n - i)) - 1);
    _mm512_mask_storeu_ps(y + i, rest, _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(rest, x + i)));
}

#undef NEAREST

#elif DJ_WIDTH == 3

LANE __m128i DJ(eight_to_half)(__m256 v) {
    v = _mm256_max_ps(_mm256_set1_ps(-65504), _mm256_min_ps(_mm256_set1_ps(65504), v));
    return _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT);
}

void DJ(dj_to_half)(const float *x, uint16_t *y, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(y + i), DJ(eight_to_half)(_mm256_loadu_ps(x + i)));
    float last[8] = {0};
    memcpy(last, x + i, (n - i) * sizeof *x);
    const __m128i halves = DJ(eight_to_half)(_mm256_loadu_ps(last));
    memcpy(y + i, &halves, (n - i) * sizeof *y);
}

void DJ(dj_from_half)(const uint16_t *x, float *y, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(y + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + i))));
    uint16_t last[8] = {0};
    memcpy(last, x + i, (n - i) * sizeof *x);
    const __m256 values = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)last));
    memcpy(y + i, &values, (n - i) * sizeof *y);
}

#else

LANE uint32_t DJ(bits)(float x) {
    uint32_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}
LANE float DJ(value)(uint32_t b) {
    float x;
    memcpy(&x, &b, sizeof x);
    return x;
}

void DJ(dj_to_half)(const float *x, uint16_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t bits = DJ(bits)(x[i]), sign = bits >> 16 & 0x8000;
        uint32_t size = bits & 0x7fffffff;
        const uint32_t nan = 0x7e00 | (size >> 13 & 0x3ff);
        const int is_nan = size > 0x7f800000;
        size = size > 0x477fe000 ? 0x477fe000 : size; /* 65504 */
        /* Subnormal halves are multiples of 2^-24, the spacing of Float32 from 0.5 to 1. */
        const uint32_t small = DJ(bits)(DJ(value)(size) + 0.5f) - 0x3f000000;
        const uint32_t shifted = size - 0x38000000;
        const uint32_t normal = (shifted + 0xfff + (shifted >> 13 & 1)) >> 13;
        y[i] = (uint16_t)(sign | (is_nan ? nan : size < 0x38800000 ? small : normal));
    }
}

void DJ(dj_from_half)(const uint16_t *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t sign = (uint32_t)(x[i] & 0x8000) << 16, size = x[i] & 0x7fff;
        /* The exponent's bias grows by 112; the product makes subnormal halves normal. */
        const uint32_t finite = DJ(bits)(DJ(value)(size << 13) * 0x1p112f);
        const uint32_t quiet = size > 0x7c00 ? 0x400000 : 0;
        const uint32_t special = 0x7f800000 | (size & 0x3ff) << 13 | quiet;
        y[i] = DJ(value)(sign | (size < 0x7c00 ? finite : special));
    }
}

#endif

#endif
