#include "dj_elementwise.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "elementwise.c"
#include "each_width.h"

DJ_DISPATCH(dj_add, (const float *a, const float *b, float *y, size_t n), (a, b, y, n))

#else

void DJ(dj_add)(const float *a, const float *b, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

#endif
