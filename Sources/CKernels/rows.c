#include "dj_rows.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "rows.c"
#include "each_width.h"

int dj_indices_within(const int32_t *index, size_t n, size_t bound) {
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++) most = (uint32_t)index[i] > most ? (uint32_t)index[i] : most;
    return n == 0 || most < bound;
}

void dj_gather_rows(const float *x, const int32_t *index, float *y, size_t n, size_t columns) {
    for (size_t i = 0; i < n; i++)
        memcpy(y + i * columns, x + (size_t)index[i] * columns, columns * sizeof(float));
}

DJ_DISPATCH(dj_scatter_add_rows,
            (const float *x, const int32_t *index, float *y, size_t n, size_t columns),
            (x, index, y, n, columns))
DJ_DISPATCH(dj_segment_max,
            (const float *x, const int32_t *starts, const int32_t *members, float *y,
             int32_t *largest, size_t segments, size_t columns),
            (x, starts, members, y, largest, segments, columns))
DJ_DISPATCH(dj_segment_max_backward,
            (const float *dy, const int32_t *largest, const int32_t *segment, float *dx,
             size_t rows, size_t columns),
            (dy, largest, segment, dx, rows, columns))
DJ_DISPATCH(dj_segment_sum,
            (const float *x, const int32_t *starts, const int32_t *members, int mean, float *y,
             size_t segments, size_t columns),
            (x, starts, members, mean, y, segments, columns))
DJ_DISPATCH(dj_segment_spread,
            (const float *dy, const int32_t *starts, const int32_t *segment, int mean, float *dx,
             size_t rows, size_t columns),
            (dy, starts, segment, mean, dx, rows, columns))

#else
#include "lane_rows.h"

void DJ(dj_scatter_add_rows)(const float *x, const int32_t *index, float *y, size_t n,
                             size_t columns) {
    for (size_t i = 0; i < n; i++) {
        const float *from = x + i * columns;
        float *to = y + (size_t)index[i] * columns;
        for (size_t c = 0; c < columns; c++) to[c] += from[c];
    }
}

void DJ(dj_segment_max)(const float *x, const int32_t *starts, const int32_t *members, float *y,
                        int32_t *largest, size_t segments, size_t columns) {
    for (size_t s = 0; s < segments; s++) {
        float *to = y + s * columns;
        int32_t *who = largest + s * columns;
        const int32_t begin = starts[s], end = starts[s + 1];
        if (begin == end) {
            for (size_t c = 0; c < columns; c++) to[c] = 0, who[c] = -1;
            continue;
        }
        for (size_t c = 0; c < columns; c += LANES) {
            const size_t lanes = columns - c < LANES ? columns - c : LANES;
            f16 top = lane_part(x + (size_t)members[begin] * columns, c, columns, 0);
            i16 row = (i16){0} + members[begin];
            for (int32_t i = begin + 1; i < end; i++) {
                f16 v = lane_part(x + (size_t)members[i] * columns, c, columns, 0);
                i16 more = (i16)(v > top);
                top = lane_select(more, v, top);
                row = (more & members[i]) | (~more & row);
            }
            lane_put(to, c, columns, top);
            memcpy(who + c, &row, lanes * sizeof(int32_t));
        }
    }
}

void DJ(dj_segment_max_backward)(const float *dy, const int32_t *largest, const int32_t *segment,
                                 float *dx, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const size_t s = (size_t)segment[r] * columns;
        const float *from = dy + s;
        const int32_t *who = largest + s;
        float *to = dx + r * columns;
        for (size_t c = 0; c < columns; c++) to[c] = who[c] == (int32_t)r ? from[c] : 0;
    }
}

#define BLOCK 32

void DJ(dj_segment_sum)(const float *x, const int32_t *starts, const int32_t *members, int mean,
                        float *y, size_t segments, size_t columns) {
    for (size_t s = 0; s < segments; s++) {
        const int32_t begin = starts[s], end = starts[s + 1];
        const float factor = mean && end > begin ? 1.0f / (float)(end - begin) : 1.0f;
        for (size_t c = 0; c < columns; c += LANES) {
            f16 total = lane_splat(0);
            for (int32_t b = begin; b < end; b += BLOCK) {
                f16 sum = lane_splat(0);
                for (int32_t i = b; i < end && i < b + BLOCK; i++)
                    sum += lane_part(x + (size_t)members[i] * columns, c, columns, 0);
                total += sum;
            }
            lane_put(y + s * columns, c, columns, total * factor);
        }
    }
}

void DJ(dj_segment_spread)(const float *dy, const int32_t *starts, const int32_t *segment,
                           int mean, float *dx, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const int32_t s = segment[r];
        const float factor = mean ? 1.0f / (float)(starts[s + 1] - starts[s]) : 1.0f;
        const float *from = dy + (size_t)s * columns;
        float *to = dx + r * columns;
        for (size_t c = 0; c < columns; c++) to[c] = from[c] * factor;
    }
}

#endif
