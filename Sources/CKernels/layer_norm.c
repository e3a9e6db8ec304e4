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
#define sums DJ(sums)
#define statistics DJ(statistics)
#define forward DJ(forward)
#define backward DJ(backward)

/* The sums over the lanes of both, in half the steps of two lane_sum. */
LANE void sums(f16 a, f16 b, float *sum_a, float *sum_b) {
    f16 s = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
            __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30,
                                    31);
    s += __builtin_shufflevector(s, s, 4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15);
    s += __builtin_shufflevector(s, s, 2, 3, 2, 3, 2, 3, 2, 3, 10, 11, 10, 11, 10, 11, 10, 11);
    s += __builtin_shufflevector(s, s, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9);
    *sum_a = s[0];
    *sum_b = s[8];
}

/*
 * Mean = first + offset and 1 / sqrt(variance + epsilon). Everything is measured from the row's
 * first value, so a mean far from zero costs no accuracy; `share` is 1 / columns.
 */
LANE void statistics(const float *row, size_t columns, float share, float epsilon, float *first,
                     float *offset, float *factor) {
    const float origin = row[0];
    f16 sum = lane_splat(0), squares = lane_splat(0);
    for (size_t c = 0; c < columns; c += LANES) sum += lane_part(row, c, columns, origin) - origin;
    const float middle = lane_sum(sum) * share;
    for (size_t c = 0; c < columns; c += LANES) {
        f16 d = (lane_part(row, c, columns, origin) - origin) - middle;
        if (c + LANES > columns) d = lane_part_only(d, c, columns);
        squares = lane_fma(d, d, squares);
    }
    *first = origin;
    *offset = middle;
    *factor = 1.0f / __builtin_sqrtf(__builtin_fmaf(lane_sum(squares), share, epsilon));
}

LANE void forward(const float *x, const float *scale, const float *shift, const float *residual,
                  float epsilon, float *y, size_t rows, const size_t columns) {
    const float share = 1.0f / (float)columns;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float *to = y + r * columns, first, offset, factor;
        statistics(row, columns, share, epsilon, &first, &offset, &factor);
        for (size_t c = 0; c < columns; c += LANES) {
            f16 h = ((lane_part(row, c, columns, 0) - first) - offset) * factor;
            f16 v = lane_fma(h, lane_part(scale, c, columns, 0), lane_part(shift, c, columns, 0));
            if (residual) v = lane_part(residual + r * columns, c, columns, 0) + v;
            lane_put(to, c, columns, v);
        }
    }
}

#define BLOCK 32

LANE void backward(const float *x, const float *scale, const float *dy, float epsilon, float *dx,
                   double *dscale, double *dshift, size_t rows, const size_t columns) {
    float *partial = dscale ? dj_buffer_take(2 * columns * sizeof(float)) : NULL;
    float *ds = partial, *db = partial ? partial + columns : NULL;
    for (size_t c = 0; partial && c < columns; c++) {
        dscale[c] = dshift[c] = 0;
        ds[c] = db[c] = 0;
    }
    const float share = 1.0f / (float)columns;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns, *grow = dy + r * columns;
        float first, offset, factor;
        statistics(row, columns, share, epsilon, &first, &offset, &factor);
        f16 all = lane_splat(0), along = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES) {
            f16 h = ((lane_part(row, c, columns, 0) - first) - offset) * factor;
            f16 g = lane_part(grow, c, columns, 0);
            if (partial) {
                lane_put(ds, c, columns, lane_fma(g, h, lane_part(ds, c, columns, 0)));
                lane_put(db, c, columns, lane_part(db, c, columns, 0) + g);
            }
            g = g * lane_part(scale, c, columns, 0);
            all += g;
            along = lane_fma(g, h, along);
        }
        if (dx) {
            float mean, slope;
            sums(all, along, &mean, &slope);
            mean *= share;
            slope *= share;
            float *to = dx + r * columns;
            for (size_t c = 0; c < columns; c += LANES) {
                f16 h = ((lane_part(row, c, columns, 0) - first) - offset) * factor;
                f16 g = lane_part(grow, c, columns, 0) * lane_part(scale, c, columns, 0);
                lane_put(to, c, columns, factor * lane_fma(-h, lane_splat(slope), g - mean));
            }
        }
        if (partial && (r % BLOCK == BLOCK - 1 || r + 1 == rows)) {
            for (size_t c = 0; c < columns; c++) {
                dscale[c] += ds[c];
                dshift[c] += db[c];
                ds[c] = db[c] = 0;
            }
        }
    }
    if (partial) dj_buffer_give(partial);
}

/* Short rows with a constant length: they stay in registers, without a branch. */
#define EACH_LENGTH(call)                                                                          \
    switch (columns) {                                                                             \
    case 16: call(16); break;                                                                      \
    case 32: call(32); break;                                                                      \
    case 48: call(48); break;                                                                      \
    case 64: call(64); break;                                                                      \
    default: call(columns);                                                                        \
    }

void DJ(dj_layer_norm)(const float *x, const float *scale, const float *shift,
                       const float *residual, float epsilon, float *y, size_t rows,
                       size_t columns) {
#define CALL(length) forward(x, scale, shift, residual, epsilon, y, rows, length)
    EACH_LENGTH(CALL)
#undef CALL
}

void DJ(dj_layer_norm_backward)(const float *x, const float *scale, const float *dy, float epsilon,
                                float *dx, double *dscale, double *dshift, size_t rows,
                                size_t columns) {
#define CALL(length) backward(x, scale, dy, epsilon, dx, dscale, dshift, rows, length)
    EACH_LENGTH(CALL)
#undef CALL
}

#undef forward
#undef backward
#undef sums
#undef statistics
#endif
