#include "dj_convolution.h"
#include "dj_pool.h"
#include "pairs.h"
#include "widths.h"

#ifndef DJ_KERNELS

/*
 * Outputs are computed by blocks of rows that stay in the second-level cache while all places add
 * to them. A place's pairs within a block are an indirect matrix product: rows of x are read where
 * they lie, rows of y are accumulated where they lie.
 */
enum {
    BLOCK_BYTES = 384 << 10, /* rows of x and y in a block */
    RUN = 128                /* pairs summed in registers for the weight's gradient */
};

static size_t block_rows(size_t in, size_t out) {
    size_t rows = BLOCK_BYTES / ((in + out) * sizeof(float));
    return rows < 128 ? 128 : rows;
}

#define DJ_SELF "convolution.c"
#include "each_width.h"

DJ_DISPATCH(
    dj_convolve,
    (const float *x, size_t in, const float *packed, size_t out, const float *bias, size_t begin,
     size_t end, size_t volume, const int32_t *starts, const int32_t *inputs,
     const int32_t *outputs, float *y),
    (x, in, packed, out, bias, begin, end, volume, starts, inputs, outputs, y))
DJ_DISPATCH(
    dj_convolve_weight_gradient,
    (const float *x, size_t in, const float *dy, size_t out, size_t rows, size_t volume,
     const int32_t *starts, const int32_t *inputs, const int32_t *outputs, float *dweight),
    (x, in, dy, out, rows, volume, starts, inputs, outputs, dweight))
DJ_DISPATCH(
    dj_convolve_bias_gradient, (const float *dy, size_t rows, size_t columns, float *dbias),
    (dy, rows, columns, dbias))

#else

#include "tiles.h"

#define pairs_tile DJ(pairs_tile)
#define pairs_strip DJ(pairs_strip)
#define pairs DJ(pairs)
#define outer_tile DJ(outer_tile)
#define outer_strip DJ(outer_strip)
#define outer DJ(outer)

/* `count` pairs, rows of them in registers at a time. y begins at row `first` of the output. */
LANE void pairs_tile(
    const size_t rows, const size_t vectors, const float *x, size_t in, const float *packed,
    const int32_t *inputs, const int32_t *outputs, size_t first, float *y, size_t stride) {
    const float *a[12];
    float *c[12];
    TILE_UNROLL for (size_t r = 0; r < rows; r++) {
        a[r] = x + (size_t)inputs[r] * in;
        c[r] = y + ((size_t)outputs[r] - first) * stride;
    }
    tile_multiply(rows, vectors, a, 1, packed, vectors * LANES, in, c, 1);
}

LANE void pairs_strip(
    const size_t vectors, const float *x, size_t in, const float *packed, const int32_t *inputs,
    const int32_t *outputs, size_t count, size_t first, float *y, size_t stride) {
    const size_t full = TILE_ROWS(vectors);
    size_t j = 0;
    for (; j + full <= count; j += full)
        pairs_tile(full, vectors, x, in, packed, inputs + j, outputs + j, first, y, stride);
    for (; j + 4 <= count; j += 4)
        pairs_tile(4, vectors, x, in, packed, inputs + j, outputs + j, first, y, stride);
    for (; j + 2 <= count; j += 2)
        pairs_tile(2, vectors, x, in, packed, inputs + j, outputs + j, first, y, stride);
    for (; j < count; j++)
        pairs_tile(1, vectors, x, in, packed, inputs + j, outputs + j, first, y, stride);
}

static void pairs(
    size_t vectors, const float *x, size_t in, const float *packed, const int32_t *inputs,
    const int32_t *outputs, size_t count, size_t first, float *y, size_t stride) {
    switch (vectors) {
    case 1: pairs_strip(1, x, in, packed, inputs, outputs, count, first, y, stride); break;
#if TILE_VECTORS == 4
    case 2: pairs_strip(2, x, in, packed, inputs, outputs, count, first, y, stride); break;
    case 3: pairs_strip(3, x, in, packed, inputs, outputs, count, first, y, stride); break;
    case 4: pairs_strip(4, x, in, packed, inputs, outputs, count, first, y, stride); break;
#endif
    }
}

