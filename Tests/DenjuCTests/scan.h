// What the tests of the C library share: a scan, its fields and the end of a failed test.
#ifndef SCAN_H
#define SCAN_H

#include <denju.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    float x, y, z, intensity;
} Point;

#define expect(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), exit(1)))

/// A stream of numbers that a seed determines (xorshift64*).
static uint64_t random_state = 0x9E3779B97F4A7C15u;

static inline uint64_t random_bits(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 2685821657736338717u;
}

static inline size_t random_below(size_t count) { return count == 0 ? 0 : random_bits() % count; }

/// The bytes of a file, with their number.
static inline unsigned char *bytes_of(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    expect(file != NULL && fseek(file, 0, SEEK_END) == 0);
    *count = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*count + 1);
    expect(bytes != NULL && fread(bytes, 1, *count, file) == *count);
    fclose(file);
    return bytes;
}

/// The four fields of KITTI's points.
static inline void fields_of(const Point *points, denju_field fields[4]) {
    const char *const names[] = {"x", "y", "z", "intensity"};
    for (int field = 0; field < 4; ++field)
        fields[field] = (denju_field){.name = names[field], .first = &points->x + field,
            .stride = sizeof *points, .type = DENJU_FLOAT32};
}

#endif
