/* Hashes of the kernels' results for inputs that are the same everywhere. */
#include "dj_canary.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dj_adamw.h"
#include "dj_attention.h"
#include "dj_batch_norm.h"
#include "dj_bfloat.h"
#include "dj_blake2b.h"
#include "dj_checksum.h"
#include "dj_convolution.h"
#include "dj_curves.h"
#include "dj_divergence.h"
#include "dj_elementwise.h"
#include "dj_gelu.h"
#include "dj_half.h"
#include "dj_layer_norm.h"
#include "dj_narrow.h"
#include "dj_neighbours.h"
#include "dj_product.h"
#include "dj_reductions.h"
#include "dj_rotation.h"
#include "dj_rows.h"
#include "dj_sha256.h"
#include "dj_softmax.h"
#include "dj_sorting.h"

static uint64_t mixed(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* A computation under way: its hash so far, and its memory. */
typedef struct {
    uint64_t hash;
    void **blocks; /* each begins with the address of the one before */
} Canary;

/* n values of `size` bytes, zero, until the computation ends. */
static void *zeros(Canary *canary, size_t n, size_t size) {
    void **block = NULL;
    size_t bytes = 64 + (n * size + 63) / 64 * 64;
    if (posix_memalign((void **)&block, 64, bytes)) abort();
    memset(block, 0, bytes);
    *block = canary->blocks;
    canary->blocks = block;
    return (char *)block + 64;
}

/* n numbers in -most ..< most, exact on every machine. */
static float *numbers(Canary *canary, uint64_t seed, size_t n, float most) {
    float *x = zeros(canary, n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)((int32_t)(mixed(seed << 40 | i) >> 40) - (1 << 23)) * (most / (1 << 23));
    return x;
}

/* n numbers in 0 ..< bound. */
static int32_t *indices(Canary *canary, uint64_t seed, size_t n, uint64_t bound) {
    int32_t *x = zeros(canary, n, sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (int32_t)(mixed(seed << 40 | i) % bound);
    return x;
}

static void add(Canary *canary, const void *bytes, size_t n) {
    const uint8_t *b = bytes;
    for (size_t i = 0; i < n; i++) canary->hash = (canary->hash ^ b[i]) * 0x100000001b3u;
}

#define ADD(array, n) add(canary, array, (n) * sizeof *(array))

/* Numbers of columns around the lanes of every width, and beyond a tile. */
static const size_t shapes[][2] = {{1, 1},   {3, 7},   {5, 16},  {33, 17},
                                   {64, 31}, {70, 48}, {131, 64}, {257, 100}};
enum { shape_count = sizeof shapes / sizeof *shapes };

static void adamw(Canary *canary) {
    size_t n = 1037;
    float *w = numbers(canary, 1, n, 2), *m = numbers(canary, 2, n, 0.1f), *v = numbers(canary, 3, n, 0.01f);
    float *g = numbers(canary, 4, n, 3), *y = zeros(canary, 3 * n, sizeof *y);
    for (size_t i = 0; i < n; i++) v[i] = v[i] < 0 ? -v[i] : v[i];
    dj_adamw_numbers numbers = {0.002f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.37f, 1.2f, 1.7f};
    dj_adamw(w, m, v, g, y, y + n, y + 2 * n, n, numbers);
    ADD(y, 3 * n);
}

static void attention(Canary *canary) {
    static const size_t forms[][2] = {{1, 16}, {2, 32}, {4, 72}, {3, 54}};
    enum { rows = 151 };
    int32_t starts[] = {0, 64, 103, rows}, queries[] = {64, 39, 48}, keys[rows];
    for (int i = 0; i < rows; i++) keys[i] = i * 2 % rows;
    for (size_t f = 0; f < 4; f++) {
        size_t heads = forms[f][0], channels = forms[f][1];
        float *qkv = numbers(canary, 10 + f, rows * 3 * channels, 3);
        float *dy = numbers(canary, 20 + f, rows * channels, 1);
        float *y = zeros(canary, rows * channels, sizeof *y), *soft = zeros(canary, rows * heads * 2, sizeof *soft);
        float *dqkv = zeros(canary, rows * 3 * channels, sizeof *dqkv);
        dj_patch_attention(qkv, channels, heads, 3, starts, keys, queries, y, soft);
        dj_patch_attention_gradient(
            qkv, rows, channels, heads, 3, starts, keys, queries, y, soft, dy, dqkv);
        ADD(y, rows * channels);
        ADD(soft, rows * heads * 2);
        ADD(dqkv, rows * 3 * channels);
    }
}

static void batch_norm(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *x = numbers(canary, 30 + s, n, 4), *dy = numbers(canary, 40 + s, n, 1), *c = numbers(canary, 50 + s, 7 * columns, 1);
        float *y = zeros(canary, n, sizeof *y);
        double *d = zeros(canary, 2 * columns, sizeof *d);
        float *high = c, *low = c + columns, *factor = c + 2 * columns, *scale = c + 3 * columns;
        float *shift = c + 4 * columns, *mean = c + 5 * columns, *slope = c + 6 * columns;
        dj_column_moments(x, rows, columns, d, d + columns);
        ADD(d, 2 * columns);
        for (int gelu = 0; gelu < 2; gelu++) {
            dj_batch_norm(x, high, low, factor, scale, shift, gelu, y, rows, columns);
            ADD(y, n);
            dj_batch_norm_sums(
                x, high, low, factor, scale, shift, gelu, dy, d, d + columns, rows, columns);
            ADD(d, 2 * columns);
            dj_batch_norm_backward(
                x, high, low, factor, scale, shift, gelu, dy, mean, slope, y, rows, columns);
            ADD(y, n);
        }
    }
}

/* A map of `volume` places among rows, with outputs ascending within each place. */
typedef struct {
    int32_t *starts, *inputs, *outputs;
} Map;

static Map map(Canary *canary, size_t rows, size_t volume, uint64_t seed) {
    Map m = {zeros(canary, volume + 1, 4), zeros(canary, rows * volume, 4), zeros(canary, rows * volume, 4)};
    int32_t count = 0;
    for (size_t k = 0; k < volume; k++) {
        for (size_t r = 0; r < rows; r++) {
            uint64_t draw = mixed(seed << 40 | (k * rows + r));
            if (draw % 3 == 0) continue;
            m.inputs[count] = (int32_t)((r + draw / 3 % 9) % rows);
            m.outputs[count++] = (int32_t)r;
        }
        m.starts[k + 1] = count;
    }
    return m;
}

static const size_t widths[][2] = {{1, 1},   {4, 32},  {6, 17},   {27, 50}, {32, 32},
                                   {64, 48}, {96, 64}, {130, 20}, {36, 72}};
enum { width_count = sizeof widths / sizeof *widths };

static void bfloat(Canary *canary) {
    if (!dj_has_bfloat()) return;
    for (size_t s = 0; s < width_count; s++) {
        size_t in = widths[s][0], out = widths[s][1], rows = 83, volume = 5;
        float *x = numbers(canary, 60 + s, rows * in, 2), *w = numbers(canary, 70 + s, out * volume * in, 1);
        float *c = numbers(canary, 80 + s, out + rows, 1), *y = zeros(canary, rows * out, sizeof *y);
        float *packed = zeros(canary, dj_packed_bfloat_count(in, out, volume), sizeof *packed);
        Map m = map(canary, rows, volume, s);
        dj_pack_bfloat(w, in, out, 1, packed);
        dj_multiply_rows_bfloat(x, rows, in, in, packed, out, c, c + out, NULL, y, out);
        ADD(y, rows * out);
        dj_pack_bfloat(w, in, out, volume, packed);
        dj_convolve_bfloat(
            x, in, packed, out, c, rows, volume, m.starts, m.inputs, m.outputs, y);
        ADD(y, rows * out);
    }
}

static void checksum(Canary *canary) {
    uint64_t sum = 0;
    float *x = numbers(canary, 90, 4099, 1);
    for (size_t n = 0; n < 16396; n += 1 + n / 3) {
        dj_checksum(x, n, &sum);
        ADD(&sum, 1);
    }
}

static void convolution(Canary *canary) {
    for (size_t s = 0; s < width_count; s++) {
        size_t in = widths[s][0], out = widths[s][1], volume = 9;
        size_t rows = s % 3 ? 43 : 203; /* more pairs of a place than a run of sums has */
        float *x = numbers(canary, 100 + s, rows * in, 2), *w = numbers(canary, 110 + s, out * volume * in, 1);
        float *b = numbers(canary, 120 + s, out, 1), *dy = numbers(canary, 130 + s, rows * out, 1);
        float *y = zeros(canary, rows * out, sizeof *y), *dx = zeros(canary, rows * in, sizeof *dx);
        float *dw = zeros(canary, out * volume * in, sizeof *dw);
        size_t count = dj_packed_count(in, out, volume), mirrored = dj_packed_count(out, in, volume);
        float *packed = zeros(canary, count > mirrored ? count : mirrored, sizeof *packed);
        Map m = map(canary, rows, volume, 200 + s);
        dj_pack(w, in, out, volume, 0, packed);
        dj_convolve(
            x, in, packed, out, b, 0, rows, volume, m.starts, m.inputs, m.outputs, y);
        ADD(y, rows * out);
        dj_pack(w, out, in, volume, 1, packed);
        dj_convolve(
            dy, out, packed, in, NULL, 0, rows, volume, m.starts, m.inputs, m.outputs, dx);
        ADD(dx, rows * in);
        dj_convolve_weight_gradient(
            x, in, dy, out, rows, volume, m.starts, m.inputs, m.outputs, dw);
        ADD(dw, out * volume * in);
        dj_convolve_bias_gradient(dy, rows, out, y);
        ADD(y, out);
    }
}

static dj_cell *cells(Canary *canary, size_t n, uint64_t seed, uint64_t side) {
    dj_cell *c = zeros(canary, n, sizeof *c);
    for (size_t i = 0; i < n; i++) {
        uint64_t draw = mixed(seed << 40 | i);
        c[i] = (dj_cell){(int32_t)(draw % side), (int32_t)(draw / side % side),
                         (int32_t)(draw / side / side % side)};
    }
    return c;
}

static void curves(Canary *canary) {
    enum { n = 1003 };
    uint64_t codes[n];
    for (int depth = 1; depth <= 16; depth += 5)
        for (int hilbert = 0; hilbert < 2; hilbert++)
            for (int transposed = 0; transposed < 2; transposed++) {
                dj_curve_codes(
                    cells(canary, n, (uint64_t)depth, 1u << depth), n, depth, hilbert, transposed, codes);
                ADD(codes, n);
            }
}

static void divergence(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *a = numbers(canary, 140 + s, n, 9), *b = numbers(canary, 150 + s, n, 9), *g = zeros(canary, n, sizeof *g);
        float *scratch = zeros(canary, columns, sizeof *scratch);
        double *sums = zeros(canary, 3 * rows, sizeof *sums);
        dj_softmax_divergence(a, b, 0.7f, g, sums, scratch, rows, columns);
        ADD(g, n);
        ADD(sums, 3 * rows);
    }
}

