#pragma once
#include "dj_clones.h"

/*
 * The mean and the biased variance of each column, in one pass over memory: blocks of 64 rows are
 * measured about their own mean and merged in Double (Chan, Golub and LeVeque).
 */
void dj_column_moments(const float *x, size_t rows, size_t columns, double *mean,
                       double *variance);

/*
 * y = (x - mean) * factor * scale + shift per column, factor = 1 / sqrt(variance + epsilon); the
 * mean is given as high + low, so a large one costs no accuracy. With gelu != 0, gelu of that.
 * y may be x.
 */
void dj_batch_norm(const float *x, const float *high, const float *low, const float *factor,
                   const float *scale, const float *shift, int gelu, float *y, size_t rows,
                   size_t columns);

/*
 * The sums of each column for backward: along = sum g h and all = sum g, where h is the
 * normalised value and g = dy, or dy times gelu's derivative.
 */
void dj_batch_norm_sums(const float *x, const float *high, const float *low, const float *factor,
                        const float *scale, const float *shift, int gelu, const float *dy,
                        double *along, double *all, size_t rows, size_t columns);

/*
 * dx = factor * scale * (g - mean_g - h * slope) per column; both zero if the statistics were
 * given instead of measured. dx may be dy.
 */
void dj_batch_norm_backward(const float *x, const float *high, const float *low,
                            const float *factor, const float *scale, const float *shift, int gelu,
                            const float *dy, const float *mean_g, const float *slope, float *dx,
                            size_t rows, size_t columns);
