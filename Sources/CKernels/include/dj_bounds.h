#pragma once
#include "dj_clones.h"

/*
 * The processor's maximum rates, with which kernels are compared. `rounds` rounds of independent
 * fused multiply-adds without memory accesses; `operations` receives the number of floating-point
 * operations, `result` a sum that keeps the compiler from removing them.
 */
void dj_multiply_adds(size_t rounds, float *result, uint64_t *operations);

/* y = a + factor * b: two values read and one written, limited by memory alone. */
void dj_triad(const float *a, const float *b, float factor, float *y, size_t n);
