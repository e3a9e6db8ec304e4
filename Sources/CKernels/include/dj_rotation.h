#pragma once
#include "dj_clones.h"

/*
 * Rotates the queries and keys of rows x 3 (heads x 6 pairs) values and copies the rest. A head's
 * channels are three thirds, one for each axis; channel j of a third is paired with channel
 * pairs + j, whose cosine and sine are at (row x 3 + axis) x pairs + j:
 *     u' = u cos - v sin, v' = v cos + u sin, or with `inverse` the opposite angle.
 */
void dj_rotate(const float *x, size_t rows, size_t heads, size_t pairs, const float *cosines,
               const float *sines, int inverse, float *y);
