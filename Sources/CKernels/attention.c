#include "dj_attention.h"
#include "dj_pool.h"
#include "pairs.h"
#include "vectors.h"
#include "widths.h"

#ifndef DJ_KERNELS

#include <math.h>
#include <string.h>

/*
 * Queries are in lanes, 64 at a time; keys are read in tiles. Scores are thus stored transposed,
 * [key][query], and the running maximum and sum of the softmax are plain vector operations with no
 * reduction across lanes. A tile of scores is all that is ever in memory, and it stays in the
 * first-level cache. Per patch and head the keys and values are packed once, so that all products
 * read contiguous rows whatever the number of heads.
 *
 * Scores are in base 2: the queries are multiplied by d^-1/2 log2(e) as they are packed.
 */
enum { QUERIES = 64, KEYS = 48, KEYS_BACK = 24 };

static size_t longest(size_t patches, const int32_t *starts) {
    size_t most = 0;
    for (size_t p = 0; p < patches; p++) {
        size_t keys = (size_t)(starts[p + 1] - starts[p]);
        if (keys > most) most = keys;
    }
    return most;
}

/* The rows that are packed next, and their columns' distance from the present ones. */
typedef struct {
    const int32_t *index;
    size_t count;
    ptrdiff_t columns;
} coming;

/* After a patch's head comes its next head, after the last the first head of the next patch. */
static coming after(
    size_t head, size_t heads, size_t width, size_t patch, size_t patches, const int32_t *starts,
    const int32_t *keys) {
    int same = head + 1 < heads;
    size_t next = same ? patch : patch + 1;
    if (next == patches) return (coming){.index = keys, .count = 0};
    return (coming){
        .index = keys + starts[next],
        .count = (size_t)(starts[next + 1] - starts[next]),
        .columns = same ? (ptrdiff_t)width : -(ptrdiff_t)(head * width),
    };
}

/* Cuts scratch memory into arrays of whole cache lines. */
static float *cut(float **memory, size_t floats) {
    float *array = *memory;
    *memory += padded_columns(floats, LANES);
    return array;
}

#define DJ_SELF "attention.c"
#include "each_width.h"

DJ_DISPATCH(
    dj_patch_attention,
    (const float *qkv, size_t channels, size_t heads, size_t patches, const int32_t *starts,
     const int32_t *keys, const int32_t *queries, float *y, float *softmax),
    (qkv, channels, heads, patches, starts, keys, queries, y, softmax))
DJ_DISPATCH(
    dj_patch_attention_gradient,
    (const float *qkv, size_t rows, size_t channels, size_t heads, size_t patches,
     const int32_t *starts, const int32_t *keys, const int32_t *queries, const float *y,
     const float *softmax, const float *dy, float *dqkv),
    (qkv, rows, channels, heads, patches, starts, keys, queries, y, softmax, dy, dqkv))

#else

#include "tiles.h"

#define power_of_two DJ(power_of_two)
#define product_strip DJ(product_strip)
#define product DJ(product)
#define pack_rows DJ(pack_rows)
#define pack_columns DJ(pack_columns)
#define unpack_columns DJ(unpack_columns)
#define softmax_strip DJ(softmax_strip)
#define softmax_tile DJ(softmax_tile)
#define scores_strip DJ(scores_strip)
#define score_gradients DJ(score_gradients)

typedef uint32_t u16 __attribute__((vector_size(64), aligned(4), may_alias));

/*
 * 2^x for x <= 0 (and a little above): minimax polynomial on [-1/2, 1/2], relative error 2e-9
 * before rounding; the integer part is added to the exponent's bits. Below 2^-126 it stays there.
 * NaN stays NaN.
 */
LANE f16 power_of_two(f16 x) {
    x = lane_max(lane_splat(-126), x);
    f16 t = x + 12582912.0f; /* 1.5 * 2^23: the low bits now hold the nearest integer */
    f16 n = t - 12582912.0f;
    f16 r = x - n;
    f16 p = lane_splat(1.534581242594868e-4f);
    p = lane_fma(p, r, lane_splat(1.3399930903688073e-3f));
    p = lane_fma(p, r, lane_splat(9.618489071726799e-3f));
    p = lane_fma(p, r, lane_splat(5.550328642129898e-2f));
    p = lane_fma(p, r, lane_splat(2.4022646248340607e-1f));
    p = lane_fma(p, r, lane_splat(6.931471824645996e-1f));
    p = lane_fma(p, r, lane_splat(1.0f));
    return (f16)((u16)p + ((u16)t << 23));
}

