/* Lane helpers, compiled anew for each width (no include guard on purpose; see each_width.h). */
#include "vectors.h"
#include <string.h>

#define lane_load DJ(lane_load)
#define lane_store DJ(lane_store)
#define lane_splat DJ(lane_splat)
#define lane_load_some DJ(lane_load_some)
#define lane_store_some DJ(lane_store_some)
#define lane_select DJ(lane_select)
#define lane_max DJ(lane_max)
#define lane_min DJ(lane_min)
#define lane_sum DJ(lane_sum)
#define lane_largest DJ(lane_largest)
#define lane_exp DJ(lane_exp)
#define LANE static inline __attribute__((always_inline, unused))

LANE f16 lane_load(const float *p) { return *(const f16 *)p; }
LANE void lane_store(float *p, f16 v) { *(f16 *)p = v; }
LANE f16 lane_splat(float x) { return (f16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

/* Lane-wise choice: mask lanes are all ones or all zeros, as comparisons give them. */
LANE f16 lane_select(i16 mask, f16 yes, f16 no) {
    return (f16)((mask & (i16)yes) | (~mask & (i16)no));
}

/* The first n < 16 values; the other lanes hold `rest`. Nothing beyond them is touched. */
LANE f16 lane_load_some(const float *p, size_t n, float rest) {
#if DJ_WIDTH == 4
    return (f16)_mm512_mask_loadu_ps((__m512)lane_splat(rest), (__mmask16)((1u << n) - 1), p);
#elif DJ_WIDTH == 3
    const i16 place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const i16 mask = place < (int32_t)n;
    __m256i half[2];
    memcpy(half, &mask, sizeof mask);
    __m256 values[2] = {_mm256_maskload_ps(p, half[0]), _mm256_maskload_ps(p + 8, half[1])};
    f16 v;
    memcpy(&v, values, sizeof v);
    return lane_select(mask, v, lane_splat(rest));
#else
    f16 v = lane_splat(rest);
    memcpy(&v, p, n * sizeof(float));
    return v;
#endif
}
LANE void lane_store_some(float *p, f16 v, size_t n) {
#if DJ_WIDTH == 4
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#elif DJ_WIDTH == 3
    const i16 place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const i16 mask = place < (int32_t)n;
    __m256i half[2];
    __m256 values[2];
    memcpy(half, &mask, sizeof mask);
    memcpy(values, &v, sizeof v);
    _mm256_maskstore_ps(p, half[0], values[0]);
    _mm256_maskstore_ps(p + 8, half[1], values[1]);
#else
    memcpy(p, &v, n * sizeof(float));
#endif
}

LANE f16 lane_max(f16 a, f16 b) { return lane_select((i16)(a > b), a, b); }
LANE f16 lane_min(f16 a, f16 b) { return lane_select((i16)(a < b), a, b); }

/* Sum and maximum over the lanes, by halves: 8, 4, 2, 1. */
LANE float lane_sum(f16 v) {
    float s[LANES];
    memcpy(s, &v, sizeof s);
    for (int h = LANES / 2; h > 0; h >>= 1)
        for (int i = 0; i < h; i++) s[i] += s[i + h];
    return s[0];
}
LANE float lane_largest(f16 v) {
    float s[LANES];
    memcpy(s, &v, sizeof s);
    for (int h = LANES / 2; h > 0; h >>= 1)
        for (int i = 0; i < h; i++) s[i] = s[i] > s[i + h] ? s[i] : s[i + h];
    return s[0];
}

/*
 * e^x: Cody-Waite reduction by ln 2, degree-6 polynomial (the Cephes expf coefficients), scaling
 * through the exponent's bits. Relative error below 2 units in the last place. x is clamped to
 * [-87.34, 88.37], so the result is neither subnormal nor infinite.
 */
LANE f16 lane_exp(f16 x) {
    x = lane_min(lane_max(x, lane_splat(-87.336544f)), lane_splat(88.37626f));
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to the nearest integer */
    f16 n = x * 1.44269504088896341f + magic;
    n = n - magic;
    f16 r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    f16 p = lane_splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    i16 e = __builtin_convertvector(n, i16);
    return p * (f16)((e + 127) << 23);
}
