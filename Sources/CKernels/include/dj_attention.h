#pragma once
#include "dj_clones.h"

/*
 * Softmax attention within patches. qkv is rows x 3 channels: the queries of all heads, the keys,
 * the values; head h has the columns h * d ..< (h + 1) * d of each, d = channels / heads. Patch p
 * reads the keys keys[starts[p] ..< starts[p + 1]], the first queries[p] of which are its queries;
 * every row is a query exactly once. Scores are scaled by d^-1/2. y is rows x channels.
 *
 * `softmax` receives, for each row and head, the values from which backward recomputes
 * probabilities: the largest score in base 2 and the reciprocal of the sum (rows x heads x 2); it
 * may be NULL.
 */
void dj_patch_attention(
    const float *qkv, size_t channels, size_t heads, size_t patches, const int32_t *starts,
    const int32_t *keys, const int32_t *queries, float *y, float *softmax);

/*
 * The gradient of qkv, rows x 3 channels, from that of y. Patches add to the rows they read as
 * keys in the order of the plan.
 */
void dj_patch_attention_gradient(
    const float *qkv, size_t rows, size_t channels, size_t heads, size_t patches,
    const int32_t *starts, const int32_t *keys, const int32_t *queries, const float *y,
    const float *softmax, const float *dy, float *dqkv);
