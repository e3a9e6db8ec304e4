#include "dj_curves.h"

/* Moves bit i of a 21-bit number to bit 3i. */
static inline uint64_t spread(uint32_t value) {
    uint64_t v = value & 0x1fffff;
    v = (v | v << 32) & 0x001f00000000ffff;
    v = (v | v << 16) & 0x001f0000ff0000ff;
    v = (v | v << 8) & 0x100f00f00f00f00f;
    v = (v | v << 4) & 0x10c30c30c30c30c3;
    v = (v | v << 2) & 0x1249249249249249;
    return v;
}

static inline uint64_t interleave(uint32_t x, uint32_t y, uint32_t z) {
    return spread(x) << 2 | spread(y) << 1 | spread(z);
}

/*
 * Where the bit of an axis is set, the lower bits of the first axis are inverted; where it is not,
 * they change places with the axis's own. Masks instead of branches: the bits are as good as
 * random.
 */
static inline uint64_t hilbert_code(uint32_t x, uint32_t y, uint32_t z, int depth) {
    for (int bit = depth - 1; bit > 0; bit--) {
        uint32_t low = (1u << bit) - 1, set, swap;
        x ^= low & -(x >> bit & 1);
        set = -(y >> bit & 1);
        x ^= low & set;
        swap = (x ^ y) & low & ~set;
        x ^= swap;
        y ^= swap;
        set = -(z >> bit & 1);
        x ^= low & set;
        swap = (x ^ z) & low & ~set;
        x ^= swap;
        z ^= swap;
    }
    uint64_t code = interleave(x, y, z); /* a Gray code; its prefix parities are the number */
    code ^= code >> 1;
    code ^= code >> 2;
    code ^= code >> 4;
    code ^= code >> 8;
    code ^= code >> 16;
    code ^= code >> 32;
    return code;
}

void dj_curve_codes(const dj_cell *cells, size_t n, int depth, int hilbert, int transposed,
                    uint64_t *codes) {
    for (size_t i = 0; i < n; i++) {
        uint32_t x = (uint32_t)cells[i].x, y = (uint32_t)cells[i].y, z = (uint32_t)cells[i].z;
        uint32_t first = transposed ? y : x, second = transposed ? x : y;
        codes[i] = hilbert ? hilbert_code(first, second, z, depth) : interleave(first, second, z);
    }
}
