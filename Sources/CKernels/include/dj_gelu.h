#pragma once
#include "dj_clones.h"

/* y = x cdf(x) with the standard normal's distribution function; y may be x. */
void dj_gelu(const float *x, float *y, size_t n);

/* dx = dy (cdf(x) + x pdf(x)); dx may be dy. */
void dj_gelu_backward(const float *x, const float *dy, float *dx, size_t n);

/* Both at once: y = gelu(x), and dy becomes the gradient of x; y may be x. */
void dj_gelu_both(const float *x, float *y, float *dy, size_t n);

/* y = erf(x). */
void dj_erf(const float *x, float *y, size_t n);
