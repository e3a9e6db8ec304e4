#include "dj_reductions.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "reductions.c"
#include "each_width.h"

DJ_DISPATCH(dj_sum, (const float *x, size_t n, double *sum), (x, n, sum))
DJ_DISPATCH(dj_sum_of_squares, (const float *x, size_t n, double *sum), (x, n, sum))
DJ_DISPATCH(dj_is_finite, (const float *x, size_t n, bool *finite), (x, n, finite))
DJ_DISPATCH(dj_column_sums,
            (const float *x, size_t rows, size_t columns, size_t stride, double *sums),
            (x, rows, columns, stride, sums))

void dj_narrow(const double *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (float)x[i];
}

#else

/* The sum of the lanes of both, pairwise. */
static inline double DJ(sum_of_lanes)(const d8 *low, const d8 *high) {
    double s[8];
    for (int l = 0; l < 8; l++) s[l] = (*low)[l] + (*high)[l];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* sum + x x, where x is a Float32 value, whose square is exact: fused or not. */
static inline __attribute__((always_inline)) d8 DJ(wide_square)(d8 x, d8 sum) {
#if defined(__x86_64__) && DJ_WIDTH == 0
    return sum + x * x;
#else
    return __builtin_elementwise_fma(x, x, sum);
#endif
}

void DJ(dj_sum)(const float *x, size_t n, double *sum) {
    d8 low = {0}, high = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        low += __builtin_convertvector(*(const f8 *)(x + i), d8);
        high += __builtin_convertvector(*(const f8 *)(x + i + 8), d8);
    }
    double rest = 0;
    for (; i < n; i++) rest += x[i];
    *sum = DJ(sum_of_lanes)(&low, &high) + rest;
}

void DJ(dj_sum_of_squares)(const float *x, size_t n, double *sum) {
    d8 low = {0}, high = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const d8 a = __builtin_convertvector(*(const f8 *)(x + i), d8);
        const d8 b = __builtin_convertvector(*(const f8 *)(x + i + 8), d8);
        low = DJ(wide_square)(a, low);
        high = DJ(wide_square)(b, high);
    }
    double rest = 0;
    for (; i < n; i++) rest += (double)x[i] * x[i]; /* exact */
    *sum = DJ(sum_of_lanes)(&low, &high) + rest;
}

void DJ(dj_is_finite)(const float *x, size_t n, bool *finite) {
    uint32_t largest = 0; /* an exponent of all ones is an infinity or no number */
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7f800000;
        largest = bits > largest ? bits : largest;
    }
    *finite = largest != 0x7f800000;
}

#define BLOCK 32

void DJ(dj_column_sums)(const float *x, size_t rows, size_t columns, size_t stride, double *sums) {
    for (size_t c = 0; c < columns; c++) sums[c] = 0;
    for (size_t r = 0; r < rows; r += BLOCK) {
        const size_t end = r + BLOCK < rows ? r + BLOCK : rows;
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            f16 sum = lane_splat(0);
            for (size_t i = r; i < end; i++) sum += lane_load(x + i * stride + c);
            for (int l = 0; l < LANES; l++) sums[c + l] += sum[l];
        }
        for (; c < columns; c++) {
            float sum = 0;
            for (size_t i = r; i < end; i++) sum += x[i * stride + c];
            sums[c] += sum;
        }
    }
}

#endif
