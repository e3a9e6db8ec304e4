#pragma once
#include "dj_clones.h"

/*
 * Products of many rows with one small matrix, which is packed beforehand: rows of x are read once,
 * the packed matrix stays in the caches. Each element's sum runs over the columns of x in order,
 * so a row's result depends neither on its place nor on the number of rows.
 *
 * `volume` matrices are packed side by side for a convolution, one for a linear map. `weight` is
 * out x volume x in, or with `mirrored` in x volume x out, where place k has the weights of place
 * volume - 1 - k, as the gradient of the input requires. The layout depends on the kernels' width.
 */

/* The number of values of a packed weight. */
size_t dj_packed_count(size_t in, size_t out, size_t volume);

void dj_pack(
    const float *weight, size_t in, size_t out, size_t volume, int mirrored, float *packed);

/*
 * y = added + factor (x W + bias) for rows of `in` values that begin x_stride apart, each row with
 * a factor of its own. bias, added and factors may be NULL; rows of added begin out apart, rows of
 * y y_stride; y may be added.
 */
void dj_multiply_rows(
    const float *x, size_t rows, size_t in, size_t x_stride, const float *packed, size_t out,
    const float *bias, const float *factors, const float *added, float *y, size_t y_stride);

/*
 * c = a^T b, or c += a^T b with `accumulate`: the sum over rows of a[row]^T b[row], of a's columns
 * x b's columns, rows of c c_stride apart. Rows are added in order in runs of at most 128, the
 * runs' sums in order, so the error grows with neither the number of rows nor the width.
 */
void dj_multiply_transposed(
    const float *a, size_t a_columns, size_t a_stride, const float *b, size_t b_columns,
    size_t b_stride, size_t rows, float *c, size_t c_stride, int accumulate);

/*
 * c = a^T b as dj_multiply_transposed computes it for 1024 rows at a time, the sums of these
 * blocks added in Double and rounded once: for Gram matrices, whose entries are sums of very many
 * terms and whose small differences matter. Rows of c are side by side.
 */
void dj_multiply_tall(
    const float *a, size_t a_columns, size_t a_stride, const float *b, size_t b_columns,
    size_t b_stride, size_t rows, float *c);
