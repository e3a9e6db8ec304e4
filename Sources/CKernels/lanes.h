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
#define lane_fma DJ(lane_fma)
#define half_fma DJ(half_fma)
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

#if defined(__x86_64__) && DJ_WIDTH == 0
/*
 * a b + c, rounded once, on a processor without the instruction. The product of two Float32 values
 * is exact in Double; the sum is rounded to odd there, after which rounding to Float32 gives the
 * nearest value (Boldo and Melquiond, 2008: 53 digits suffice for 24).
 */
LANE f8 half_fma(f8 a, f8 b, f8 c) {
    typedef int64_t l8 __attribute__((vector_size(64), aligned(8), may_alias));
    d8 product = __builtin_convertvector(a, d8) * __builtin_convertvector(b, d8);
    d8 addend = __builtin_convertvector(c, d8);
    d8 sum = product + addend;
    d8 part = sum - product;
    d8 error = (product - (sum - part)) + (addend - part);
    l8 bits = (l8)sum;
    /* Not `error != 0`: a NaN, from infinite terms, must leave the sum unchanged. */
    l8 inexact = (l8)(error > 0) | (l8)(error < 0);
    l8 outward = (l8)((error > 0) == (sum > 0)); /* the exact sum is larger in magnitude */
    l8 step = (outward & 1) | (~outward & -1);
    bits += inexact & ~-(bits & 1) & step;
    return __builtin_convertvector((d8)bits, f8);
}
LANE f16 lane_fma(f16 a, f16 b, f16 c) {
    f8 x[2], y[2], z[2];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    memcpy(z, &c, sizeof z);
    for (int i = 0; i < 2; i++) z[i] = half_fma(x[i], y[i], z[i]);
    memcpy(&c, z, sizeof c);
    return c;
}
#else
/* a b + c, rounded once. */
LANE f16 lane_fma(f16 a, f16 b, f16 c) { return __builtin_elementwise_fma(a, b, c); }
#endif

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
    f16 n = lane_fma(x, lane_splat(1.44269504088896341f), lane_splat(magic));
    n = n - magic;
    f16 r = lane_fma(n, lane_splat(-0.693359375f), x);
    r = lane_fma(n, lane_splat(2.12194440e-4f), r);
    f16 p = lane_splat(1.9875691500e-4f);
    p = lane_fma(p, r, lane_splat(1.3981999507e-3f));
    p = lane_fma(p, r, lane_splat(8.3334519073e-3f));
    p = lane_fma(p, r, lane_splat(4.1665795894e-2f));
    p = lane_fma(p, r, lane_splat(1.6666665459e-1f));
    p = lane_fma(p, r, lane_splat(5.0000001201e-1f));
    p = lane_fma(p, r * r, r) + 1.0f;
    i16 e = __builtin_convertvector(n, i16);
    return p * (f16)((e + 127) << 23);
}
