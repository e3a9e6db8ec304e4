#include "dj_sha256.h"

#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t turned(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

void dj_sha256_plain_blocks(uint32_t words[8], const uint8_t *bytes, size_t blocks) {
    for (; blocks; blocks--, bytes += 64) {
        uint32_t w[64];
        memcpy(w, bytes, 64);
        for (int i = 0; i < 16; i++) w[i] = __builtin_bswap32(w[i]);
        for (int i = 16; i < 64; i++) {
            uint32_t x = w[i - 15], y = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (turned(x, 7) ^ turned(x, 18) ^ x >> 3)
                + (turned(y, 17) ^ turned(y, 19) ^ y >> 10);
        }
        uint32_t a = words[0], b = words[1], c = words[2], d = words[3];
        uint32_t e = words[4], f = words[5], g = words[6], h = words[7];
        /* Unrolled, the words change places without being moved. */
#pragma clang loop unroll_count(8)
        for (int i = 0; i < 64; i++) {
            uint32_t one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25))
                + ((e & f) ^ (~e & g)) + constants[i] + w[i];
            uint32_t two =
                (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + one;
            d = c, c = b, b = a, a = one + two;
        }
        words[0] += a, words[1] += b, words[2] += c, words[3] += d;
        words[4] += e, words[5] += f, words[6] += g, words[7] += h;
    }
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* Leaf 7 reports the instructions; SSE4.1 (leaf 1) comes with every processor that has them. */
static int is_available(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}

/* The instructions expect the state as the words A B E F and C D G H, the highest first. */
__attribute__((target("sha,sse4.1"))) static void take(
    uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    for (; blocks; blocks--, bytes += 64) {
        const __m128i before[2] = {abef, cdgh};
        __m128i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes + 16 * i)), order);
#pragma clang loop unroll(full)
        for (int round = 0; round < 16; round++) {
            const __m128i k = _mm_loadu_si128((const __m128i *)(constants + 4 * round));
            const __m128i sum = _mm_add_epi32(w[round & 3], k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
            if (round >= 12) continue;
            const __m128i last = w[(round + 3) & 3];
            const __m128i next = _mm_add_epi32(
                _mm_sha256msg1_epu32(w[round & 3], w[(round + 1) & 3]),
                _mm_alignr_epi8(last, w[(round + 2) & 3], 4));
            w[round & 3] = _mm_sha256msg2_epu32(next, last);
        }
        abef = _mm_add_epi32(abef, before[0]);
        cdgh = _mm_add_epi32(cdgh, before[1]);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

void dj_sha256_blocks(uint32_t words[8], const uint8_t *bytes, size_t blocks) {
    static int known; /* 0 before the first query; concurrent threads find the same value */
    int found = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (!found) {
        found = is_available() ? 1 : -1;
        __atomic_store_n(&known, found, __ATOMIC_RELAXED);
    }
    (found > 0 ? take : dj_sha256_plain_blocks)(words, bytes, blocks);
}

#else

void dj_sha256_blocks(uint32_t words[8], const uint8_t *bytes, size_t blocks) {
    dj_sha256_plain_blocks(words, bytes, blocks);
}

#endif

void dj_sha256_begin(dj_sha256_state *state) {
    /* The fractions of the square roots of the first eight primes. */
    *state = (dj_sha256_state){{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
                               0, {0}};
}

void dj_sha256_update(dj_sha256_state *state, const uint8_t *bytes, size_t n) {
    if (!n) return;
    size_t held = state->count % 64;
    state->count += n;
    if (held) {
        size_t part = n < 64 - held ? n : 64 - held;
        memcpy(state->rest + held, bytes, part);
        if (held + part < 64) return;
        dj_sha256_blocks(state->words, state->rest, 1);
        bytes += part, n -= part;
    }
    if (n >= 64) dj_sha256_blocks(state->words, bytes, n / 64);
    if (n % 64) memcpy(state->rest, bytes + n / 64 * 64, n % 64);
}

void dj_sha256_digest(const dj_sha256_state *state, uint8_t digest[32]) {
    uint32_t words[8];
    memcpy(words, state->words, sizeof words);
    size_t held = state->count % 64;
    /* The end: a bit of 1, zeros, and the number of bits in the last eight bytes of a block. */
    uint8_t end[128] = {0};
    memcpy(end, state->rest, held);
    end[held] = 0x80;
    size_t blocks = held < 56 ? 1 : 2;
    uint64_t bits = __builtin_bswap64(state->count * 8);
    memcpy(end + 64 * blocks - 8, &bits, 8);
    dj_sha256_blocks(words, end, blocks);
    for (int i = 0; i < 8; i++) words[i] = __builtin_bswap32(words[i]);
    memcpy(digest, words, 32);
}
