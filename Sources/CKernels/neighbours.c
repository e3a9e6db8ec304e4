#include "dj_neighbours.h"
#include "widths.h"

#ifndef DJ_KERNELS
#include "dj_pool.h"

#include <string.h>

/*
 * Cells are kept in bricks of 4 x 4 x 4. A brick has a bit for each of its cells and the rows of
 * those that are occupied, in the order of the bits; so a cell is found by a bit test and a count
 * of bits, without a comparison that could be mispredicted. Only bricks are hashed, and the 26
 * around each are looked up once. Displacements of up to 4 cells never leave these.
 */
typedef struct {
    uint64_t occupied;
    int32_t first; /* where its rows begin */
} brick;

enum { AROUND = 27, ITSELF = 13, FIELD = 20 };

struct dj_brickwork {
    size_t n;            /* rows */
    brick *bricks;       /* n + 1; the last is empty: what is missing */
    int32_t *around;     /* 27 a brick: the bricks around it */
    int32_t *brick_of;   /* of each row */
    uint8_t *place_in;   /* of each row, in its brick */
    int32_t *rows;       /* n + 1, brick after brick */
};

/* A brick's key is not zero, and one step along an axis adds to its field alone. */
static inline uint64_t brick_key(dj_cell cell) {
    return (uint64_t)((cell.x >> 2) + 1) << 2 * FIELD | (uint64_t)((cell.y >> 2) + 1) << FIELD |
           (uint64_t)((cell.z >> 2) + 1);
}

static inline uint8_t place_in_brick(int x, int y, int z) {
    return (uint8_t)((x & 3) << 4 | (y & 3) << 2 | (z & 3));
}

typedef struct {
    uint64_t *keys;
    int32_t *bricks;
    size_t last;
    int shift;
} table;

/* The slot of a key, or the empty one where it belongs. */
static inline size_t slot_of(const table *t, uint64_t key) {
    size_t slot = key * 0x9e3779b97f4a7c15 >> t->shift;
    while (t->keys[slot] && t->keys[slot] != key) slot = (slot + 1) & t->last;
    return slot;
}

/* Lays the bricks of one cloud, from `*count` on; returns nothing but fills the brickwork. */
static void lay(dj_brickwork *w, const dj_cell *cells, size_t begin, size_t end, int32_t *count) {
    int bits = 4;
    while ((size_t)1 << bits < 2 * (end - begin)) bits++;
    size_t slots = (size_t)1 << bits;
    table t = {.keys = dj_buffer_take(slots * sizeof(uint64_t)),
               .bricks = dj_buffer_take(slots * sizeof(int32_t)),
               .last = slots - 1,
               .shift = 64 - bits};
    uint64_t *keys = dj_buffer_take((end - begin) * sizeof(uint64_t));
    memset(t.keys, 0, slots * sizeof(uint64_t));
    int32_t base = *count, latest = -1;
    uint64_t latest_key = 0;
    for (size_t i = begin; i < end; i++) {
        uint64_t key = brick_key(cells[i]);
        if (key != latest_key) {
            size_t slot = slot_of(&t, key);
            if (!t.keys[slot]) {
                t.keys[slot] = key;
                t.bricks[slot] = *count;
                keys[*count - base] = key;
                w->bricks[*count].occupied = 0;
                (*count)++;
            }
            latest = t.bricks[slot];
            latest_key = key;
        }
        w->brick_of[i] = latest;
        w->place_in[i] = place_in_brick(cells[i].x, cells[i].y, cells[i].z);
        w->bricks[latest].occupied |= (uint64_t)1 << w->place_in[i];
    }

    int32_t first = (int32_t)begin;
    for (int32_t b = base; b < *count; b++) {
        w->bricks[b].first = first;
        first += __builtin_popcountll(w->bricks[b].occupied);
        for (int a = 0; a < AROUND; a++) w->around[(size_t)b * AROUND + a] = (int32_t)w->n;
        w->around[(size_t)b * AROUND + ITSELF] = b;
    }
    for (size_t i = begin; i < end; i++) {
        brick b = w->bricks[w->brick_of[i]];
        uint64_t before = b.occupied & (((uint64_t)1 << w->place_in[i]) - 1);
        w->rows[b.first + __builtin_popcountll(before)] = (int32_t)i;
    }
    for (int32_t b = base; b < *count; b++) {
        for (int a = ITSELF + 1; a < AROUND; a++) {
            uint64_t step = ((uint64_t)(int64_t)(a / 9 - 1) << 2 * FIELD) +
                            ((uint64_t)(int64_t)(a / 3 % 3 - 1) << FIELD) +
                            (uint64_t)(int64_t)(a % 3 - 1);
            size_t slot = slot_of(&t, keys[b - base] + step);
            if (!t.keys[slot]) continue;
            int32_t other = t.bricks[slot];
            w->around[(size_t)b * AROUND + a] = other;
            w->around[(size_t)other * AROUND + (AROUND - 1 - a)] = b;
        }
    }
    dj_buffer_give(t.keys);
    dj_buffer_give(t.bricks);
    dj_buffer_give(keys);
}

