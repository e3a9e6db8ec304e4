#pragma once
#include <stddef.h>
#include <stdint.h>

/* The BLAKE2b digest of 256 bits, without a key (RFC 7693). */
void dj_blake2b(const uint8_t *bytes, size_t n, uint8_t digest[32]);