void DJ(dj_convolve)(
    const float *x, size_t in, const float *packed, size_t out, const float *bias, size_t begin,
    size_t end, size_t volume, const int32_t *starts, const int32_t *inputs,
    const int32_t *outputs, float *y) {
    size_t wide = padded(out), all = wide / LANES, block = block_rows(in, wide);
    size_t place_size = in * wide;
    float *scratch = wide == out ? NULL : dj_buffer_take(block * wide * sizeof(float));
    for (size_t first = begin; first < end; first += block) {
        size_t last = first + block < end ? first + block : end;
        float *to = scratch ? scratch : y + first * out;
        begin_rows(to, last - first, out, wide, bias);
        for (size_t k = 0; k < volume; k++) {
            size_t from = first_pair(outputs, (size_t)starts[k], (size_t)starts[k + 1], first);
            size_t to_pair = first_pair(outputs, from, (size_t)starts[k + 1], last);
            if (from == to_pair) continue;
            for (size_t v = 0, n; v < all; v += n) {
                n = tile_widest(v, all);
                pairs(
                    n, x, in, packed + k * place_size + v * LANES * in, inputs + from,
                    outputs + from, to_pair - from, first, to + v * LANES, wide);
            }
        }
        if (scratch) finish_rows(scratch, last - first, out, wide, y + first * out);
    }
    if (scratch) dj_buffer_give(scratch);
}

/* sum[r][lanes] += over the run's pairs of a[ia[t]][r] * b[ib[t]][lanes], in registers. */
LANE void outer_tile(
    const size_t rows, const size_t vectors, const float *a, size_t a_stride, const int32_t *ia,
    const float *b, size_t b_stride, const int32_t *ib, size_t count, float *c, size_t c_stride,
    int accumulate) {
    f16 sum[12][4];
    TILE_UNROLL for (size_t r = 0; r < rows; r++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = lane_splat(0);
    for (size_t t = 0; t < count; t++) {
        const float *at = a + (size_t)ia[t] * a_stride, *bt = b + (size_t)ib[t] * b_stride;
        f16 w[4];
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) w[v] = lane_load(bt + LANES * v);
        TILE_UNROLL for (size_t r = 0; r < rows; r++) {
            f16 x = lane_splat(at[r]);
            TILE_UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = lane_fma(x, w[v], sum[r][v]);
        }
    }
    TILE_UNROLL for (size_t r = 0; r < rows; r++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            float *to = c + r * c_stride + LANES * v;
            lane_store(to, accumulate ? lane_load(to) + sum[r][v] : sum[r][v]);
        }
}

LANE void outer_strip(
    const size_t vectors, size_t rows, const float *a, size_t a_stride, const int32_t *ia,
    const float *b, size_t b_stride, const int32_t *ib, size_t count, float *c, size_t c_stride,
    int accumulate) {
    const size_t full = TILE_ROWS(vectors);
    size_t r = 0;
    for (; r + full <= rows; r += full)
        outer_tile(
            full, vectors, a + r, a_stride, ia, b, b_stride, ib, count, c + r * c_stride, c_stride,
            accumulate);
    for (; r + 4 <= rows; r += 4)
        outer_tile(
            4, vectors, a + r, a_stride, ia, b, b_stride, ib, count, c + r * c_stride, c_stride,
            accumulate);
    for (; r < rows; r++)
        outer_tile(
            1, vectors, a + r, a_stride, ia, b, b_stride, ib, count, c + r * c_stride, c_stride,
            accumulate);
}

