#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * Takes so many blocks of 64 bytes into a SHA-256 state (the eight words of FIPS 180-4) by the
 * processor's own instructions; 0, and nothing happens, where it has none.
 */
int dj_sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks);
