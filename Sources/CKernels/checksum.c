#include "dj_checksum.h"
#include "widths.h"

#include <string.h>

#ifndef DJ_KERNELS
#define DJ_SELF "checksum.c"

/* Eight words at once; four of these chains are independent, so that no product waits for another. */
typedef uint64_t w8 __attribute__((vector_size(64), aligned(1), may_alias));
enum { STREAMS = 4, BLOCK_BYTES = STREAMS * 64 };

/* An odd factor: each step is invertible, so no difference of one word is ever lost. The rotation
 * moves the upper bits, which a product does not spread, to where the next product spreads them. */
#define FACTOR 0x9e3779b97f4a7c15u
#define STEP(state, words) (((state) ^ (words)) * FACTOR << 29 | ((state) ^ (words)) * FACTOR >> 35)

#include "each_width.h"

DJ_DISPATCH(dj_checksum, (const void *bytes, size_t n, uint64_t *sum), (bytes, n, sum))

#else

void DJ(dj_checksum)(const void *bytes, size_t n, uint64_t *sum) {
    const uint8_t *at = bytes;
    w8 state[STREAMS];
    for (int s = 0; s < STREAMS; s++)
        for (int l = 0; l < 8; l++) state[s][l] = FACTOR * (uint64_t)(8 * s + l + 1);
    size_t i = 0;
    for (; i + BLOCK_BYTES <= n; i += BLOCK_BYTES)
        for (int s = 0; s < STREAMS; s++)
            state[s] = STEP(state[s], *(const w8 *)(at + i + 64 * s));
    uint8_t rest[BLOCK_BYTES] = {0};
    if (i < n) memcpy(rest, at + i, n - i);
    uint64_t all = n;
    for (int s = 0; s < STREAMS; s++) {
        state[s] = STEP(state[s], *(const w8 *)(rest + 64 * s));
        for (int l = 0; l < 8; l++) all = STEP(all, state[s][l]);
    }
    all ^= all >> 32;
    *sum = all * FACTOR;
}

#endif
