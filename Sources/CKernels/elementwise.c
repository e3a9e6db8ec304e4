#include "dj_elementwise.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "elementwise.c"
#include "each_width.h"

DJ_DISPATCH(dj_add, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))
DJ_DISPATCH(dj_subtract, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))
DJ_DISPATCH(dj_multiply, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))
DJ_DISPATCH(dj_scale, (const float *x, float factor, float *y, size_t n), (x, factor, y, n))
DJ_DISPATCH(dj_scale_rows,
            (const float *x, const float *factors, float *y, size_t rows, size_t columns),
            (x, factors, y, rows, columns))
DJ_DISPATCH(dj_add_bias,
            (const float *x, const float *bias, float *y, size_t rows, size_t columns),
            (x, bias, y, rows, columns))
DJ_DISPATCH(dj_fill, (float *y, float value, size_t n), (y, value, n))

void dj_copy_block(const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows,
                   size_t columns) {
    for (size_t r = 0; r < rows; r++)
        memcpy(y + r * y_stride, x + r * x_stride, columns * sizeof(float));
}

#else

/* Explicit lanes: where y is an operand, the compiler's own overlap check would fall back to single
 * values. */
void DJ(dj_add)(const float *a, const float *b, float *y, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) lane_store(y + i, lane_load(a + i) + lane_load(b + i));
    for (; i < n; i++) y[i] = a[i] + b[i];
}

void DJ(dj_subtract)(const float *a, const float *b, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] - b[i];
}

void DJ(dj_multiply)(const float *a, const float *b, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}

void DJ(dj_scale)(const float *x, float factor, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] * factor;
}

void DJ(dj_scale_rows)(const float *x, const float *factors, float *y, size_t rows,
                       size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float factor = factors[r], *from = x + r * columns;
        float *to = y + r * columns;
        for (size_t c = 0; c < columns; c++) to[c] = from[c] * factor;
    }
}

void DJ(dj_add_bias)(const float *x, const float *bias, float *y, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float *to = y + r * columns;
        for (size_t c = 0; c < columns; c++) to[c] = from[c] + bias[c];
    }
}

void DJ(dj_fill)(float *y, float value, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = value;
}

#endif
