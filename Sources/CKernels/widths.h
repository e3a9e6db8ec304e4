#pragma once
#include "dj_clones.h"

/*
 * How a kernel file is compiled in three widths. The file includes itself once a width:
 *
 *     #include "dj_softmax.h"
 *     #include "widths.h"
 *     #ifndef DJ_KERNELS
 *     #define DJ_SELF "softmax.c"
 *     #include "each_width.h"
 *     DJ_DISPATCH(dj_softmax_rows, (const float *x, float *y, size_t rows), (x, y, rows))
 *     #else
 *     void DJ(dj_softmax_rows)(const float *x, float *y, size_t rows) { … lanes … }
 *     #endif
 *
 * (target_clones would be shorter, but refuses helpers that take or return vectors.)
 */
/*
 * Every fused multiply-add is written out, and the compiler adds none: results depend neither on it
 * nor on the processor. On x86-64 without the instruction, lane_fma emulates it and fma() of libm does.
 */
#pragma STDC FP_CONTRACT OFF

#define DJ_PASTE_(a, b) a##b
#define DJ_PASTE(a, b) DJ_PASTE_(a, b)
#define DJ(name) DJ_PASTE(name, DJ_SUFFIX)

#if defined(__x86_64__)
#define DJ_DISPATCH(name, parameters, arguments)                                                   \
    void name parameters {                                                                         \
        switch (dj_width()) {                                                                      \
        case 4: name##_v4 arguments; break;                                                        \
        case 3: name##_v3 arguments; break;                                                        \
        default: name##_v0 arguments;                                                              \
        }                                                                                          \
    }
#else
#define DJ_DISPATCH(name, parameters, arguments)                                                   \
    void name parameters { name##_v0 arguments; }
#endif
