#include "dj_curves.h"
#include "widths.h"

#ifndef DJ_KERNELS
#include <string.h>

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

static inline uint64_t parities(uint64_t gray) {
    for (int shift = 1; shift < 64; shift <<= 1) gray ^= gray >> shift;
    return gray;
}

static void dj_hilbert_codes(const dj_cell *cells, size_t n, int depth, int transposed,
                             uint64_t *codes);

void dj_curve_codes(const dj_cell *cells, size_t n, int depth, int hilbert, int transposed,
                    uint64_t *codes) {
    if (hilbert) {
        dj_hilbert_codes(cells, n, depth, transposed, codes);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t x = (uint32_t)cells[i].x, y = (uint32_t)cells[i].y, z = (uint32_t)cells[i].z;
        codes[i] = transposed ? interleave(y, x, z) : interleave(x, y, z);
    }
}

typedef uint32_t u16 __attribute__((vector_size(64), aligned(4), may_alias));

#define DJ_SELF "curves.c"
#include "each_width.h"

static DJ_DISPATCH(dj_hilbert_codes,
                   (const dj_cell *cells, size_t n, int depth, int transposed, uint64_t *codes),
                   (cells, n, depth, transposed, codes))

#else

/*
 * Skilling's transform of sixteen cells at once. Where the bit of an axis is set, the lower bits of
 * the first axis are inverted; where it is not, they change places with the axis's own. The bits
 * that come out are the Gray code of the number along the curve.
 */
static void DJ(dj_hilbert_codes)(const dj_cell *cells, size_t n, int depth, int transposed,
                                 uint64_t *codes) {
    for (size_t begin = 0; begin < n; begin += LANES) {
        size_t count = n - begin < LANES ? n - begin : LANES;
        uint32_t axes[3][LANES];
        memset(axes, 0, sizeof axes);
        for (size_t i = 0; i < count; i++) {
            axes[transposed ? 1 : 0][i] = (uint32_t)cells[begin + i].x;
            axes[transposed ? 0 : 1][i] = (uint32_t)cells[begin + i].y;
            axes[2][i] = (uint32_t)cells[begin + i].z;
        }
        u16 x = *(u16 *)axes[0], y = *(u16 *)axes[1], z = *(u16 *)axes[2];
        for (int bit = depth - 1; bit > 0; bit--) {
            uint32_t low = (1u << bit) - 1;
            u16 set, swap;
            x ^= -(x >> bit & 1) & low;
            set = -(y >> bit & 1);
            x ^= set & low;
            swap = (x ^ y) & ~set & low;
            x ^= swap;
            y ^= swap;
            set = -(z >> bit & 1);
            x ^= set & low;
            swap = (x ^ z) & ~set & low;
            x ^= swap;
            z ^= swap;
        }
        *(u16 *)axes[0] = x;
        *(u16 *)axes[1] = y;
        *(u16 *)axes[2] = z;
        for (size_t i = 0; i < count; i++)
            codes[begin + i] = parities(interleave(axes[0][i], axes[1][i], axes[2][i]));
    }
}

#endif
