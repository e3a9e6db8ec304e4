#include "dj_batch_norm.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "batch_norm.c"
#include "each_width.h"

DJ_DISPATCH(dj_column_moments,
            (const float *x, size_t rows, size_t columns, double *mean, double *variance),
            (x, rows, columns, mean, variance))
DJ_DISPATCH(dj_batch_norm,
            (const float *x, const float *high, const float *low, const float *factor,
             const float *scale, const float *shift, int gelu, float *y, size_t rows,
             size_t columns),
            (x, high, low, factor, scale, shift, gelu, y, rows, columns))
DJ_DISPATCH(dj_batch_norm_sums,
            (const float *x, const float *high, const float *low, const float *factor,
             const float *scale, const float *shift, int gelu, const float *dy, double *along,
             double *all, size_t rows, size_t columns),
            (x, high, low, factor, scale, shift, gelu, dy, along, all, rows, columns))
DJ_DISPATCH(dj_batch_norm_backward,
            (const float *x, const float *high, const float *low, const float *factor,
             const float *scale, const float *shift, int gelu, const float *dy,
             const float *mean_g, const float *slope, float *dx, size_t rows, size_t columns),
            (x, high, low, factor, scale, shift, gelu, dy, mean_g, slope, dx, rows, columns))

#else
#include "lane_normal.h"
#include "lane_rows.h"

#define gradient DJ(gradient)

#define BLOCK 64

void DJ(dj_column_moments)(const float *x, size_t rows, size_t columns, double *mean,
                           double *variance) {
    for (size_t c = 0; c < columns; c++) mean[c] = variance[c] = 0;
    for (size_t r = 0; r < rows; r += BLOCK) {
        const size_t end = r + BLOCK < rows ? r + BLOCK : rows;
        const float n = (float)(end - r);
        const double share = (double)(end - r) / (double)end, before = (double)r;
        for (size_t c = 0; c < columns; c += LANES) {
            f16 sum = lane_splat(0), squares = lane_splat(0);
            for (size_t i = r; i < end; i++) sum += lane_part(x + i * columns, c, columns, 0);
            const f16 centre = sum / n;
            sum = lane_splat(0);
            for (size_t i = r; i < end; i++) {
                f16 d = lane_part(x + i * columns, c, columns, 0) - centre;
                sum += d;
                squares = lane_fma(d, d, squares);
            }
            const f16 offset = sum / n;
            const size_t lanes = columns - c < LANES ? columns - c : LANES;
            for (size_t l = 0; l < lanes; l++) {
                const double m = (double)centre[l] + offset[l], d = m - mean[c + l];
                const double s =
                    __builtin_fma((double)offset[l] * offset[l], -(double)n, squares[l]);
                mean[c + l] = __builtin_fma(d, share, mean[c + l]);
                variance[c + l] += __builtin_fma(d * d * before, share, s);
            }
        }
    }
    for (size_t c = 0; c < columns; c++) {
        const double v = variance[c] / (double)(rows ? rows : 1);
        variance[c] = v > 0 ? v : 0;
    }
}

void DJ(dj_batch_norm)(const float *x, const float *high, const float *low, const float *factor,
                       const float *scale, const float *shift, int gelu, float *y, size_t rows,
                       size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        for (size_t c = 0; c < columns; c += LANES) {
            f16 h = (lane_part(row, c, columns, 0) - lane_part(high, c, columns, 0)) -
                    lane_part(low, c, columns, 0);
            h = h * lane_part(factor, c, columns, 0);
            f16 v = lane_fma(h, lane_part(scale, c, columns, 0), lane_part(shift, c, columns, 0));
            if (gelu) {
                f16 cdf, pdf;
                lane_normal(v, &cdf, &pdf);
                v = v * cdf;
            }
            lane_put(y + r * columns, c, columns, v);
        }
    }
}

/* The gradient that reaches the normalised and scaled value. */
LANE f16 gradient(f16 h, f16 scale, f16 shift, f16 dy, int gelu) {
    if (!gelu) return dy;
    f16 cdf, pdf, v = lane_fma(h, scale, shift);
    lane_normal(v, &cdf, &pdf);
    return dy * lane_fma(v, pdf, cdf);
}

void DJ(dj_batch_norm_sums)(const float *x, const float *high, const float *low,
                            const float *factor, const float *scale, const float *shift, int gelu,
                            const float *dy, double *along, double *all, size_t rows,
                            size_t columns) {
    for (size_t c = 0; c < columns; c++) along[c] = all[c] = 0;
    for (size_t r = 0; r < rows; r += BLOCK) {
        const size_t end = r + BLOCK < rows ? r + BLOCK : rows;
        for (size_t c = 0; c < columns; c += LANES) {
            f16 sum = lane_splat(0), products = lane_splat(0);
            const f16 a = lane_part(high, c, columns, 0), b = lane_part(low, c, columns, 0);
            const f16 f = lane_part(factor, c, columns, 0);
            const f16 s = lane_part(scale, c, columns, 0), t = lane_part(shift, c, columns, 0);
            for (size_t i = r; i < end; i++) {
                f16 h = ((lane_part(x + i * columns, c, columns, 0) - a) - b) * f;
                f16 g = gradient(h, s, t, lane_part(dy + i * columns, c, columns, 0), gelu);
                sum += g;
                products = lane_fma(g, h, products);
            }
            const size_t lanes = columns - c < LANES ? columns - c : LANES;
            for (size_t l = 0; l < lanes; l++) {
                all[c + l] += sum[l];
                along[c + l] += products[l];
            }
        }
    }
}

void DJ(dj_batch_norm_backward)(const float *x, const float *high, const float *low,
                                const float *factor, const float *scale, const float *shift,
                                int gelu, const float *dy, const float *mean_g, const float *slope,
                                float *dx, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns, *grow = dy + r * columns;
        for (size_t c = 0; c < columns; c += LANES) {
            f16 h = (lane_part(row, c, columns, 0) - lane_part(high, c, columns, 0)) -
                    lane_part(low, c, columns, 0);
            const f16 f = lane_part(factor, c, columns, 0), s = lane_part(scale, c, columns, 0);
            h = h * f;
            f16 g = gradient(h, s, lane_part(shift, c, columns, 0), lane_part(grow, c, columns, 0),
                             gelu);
            f16 rest = lane_fma(-h, lane_part(slope, c, columns, 0),
                                g - lane_part(mean_g, c, columns, 0));
            lane_put(dx + r * columns, c, columns, f * s * rest);
        }
    }
}

#undef gradient
#endif
