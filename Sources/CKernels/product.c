#include "dj_product.h"
#include "dj_pool.h"
#include "pairs.h"
#include "vectors.h"
#include "widths.h"

#ifndef DJ_KERNELS

enum {
    BLOCK_BYTES = 256 << 10, /* rows of x that stay in the second-level cache */
    RUN = 128,               /* rows summed in registers for a transposed product */
    TALL_BLOCK = 8 * RUN     /* rows whose sums are added in Float32 before Double takes over */
};

size_t dj_packed_count(size_t in, size_t out, size_t volume) {
    return volume * in * padded_columns(out, LANES);
}

void dj_multiply_tall(
    const float *a, size_t a_columns, size_t a_stride, const float *b, size_t b_columns,
    size_t b_stride, size_t rows, float *c) {
    if (rows <= TALL_BLOCK) {
        dj_multiply_transposed(
            a, a_columns, a_stride, b, b_columns, b_stride, rows, c, b_columns, 0);
        return;
    }
    size_t count = a_columns * b_columns;
    double *sums = dj_buffer_take(count * sizeof(double));
    for (size_t first = 0; first < rows; first += TALL_BLOCK) {
        size_t some = rows - first < TALL_BLOCK ? rows - first : TALL_BLOCK;
        dj_multiply_transposed(
            a + first * a_stride, a_columns, a_stride, b + first * b_stride, b_columns, b_stride,
            some, c, b_columns, 0);
        if (first == 0)
            for (size_t i = 0; i < count; i++) sums[i] = c[i];
        else
            for (size_t i = 0; i < count; i++) sums[i] += c[i];
    }
    for (size_t i = 0; i < count; i++) c[i] = (float)sums[i];
    dj_buffer_give(sums);
}

#define DJ_SELF "product.c"
#include "each_width.h"

DJ_DISPATCH(
    dj_pack,
    (const float *weight, size_t in, size_t out, size_t volume, int mirrored, float *packed),
    (weight, in, out, volume, mirrored, packed))
DJ_DISPATCH(
    dj_multiply_rows,
    (const float *x, size_t rows, size_t in, size_t x_stride, const float *packed, size_t out,
     const float *bias, const float *factors, const float *added, float *y, size_t y_stride),
    (x, rows, in, x_stride, packed, out, bias, factors, added, y, y_stride))
DJ_DISPATCH(
    dj_multiply_transposed,
    (const float *a, size_t a_columns, size_t a_stride, const float *b, size_t b_columns,
     size_t b_stride, size_t rows, float *c, size_t c_stride, int accumulate),
    (a, a_columns, a_stride, b, b_columns, b_stride, rows, c, c_stride, accumulate))

#else

#include "tiles.h"

#define pack_strip DJ(pack_strip)
#define row_tile DJ(row_tile)
#define row_strip DJ(row_strip)
#define row_tiles DJ(row_tiles)
#define sum_tile DJ(sum_tile)
#define sum_strip DJ(sum_strip)
#define sum_tiles DJ(sum_tiles)

/* One strip of one place: packed[t][lane] for input column t. */
static void pack_strip(
    const float *weight, size_t in, size_t out, size_t volume, size_t place, int mirrored,
    size_t first, size_t vectors, float *packed) {
    size_t width = vectors * LANES;
    size_t lanes = out - first < width ? out - first : width;
    if (mirrored) {
        const float *from = weight + (volume - 1 - place) * out + first;
        for (size_t t = 0; t < in; t++, from += volume * out)
            for (size_t l = 0; l < width; l += LANES) {
                size_t some = l >= lanes ? 0 : lanes - l;
                lane_store(
                    packed + t * width + l, some >= LANES ? lane_load(from + l)
                                                          : lane_load_some(from + l, some, 0));
            }
        return;
    }
    size_t row = volume * in;
    const float *from = weight + first * row + place * in;
    for (size_t l = 0; l < width; l += LANES) {
        size_t t = 0;
        if (l + LANES <= lanes)
            for (; t + LANES <= in; t += LANES) {
                if (t + 4 * LANES < in) /* sixteen streams, too many for the prefetcher */
                    for (size_t i = 0; i < LANES; i++)
                        __builtin_prefetch(from + (l + i) * row + t + 4 * LANES);
                tile_transpose(from + l * row + t, row, packed + t * width + l, width);
            }
        for (; t < in; t++)
            for (size_t i = 0; i < LANES; i++)
                packed[t * width + l + i] = l + i < lanes ? from[(l + i) * row + t] : 0;
    }
}

