#include "dj_softmax.h"
#include "widths.h"

#include <float.h>

#ifndef DJ_KERNELS
#define DJ_SELF "softmax.c"
#include "each_width.h"

DJ_DISPATCH(dj_softmax, (const float *x, float *y, size_t rows, size_t columns),
            (x, y, rows, columns))
DJ_DISPATCH(dj_softmax_backward,
            (const float *y, const float *dy, float *dx, size_t rows, size_t columns),
            (y, dy, dx, rows, columns))
DJ_DISPATCH(dj_log_softmax, (const float *x, float *y, size_t rows, size_t columns),
            (x, y, rows, columns))
DJ_DISPATCH(dj_log_softmax_backward,
            (const float *y, const float *dy, float *dx, size_t rows, size_t columns),
            (y, dy, dx, rows, columns))
DJ_DISPATCH(dj_normalize_rows,
            (const float *x, float epsilon, float *y, float *factors, size_t rows, size_t columns),
            (x, epsilon, y, factors, rows, columns))
DJ_DISPATCH(dj_normalize_rows_backward,
            (const float *y, const float *factors, float epsilon, const float *dy, float *dx,
             size_t rows, size_t columns),
            (y, factors, epsilon, dy, dx, rows, columns))

#else
#include "lane_log.h"
#include "lane_rows.h"

#define largest DJ(largest)

LANE float largest(const float *row, size_t columns) {
    f16 top = lane_splat(-FLT_MAX);
    for (size_t c = 0; c < columns; c += LANES)
        top = lane_max(lane_part(row, c, columns, -FLT_MAX), top);
    return lane_largest(top);
}

void DJ(dj_softmax)(const float *x, float *y, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns, top = largest(row, columns);
        float *to = y + r * columns;
        f16 sum = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES) {
            f16 e = lane_exp(lane_part(row, c, columns, -FLT_MAX) - top);
            sum += e;
            lane_put(to, c, columns, e);
        }
        const float factor = 1.0f / lane_sum(sum);
        for (size_t c = 0; c < columns; c += LANES)
            lane_put(to, c, columns, lane_part(to, c, columns, 0) * factor);
    }
}

void DJ(dj_softmax_backward)(const float *y, const float *dy, float *dx, size_t rows,
                             size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *p = y + r * columns, *g = dy + r * columns;
        f16 sum = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES)
            sum = lane_fma(lane_part(p, c, columns, 0), lane_part(g, c, columns, 0), sum);
        const float mean = lane_sum(sum);
        for (size_t c = 0; c < columns; c += LANES)
            lane_put(dx + r * columns, c, columns,
                     lane_part(p, c, columns, 0) * (lane_part(g, c, columns, 0) - mean));
    }
}

void DJ(dj_log_softmax)(const float *x, float *y, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns, top = largest(row, columns);
        f16 sum = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES)
            sum += lane_exp(lane_part(row, c, columns, -FLT_MAX) - top);
        const f16 log = lane_log(lane_splat(lane_sum(sum)));
        for (size_t c = 0; c < columns; c += LANES)
            lane_put(y + r * columns, c, columns, (lane_part(row, c, columns, 0) - top) - log);
    }
}

void DJ(dj_log_softmax_backward)(const float *y, const float *dy, float *dx, size_t rows,
                                 size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *l = y + r * columns, *g = dy + r * columns;
        f16 all = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES) all += lane_part(g, c, columns, 0);
        const float sum = lane_sum(all);
        for (size_t c = 0; c < columns; c += LANES)
            lane_put(dx + r * columns, c, columns,
                     lane_fma(-lane_exp(lane_part(l, c, columns, 0)), lane_splat(sum),
                              lane_part(g, c, columns, 0)));
    }
}

void DJ(dj_normalize_rows)(const float *x, float epsilon, float *y, float *factors, size_t rows,
                           size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        f16 sum = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES) {
            f16 v = lane_part(row, c, columns, 0);
            sum = lane_fma(v, v, sum);
        }
        const float norm = __builtin_sqrtf(lane_sum(sum));
        const float factor = 1.0f / (norm > epsilon ? norm : epsilon);
        factors[r] = factor;
        for (size_t c = 0; c < columns; c += LANES)
            lane_put(y + r * columns, c, columns, lane_part(row, c, columns, 0) * factor);
    }
}

void DJ(dj_normalize_rows_backward)(const float *y, const float *factors, float epsilon,
                                    const float *dy, float *dx, size_t rows, size_t columns) {
    const float limit = 1.0f / epsilon;
    for (size_t r = 0; r < rows; r++) {
        const float *unit = y + r * columns, *g = dy + r * columns, factor = factors[r];
        f16 sum = lane_splat(0);
        for (size_t c = 0; c < columns; c += LANES)
            sum = lane_fma(lane_part(unit, c, columns, 0), lane_part(g, c, columns, 0), sum);
        const float along = factor < limit ? lane_sum(sum) : 0;
        for (size_t c = 0; c < columns; c += LANES)
            lane_put(dx + r * columns, c, columns,
                     factor * lane_fma(-lane_part(unit, c, columns, 0), lane_splat(along),
                                       lane_part(g, c, columns, 0)));
    }
}

#undef largest
#endif
