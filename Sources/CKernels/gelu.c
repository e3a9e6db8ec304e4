#include "dj_gelu.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "gelu.c"
#include "each_width.h"

DJ_DISPATCH(dj_gelu, (const float *x, float *y, size_t n), (x, y, n))
DJ_DISPATCH(dj_gelu_backward, (const float *x, const float *dy, float *dx, size_t n),
            (x, dy, dx, n))
DJ_DISPATCH(dj_gelu_both, (const float *x, float *y, float *dy, size_t n), (x, y, dy, n))
DJ_DISPATCH(dj_erf, (const float *x, float *y, size_t n), (x, y, n))

#else
#include "lane_normal.h"

void DJ(dj_gelu)(const float *x, float *y, size_t n) {
    f16 cdf, pdf;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        f16 v = lane_load(x + i);
        lane_normal(v, &cdf, &pdf);
        lane_store(y + i, v * cdf);
    }
    if (i < n) {
        f16 v = lane_load_some(x + i, n - i, 0);
        lane_normal(v, &cdf, &pdf);
        lane_store_some(y + i, v * cdf, n - i);
    }
}

void DJ(dj_gelu_backward)(const float *x, const float *dy, float *dx, size_t n) {
    f16 cdf, pdf;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        f16 v = lane_load(x + i);
        lane_normal(v, &cdf, &pdf);
        lane_store(dx + i, lane_load(dy + i) * lane_fma(v, pdf, cdf));
    }
    if (i < n) {
        f16 v = lane_load_some(x + i, n - i, 0);
        lane_normal(v, &cdf, &pdf);
        lane_store_some(dx + i, lane_load_some(dy + i, n - i, 0) * lane_fma(v, pdf, cdf), n - i);
    }
}

void DJ(dj_gelu_both)(const float *x, float *y, float *dy, size_t n) {
    f16 cdf, pdf;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        f16 v = lane_load(x + i);
        lane_normal(v, &cdf, &pdf);
        lane_store(dy + i, lane_load(dy + i) * lane_fma(v, pdf, cdf));
        lane_store(y + i, v * cdf);
    }
    if (i < n) {
        f16 v = lane_load_some(x + i, n - i, 0);
        lane_normal(v, &cdf, &pdf);
        lane_store_some(dy + i, lane_load_some(dy + i, n - i, 0) * lane_fma(v, pdf, cdf), n - i);
        lane_store_some(y + i, v * cdf, n - i);
    }
}

void DJ(dj_erf)(const float *x, float *y, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) lane_store(y + i, lane_erf(lane_load(x + i)));
    if (i < n) lane_store_some(y + i, lane_erf(lane_load_some(x + i, n - i, 0)), n - i);
}

#endif
