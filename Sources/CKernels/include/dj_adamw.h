#pragma once
#include "dj_clones.h"

typedef struct {
    float rate, beta1, beta2, epsilon, decay, scale, correction1, correction2;
} dj_adamw_numbers;

/* One step of AdamW; the three results may not overlap the inputs. */
void dj_adamw(const float *w, const float *m, const float *v, const float *g, float *w_next,
              float *m_next, float *v_next, size_t n, dj_adamw_numbers numbers);