static void outer(
    size_t vectors, size_t rows, const float *a, size_t a_stride, const int32_t *ia, const float *b,
    size_t b_stride, const int32_t *ib, size_t count, float *c, size_t c_stride, int more) {
    switch (vectors) {
    case 1: outer_strip(1, rows, a, a_stride, ia, b, b_stride, ib, count, c, c_stride, more); break;
#if TILE_VECTORS == 4
    case 2: outer_strip(2, rows, a, a_stride, ia, b, b_stride, ib, count, c, c_stride, more); break;
    case 3: outer_strip(3, rows, a, a_stride, ia, b, b_stride, ib, count, c, c_stride, more); break;
    case 4: outer_strip(4, rows, a, a_stride, ia, b, b_stride, ib, count, c, c_stride, more); break;
#endif
    }
}

void DJ(dj_convolve_weight_gradient)(
    const float *x, size_t in, const float *dy, size_t out, size_t rows, size_t volume,
    const int32_t *starts, const int32_t *inputs, const int32_t *outputs, float *dweight) {
    /* Lanes run over the input's columns, straight into the result; where those do not fill
       vectors (the stem), over the output's, into [place][in][out] that is transposed at the end. */
    int direct = in % LANES == 0;
    size_t wide = padded(out), block = block_rows(in, out);
    float *lanes_dy = NULL, *sums = dweight;
    if (!direct) {
        sums = dj_buffer_take(volume * in * wide * sizeof(float));
        if (wide != out) {
            lanes_dy = dj_buffer_take(rows * wide * sizeof(float));
            for (size_t p = 0; p < rows; p++) {
                memcpy(lanes_dy + p * wide, dy + p * out, out * sizeof(float));
                memset(lanes_dy + p * wide + out, 0, (wide - out) * sizeof(float));
            }
        }
    }
    for (size_t k = 0; k < volume; k++) {
        if (starts[k] < starts[k + 1]) continue;
        size_t lines = direct ? out : in, width = direct ? in : wide;
        for (size_t r = 0; r < lines; r++)
            memset(
                sums + (direct ? r * volume + k : k * in + r) * width, 0, width * sizeof(float));
    }
    for (size_t first = 0; first < rows; first += block)
        for (size_t k = 0; k < volume; k++) {
            size_t from = first_pair(outputs, (size_t)starts[k], (size_t)starts[k + 1], first);
            size_t end = first_pair(outputs, from, (size_t)starts[k + 1], first + block);
            for (size_t j = from; j < end; j += RUN) {
                size_t count = end - j < RUN ? end - j : RUN;
                int more = j > (size_t)starts[k]; /* the first run of a place stores */
                size_t all = (direct ? in : wide) / LANES;
                for (size_t v = 0, n; v < all; v += n) {
                    n = tile_widest(v, all);
                    if (direct)
                        outer(
                            n, out, dy, out, outputs + j, x + v * LANES, in, inputs + j, count,
                            sums + k * in + v * LANES, volume * in, more);
                    else
                        outer(
                            n, in, x, in, inputs + j, (lanes_dy ? lanes_dy : dy) + v * LANES, wide,
                            outputs + j, count, sums + k * in * wide + v * LANES, wide, more);
                }
            }
        }
    if (direct) return;
    for (size_t o = 0; o < out; o++)
        for (size_t t = 0; t < volume * in; t++) dweight[o * volume * in + t] = sums[t * wide + o];
    if (lanes_dy) dj_buffer_give(lanes_dy);
    dj_buffer_give(sums);
}

void DJ(dj_convolve_bias_gradient)(
    const float *dy, size_t rows, size_t columns, float *dbias) {
    memset(dbias, 0, columns * sizeof(float));
    for (size_t first = 0; first < rows; first += RUN) {
        size_t last = first + RUN < rows ? first + RUN : rows;
        for (size_t c = 0; c < columns; c += LANES) {
            size_t some = columns - c;
            f16 sum = lane_splat(0);
            if (some >= LANES) {
                for (size_t p = first; p < last; p++) sum += lane_load(dy + p * columns + c);
                lane_store(dbias + c, lane_load(dbias + c) + sum);
            } else {
                for (size_t p = first; p < last; p++)
                    sum += lane_load_some(dy + p * columns + c, some, 0);
                lane_store_some(dbias + c, lane_load_some(dbias + c, some, 0) + sum, some);
            }
        }
    }
}

#endif