static void elementwise(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *a = numbers(canary, 160 + s, n, 5), *b = numbers(canary, 170 + s, n, 5);
        float *c = numbers(canary, 180 + s, rows + columns, 5), *y = zeros(canary, 2 * n, sizeof *y);
        dj_add(a, b, y, n);
        ADD(y, n);
        dj_subtract(a, b, y, n);
        ADD(y, n);
        dj_multiply(a, b, y, n);
        ADD(y, n);
        dj_scale(a, 0.3f, y, n);
        ADD(y, n);
        dj_scale_rows(a, c, y, rows, columns);
        ADD(y, n);
        dj_add_bias(a, c, y, rows, columns);
        ADD(y, n);
        dj_fill(y, 0.1f, n);
        ADD(y, n);
        dj_copy_block(a, columns, y, columns + 1, rows, columns);
        ADD(y, n);
    }
}

static void gelu(Canary *canary) {
    size_t n = 20011;
    float *x = numbers(canary, 190, n, 12), *dy = numbers(canary, 191, n, 1), *y = zeros(canary, 2 * n, sizeof *y);
    dj_gelu(x, y, n);
    ADD(y, n);
    dj_gelu_backward(x, dy, y, n);
    ADD(y, n);
    dj_gelu_both(x, y, y + n, n);
    ADD(y, 2 * n);
    dj_erf(x, y, n);
    ADD(y, n);
}

