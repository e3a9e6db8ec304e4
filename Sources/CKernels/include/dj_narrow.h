#pragma once
#include "dj_clones.h"

/*
 * Float32 to bfloat16, its upper half, and back. To bfloat16: rounded to the nearest, ties to even;
 * values beyond the largest become infinite, NaN stays NaN. From bfloat16: exact. Rounding does
 * both in turn; `y` may be `x`.
 */
void dj_to_bfloat(const float *x, uint16_t *y, size_t n);
void dj_from_bfloat(const uint16_t *x, float *y, size_t n);
void dj_round_bfloat(const float *x, float *y, size_t n);
