#pragma once
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Vectors are passed between inlined helpers only; their calling convention never matters. */
#pragma clang diagnostic ignored "-Wpsabi"

/*
 * Sixteen Float32 lanes, whatever the processor's width: one AVX-512 register, two AVX2 registers
 * or four of 128 bits. The order of every sum is therefore the same on each, and every width
 * computes the same bits. Loads and stores need no alignment.
 */
typedef float f16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t i16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef float f8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double d8 __attribute__((vector_size(64), aligned(8), may_alias));
enum { LANES = 16 };