static void half(Canary *canary) {
    size_t n = 40009;
    float *x = numbers(canary, 210, n, 70000), *y = zeros(canary, n, sizeof *y);
    for (size_t i = 0; i < n; i += 2) x[i] *= 1e-9f;
    uint16_t *h = zeros(canary, n, sizeof *h);
    dj_to_half(x, h, n);
    ADD(h, n);
    dj_from_half(h, y, n);
    ADD(y, n);
}

static void layer_norm(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *x = numbers(canary, 220 + s, n, 4), *dy = numbers(canary, 230 + s, n, 1);
        float *c = numbers(canary, 240 + s, 2 * columns, 2), *y = zeros(canary, n, sizeof *y);
        double *d = zeros(canary, 2 * columns, sizeof *d);
        dj_layer_norm(x, c, c + columns, NULL, 1e-5f, y, rows, columns);
        ADD(y, n);
        dj_layer_norm(x, c, c + columns, dy, 1e-5f, y, rows, columns);
        ADD(y, n);
        dj_layer_norm_backward(x, c, dy, 1e-5f, y, d, d + columns, rows, columns);
        ADD(y, n);
        ADD(d, 2 * columns);
    }
}

static void narrow(Canary *canary) {
    size_t n = 5003;
    float *x = numbers(canary, 250, n, 1e6f), *y = zeros(canary, n, sizeof *y);
    uint16_t *h = zeros(canary, n, sizeof *h);
    dj_to_bfloat(x, h, n);
    ADD(h, n);
    dj_from_bfloat(h, y, n);
    ADD(y, n);
    dj_round_bfloat(x, y, n);
    ADD(y, n);
}

