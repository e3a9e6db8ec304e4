#include "dj_divergence.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "divergence.c"
#include "each_width.h"

DJ_DISPATCH(dj_softmax_divergence,
            (const float *s, const float *t, float scale, float *g, double *sums, float *scratch,
             size_t rows, size_t columns),
            (s, t, scale, g, sums, scratch, rows, columns))

#else

/* The lanes' sum in Double, in order. */
LANE double DJ(lane_sum_wide)(f16 v) {
    float lanes[LANES];
    memcpy(lanes, &v, sizeof lanes);
    double sum = 0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

/* The largest of n > 0 values. */
LANE float DJ(row_largest)(const float *x, size_t n) {
    f16 most = lane_splat(x[0]);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) most = lane_max(most, lane_load(x + i));
    if (i < n) most = lane_max(most, lane_load_some(x + i, n - i, x[0]));
    return lane_largest(most);
}

void DJ(dj_softmax_divergence)(const float *s, const float *t, float scale, float *g, double *sums,
                               float *scratch, size_t rows, size_t columns) {
    const i16 places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (size_t row = 0; row < rows; row++) {
        const float *a = s + row * columns, *b = t + row * columns;
        float *difference = g + row * columns;
        const float ma = columns ? DJ(row_largest)(a, columns) : 0;
        const float mb = columns ? DJ(row_largest)(b, columns) : 0;
        f16 za = lane_splat(0), zb = za, cross = za;
        for (size_t i = 0; i < columns; i += LANES) {
            const size_t n = columns - i < LANES ? columns - i : LANES;
            f16 x, y;
            if (n == LANES) {
                x = lane_load(a + i), y = lane_load(b + i);
            } else { /* lanes beyond the row hold the maximum and contribute nothing */
                x = lane_load_some(a + i, n, ma), y = lane_load_some(b + i, n, mb);
            }
            x = (x - ma) * scale, y = (y - mb) * scale;
            f16 ex = lane_exp(x), ey = lane_exp(y);
            if (n < LANES) {
                const i16 inside = places < (int32_t)n;
                ex = (f16)((i16)ex & inside), ey = (f16)((i16)ey & inside);
            }
            za = za + ex, zb = zb + ey;
            cross = lane_fma(ey, y - x, cross);
            if (n == LANES) {
                lane_store(difference + i, ex), lane_store(scratch + i, ey);
            } else {
                lane_store_some(difference + i, ex, n), lane_store_some(scratch + i, ey, n);
            }
        }
        const double sa = DJ(lane_sum_wide)(za), sb = DJ(lane_sum_wide)(zb);
        sums[3 * row] = sa;
        sums[3 * row + 1] = sb;
        sums[3 * row + 2] = DJ(lane_sum_wide)(cross);
        const float ra = (float)(1 / sa), rb = (float)(1 / sb);
        size_t i = 0;
        /* Products apart from the difference: fused, equal rows would not differ by exactly 0. */
        for (; i + LANES <= columns; i += LANES) {
            const f16 x = lane_load(difference + i) * ra;
            const f16 y = lane_load(scratch + i) * rb;
            lane_store(difference + i, x - y);
        }
        if (i < columns) {
            const f16 x = lane_load_some(difference + i, columns - i, 0) * ra;
            const f16 y = lane_load_some(scratch + i, columns - i, 0) * rb;
            lane_store_some(difference + i, x - y, columns - i);
        }
    }
}

#endif
