// Counts the allocations of labelling a scan again and again, which must be none after the first times.
//
//   allocations MODEL SCAN.bin THREADS
//
// The functions below take the place of the C library's for the whole process, libdenju included.
#include "scan.h"

#include <stdatomic.h>

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *address, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

static atomic_long allocations;

void *malloc(size_t bytes) {
    ++allocations;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
    ++allocations;
    return __libc_calloc(count, bytes);
}

void *realloc(void *address, size_t bytes) {
    ++allocations;
    return __libc_realloc(address, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    ++allocations;
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **address, size_t alignment, size_t bytes) {
    ++allocations;
    *address = __libc_memalign(alignment, bytes);
    return *address == NULL;
}

int main(int argc, char **argv) {
    expect(argc == 4);
    size_t count;
    const Point *points = (const Point *)bytes_of(argv[2], &count);
    count /= sizeof(Point);
    int32_t *labels = malloc(count * sizeof *labels);
    float *confidence = malloc(count * sizeof *confidence);
    denju_model *model;
    denju_workspace *workspace;
    expect(denju_model_open(argv[1], &model, NULL) == DENJU_OK);
    expect(denju_workspace_create(model, (size_t)atoi(argv[3]), &workspace, NULL) == DENJU_OK);
    denju_field fields[4];
    fields_of(points, fields);
    const denju_outputs outputs = {.size = sizeof outputs, .labels = labels, .confidence = confidence};

    // Threads that start in the first calls take their own memory then. A smaller scan needs no more.
    for (int call = 0; call < 8; ++call)
        expect(denju_label(workspace, fields, 4, count, NULL, &outputs, NULL) == DENJU_OK);
    expect(allocations > 0);  // the counters work
    allocations = 0;
    for (int call = 0; call < 8; ++call)
        expect(denju_label(workspace, fields, 4, count, NULL, &outputs, NULL) == DENJU_OK);
    printf("%ld\n", (long)allocations);
    return 0;
}
