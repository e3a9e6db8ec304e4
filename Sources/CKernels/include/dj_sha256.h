#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * Adds blocks of 64 bytes to a SHA-256 state (the eight words of FIPS 180-4) with the processor's
 * SHA instructions; returns 0 without any effect if there are none.
 */
int dj_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks);
