#pragma once
#include "dj_clones.h"

/* Whether all n numbers are in 0 ..< bound. */
int dj_indices_within(const int32_t *index, size_t n, size_t bound);

/* Row i of y = row index[i] of x. */
void dj_gather_rows(const float *x, const int32_t *index, float *y, size_t n, size_t columns);

/* Row index[i] of y += row i of x, in the order of i. */
void dj_scatter_add_rows(const float *x, const int32_t *index, float *y, size_t n,
                         size_t columns);

/*
 * Segments are runs of `members` between consecutive `starts`. The maximum of each segment and
 * column, and the row that holds it (the first of several); 0 and row -1 where a segment is empty.
 */
void dj_segment_max(const float *x, const int32_t *starts, const int32_t *members, float *y,
                    int32_t *largest, size_t segments, size_t columns);

/* dx of a row = dy of its segment where the row holds the maximum, else 0. */
void dj_segment_max_backward(const float *dy, const int32_t *largest, const int32_t *segment,
                             float *dx, size_t rows, size_t columns);

/* The sum of each segment's rows in their order, times 1 / their count if `mean`. */
void dj_segment_sum(const float *x, const int32_t *starts, const int32_t *members, int mean,
                    float *y, size_t segments, size_t columns);

/* Row r of dx = dy of its segment, times 1 / the segment's count if `mean`. */
void dj_segment_spread(const float *dy, const int32_t *starts, const int32_t *segment, int mean,
                       float *dx, size_t rows, size_t columns);
