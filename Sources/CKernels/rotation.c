#include "dj_rotation.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "rotation.c"
#include "each_width.h"

DJ_DISPATCH(dj_rotate,
            (const float *x, size_t rows, size_t heads, size_t pairs, const float *cosines,
             const float *sines, int inverse, float *y),
            (x, rows, heads, pairs, cosines, sines, inverse, y))

#else

void DJ(dj_rotate)(const float *restrict x, size_t rows, size_t heads, size_t pairs,
                   const float *restrict cosines, const float *restrict sines, int inverse,
                   float *restrict y) {
    const size_t channels = heads * 6 * pairs;
    const float sign = inverse ? -1.0f : 1.0f;
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * 3 * channels;
        float *to = y + r * 3 * channels;
        /* Queries and keys are the heads 0 ..< 2 heads of the row. */
        for (size_t h = 0; h < 2 * heads; h++)
            for (size_t axis = 0; axis < 3; axis++) {
                const float *c = cosines + (r * 3 + axis) * pairs, *s = sines + (r * 3 + axis) * pairs;
                const float *u = from + (h * 3 + axis) * 2 * pairs, *v = u + pairs;
                float *a = to + (h * 3 + axis) * 2 * pairs, *b = a + pairs;
                for (size_t j = 0; j < pairs; j++) {
                    const float sine = sign * s[j];
                    a[j] = __builtin_fmaf(-v[j], sine, u[j] * c[j]);
                    b[j] = __builtin_fmaf(u[j], sine, v[j] * c[j]);
                }
            }
        memcpy(to + 2 * channels, from + 2 * channels, channels * sizeof(float));
    }
}

#endif
