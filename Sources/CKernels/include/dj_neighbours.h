#pragma once
#include "dj_curves.h"

/*
 * The occupied cells of clouds in a layout in which neighbours are found without comparisons: the
 * input of the search for the pairs of a cubic kernel of at most nine cells a side. Rows
 * cloud_starts[c] ..< cloud_starts[c + 1] are cloud c and have no neighbours outside it; cells are
 * distinct within a cloud and in 0 ..< 2^20; n < 2^31. Any number of threads may read it at once.
 */
typedef struct dj_brickwork dj_brickwork;
dj_brickwork *dj_neighbours_lay(const dj_cell *cells, const int32_t *cloud_starts, size_t clouds);
void dj_neighbours_raze(dj_brickwork *work);

/*
 * The pairs of one place of a kernel of `size` (odd): place volume / 2 + 1 + h, h >= 0, of the half
 * behind the centre. `inputs` receives the neighbouring row, `outputs` the row itself, ascending;
 * the number of pairs is returned. Both need room for n values.
 */
int32_t dj_neighbours_look(const dj_brickwork *work, int size, int h, int32_t *inputs,
                           int32_t *outputs);

/*
 * The pairs of place volume / 2 - 1 - h: those of the opposite place with inputs and outputs
 * exchanged, outputs ascending. `inputs` and `outputs` have room for `count`.
 */
void dj_neighbours_mirror(const int32_t *half_inputs, const int32_t *half_outputs, size_t count,
                          size_t n, int32_t *inputs, int32_t *outputs);
