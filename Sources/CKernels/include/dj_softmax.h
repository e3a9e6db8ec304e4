#pragma once
#include "dj_clones.h"

/* The softmax of each row; y may be x. */
void dj_softmax(const float *x, float *y, size_t rows, size_t columns);

/* dx = y (dy - sum dy y) per row; dx may be dy. */
void dj_softmax_backward(const float *y, const float *dy, float *dx, size_t rows, size_t columns);

/* The logarithm of the softmax of each row; y may be x. */
void dj_log_softmax(const float *x, float *y, size_t rows, size_t columns);

/* dx = dy - exp(y) sum dy per row; dx may be dy. */
void dj_log_softmax_backward(const float *y, const float *dy, float *dx, size_t rows,
                             size_t columns);

/* y = x / max(norm of the row, epsilon); the factors 1 / max(...) are kept for backward. */
void dj_normalize_rows(const float *x, float epsilon, float *y, float *factors, size_t rows,
                       size_t columns);

/* dx = factor (dy - y (y . dy)); where the norm was below epsilon, dx = factor dy. */
void dj_normalize_rows_backward(const float *y, const float *factors, float epsilon,
                                const float *dy, float *dx, size_t rows, size_t columns);
