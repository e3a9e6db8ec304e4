#pragma once
#include "dj_clones.h"
#include <stdbool.h>

/* The sum of n values, in Double lanes. */
void dj_sum(const float *x, size_t n, double *sum);

/* The sum of n squares, in Double lanes. */
void dj_sum_of_squares(const float *x, size_t n, double *sum);

/* Whether all n values are finite. */
void dj_is_finite(const float *x, size_t n, bool *finite);

/* The sum of each column: Float32 over blocks of 32 rows, Double over the blocks. */
void dj_column_sums(const float *x, size_t rows, size_t columns, size_t stride, double *sums);

/* y = (float)x, rounded once. */
void dj_narrow(const double *x, float *y, size_t n);