dj_brickwork *dj_neighbours_lay(const dj_cell *cells, const int32_t *cloud_starts, size_t clouds) {
    size_t n = (size_t)cloud_starts[clouds];
    dj_brickwork *w = dj_buffer_take(sizeof *w);
    *w = (dj_brickwork){.n = n,
                        .bricks = dj_buffer_take((n + 1) * sizeof(brick)),
                        .around = dj_buffer_take(n * AROUND * sizeof(int32_t)),
                        .brick_of = dj_buffer_take(n * sizeof(int32_t)),
                        .place_in = dj_buffer_take(n),
                        .rows = dj_buffer_take((n + 1) * sizeof(int32_t))};
    w->bricks[n] = (brick){0, 0};
    w->rows[n] = 0;
    int32_t count = 0;
    for (size_t c = 0; c < clouds; c++)
        lay(w, cells, (size_t)cloud_starts[c], (size_t)cloud_starts[c + 1], &count);
    return w;
}

void dj_neighbours_raze(dj_brickwork *w) {
    dj_buffer_give(w->bricks);
    dj_buffer_give(w->around);
    dj_buffer_give(w->brick_of);
    dj_buffer_give(w->place_in);
    dj_buffer_give(w->rows);
    dj_buffer_give(w);
}

void dj_neighbours_mirror(const int32_t *half_inputs, const int32_t *half_outputs, size_t count,
                          size_t n, int32_t *inputs, int32_t *outputs) {
    int32_t *seen_from = dj_buffer_take(n * sizeof(int32_t));
    memset(seen_from, 0xff, n * sizeof(int32_t));
    for (size_t p = 0; p < count; p++) seen_from[half_inputs[p]] = half_outputs[p];
    size_t at = 0;
    for (size_t j = 0; at < count; j++) { /* what is no pair is overwritten by the next */
        inputs[at] = seen_from[j];
        outputs[at] = (int32_t)j;
        at += seen_from[j] >= 0;
    }
    dj_buffer_give(seen_from);
}

#define DJ_SELF "neighbours.c"
#include "each_width.h"

static DJ_DISPATCH(look,
                   (const dj_brickwork *w, int size, int h, int32_t *inputs, int32_t *outputs,
                    int32_t *count),
                   (w, size, h, inputs, outputs, count))

int32_t dj_neighbours_look(const dj_brickwork *w, int size, int h, int32_t *inputs,
                           int32_t *outputs) {
    int32_t count;
    look(w, size, h, inputs, outputs, &count);
    return count;
}

#else

static void DJ(look)(const dj_brickwork *w, int size, int h, int32_t *inputs, int32_t *outputs,
                     int32_t *count) {
    int reach = size / 2, place = size * size * size / 2 + 1 + h;
    int a = place / (size * size) - reach, b = place / size % size - reach, c = place % size - reach;
    /* From each place in a brick: which of the bricks around, and the place in that. */
    uint8_t where[64], there[64];
    for (int x = 0; x < 4; x++)
        for (int y = 0; y < 4; y++)
            for (int z = 0; z < 4; z++) {
                uint8_t from = place_in_brick(x, y, z);
                there[from] = place_in_brick(x + a, y + b, z + c);
                where[from] = (uint8_t)((((x + a) >> 2) + 1) * 9 + (((y + b) >> 2) + 1) * 3 +
                                        ((z + c) >> 2) + 1);
            }
    int32_t found = 0;
    for (size_t i = 0; i < w->n; i++) {
        uint8_t from = w->place_in[i];
        brick other = w->bricks[w->around[(size_t)w->brick_of[i] * AROUND + where[from]]];
        uint64_t rest = other.occupied >> there[from];
        uint64_t before = other.occupied ^ rest << there[from];
        /* What is no pair is overwritten by the next. */
        inputs[found] = w->rows[other.first + __builtin_popcountll(before)];
        outputs[found] = (int32_t)i;
        found += (int32_t)(rest & 1);
    }
    *count = found;
}

#endif
