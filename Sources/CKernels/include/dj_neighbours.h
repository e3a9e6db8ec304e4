#pragma once
#include "dj_curves.h"

/*
 * Which cell stands where a cubic kernel of `size` (odd, up to 15) looks, for the half of its
 * places behind the centre: found[h * n + i] is the row of the cell displaced from cell i as place
 * h + 1 behind the centre says, or -1. Rows cloud_starts[c] ..< cloud_starts[c + 1] are cloud c and
 * look no further; cells are distinct within a cloud and lie in 0 ..< 2^20. counts[h]: how many.
 * The other half are the same pairs looked at from the other end.
 */
void dj_neighbours_find(const dj_cell *cells, const int32_t *cloud_starts, size_t clouds, int size,
                        int32_t *found, int32_t *counts);

/*
 * Writes the pairs of all 2 half + 1 places: place p holds starts[p + 1] - starts[p] of them, the
 * rows displaced to in `inputs`, the rows displaced from in `outputs`, ascending.
 */
void dj_neighbours_pack(const int32_t *found, size_t n, size_t half, const int32_t *starts,
                        int32_t *inputs, int32_t *outputs);
