#pragma once
#include "dj_clones.h"

/*
 * Submanifold sparse convolution by pairs of rows. Place k of `volume` multiplies the pairs
 * starts[k] ..< starts[k + 1]: row inputs[j] of x adds to row outputs[j] of y, outputs ascending
 * within a place. The weight comes packed (dj_pack; mirrored, the same map carries the gradient of
 * y, as x, back to x, as y); bias may be NULL. Each element's sum runs over the places in order
 * and within a place over the input's columns in order. Rows begin ..< end of y are computed; none
 * depends on which others are.
 */
void dj_convolve(
    const float *x, size_t in, const float *packed, size_t out, const float *bias, size_t begin,
    size_t end, size_t volume, const int32_t *starts, const int32_t *inputs,
    const int32_t *outputs, float *y);

/*
 * The gradient of the weight, out x volume x in: for each place the sum over its pairs of
 * dy[output]^T x[input]. The pairs are added in order in runs of at most 128, the runs' sums in
 * order, so the error grows with neither the number of rows nor the width.
 */
void dj_convolve_weight_gradient(
    const float *x, size_t in, const float *dy, size_t out, size_t rows, size_t volume,
    const int32_t *starts, const int32_t *inputs, const int32_t *outputs, float *dweight);

/* The sum of the rows of dy, 1 x columns: runs of 128 rows in order, then their sums in order. */
void dj_convolve_bias_gradient(const float *dy, size_t rows, size_t columns, float *dbias);
