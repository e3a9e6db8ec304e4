#include "dj_bfloat.h"
#include "dj_pool.h"
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

enum { LANES = 16 };

size_t dj_packed_bfloat_count(size_t in, size_t out, size_t volume) {
    return volume * ((in + 1) / 2) * padded_columns(out, LANES);
}

#if !defined(__x86_64__)

int dj_has_bfloat(void) { return 0; }
void dj_pack_bfloat(
    const float *weight, size_t in, size_t out, size_t volume, float *packed) {
    abort();
}
void dj_multiply_rows_bfloat(
    const float *x, size_t rows, size_t in, size_t x_stride, const float *packed, size_t out,
    const float *bias, const float *factors, const float *added, float *y, size_t y_stride) {
    abort();
}
void dj_convolve_bfloat(
    const float *x, size_t in, const float *packed, size_t out, const float *bias, size_t rows,
    size_t volume, const int32_t *starts, const int32_t *inputs, const int32_t *outputs,
    float *y) {
    abort();
}

#else

#include <immintrin.h>

int dj_has_bfloat(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
}

/* One width only: the dot products exist in no other. */
#pragma clang attribute push(                                                                      \
    __attribute__((target("arch=x86-64-v4,avx512bf16"))), apply_to = function)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum {
    VECTORS = 4, /* of a strip at the most */
    BLOCK_BYTES = 256 << 10, /* rounded rows that stay in the second-level cache */
};

/* To nearest even; the last pair of an odd row is filled with a zero. */
static void round_rows(
    const float *x, size_t rows, size_t columns, size_t stride, uint16_t *y) {
    size_t wide = (columns + 1) & ~(size_t)1;
    for (size_t r = 0; r < rows; r++, x += stride, y += wide)
        for (size_t c = 0; c < wide; c += LANES) {
            __mmask16 from = (__mmask16)((1u << (columns - c < LANES ? columns - c : LANES)) - 1);
            __mmask16 to = (__mmask16)((1u << (wide - c < LANES ? wide - c : LANES)) - 1);
            __m512 v = _mm512_maskz_loadu_ps(from, x + c);
            _mm256_mask_storeu_epi16(y + c, to, (__m256i)_mm512_cvtneps_pbh(v));
        }
}

/* [place][strip][pair of input columns][lane of output columns][the two of the pair] */
void dj_pack_bfloat(
    const float *weight, size_t in, size_t out, size_t volume, float *packed) {
    size_t pairs = (in + 1) / 2, wide = padded_columns(out, LANES), all = wide / LANES;
    uint16_t *to = (uint16_t *)packed;
    uint16_t *row = dj_buffer_take(2 * pairs * sizeof(uint16_t));
    memset(to, 0, volume * pairs * wide * 2 * sizeof(uint16_t));
    for (size_t k = 0; k < volume; k++)
        for (size_t o = 0; o < out; o++) {
            round_rows(weight + (o * volume + k) * in, 1, in, in, row);
            size_t v = 0, n = strip_vectors(0, all, VECTORS);
            while (o / LANES >= v + n) {
                v += n;
                n = strip_vectors(v, all, VECTORS);
            }
            uint16_t *strip = to + (k * pairs * wide + v * LANES * pairs) * 2;
            size_t lane = o - v * LANES;
            for (size_t t = 0; t < pairs; t++)
                memcpy(strip + (t * n * LANES + lane) * 2, row + 2 * t, 2 * sizeof(uint16_t));
        }
    dj_buffer_give(row);
}

/* sum[r][v] += a[r] times a strip, `depth` pairs deep. */
INLINE void tile(
    const size_t rows, const size_t vectors, const uint16_t *const *a, const uint16_t *strip,
    size_t depth, __m512 sum[12][4]) {
    for (size_t t = 0; t < depth; t++) {
        __m512bh w[4];
        UNROLL for (size_t v = 0; v < vectors; v++)
            w[v] = (__m512bh)_mm512_loadu_si512(strip + (t * vectors + v) * 2 * LANES);
        UNROLL for (size_t r = 0; r < rows; r++) {
            int32_t pair;
            memcpy(&pair, a[r] + 2 * t, sizeof pair);
            __m512bh x = (__m512bh)_mm512_set1_epi32(pair);
            UNROLL for (size_t v = 0; v < vectors; v++)
                sum[r][v] = _mm512_dpbf16_ps(sum[r][v], x, w[v]);
        }
    }
}

