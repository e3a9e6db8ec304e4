#pragma once
#include "dj_clones.h"

/*
 * For each row: the softmax of scale * s less that of scale * t, written to g (rows x columns), and
 * three sums to `sums` (3 a row), from which the Kullback-Leibler divergence of the second from the
 * first follows as sums[2] / sums[1] + log sums[0] - log sums[1]:
 *     Zs = sum exp(scale (s - max s)), Zt likewise, X = sum exp(scale (t - max t)) * d,
 *     d = scale (t - max t) - scale (s - max s).
 * scale > 0; scratch holds `columns` floats; g may be s.
 */
void dj_softmax_divergence(const float *s, const float *t, float scale, float *g, double *sums,
                           float *scratch, size_t rows, size_t columns);
