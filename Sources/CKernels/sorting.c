#include "dj_sorting.h"
#include "dj_pool.h"

#include <string.h>

enum { WIDEST_DIGIT = 11, FEW = 2048 };

typedef struct {
    uint64_t key;
    int32_t row;
} entry;

void dj_argsort(const uint64_t *keys, size_t n, int32_t *order) {
    uint64_t differing = 0;
    for (size_t i = 1; i < n; i++) differing |= keys[i] ^ keys[0];
    if (!differing) {
        for (size_t i = 0; i < n; i++) order[i] = (int32_t)i;
        return;
    }
    int lowest = __builtin_ctzll(differing), span = 64 - __builtin_clzll(differing) - lowest;
    int widest = n < FEW ? 8 : WIDEST_DIGIT;
    int passes = (span + widest - 1) / widest, digit = (span + passes - 1) / passes;
    uint64_t mask = ((uint64_t)1 << digit) - 1;

    entry *from = dj_buffer_take(2 * n * sizeof(entry)), *to = from + n, *taken = from;
    for (size_t i = 0; i < n; i++) from[i] = (entry){keys[i] >> lowest, (int32_t)i};
    for (int pass = 0; pass < passes; pass++) {
        uint32_t begins[1 << WIDEST_DIGIT];
        int shift = pass * digit;
        memset(begins, 0, (mask + 1) * sizeof begins[0]);
        for (size_t i = 0; i < n; i++) begins[from[i].key >> shift & mask]++;
        uint32_t begin = 0;
        for (uint64_t value = 0; value <= mask; value++) {
            uint32_t count = begins[value];
            begins[value] = begin;
            begin += count;
        }
        if (pass == passes - 1) {
            for (size_t i = 0; i < n; i++)
                order[begins[from[i].key >> shift & mask]++] = from[i].row;
        } else {
            for (size_t i = 0; i < n; i++) to[begins[from[i].key >> shift & mask]++] = from[i];
            entry *swap = from;
            from = to;
            to = swap;
        }
    }
    dj_buffer_give(taken);
}