#define TILE_ROWS(vectors) ((vectors) == 4 ? 6 : (vectors) == 3 ? 8 : 12)
#define FOR_EACH_STRIP_WIDTH(STRIP)                                                                \
    switch (n) {                                                                                   \
        STRIP(1) STRIP(2) STRIP(3) STRIP(4)                                                        \
    }

INLINE void row_tile(
    const size_t rows, const size_t vectors, const uint16_t *x, size_t depth,
    const uint16_t *strip, const float *bias, const float *factors, const float *added,
    size_t added_stride, float *y, size_t y_stride, __mmask16 last) {
    __m512 sum[12][4];
    const uint16_t *a[12];
    UNROLL for (size_t v = 0; v < vectors; v++) {
        __mmask16 mask = v + 1 < vectors ? 0xffff : last;
        __m512 b = bias ? _mm512_maskz_loadu_ps(mask, bias + LANES * v) : _mm512_setzero_ps();
        UNROLL for (size_t r = 0; r < rows; r++) sum[r][v] = b;
    }
    UNROLL for (size_t r = 0; r < rows; r++) a[r] = x + r * 2 * depth;
    tile(rows, vectors, a, strip, depth, sum);
    UNROLL for (size_t r = 0; r < rows; r++)
        UNROLL for (size_t v = 0; v < vectors; v++) {
            __mmask16 mask = v + 1 < vectors ? 0xffff : last;
            __m512 s = sum[r][v];
            if (factors) s = _mm512_mul_ps(s, _mm512_set1_ps(factors[r]));
            if (added)
                s = _mm512_add_ps(
                    _mm512_maskz_loadu_ps(mask, added + r * added_stride + LANES * v), s);
            _mm512_mask_storeu_ps(y + r * y_stride + LANES * v, mask, s);
        }
}

INLINE void row_strip(
    const size_t vectors, const uint16_t *x, size_t rows, size_t depth, const uint16_t *strip,
    const float *bias, const float *factors, const float *added, size_t added_stride, float *y,
    size_t y_stride, __mmask16 last) {
    const size_t full = TILE_ROWS(vectors);
    size_t r = 0;
#define ROW_TILES(count)                                                                           \
    for (; r + (count) <= rows; r += (count))                                                      \
        row_tile(                                                                                  \
            count, vectors, x + r * 2 * depth, depth, strip, bias, factors ? factors + r : NULL,   \
            added ? added + r * added_stride : NULL, added_stride, y + r * y_stride, y_stride,     \
            last);
    ROW_TILES(full)
    ROW_TILES(4)
    ROW_TILES(2)
    ROW_TILES(1)
}

void dj_multiply_rows_bfloat(
    const float *x, size_t rows, size_t in, size_t x_stride, const float *packed, size_t out,
    const float *bias, const float *factors, const float *added, float *y, size_t y_stride) {
    size_t depth = (in + 1) / 2, all = padded_columns(out, LANES) / LANES;
    size_t block = BLOCK_BYTES / (2 * depth * sizeof(uint16_t));
    block = block < 48 ? 48 : block / 24 * 24; /* whole tiles of every height */
    if (block > rows) block = rows;
    uint16_t *rounded = dj_buffer_take(block * 2 * depth * sizeof(uint16_t));
    for (size_t first = 0; first < rows; first += block) {
        size_t count = rows - first < block ? rows - first : block;
        round_rows(x + first * x_stride, count, in, x_stride, rounded);
        for (size_t v = 0, n; v < all; v += n) {
            n = strip_vectors(v, all, VECTORS);
            size_t c = v * LANES, left = out - c;
            __mmask16 last =
                left >= n * LANES ? 0xffff : (__mmask16)((1u << (left - (n - 1) * LANES)) - 1);
#define ROW_STRIP(width)                                                                           \
    case width:                                                                                    \
        row_strip(                                                                                 \
            width, rounded, count, depth, (const uint16_t *)packed + c * depth * 2,                \
            bias ? bias + c : NULL, factors ? factors + first : NULL,                              \
            added ? added + first * out + c : NULL, out, y + first * y_stride + c, y_stride,       \
            last);                                                                                 \
        break;
            FOR_EACH_STRIP_WIDTH(ROW_STRIP)
        }
    }
    dj_buffer_give(rounded);
}

