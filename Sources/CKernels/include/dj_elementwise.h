#pragma once
#include "dj_clones.h"

/* y = a + b, a - b, a * b; y may be a or b. */
void dj_add(const float *a, const float *b, float *y, size_t n);
void dj_subtract(const float *a, const float *b, float *y, size_t n);
void dj_multiply(const float *a, const float *b, float *y, size_t n);

/* y = factor * x; y may be x. */
void dj_scale(const float *x, float factor, float *y, size_t n);

/* Row r of y = factors[r] * row r of x; y may be x. */
void dj_scale_rows(const float *x, const float *factors, float *y, size_t rows, size_t columns);

/* Every row of y = that of x + bias; y may be x. */
void dj_add_bias(const float *x, const float *bias, float *y, size_t rows, size_t columns);

/* Every value of y = value. */
void dj_fill(float *y, float value, size_t n);

/* Copies a block of rows between matrices; rows begin the given numbers of values apart. */
void dj_copy_block(const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows,
                   size_t columns);
