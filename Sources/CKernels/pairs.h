#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The parts that all precisions of the packed products share: the division of columns into strips
 * and a convolution's traversal of blocks of its outputs. Included at the head of a file, before any
 * width's instructions are allowed.
 */

/* Columns padded to whole vectors of `lanes`. */
static inline size_t padded_columns(size_t columns, size_t lanes) {
    return (columns + lanes - 1) / lanes * lanes;
}

/* The number of vectors of the strip at vector `from` of `of`: at most `most`, evenly divided. */
static inline size_t strip_vectors(size_t from, size_t of, size_t most) {
    size_t strips = (of + most - 1) / most;
    size_t wide = of % strips, narrow = of / strips; /* the first `wide` strips have one more */
    return from < wide * (narrow + 1) ? narrow + 1 : narrow;
}

/* The first pair in from ..< to whose output is `row` or later. */
static inline size_t first_pair(const int32_t *outputs, size_t from, size_t to, size_t row) {
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if ((size_t)outputs[middle] < row) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* Rows of `out` values and the zeros that fill them up to `wide`, before any pair has added. */
static inline void begin_rows(
    float *rows, size_t count, size_t out, size_t wide, const float *bias) {
    for (size_t p = 0; p < count; p++) {
        float *row = rows + p * wide;
        if (bias) memcpy(row, bias, out * sizeof(float));
        memset(row + (bias ? out : 0), 0, (wide - (bias ? out : 0)) * sizeof(float));
    }
}

/* The values of filled-up rows, side by side. */
static inline void finish_rows(
    const float *rows, size_t count, size_t out, size_t wide, float *y) {
    for (size_t p = 0; p < count; p++)
        memcpy(y + p * out, rows + p * wide, out * sizeof(float));
}
