#pragma once
#include "dj_clones.h"

/*
 * What the processor does at the most, for rates to be compared with. `rounds` rounds of fused
 * multiply-adds that wait for no other and touch no memory; their number of floating-point
 * operations goes to `operations`, a sum that must be read to `result`.
 */
void dj_multiply_adds(size_t rounds, float *result, uint64_t *operations);

/* y = a + factor * b: two values read and one written, and nothing else to wait for. */
void dj_triad(const float *a, const float *b, float factor, float *y, size_t n);
