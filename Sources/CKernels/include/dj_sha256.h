#pragma once
#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4) of bytes that arrive in pieces. Copies of a state are independent. */
typedef struct {
    uint32_t words[8];
    uint64_t count;   /* bytes so far */
    uint8_t rest[64]; /* the last count % 64 of them */
} dj_sha256_state;

void dj_sha256_begin(dj_sha256_state *state);
void dj_sha256_update(dj_sha256_state *state, const uint8_t *bytes, size_t n);

/* The digest of the bytes so far; more may follow. */
void dj_sha256_digest(const dj_sha256_state *state, uint8_t digest[32]);

/* Adds blocks of 64 bytes to the eight words, with the processor's SHA instructions if there are any. */
void dj_sha256_blocks(uint32_t words[8], const uint8_t *bytes, size_t blocks);

/* The same without these instructions. */
void dj_sha256_plain_blocks(uint32_t words[8], const uint8_t *bytes, size_t blocks);
