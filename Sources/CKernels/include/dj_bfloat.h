#pragma once
#include "dj_clones.h"

/*
 * Products in bfloat16: eight bits of mantissa, sums in Float32. Both factors are rounded to
 * nearest even; each element's sum runs over pairs of columns in order. Twice the operations of
 * Float32 an instruction, on processors with AVX512_BF16; on others only dj_has_bfloat may be
 * called. For frozen networks.
 */
int dj_has_bfloat(void);

/* The size of a packed weight in Float32 values. */
size_t dj_packed_bfloat_count(size_t in, size_t out, size_t volume);

/* As dj_pack, unmirrored. */
void dj_pack_bfloat(
    const float *weight, size_t in, size_t out, size_t volume, float *packed);

/* As dj_multiply_rows. */
void dj_multiply_rows_bfloat(
    const float *x, size_t rows, size_t in, size_t x_stride, const float *packed, size_t out,
    const float *bias, const float *factors, const float *added, float *y, size_t y_stride);

/* As dj_convolve. */
void dj_convolve_bfloat(
    const float *x, size_t in, const float *packed, size_t out, const float *bias, size_t rows,
    size_t volume, const int32_t *starts, const int32_t *inputs, const int32_t *outputs,
    float *y);
