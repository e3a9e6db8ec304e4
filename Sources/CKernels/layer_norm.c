#include "dj_layer_norm.h"
#include "dj_pool.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "layer_norm.c"
#include "each_width.h"

DJ_DISPATCH(dj_layer_norm,
            (const float *x, const float *scale, const float *shift, const float *residual,
             float epsilon, float *y, size_t rows, size_t columns),
            (x, scale, shift, residual, epsilon, y, rows, columns))
DJ_DISPATCH(dj_layer_norm_backward,
            (const float *x, const float *scale, const float *dy, float epsilon, float *dx,
             double *dscale, double *dshift, size_t rows, size_t columns),
            (x, scale, dy, epsilon, dx, dscale, dshift, rows, columns))

#else

#include "lane_rows.h"
#define statistics DJ(statistics)

/*
 * Mean = centre + offset and 1 / sqrt(variance + epsilon). The second look at the row, while it is
 * in the cache, is taken relative to the first's mean, so a large mean costs no accuracy.
 */
LANE void statistics(const float *row, size_t columns, float epsilon, float *centre, float *offset,
                     float *factor) {
    f16 sum = lane_splat(0), squares = lane_splat(0);
    for (size_t c = 0; c < columns; c += LANES) sum += lane_part(row, c, columns, 0);
    const float n = (float)columns, middle = lane_sum(sum) / n;
    sum = lane_splat(0);
    for (size_t c = 0; c < columns; c += LANES) {
        f16 d = lane_part(row, c, columns, middle) - middle;
        sum += d;
        squares += d * d;
    }
    const float rest = lane_sum(sum) / n;
    const float variance = lane_sum(squares) / n - rest * rest;
    *centre = middle;
    *offset = rest;
    *factor = 1.0f / __builtin_sqrtf((variance > 0 ? variance : 0) + epsilon);
}

void DJ(dj_layer_norm)(const float *x, const float *scale, const float *shift,
                       const float *residual, float epsilon, float *y, size_t rows,
                       size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float *to = y + r * columns, centre, offset, factor;
        statistics(row, columns, epsilon, &centre, &offset, &factor);
        for (size_t c = 0; c < columns; c += LANES) {
            f16 h = ((lane_part(row, c, columns, 0) - centre) - offset) * factor;
            f16 v = h * lane_part(scale, c, columns, 0) + lane_part(shift, c, columns, 0);
            if (residual) v = lane_part(residual + r * columns, c, columns, 0) + v;
            lane_put(to, c, columns, v);
        }
    }
}

#define BLOCK 32

void DJ(dj_layer_norm_backward)(const float *x, const float *scale, const float *dy, float epsilon,
                                float *dx, double *dscale, double *dshift, size_t rows,
                                size_t columns) {
    float *sums = dscale ? dj_buffer_take(2 * columns * sizeof(float)) : NULL;
    float *ds = sums, *db = sums ? sums + columns : NULL;
    for (size_t c = 0; sums && c < columns; c++) {
        dscale[c] = dshift[c] = 0;
        ds[c] = db[c] = 0;
    }
    const float n = (float)columns;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns, *grow = dy + r * columns;
        float centre, offset, factor;
        statistics(row, columns, epsilon, &centre, &offset, &factor);
        f16 all = lane_splat(0), along = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES) {
            f16 h = ((lane_part(row, c, columns, 0) - centre) - offset) * factor;
            f16 g = lane_part(grow, c, columns, 0);
            if (sums) {
                lane_put(ds, c, columns, lane_part(ds, c, columns, 0) + g * h);
                lane_put(db, c, columns, lane_part(db, c, columns, 0) + g);
            }
            g = g * lane_part(scale, c, columns, 0);
            all += g;
            along += g * h;
        }
        if (dx) {
            const float mean = lane_sum(all) / n, slope = lane_sum(along) / n;
            float *to = dx + r * columns;
            for (size_t c = 0; c < columns; c += LANES) {
                f16 h = ((lane_part(row, c, columns, 0) - centre) - offset) * factor;
                f16 g = lane_part(grow, c, columns, 0) * lane_part(scale, c, columns, 0);
                lane_put(to, c, columns, factor * ((g - mean) - h * slope));
            }
        }
        if (sums && (r % BLOCK == BLOCK - 1 || r + 1 == rows)) {
            for (size_t c = 0; c < columns; c++) {
                dscale[c] += ds[c];
                dshift[c] += db[c];
                ds[c] = db[c] = 0;
            }
        }
    }
    if (sums) dj_buffer_give(sums);
}

#undef statistics
#endif
