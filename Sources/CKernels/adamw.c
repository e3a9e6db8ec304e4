#include "dj_adamw.h"
#include "widths.h"

#ifndef DJ_KERNELS
#define DJ_SELF "adamw.c"
#include "each_width.h"

DJ_DISPATCH(dj_adamw,
            (const float *w, const float *m, const float *v, const float *g, float *w_next,
             float *m_next, float *v_next, size_t n, dj_adamw_numbers numbers),
            (w, m, v, g, w_next, m_next, v_next, n, numbers))

#else

void DJ(dj_adamw)(const float *restrict w, const float *restrict m, const float *restrict v,
                  const float *restrict g, float *restrict w_next, float *restrict m_next,
                  float *restrict v_next, size_t n, dj_adamw_numbers k) {
    for (size_t i = 0; i < n; i++) {
        float gradient = g[i] * k.scale;
        float first = __builtin_fmaf(k.beta1, m[i], (1 - k.beta1) * gradient);
        float second = __builtin_fmaf(k.beta2, v[i], (1 - k.beta2) * gradient * gradient);
        float step = first * k.correction1 / (__builtin_sqrtf(second * k.correction2) + k.epsilon);
        w_next[i] = __builtin_fmaf(-k.rate, step, __builtin_fmaf(-k.decay, w[i], w[i]));
        m_next[i] = first;
        v_next[i] = second;
    }
}

#endif