void DJ(dj_pack)(
    const float *weight, size_t in, size_t out, size_t volume, int mirrored, float *packed) {
    size_t wide = padded(out), all = wide / LANES;
    for (size_t k = 0; k < volume; k++)
        for (size_t v = 0, n; v < all; v += n) {
            n = tile_widest(v, all);
            pack_strip(
                weight, in, out, volume, k, mirrored, v * LANES, n,
                packed + k * in * wide + v * LANES * in);
        }
}

/* `rows` rows of x times one strip; `last` lanes of the last vector belong to the result. */
LANE void row_tile(
    const size_t rows, const size_t vectors, const float *x, size_t in, size_t x_stride,
    const float *packed, const float *bias, const float *factors, const float *added,
    size_t added_stride, float *y,
    size_t y_stride, size_t last) {
    f16 sum[12][4];
    TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
        f16 b = !bias ? lane_splat(0)
                : v + 1 < vectors || last == LANES ? lane_load(bias + LANES * v)
                                                   : lane_load_some(bias + LANES * v, last, 0);
        TILE_UNROLL for (size_t r = 0; r < rows; r++) sum[r][v] = b;
    }
    for (size_t t = 0; t < in; t++) {
        f16 w[4];
        TILE_UNROLL for (size_t v = 0; v < vectors; v++)
            w[v] = lane_load(packed + (t * vectors + v) * LANES);
        TILE_UNROLL for (size_t r = 0; r < rows; r++) {
            f16 a = lane_splat(x[r * x_stride + t]);
            TILE_UNROLL for (size_t v = 0; v < vectors; v++)
                sum[r][v] = lane_fma(a, w[v], sum[r][v]);
        }
    }
    TILE_UNROLL for (size_t r = 0; r < rows; r++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            if (factors) sum[r][v] = sum[r][v] * factors[r];
            float *to = y + r * y_stride + LANES * v;
            const float *more = added + r * added_stride + LANES * v;
            if (v + 1 < vectors || last == LANES)
                lane_store(to, added ? lane_load(more) + sum[r][v] : sum[r][v]);
            else
                lane_store_some(
                    to, added ? lane_load_some(more, last, 0) + sum[r][v] : sum[r][v], last);
        }
}

LANE void row_strip(
    const size_t vectors, const float *x, size_t rows, size_t in, size_t x_stride,
    const float *packed, const float *bias, const float *factors, const float *added,
    size_t added_stride, float *y,
    size_t y_stride, size_t last) {
    const size_t full = TILE_ROWS(vectors);
#define ROW_TILES(count)                                                                           \
    for (; r + (count) <= rows; r += (count))                                                      \
        row_tile(                                                                                  \
            count, vectors, x + r * x_stride, in, x_stride, packed, bias,                          \
            factors ? factors + r : NULL, added ? added + r * added_stride : NULL, added_stride,   \
            y + r * y_stride, y_stride, last);
    size_t r = 0;
    ROW_TILES(full)
    ROW_TILES(4)
    ROW_TILES(2)
    ROW_TILES(1)
#undef ROW_TILES
}

static void row_tiles(
    size_t vectors, const float *x, size_t rows, size_t in, size_t x_stride, const float *packed,
    const float *bias, const float *factors, const float *added, size_t added_stride, float *y,
    size_t y_stride, size_t last) {
#define ROW_STRIP(count)                                                                           \
    case count:                                                                                    \
        row_strip(                                                                                 \
            count, x, rows, in, x_stride, packed, bias, factors, added, added_stride, y, y_stride, \
            last);                                                                                 \
        break;
    switch (vectors) {
        ROW_STRIP(1)
#if TILE_VECTORS == 4
        ROW_STRIP(2)
        ROW_STRIP(3)
        ROW_STRIP(4)
#endif
    }
#undef ROW_STRIP
}

void DJ(dj_multiply_rows)(
    const float *x, size_t rows, size_t in, size_t x_stride, const float *packed, size_t out,
    const float *bias, const float *factors, const float *added, float *y, size_t y_stride) {
    size_t all = padded(out) / LANES, block = BLOCK_BYTES / (in * sizeof(float));
    block = block < 48 ? 48 : block / 24 * 24; /* whole tiles of every height */
    for (size_t first = 0; first < rows; first += block) {
        size_t count = rows - first < block ? rows - first : block;
        for (size_t v = 0, n; v < all; v += n) {
            n = tile_widest(v, all);
            size_t c = v * LANES, left = out - c;
            row_tiles(
                n, x + first * x_stride, count, in, x_stride, packed + c * in,
                bias ? bias + c : NULL, factors ? factors + first : NULL,
                added ? added + first * out + c : NULL, out,
                y + first * y_stride + c, y_stride,
                left >= n * LANES ? LANES : left - (n - 1) * LANES);
        }
    }
}