/* c[r] += or = sum over t of a[r * a_row + t * a_step] * b[t * b_row ...], c's rows c_row apart. */
LANE void product_strip(
    const size_t vectors, size_t rows, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_row, size_t depth, float *c, size_t c_row, const int accumulate) {
    const size_t full = TILE_ROWS(vectors);
    const float *as[12];
    float *cs[12];
#define PRODUCT_ROWS(n)                                                                            \
    for (; r + (n) <= rows; r += (n)) {                                                            \
        TILE_UNROLL for (size_t i = 0; i < (n); i++) {                                             \
            as[i] = a + (r + i) * a_row;                                                           \
            cs[i] = c + (r + i) * c_row;                                                           \
        }                                                                                          \
        tile_multiply((n), vectors, as, a_step, b, b_row, depth, cs, accumulate);                  \
    }
    size_t r = 0;
    PRODUCT_ROWS(full)
    PRODUCT_ROWS(4)
    PRODUCT_ROWS(2)
    PRODUCT_ROWS(1)
#undef PRODUCT_ROWS
}

static void product(
    size_t vectors, size_t rows, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_row, size_t depth, float *c, size_t c_row, int accumulate) {
    for (size_t v = 0, n; v < vectors; v += n) {
        n = tile_widest(v, vectors);
        const float *bs = b + v * LANES;
        float *cs = c + v * LANES;
        switch (n) {
#define PRODUCT_CASE(n)                                                                            \
    case n:                                                                                        \
        if (accumulate)                                                                            \
            product_strip(n, rows, a, a_row, a_step, bs, b_row, depth, cs, c_row, 1);              \
        else product_strip(n, rows, a, a_row, a_step, bs, b_row, depth, cs, c_row, 0);             \
        break;
            PRODUCT_CASE(1)
#if TILE_VECTORS == 4
            PRODUCT_CASE(2)
            PRODUCT_CASE(3)
            PRODUCT_CASE(4)
#endif
#undef PRODUCT_CASE
        }
    }
}

/*
 * Rows of `width` values picked by index, times a factor, each padded with zeros to `wide`. The
 * rows that the next head or patch will ask for are fetched meanwhile.
 */
static void pack_rows(
    const float *from, size_t stride, const int32_t *index, size_t count, size_t width, size_t wide,
    float factor, float *to, coming next) {
    for (size_t i = 0; i < count; i++) {
        if (i < next.count)
            for (size_t c = 0; c < width; c += LANES)
                __builtin_prefetch(from + (size_t)next.index[i] * stride + next.columns
                                   + (ptrdiff_t)c);
        const float *row = from + (size_t)index[i] * stride;
        for (size_t c = 0; c < wide; c += LANES) {
            f16 v = c + LANES <= width ? lane_load(row + c) : lane_load_some(row + c, width - c, 0);
            lane_store(to + i * wide + c, v * factor);
        }
    }
}

/* Up to QUERIES rows of `wide` values as columns, [column][query]; absent rows become zeros. */
static void pack_columns(float *rows, size_t count, size_t wide, float *to) {
    memset(rows + count * wide, 0, (padded(count) - count) * wide * sizeof(float));
    for (size_t i = 0; i < count; i += LANES)
        for (size_t c = 0; c < wide; c += LANES)
            tile_transpose(rows + i * wide + c, wide, to + c * QUERIES + i, QUERIES);
}

/* The inverse: columns, times a factor, into the rows given by index. */
static void unpack_columns(
    const float *from, size_t wide, float factor, const int32_t *index, size_t count, size_t width,
    float *to, size_t stride, float *rows) {
    for (size_t i = 0; i < count; i += LANES)
        for (size_t c = 0; c < wide; c += LANES)
            tile_transpose(from + c * QUERIES + i, QUERIES, rows + i * wide + c, wide);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < width; c += LANES) {
            f16 v = lane_load(rows + i * wide + c) * factor;
            float *row = to + (size_t)index[i] * stride + c;
            if (c + LANES <= width) lane_store(row, v);
            else lane_store_some(row, v, width - c);
        }
}

