#pragma once
#include "dj_clones.h"

/*
 * Float32 to IEEE half precision and back. To half: rounded to the nearest, ties to even; beyond
 * +-65504, infinities included, the largest number of that sign; NaN stays NaN. From half: exact.
 */
void dj_to_half(const float *x, uint16_t *y, size_t n);
void dj_from_half(const uint16_t *x, float *y, size_t n);