static void neighbours(Canary *canary) {
    /* Every other cell of two boxes, by a fixed pattern. */
    enum { side = 13 };
    int32_t starts[3] = {0};
    dj_cell *c = cells(canary, 2 * side * side * side, 0, 1);
    int32_t n = 0;
    for (int cloud = 0; cloud < 2; cloud++) {
        for (int x = 0; x < side; x++)
            for (int y = 0; y < side; y++)
                for (int z = 0; z < side; z++)
                    if (mixed((uint64_t)(((cloud * side + x) * side + y) * side + z)) % 3 == 0)
                        c[n++] = (dj_cell){x, y, z};
        starts[cloud + 1] = n;
    }
    dj_brickwork *work = dj_neighbours_lay(c, starts, 2);
    int32_t *in = zeros(canary, (size_t)n, 4), *out = zeros(canary, (size_t)n, 4);
    int32_t *back = zeros(canary, (size_t)n, 4), *from = zeros(canary, (size_t)n, 4);
    for (int size = 3; size <= 5; size += 2)
        for (int h = 0; h < size * size * size / 2; h++) {
            int32_t count = dj_neighbours_look(work, size, h, in, out);
            ADD(&count, 1);
            ADD(in, (size_t)count);
            ADD(out, (size_t)count);
            dj_neighbours_mirror(in, out, (size_t)count, (size_t)n, back, from);
            ADD(back, (size_t)count);
            ADD(from, (size_t)count);
        }
    dj_neighbours_raze(work);
}

