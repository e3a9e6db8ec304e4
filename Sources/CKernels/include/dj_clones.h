#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * The width of the kernels in use: 4 (x86-64-v4, AVX-512), 3 (x86-64-v3, AVX2 and FMA) or 0 (the
 * baseline; on Arm, where it is NEON, the only one). Decided once from the processor;
 * dj_set_width pins a lower one. Returns the width in force.
 */
int dj_width(void);
int dj_set_width(int width);

/* The same for the calling thread only, until -1 is passed: for tests that compare widths. */
int dj_set_thread_width(int width);