/*
 * A tile of scores becomes probabilities relative to the largest score so far; the previous sum and
 * output are rescaled to it.
 */
LANE void softmax_strip(
    const size_t vectors, float *scores, size_t keys, float *largest, float *sum, float *out,
    size_t width) {
    f16 most[4], fall[4], total[4];
    TILE_UNROLL for (size_t v = 0; v < vectors; v++) most[v] = lane_load(largest + v * LANES);
    for (size_t k = 0; k < keys; k++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++)
            most[v] = lane_max(lane_load(scores + k * QUERIES + v * LANES), most[v]);
    TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
        fall[v] = power_of_two(lane_load(largest + v * LANES) - most[v]);
        total[v] = lane_load(sum + v * LANES) * fall[v];
        lane_store(largest + v * LANES, most[v]);
    }
    for (size_t c = 0; c < width; c++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            float *o = out + c * QUERIES + v * LANES;
            lane_store(o, lane_load(o) * fall[v]);
        }
    for (size_t k = 0; k < keys; k++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            float *s = scores + k * QUERIES + v * LANES;
            f16 p = power_of_two(lane_load(s) - most[v]);
            total[v] += p;
            lane_store(s, p);
        }
    TILE_UNROLL for (size_t v = 0; v < vectors; v++) lane_store(sum + v * LANES, total[v]);
}

static void softmax_tile(
    size_t vectors, float *scores, size_t keys, float *largest, float *sum, float *out,
    size_t width) {
    for (size_t v = 0, n; v < vectors; v += n) {
        n = tile_widest(v, vectors);
        size_t l = v * LANES;
        switch (n) {
        case 1: softmax_strip(1, scores + l, keys, largest + l, sum + l, out + l, width); break;
#if TILE_VECTORS == 4
        case 2: softmax_strip(2, scores + l, keys, largest + l, sum + l, out + l, width); break;
        case 3: softmax_strip(3, scores + l, keys, largest + l, sum + l, out + l, width); break;
        case 4: softmax_strip(4, scores + l, keys, largest + l, sum + l, out + l, width); break;
#endif
        }
    }
}

void DJ(dj_patch_attention)(
    const float *qkv, size_t channels, size_t heads, size_t patches, const int32_t *starts,
    const int32_t *keys, const int32_t *queries, float *y, float *softmax) {
    size_t d = channels / heads, wide = padded(d), most = longest(patches, starts);
    float *buffer = dj_buffer_take(
        (2 * most * wide + 3 * QUERIES * wide + KEYS * QUERIES + 2 * QUERIES) * sizeof(float));
    float *memory = buffer;
    float *k = cut(&memory, most * wide), *v = cut(&memory, most * wide);
    float *rows = cut(&memory, QUERIES * wide), *q = cut(&memory, QUERIES * wide);
    float *out = cut(&memory, QUERIES * wide), *scores = cut(&memory, KEYS * QUERIES);
    float *largest = cut(&memory, QUERIES), *sum = cut(&memory, QUERIES);
    float factor = 1.44269504f / sqrtf((float)d);
    for (size_t p = 0; p < patches; p++) {
        const int32_t *index = keys + starts[p];
        size_t all = (size_t)(starts[p + 1] - starts[p]);
        for (size_t h = 0; h < heads; h++) {
            const float *head = qkv + h * d;
            coming next = after(h, heads, d, p, patches, starts, keys);
            pack_rows(head + channels, 3 * channels, index, all, d, wide, 1, k, next);
            pack_rows(head + 2 * channels, 3 * channels, index, all, d, wide, 1, v, next);
            for (size_t from = 0; from < (size_t)queries[p]; from += QUERIES) {
                size_t count = (size_t)queries[p] - from;
                if (count > QUERIES) count = QUERIES;
                size_t vectors = padded(count) / LANES;
                coming later = next;
                later.index += from;
                later.count = later.count > from ? later.count - from : 0;
                pack_rows(head, 3 * channels, index + from, count, d, wide, factor, rows, later);
                pack_columns(rows, count, wide, q);
                for (size_t i = 0; i < QUERIES; i++) largest[i] = -INFINITY;
                memset(sum, 0, QUERIES * sizeof(float));
                memset(out, 0, QUERIES * wide * sizeof(float));
                for (size_t j = 0; j < all; j += KEYS) {
                    size_t some = all - j < KEYS ? all - j : KEYS;
                    product(vectors, some, k + j * wide, wide, 1, q, QUERIES, d, scores, QUERIES, 0);
                    softmax_tile(vectors, scores, some, largest, sum, out, d);
                    product(
                        vectors, d, v + j * wide, 1, wide, scores, QUERIES, some, out, QUERIES, 1);
                }
                for (size_t i = 0; i < vectors * LANES; i += LANES) {
                    f16 part = 1.0f / lane_load(sum + i);
                    lane_store(sum + i, part);
                    for (size_t c = 0; c < d; c++) {
                        float *o = out + c * QUERIES + i;
                        lane_store(o, lane_load(o) * part);
                    }
                }
                unpack_columns(out, wide, 1, index + from, count, d, y + h * d, channels, rows);
                if (softmax)
                    for (size_t i = 0; i < count; i++) {
                        float *kept = softmax + ((size_t)index[from + i] * heads + h) * 2;
                        kept[0] = largest[i];
                        kept[1] = sum[i];
                    }
            }
        }
    }
    dj_buffer_give(buffer);
}

