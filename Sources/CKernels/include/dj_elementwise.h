#pragma once
#include "dj_clones.h"

/* y = a + b; y may be a. */
void dj_add(const float *a, const float *b, float *y, size_t n);
