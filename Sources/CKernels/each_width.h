/* Included by a kernel file that has defined DJ_SELF; see widths.h. No include guard on purpose. */
#define DJ_KERNELS
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define DJ_SUFFIX _v4
#define DJ_WIDTH 4
#include "lanes.h"
#include DJ_SELF
#undef DJ_SUFFIX
#undef DJ_WIDTH
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define DJ_SUFFIX _v3
#define DJ_WIDTH 3
#include "lanes.h"
#include DJ_SELF
#undef DJ_SUFFIX
#undef DJ_WIDTH
#pragma clang attribute pop
#endif
#define DJ_SUFFIX _v0
#define DJ_WIDTH 0
#include "lanes.h"
#include DJ_SELF
#undef DJ_SUFFIX
#undef DJ_WIDTH
#undef DJ_KERNELS