static void product(Canary *canary) {
    for (size_t s = 0; s < width_count; s++) {
        size_t in = widths[s][0], out = widths[s][1];
        /* More rows than a block of sums has, for three of the shapes. */
        for (size_t rows = 1; rows < (s % 3 ? 200 : 1200); rows = rows * 9 + 4) {
            float *x = numbers(canary, 260 + s, rows * in, 2), *w = numbers(canary, 270 + s, out * in, 1);
            float *c = numbers(canary, 280 + s, out + rows, 1), *b = numbers(canary, 290 + s, rows * out, 1);
            float *packed = zeros(canary, dj_packed_count(in, out, 1), sizeof *packed);
            float *y = zeros(canary, rows * out, sizeof *y), *g = zeros(canary, in * out, sizeof *g);
            dj_pack(w, in, out, 1, 0, packed);
            dj_multiply_rows(x, rows, in, in, packed, out, NULL, NULL, NULL, y, out);
            ADD(y, rows * out);
            dj_multiply_rows(x, rows, in, in, packed, out, c, c + out, b, y, out);
            ADD(y, rows * out);
            dj_multiply_transposed(x, in, in, b, out, out, rows, g, out, 0);
            dj_multiply_transposed(x, in, in, b, out, out, rows, g, out, 1);
            ADD(g, in * out);
            dj_multiply_tall(x, in, in, b, out, out, rows, g);
            ADD(g, in * out);
        }
    }
}

static void reductions(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *x = numbers(canary, 300 + s, n, 4), *y = zeros(canary, n, sizeof *y);
        double *d = zeros(canary, columns + 2, sizeof *d);
        bool finite = false;
        dj_sum(x, n, d);
        dj_sum_of_squares(x, n, d + 1);
        dj_column_sums(x, rows, columns, columns, d + 2);
        ADD(d, columns + 2);
        dj_narrow(d, y, columns + 2 > n ? n : columns + 2);
        ADD(y, n);
        dj_is_finite(x, n, &finite);
        ADD(&finite, 1);
        x[n - 1] /= 0.0f * x[0];
        dj_is_finite(x, n, &finite);
        ADD(&finite, 1);
    }
}

static void rotation(Canary *canary) {
    static const size_t forms[][2] = {{1, 1}, {2, 3}, {3, 4}, {1, 17}};
    for (size_t f = 0; f < 4; f++) {
        size_t rows = 37, heads = forms[f][0], pairs = forms[f][1], n = rows * 18 * heads * pairs;
        float *x = numbers(canary, 400 + f, n, 3), *y = zeros(canary, n, sizeof *y);
        float *c = numbers(canary, 410 + f, 6 * rows * pairs, 1);
        for (int inverse = 0; inverse < 2; inverse++) {
            dj_rotate(x, rows, heads, pairs, c, c + 3 * rows * pairs, inverse, y);
            ADD(y, n);
        }
    }
}

static void rows(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t n = shapes[s][0], columns = shapes[s][1], segments = n / 3 + 1;
        float *x = numbers(canary, 310 + s, n * columns, 4), *y = zeros(canary, n * columns, sizeof *y);
        int32_t *index = indices(canary, 320 + s, n, n), *members = indices(canary, 330 + s, n, n);
        int32_t *largest = zeros(canary, segments * columns, sizeof *largest);
        int32_t *starts = zeros(canary, segments + 1, sizeof *starts), *segment = zeros(canary, n, sizeof *segment);
        for (size_t i = 0; i < n; i++) {
            members[i] = (int32_t)i;
            segment[i] = (int32_t)(i / 3);
        }
        for (size_t i = 0; i <= segments; i++) starts[i] = (int32_t)(3 * i < n ? 3 * i : n);
        int within = dj_indices_within(index, n, n);
        ADD(&within, 1);
        dj_gather_rows(x, index, y, n, columns);
        ADD(y, n * columns);
        dj_scatter_add_rows(x, index, y, n, columns);
        ADD(y, n * columns);
        dj_segment_max(x, starts, members, y, largest, segments, columns);
        ADD(largest, segments * columns);
        dj_segment_max_backward(x, largest, segment, y, n, columns);
        ADD(y, n * columns);
        for (int mean = 0; mean < 2; mean++) {
            float *sums = zeros(canary, segments * columns, sizeof *sums);
            dj_segment_sum(x, starts, members, mean, sums, segments, columns);
            ADD(sums, segments * columns);
            dj_segment_spread(sums, starts, segment, mean, y, n, columns);
            ADD(y, n * columns);
        }
    }
}

