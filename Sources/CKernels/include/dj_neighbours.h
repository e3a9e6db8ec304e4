#pragma once
#include "dj_curves.h"

/*
 * The pairs of cells that a cubic kernel of `size` (odd, at most 9) joins, for the half of its
 * places behind the centre: for place volume / 2 + 1 + h, counts[h] pairs of the row displaced to
 * (`inputs`) and the row displaced from (`outputs`, ascending), place after place. Room for
 * volume / 2 * n + 1 of each is needed. Rows cloud_starts[c] ..< cloud_starts[c + 1] are cloud c and
 * look no further; cells are distinct within a cloud and lie in 0 ..< 2^20; n < 2^31.
 */
void dj_neighbours_find(const dj_cell *cells, const int32_t *cloud_starts, size_t clouds, int size,
                        int32_t *inputs, int32_t *outputs, int32_t *counts);

/*
 * The pairs of all 2 half + 1 places from those of the half behind the centre: the other half are
 * the same pairs seen from the other end. Place p begins at starts[p]. Room for one more than
 * starts[volume] is needed.
 */
void dj_neighbours_mirror(const int32_t *half_inputs, const int32_t *half_outputs, size_t n,
                          size_t half, const int32_t *starts, int32_t *inputs, int32_t *outputs);
