#include "dj_neighbours.h"
#include "dj_pool.h"

#include <string.h>

/*
 * A cell's key: 21 bits an axis, shifted so that no neighbour of a cell leaves its field. Then a
 * displacement is one addition, and no key is zero.
 */
enum { FIELD = 21, MARGIN = 8 };

static inline uint64_t key_of(int64_t x, int64_t y, int64_t z) {
    return (uint64_t)(x + MARGIN) << 2 * FIELD | (uint64_t)(y + MARGIN) << FIELD |
           (uint64_t)(z + MARGIN);
}

/*
 * Open addressing. The eight cells of a 2 x 2 x 2 block share a line of the cache: neighbours are
 * looked for by neighbours.
 */
typedef struct {
    uint64_t *keys;
    int32_t *rows;
    size_t last;
    int shift;
} cell_table;

static inline size_t home(const cell_table *t, uint64_t key) {
    const uint64_t inside = (uint64_t)1 << 2 * FIELD | (uint64_t)1 << FIELD | 1;
    uint64_t block = (key & ~inside) * 0x9e3779b97f4a7c15 >> t->shift;
    return block << 3 | (key >> (2 * FIELD - 2) & 4) | (key >> (FIELD - 1) & 2) | (key & 1);
}

static inline int32_t find(const cell_table *t, uint64_t key) {
    for (size_t slot = home(t, key);; slot = (slot + 1) & t->last) {
        if (t->keys[slot] == key) return t->rows[slot];
        if (!t->keys[slot]) return -1;
    }
}

void dj_neighbours_find(const dj_cell *cells, const int32_t *cloud_starts, size_t clouds, int size,
                        int32_t *found, int32_t *counts) {
    size_t n = (size_t)cloud_starts[clouds];
    int reach = size / 2, volume = size * size * size, half = volume / 2;
    memset(counts, 0, (size_t)half * sizeof counts[0]);
    for (size_t c = 0; c < clouds; c++) {
        size_t begin = (size_t)cloud_starts[c], end = (size_t)cloud_starts[c + 1];
        int bits = 4;
        while ((size_t)1 << bits < 2 * (end - begin)) bits++;
        size_t slots = (size_t)1 << bits;
        cell_table table = {.keys = dj_buffer_take(slots * sizeof(uint64_t)),
                            .rows = dj_buffer_take(slots * sizeof(int32_t)),
                            .last = slots - 1,
                            .shift = 64 - (bits - 3)};
        memset(table.keys, 0, slots * sizeof(uint64_t));
        for (size_t i = begin; i < end; i++) {
            uint64_t key = key_of(cells[i].x, cells[i].y, cells[i].z);
            size_t slot = home(&table, key);
            while (table.keys[slot]) slot = (slot + 1) & table.last;
            table.keys[slot] = key;
            table.rows[slot] = (int32_t)i;
        }
        for (int h = 0; h < half; h++) {
            int place = half + 1 + h;
            int64_t a = place / (size * size) - reach, b = place / size % size - reach,
                    d = place % size - reach;
            uint64_t step = ((uint64_t)a << 2 * FIELD) + ((uint64_t)b << FIELD) + (uint64_t)d;
            int32_t *neighbour = found + (size_t)h * n, count = 0;
            for (size_t i = begin; i < end; i++) {
                uint64_t key = key_of(cells[i].x, cells[i].y, cells[i].z);
                neighbour[i] = find(&table, key + step);
                count += neighbour[i] >= 0;
            }
            counts[h] += count;
        }
        dj_buffer_give(table.keys);
        dj_buffer_give(table.rows);
    }
}

void dj_neighbours_pack(const int32_t *found, size_t n, size_t half, const int32_t *starts,
                        int32_t *inputs, int32_t *outputs) {
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)starts[half] + i;
        inputs[at] = outputs[at] = (int32_t)i;
    }
    int32_t *seen_from = dj_buffer_take(n * sizeof(int32_t));
    for (size_t h = 0; h < half; h++) {
        const int32_t *neighbour = found + h * n;
        size_t ahead = (size_t)starts[half + 1 + h], behind = (size_t)starts[half - 1 - h];
        memset(seen_from, 0xff, n * sizeof(int32_t));
        for (size_t i = 0; i < n; i++) {
            int32_t j = neighbour[i];
            if (j < 0) continue;
            inputs[ahead] = j;
            outputs[ahead++] = (int32_t)i;
            seen_from[j] = (int32_t)i;
        }
        for (size_t j = 0; j < n; j++) {
            if (seen_from[j] < 0) continue;
            inputs[behind] = seen_from[j];
            outputs[behind++] = (int32_t)j;
        }
    }
    dj_buffer_give(seen_from);
}
