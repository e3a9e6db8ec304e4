#pragma once
#include <stddef.h>
#include <stdint.h>

/* A voxel's place in its grid: x, y, z. Sixteen bytes apart; Swift's SIMD3<Int32>. */
typedef int32_t dj_cell __attribute__((ext_vector_type(3)));

/*
 * Codes along a space-filling curve of `depth` <= 21 bits a side. `hilbert`: 0 for the z curve
 * (x at bit 3i + 2, y at 3i + 1, z at 3i), 1 for Hilbert's (Skilling, "Programming the Hilbert
 * curve", 2004). `transposed`: x and y are exchanged first. Coordinates lie in 0 ..< 2^depth.
 */
void dj_curve_codes(const dj_cell *cells, size_t n, int depth, int hilbert, int transposed,
                    uint64_t *codes);