/*
 * Scores become probabilities, and the gradients of the probabilities those of the scores. Both are
 * relative to the largest score; the missing factor 1 / sum is in dy as it was packed.
 */
LANE void scores_strip(
    const size_t vectors, float *scores, float *gradients, size_t keys, const float *largest,
    const float *mean) {
    f16 most[4], means[4];
    TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
        most[v] = lane_load(largest + v * LANES);
        means[v] = lane_load(mean + v * LANES);
    }
    for (size_t k = 0; k < keys; k++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) {
            float *s = scores + k * QUERIES + v * LANES, *g = gradients + k * QUERIES + v * LANES;
            f16 p = power_of_two(lane_load(s) - most[v]);
            f16 centred = lane_load(g) - means[v];
            lane_store(s, p);
            lane_store(g, p * centred);
        }
}

static void score_gradients(
    size_t vectors, float *scores, float *gradients, size_t keys, const float *largest,
    const float *mean) {
    for (size_t v = 0, n; v < vectors; v += n) {
        n = tile_widest(v, vectors);
        size_t l = v * LANES;
        switch (n) {
        case 1: scores_strip(1, scores + l, gradients + l, keys, largest + l, mean + l); break;
#if TILE_VECTORS == 4
        case 2: scores_strip(2, scores + l, gradients + l, keys, largest + l, mean + l); break;
        case 3: scores_strip(3, scores + l, gradients + l, keys, largest + l, mean + l); break;
        case 4: scores_strip(4, scores + l, gradients + l, keys, largest + l, mean + l); break;
#endif
        }
    }
}