static void blake2b(Canary *canary) {
    uint64_t digest[4];
    const uint8_t *x = (const uint8_t *)numbers(canary, 341, 300, 1);
    for (size_t n = 0; n <= 1200; n += 48) {
        dj_blake2b(x, n, (uint8_t *)digest);
        ADD(digest, 4);
    }
}

static void sha256(Canary *canary) {
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    float *x = numbers(canary, 340, 16 * 37, 1);
    dj_sha256_blocks(state, (const uint8_t *)x, 37);
    ADD(state, 8);
}

static void softmax(Canary *canary) {
    for (size_t s = 0; s < shape_count; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *x = numbers(canary, 350 + s, n, 20), *dy = numbers(canary, 360 + s, n, 1);
        float *y = zeros(canary, n, sizeof *y), *dx = zeros(canary, n, sizeof *dx), *f = zeros(canary, rows, sizeof *f);
        dj_softmax(x, y, rows, columns);
        dj_softmax_backward(y, dy, dx, rows, columns);
        ADD(y, n);
        ADD(dx, n);
        dj_log_softmax(x, y, rows, columns);
        dj_log_softmax_backward(y, dy, dx, rows, columns);
        ADD(y, n);
        ADD(dx, n);
        dj_normalize_rows(x, 1e-6f, y, f, rows, columns);
        dj_normalize_rows_backward(y, f, 1e-6f, dy, dx, rows, columns);
        ADD(y, n);
        ADD(f, rows);
        ADD(dx, n);
    }
}

static void sorting(Canary *canary) {
    for (size_t n = 0; n < 100000; n = n * 5 + 1) {
        uint64_t *keys = zeros(canary, n, sizeof *keys);
        int32_t *order = zeros(canary, n, sizeof *order);
        for (size_t i = 0; i < n; i++) keys[i] = mixed(i) >> (i % 2 ? 8 : 40);
        dj_argsort(keys, n, order);
        ADD(order, n);
    }
}

/* MARK: All files */

static const struct {
    const char *name;
    void (*compute)(Canary *canary);
} files[] = {
    {"adamw", adamw},
    {"attention", attention},
    {"batch_norm", batch_norm},
    {"bfloat", bfloat},
    {"blake2b", blake2b},
    {"checksum", checksum},
    {"convolution", convolution},
    {"curves", curves},
    {"divergence", divergence},
    {"elementwise", elementwise},
    {"gelu", gelu},
    {"half", half},
    {"layer_norm", layer_norm},
    {"narrow", narrow},
    {"neighbours", neighbours},
    {"product", product},
    {"reductions", reductions},
    {"rotation", rotation},
    {"rows", rows},
    {"sha256", sha256},
    {"softmax", softmax},
    {"sorting", sorting},
};

size_t dj_canary_count(void) { return sizeof files / sizeof *files; }

const char *dj_canary_name(size_t file) { return files[file].name; }

uint64_t dj_canary(size_t file) {
    const uint64_t start = 0xcbf29ce484222325u;
    Canary canary = {start, NULL};
    files[file].compute(&canary);
    while (canary.blocks) {
        void **before = *canary.blocks;
        free(canary.blocks);
        canary.blocks = before;
    }
    return canary.hash == start ? 0 : canary.hash;
}