/* c[i][lanes] += or = sum over a run's rows of a[row][i] * b[row][lanes]. */
LANE void sum_tile(
    const size_t lines, const size_t vectors, const float *a, size_t a_stride, const float *b,
    size_t b_stride, size_t rows, float *c, size_t c_stride, int accumulate, size_t last) {
    f16 sum[12][4];
    TILE_UNROLL for (size_t i = 0; i < lines; i++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) sum[i][v] = lane_splat(0);
    for (size_t r = 0; r < rows; r++) {
        f16 w[4];
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            const float *from = b + r * b_stride + LANES * v;
            w[v] = v + 1 < vectors || last == LANES ? lane_load(from)
                                                    : lane_load_some(from, last, 0);
        }
        TILE_UNROLL for (size_t i = 0; i < lines; i++) {
            f16 x = lane_splat(a[r * a_stride + i]);
            TILE_UNROLL for (size_t v = 0; v < vectors; v++)
                sum[i][v] = lane_fma(x, w[v], sum[i][v]);
        }
    }
    TILE_UNROLL for (size_t i = 0; i < lines; i++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            float *to = c + i * c_stride + LANES * v;
            if (v + 1 < vectors || last == LANES)
                lane_store(to, accumulate ? lane_load(to) + sum[i][v] : sum[i][v]);
            else
                lane_store_some(
                    to, accumulate ? lane_load_some(to, last, 0) + sum[i][v] : sum[i][v], last);
        }
}

LANE void sum_strip(
    const size_t vectors, const float *a, size_t lines, size_t a_stride, const float *b,
    size_t b_stride, size_t rows, float *c, size_t c_stride, int accumulate, size_t last) {
    const size_t full = TILE_ROWS(vectors);
    size_t i = 0;
#define SUM_TILES(count)                                                                           \
    for (; i + (count) <= lines; i += (count))                                                     \
        sum_tile(                                                                                  \
            count, vectors, a + i, a_stride, b, b_stride, rows, c + i * c_stride, c_stride,        \
            accumulate, last);
    SUM_TILES(full)
    SUM_TILES(4)
    SUM_TILES(1)
#undef SUM_TILES
}

static void sum_tiles(
    size_t vectors, const float *a, size_t lines, size_t a_stride, const float *b,
    size_t b_stride, size_t rows, float *c, size_t c_stride, int accumulate, size_t last) {
#define SUM_STRIP(count)                                                                           \
    case count:                                                                                    \
        sum_strip(                                                                                 \
            count, a, lines, a_stride, b, b_stride, rows, c, c_stride, accumulate, last);          \
        break;
    switch (vectors) {
        SUM_STRIP(1)
#if TILE_VECTORS == 4
        SUM_STRIP(2)
        SUM_STRIP(3)
        SUM_STRIP(4)
#endif
    }
#undef SUM_STRIP
}

void DJ(dj_multiply_transposed)(
    const float *a, size_t a_columns, size_t a_stride, const float *b, size_t b_columns,
    size_t b_stride, size_t rows, float *c, size_t c_stride, int accumulate) {
    size_t all = padded(b_columns) / LANES;
    if (rows == 0 && !accumulate)
        for (size_t i = 0; i < a_columns; i++)
            memset(c + i * c_stride, 0, b_columns * sizeof(float));
    for (size_t first = 0; first < rows; first += RUN) {
        size_t count = rows - first < RUN ? rows - first : RUN;
        /* Tiles read down columns, which hardware prefetchers do not predict: fetch the next run here. */
        for (size_t r = first + count; r < first + count + RUN && r < rows; r++) {
            for (size_t i = 0; i < a_columns; i += LANES)
                __builtin_prefetch(a + r * a_stride + i, 0, 2);
            for (size_t i = 0; i < b_columns; i += LANES)
                __builtin_prefetch(b + r * b_stride + i, 0, 2);
        }
        for (size_t v = 0, n; v < all; v += n) {
            n = tile_widest(v, all);
            size_t column = v * LANES, left = b_columns - column;
            sum_tiles(
                n, a + first * a_stride, a_columns, a_stride, b + first * b_stride + column,
                b_stride, count, c + column, c_stride, accumulate || first > 0,
                left >= n * LANES ? LANES : left - (n - 1) * LANES);
        }
    }
}

#endif