void DJ(dj_patch_attention_gradient)(
    const float *qkv, size_t rows, size_t channels, size_t heads, size_t patches,
    const int32_t *starts, const int32_t *keys, const int32_t *queries, const float *y,
    const float *softmax, const float *dy, float *dqkv) {
    size_t d = channels / heads, wide = padded(d), most = longest(patches, starts);
    float *buffer = dj_buffer_take(
        (4 * most * wide + 6 * QUERIES * wide + 2 * KEYS_BACK * QUERIES + 2 * QUERIES)
        * sizeof(float));
    float *memory = buffer;
    float *k = cut(&memory, most * wide), *v = cut(&memory, most * wide);
    float *dk = cut(&memory, most * wide), *dv = cut(&memory, most * wide);
    float *q = cut(&memory, QUERIES * wide), *q_columns = cut(&memory, QUERIES * wide);
    float *g = cut(&memory, QUERIES * wide), *g_columns = cut(&memory, QUERIES * wide);
    float *dq = cut(&memory, QUERIES * wide), *row = cut(&memory, QUERIES * wide);
    float *scores = cut(&memory, KEYS_BACK * QUERIES), *ds = cut(&memory, KEYS_BACK * QUERIES);
    float *largest = cut(&memory, QUERIES), *mean = cut(&memory, QUERIES);
    float scale = 1 / sqrtf((float)d), factor = 1.44269504f / sqrtf((float)d);
    memset(dqkv, 0, rows * 3 * channels * sizeof(float));
    for (size_t p = 0; p < patches; p++) {
        const int32_t *index = keys + starts[p];
        size_t all = (size_t)(starts[p + 1] - starts[p]);
        for (size_t h = 0; h < heads; h++) {
            const float *head = qkv + h * d;
            coming next = after(h, heads, d, p, patches, starts, keys);
            float *dhead = dqkv + h * d;
            pack_rows(head + channels, 3 * channels, index, all, d, wide, 1, k, next);
            pack_rows(head + 2 * channels, 3 * channels, index, all, d, wide, 1, v, next);
            for (size_t i = 0; i < all; i++)
                for (size_t c = 0; c < d; c += LANES)
                    for (size_t part = 0; part < 3; part++)
                        __builtin_prefetch(
                            dhead + ((size_t)index[i] * 3 + part) * channels + c, 1);
            memset(dk, 0, all * wide * sizeof(float));
            memset(dv, 0, all * wide * sizeof(float));
            for (size_t from = 0; from < (size_t)queries[p]; from += QUERIES) {
                size_t count = (size_t)queries[p] - from;
                if (count > QUERIES) count = QUERIES;
                size_t vectors = padded(count) / LANES;
                coming later = next;
                later.index += from;
                later.count = later.count > from ? later.count - from : 0;
                const int32_t *asking = index + from;
                memset(largest, 0, QUERIES * sizeof(float));
                memset(mean, 0, QUERIES * sizeof(float));
                pack_rows(dy + h * d, channels, asking, count, d, wide, 1, g, later);
                for (size_t i = 0; i < count; i++) {
                    const float *kept = softmax + ((size_t)asking[i] * heads + h) * 2;
                    largest[i] = kept[0];
                    for (size_t c = 0; c < wide; c += LANES)
                        lane_store(g + i * wide + c, lane_load(g + i * wide + c) * kept[1]);
                }
                pack_columns(g, count, wide, g_columns);
                pack_rows(y + h * d, channels, asking, count, d, wide, 1, row, later);
                pack_columns(row, count, wide, dq);
                for (size_t i = 0; i < vectors * LANES; i += LANES) {
                    f16 sum = lane_splat(0);
                    for (size_t c = 0; c < d; c++)
                        sum = lane_fma(lane_load(g_columns + c * QUERIES + i),
                                       lane_load(dq + c * QUERIES + i), sum);
                    lane_store(mean + i, sum);
                }
                pack_rows(head, 3 * channels, asking, count, d, wide, factor, q, later);
                pack_columns(q, count, wide, q_columns);
                memset(dq, 0, QUERIES * wide * sizeof(float));
                for (size_t j = 0; j < all; j += KEYS_BACK) {
                    size_t some = all - j < KEYS_BACK ? all - j : KEYS_BACK;
                    float *ks = k + j * wide, *vs = v + j * wide;
                    product(vectors, some, ks, wide, 1, q_columns, QUERIES, d, scores, QUERIES, 0);
                    product(vectors, some, vs, wide, 1, g_columns, QUERIES, d, ds, QUERIES, 0);
                    score_gradients(vectors, scores, ds, some, largest, mean);
                    product(
                        wide / LANES, some, scores, QUERIES, 1, g, wide, count, dv + j * wide, wide,
                        1);
                    product(
                        wide / LANES, some, ds, QUERIES, 1, q, wide, count, dk + j * wide, wide, 1);
                    product(vectors, d, ks, 1, wide, ds, QUERIES, some, dq, QUERIES, 1);
                }
                unpack_columns(dq, wide, scale, asking, count, d, dhead, 3 * channels, row);
            }
            /* q was packed with log2(e) d^-1/2; the gradient needs d^-1/2. */
            for (size_t i = 0; i < all; i++) {
                float *to = dhead + (size_t)index[i] * 3 * channels + channels;
                size_t c = 0;
                for (; c + LANES <= d; c += LANES) {
                    f16 key = lane_load(dk + i * wide + c), value = lane_load(dv + i * wide + c);
                    lane_store(to + c, lane_fma(key, lane_splat(0.69314718f), lane_load(to + c)));
                    lane_store(to + channels + c, lane_load(to + channels + c) + value);
                }
                for (; c < d; c++) {
                    to[c] = __builtin_fmaf(dk[i * wide + c], 0.69314718f, to[c]);
                    to[channels + c] += dv[i * wide + c];
                }
            }
        }
    }
    dj_buffer_give(buffer);
}

#endif
