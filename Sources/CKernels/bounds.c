#include "dj_bounds.h"
#include "pairs.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "bounds.c"
#include "each_width.h"

DJ_DISPATCH(dj_multiply_adds, (size_t rounds, float *result, uint64_t *operations),
            (rounds, result, operations))
DJ_DISPATCH(dj_triad, (const float *a, const float *b, float factor, float *y, size_t n),
            (a, b, factor, y, n))

#else
#include "tiles.h"

/* As many chains of sixteen lanes as registers hold: more than the multiply-adds under way. */
#undef CHAINS
#if DJ_WIDTH == 4
#define CHAINS 12
#elif DJ_WIDTH == 3 || defined(__aarch64__)
#define CHAINS 6
#else
#define CHAINS 3
#endif

void DJ(dj_multiply_adds)(size_t rounds, float *result, uint64_t *operations) {
    f16 sum[CHAINS];
    /* Sums that tend to 1: neither overflow nor subnormal numbers slow them. */
    const f16 factor = lane_splat(0.75f), more = lane_splat(0.25f);
    TILE_UNROLL for (size_t c = 0; c < CHAINS; c++) sum[c] = lane_splat((float)c);
    for (size_t r = 0; r < rounds; r++)
        TILE_UNROLL for (size_t c = 0; c < CHAINS; c++) sum[c] = lane_fma(sum[c], factor, more);
    f16 all = lane_splat(0);
    TILE_UNROLL for (size_t c = 0; c < CHAINS; c++) all += sum[c];
    *result = lane_sum(all);
    *operations = (uint64_t)rounds * CHAINS * LANES * 2;
}

void DJ(dj_triad)(const float *a, const float *b, float factor, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = __builtin_fmaf(factor, b[i], a[i]);
}

#endif