INLINE void pair_tile(
    const size_t rows, const size_t vectors, const uint16_t *x, size_t depth,
    const uint16_t *strip, const int32_t *inputs, const int32_t *outputs, size_t first, float *y,
    size_t stride) {
    __m512 sum[12][4];
    const uint16_t *a[12];
    float *c[12];
    UNROLL for (size_t r = 0; r < rows; r++) {
        a[r] = x + (size_t)inputs[r] * 2 * depth;
        c[r] = y + ((size_t)outputs[r] - first) * stride;
        UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = _mm512_loadu_ps(c[r] + LANES * v);
    }
    tile(rows, vectors, a, strip, depth, sum);
    UNROLL for (size_t r = 0; r < rows; r++)
        UNROLL for (size_t v = 0; v < vectors; v++) _mm512_storeu_ps(c[r] + LANES * v, sum[r][v]);
}

INLINE void pair_strip(
    const size_t vectors, const uint16_t *x, size_t depth, const uint16_t *strip,
    const int32_t *inputs, const int32_t *outputs, size_t count, size_t first, float *y,
    size_t stride) {
    const size_t full = TILE_ROWS(vectors);
    size_t j = 0;
#define PAIR_TILES(rows)                                                                           \
    for (; j + (rows) <= count; j += (rows))                                                       \
        pair_tile(rows, vectors, x, depth, strip, inputs + j, outputs + j, first, y, stride);
    PAIR_TILES(full)
    PAIR_TILES(4)
    PAIR_TILES(2)
    PAIR_TILES(1)
}

void dj_convolve_bfloat(
    const float *x, size_t in, const float *packed, size_t out, const float *bias, size_t rows,
    size_t volume, const int32_t *starts, const int32_t *inputs, const int32_t *outputs,
    float *y) {
    size_t depth = (in + 1) / 2, wide = padded_columns(out, LANES), all = wide / LANES;
    size_t block = BLOCK_BYTES / (wide * sizeof(float) + 2 * depth * sizeof(uint16_t));
    block = block < 128 ? 128 : block;
    uint16_t *rounded = dj_buffer_take(rows * 2 * depth * sizeof(uint16_t));
    float *scratch = wide == out ? NULL : dj_buffer_take(block * wide * sizeof(float));
    round_rows(x, rows, in, in, rounded);
    for (size_t first = 0; first < rows; first += block) {
        size_t last = first + block < rows ? first + block : rows;
        float *to = scratch ? scratch : y + first * out;
        begin_rows(to, last - first, out, wide, bias);
        for (size_t k = 0; k < volume; k++) {
            size_t from = first_pair(outputs, (size_t)starts[k], (size_t)starts[k + 1], first);
            size_t end = first_pair(outputs, from, (size_t)starts[k + 1], last);
            for (size_t v = 0, n; from < end && v < all; v += n) {
                n = strip_vectors(v, all, VECTORS);
                const uint16_t *strip =
                    (const uint16_t *)packed + (k * wide + v * LANES) * depth * 2;
#define PAIR_STRIP(width)                                                                          \
    case width:                                                                                    \
        pair_strip(                                                                                \
            width, rounded, depth, strip, inputs + from, outputs + from, end - from, first,        \
            to + v * LANES, wide);                                                                 \
        break;
                FOR_EACH_STRIP_WIDTH(PAIR_STRIP)
            }
        }
        if (scratch) finish_rows(scratch, last - first, out, wide, y + first * out);
    }
    if (scratch) dj_buffer_give(scratch);
    dj_buffer_give(rounded);
}

#pragma clang attribute pop
#endif
