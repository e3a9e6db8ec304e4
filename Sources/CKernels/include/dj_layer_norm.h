#pragma once
#include "dj_clones.h"

/*
 * y = residual + (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and (biased) variance
 * of each row; residual may be NULL (nothing is added). y may be x or residual.
 */
void dj_layer_norm(const float *x, const float *scale, const float *shift, const float *residual,
                   float epsilon, float *y, size_t rows, size_t columns);

/*
 * The gradients; statistics are recomputed from x. dx may be NULL or dy; dscale and dshift (Double,
 * one value a column, Float32 over blocks of 32 rows) may be NULL together.
 */
void dj_layer_norm_backward(const float *x, const float *scale, const float *dy, float epsilon,
                            float *dx, double *dscale, double *dshift, size_t rows,
                            size_t columns);
