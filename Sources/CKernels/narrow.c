#include "dj_narrow.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "narrow.c"
#include "each_width.h"

DJ_DISPATCH(dj_to_bfloat, (const float *x, uint16_t *y, size_t n), (x, y, n))
DJ_DISPATCH(dj_from_bfloat, (const uint16_t *x, float *y, size_t n), (x, y, n))
DJ_DISPATCH(dj_round_bfloat, (const float *x, float *y, size_t n), (x, y, n))

#else

/* Whole numbers only, so that the compiler's vectors of any width give the same bits. */
LANE uint32_t DJ(upper_half)(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return (bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : nearest;
}

LANE float DJ(widened)(uint32_t half) {
    const uint32_t bits = half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

void DJ(dj_to_bfloat)(const float *x, uint16_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (uint16_t)DJ(upper_half)(x[i]);
}

void DJ(dj_from_bfloat)(const uint16_t *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = DJ(widened)(x[i]);
}

void DJ(dj_round_bfloat)(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = DJ(widened)(DJ(upper_half)(x[i]));
}

#endif
