#include "dj_reductions.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "reductions.c"
#include "each_width.h"

DJ_DISPATCH(dj_sum, (const float *x, size_t n, double *sum), (x, n, sum))
DJ_DISPATCH(dj_column_sums,
            (const float *x, size_t rows, size_t columns, size_t stride, double *sums),
            (x, rows, columns, stride, sums))

void dj_narrow(const double *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (float)x[i];
}

#else

void DJ(dj_sum)(const float *x, size_t n, double *sum) {
    d8 low = {0}, high = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        low += __builtin_convertvector(*(const f8 *)(x + i), d8);
        high += __builtin_convertvector(*(const f8 *)(x + i + 8), d8);
    }
    double rest = 0, s[8];
    for (; i < n; i++) rest += x[i];
    low += high;
    memcpy(s, &low, sizeof s);
    *sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])) + rest;
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
