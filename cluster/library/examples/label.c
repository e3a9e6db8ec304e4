// Labels a scan of KITTI (x, y, z, intensity as Float32) and writes a .label file, as `denju predict`.
//
//   label MODEL SCAN.bin OUT.label [THREADS]
#include <denju.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    float x, y, z, intensity;
} Point;

static void fail(const char *message) {
    fprintf(stderr, "label: %s\n", message);
    exit(2);
}

/// Reads the points of a file.
static Point *read_scan(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail("the scan cannot be opened");
    if (fseek(file, 0, SEEK_END) != 0) fail("the scan is not a file");
    const long size = ftell(file);
    rewind(file);
    if (size < 0 || size % (long)sizeof(Point) != 0) fail("the scan is not made of x, y, z, intensity");
    *count = (size_t)size / sizeof(Point);
    Point *points = malloc((size_t)size + 1);
    if (points == NULL || fread(points, sizeof(Point), *count, file) != *count)
        fail("the scan cannot be read");
    fclose(file);
    return points;
}

int main(int argc, char **argv) {
    if (argc < 4) fail("usage: label MODEL SCAN.bin OUT.label [THREADS]");
    const size_t threads = argc > 4 ? (size_t)strtoul(argv[4], NULL, 10) : 1;

    denju_error error;
    denju_model *model;
    denju_workspace *workspace;
    if (denju_model_open(argv[1], &model, &error)) fail(error.message);
    if (denju_workspace_create(model, threads, &workspace, &error)) fail(error.message);

    size_t count;
    Point *points = read_scan(argv[2], &count);
    int32_t *labels = malloc(count * sizeof *labels + 1);
    if (labels == NULL) fail("there is no memory for the labels");
    const denju_field fields[] = {
        {.name = "x", .first = &points->x, .stride = sizeof(Point), .type = DENJU_FLOAT32},
        {.name = "y", .first = &points->y, .stride = sizeof(Point), .type = DENJU_FLOAT32},
        {.name = "z", .first = &points->z, .stride = sizeof(Point), .type = DENJU_FLOAT32},
        {.name = "intensity", .first = &points->intensity, .stride = sizeof(Point),
         .type = DENJU_FLOAT32},
    };
    const denju_outputs outputs = {.size = sizeof outputs, .labels = labels};
    if (denju_label(workspace, fields, 4, count, NULL, &outputs, &error)) fail(error.message);

    FILE *file = fopen(argv[3], "wb");
    if (file == NULL) fail("the labels cannot be written");
    for (size_t point = 0; point < count; ++point) {
        const uint32_t number = (uint32_t)denju_model_class_number(model, (size_t)labels[point]);
        fwrite(&number, sizeof number, 1, file);
    }
    if (fclose(file) != 0) fail("the labels cannot be written");

    denju_workspace_destroy(workspace);
    denju_model_close(model);
    free(labels);
    free(points);
    return 0;
}
