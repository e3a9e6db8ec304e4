#include "dj_blake2b.h"

#include <string.h>

/* The same constants as SHA-512's: the fractions of the first primes' square roots. */
static const uint64_t initial[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* The words of the message in each round; rounds 10 and 11 repeat 0 and 1. */
static const uint8_t order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint64_t turned(uint64_t x, int bits) { return x >> bits | x << (64 - bits); }

#define MIX(a, b, c, d, x, y)                                    \
    do {                                                         \
        v[a] += v[b] + (x), v[d] = turned(v[d] ^ v[a], 32);      \
        v[c] += v[d], v[b] = turned(v[b] ^ v[c], 24);            \
        v[a] += v[b] + (y), v[d] = turned(v[d] ^ v[a], 16);      \
        v[c] += v[d], v[b] = turned(v[b] ^ v[c], 63);            \
    } while (0)

/* `count` is the number of bytes up to the end of the block; memory holds words in little-endian order. */
static void add_block(uint64_t state[8], const uint8_t block[128], uint64_t count, int is_last) {
    uint64_t m[16], v[16];
    memcpy(m, block, 128);
    memcpy(v, state, 64);
    memcpy(v + 8, initial, 64);
    v[12] ^= count;
    if (is_last) v[14] = ~v[14];
    /* Unrolled, the order of the words is known when this is compiled. */
#pragma clang loop unroll(full)
    for (int round = 0; round < 12; round++) {
        const uint8_t *s = order[round % 10];
        MIX(0, 4, 8, 12, m[s[0]], m[s[1]]);
        MIX(1, 5, 9, 13, m[s[2]], m[s[3]]);
        MIX(2, 6, 10, 14, m[s[4]], m[s[5]]);
        MIX(3, 7, 11, 15, m[s[6]], m[s[7]]);
        MIX(0, 5, 10, 15, m[s[8]], m[s[9]]);
        MIX(1, 6, 11, 12, m[s[10]], m[s[11]]);
        MIX(2, 7, 8, 13, m[s[12]], m[s[13]]);
        MIX(3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++) state[i] ^= v[i] ^ v[i + 8];
}

void dj_blake2b(const uint8_t *bytes, size_t n, uint8_t digest[32]) {
    uint64_t state[8];
    memcpy(state, initial, sizeof state);
    state[0] ^= 0x01010000 ^ 32; /* a digest of 32 bytes, no key, no tree */
    size_t done = 0;
    /* A last block that is full is still the last one. */
    for (; n - done > 128; done += 128) add_block(state, bytes + done, done + 128, 0);
    uint8_t last[128] = {0};
    if (n > done) memcpy(last, bytes + done, n - done);
    add_block(state, last, n, 1);
    memcpy(digest, state, 32);
}
