// Gives the library records of every type, random scans, fields and options, and models that are cut
// short or damaged. Each call must return a status with a sentence; valid input must be labelled.
//
//   robustness MODEL TRIALS
#include "scan.h"

#include <math.h>

static char text[32];

/// A random number of a kind that scans have or should not have.
static float number(void) {
    switch (random_below(12)) {
    case 0: return NAN;
    case 1: return INFINITY;
    case 2: return 1e30f;
    case 3: return -20000;
    case 4: return 0;
    default: return (float)random_below(2000) / 10 - 100;
    }
}

static void check(denju_status status, const denju_error *error) {
    expect(status <= DENJU_BUSY);
    if (status == DENJU_OK) return;
    const size_t length = strnlen(error->message, sizeof error->message);
    expect(length > 10 && length < sizeof error->message);
    // A sentence that fits ends like one; a longer one is cut.
    expect(length > sizeof error->message - 8 || error->message[length - 1] == '.');
}

static void try_models(const unsigned char *bytes, size_t count, size_t trials) {
    unsigned char *copy = malloc(count);
    expect(copy != NULL);
    size_t opened = 0;
    for (size_t trial = 0; trial < trials; ++trial) {
        // Headers are short: most damage is done there.
        const size_t reach = trial % 2 == 0 && count > 8192 ? 8192 : count;
        size_t length = trial % 4 < 2 ? random_below(reach) : count;
        memcpy(copy, bytes, count);
        if (length == count)
            for (size_t change = random_below(8) + 1; change > 0; --change)
                copy[random_below(reach)] = (unsigned char)random_bits();
        denju_error error = {{0}};
        denju_model *model = NULL;
        const denju_status status = denju_model_read(copy, length, NULL, &model, &error);
        check(status, &error);
        expect((status == DENJU_OK) == (model != NULL));
        if (status == DENJU_OK) ++opened;
        denju_model_close(model);
    }
    // Changed weights are weights as well: some damage cannot be seen.
    expect(opened > 0 && opened < trials);
    free(copy);
}

static void try_scans(denju_model *model, denju_workspace *workspace, size_t trials) {
    enum { MOST = 64 };
    const size_t classes = denju_model_class_count(model);
    // Guards around the outputs: nothing may be written beyond the points.
    int32_t labels[MOST + 2];
    float confidence[MOST + 2];
    float *probabilities = malloc(MOST * classes * sizeof *probabilities);
    float *features = malloc(MOST * 1024 * sizeof *features);
    expect(probabilities != NULL && features != NULL);
    Point points[MOST];
    size_t labelled = 0, rejected = 0;
    for (size_t trial = 0; trial < trials; ++trial) {
        const size_t count = random_below(MOST + 1);
        const int is_clean = random_below(2) == 0;
        for (size_t point = 0; point < MOST; ++point) {
            float *values = &points[point].x;
            for (int axis = 0; axis < 4; ++axis)
                values[axis] = is_clean ? (float)random_below(200) / 10 : number();
        }
        denju_field fields[6];
        fields_of(points, fields);
        size_t given = 4;
        denju_options options = {.size = sizeof options};
        denju_outputs outputs = {.size = sizeof outputs, .labels = labels + 1};
        options.skip_invalid = random_below(2) == 0;
        if (random_below(2) == 0) outputs.confidence = confidence + 1;
        if (random_below(3) == 0) outputs.probabilities = probabilities;
        if (random_below(4) == 0) {
            outputs.tap = denju_model_tap_name(model, random_below(denju_model_tap_count(model)));
            outputs.features = features;
        }
        if (random_below(3) == 0) options.views = (uint32_t)random_below(10);
        // One mistake at most in half of the calls; numbers stay within the buffer.
        switch (random_below(24)) {
        case 0: given = random_below(5); break;
        case 1: fields[random_below(4)].name = NULL; break;
        case 2: fields[random_below(4)].first = NULL; break;
        case 3: fields[random_below(4)].type = (uint32_t)random_below(9) > 6 ? 99 : DENJU_FLOAT32; break;
        case 4: fields[random_below(4)].type = (uint32_t)random_below(8); break;
        case 5: fields[random_below(4)].scale = random_below(2) == 0 ? NAN : -3; break;
        case 6: fields[random_below(4)].offset = random_below(2) == 0 ? INFINITY : 1e6; break;
        case 7: fields[4] = fields[random_below(4)]; given = 5; break;
        case 8: options.tile_voxels = random_below(3000); break;
        case 9: options.tile_margin = number(); break;
        case 10: outputs.size = random_below(64); break;
        case 11: options.size = random_below(64); break;
        case 12: outputs.tap = text; break;
        case 13: fields[random_below(4)].big_endian = 1; break;
        case 14: options.views = (uint32_t)random_bits(); break;
        case 15: fields[3].name = "intensité"; break;
        default: break;
        }
        labels[0] = labels[count + 1] = 123456;
        confidence[0] = confidence[count + 1] = 7;
        denju_error error = {{0}};
        const denju_status status =
            denju_label(workspace, fields, given, count, &options, &outputs, &error);
        check(status, &error);
        expect(labels[0] == 123456 && labels[count + 1] == 123456);
        expect(confidence[0] == 7 && confidence[count + 1] == 7);
        if (status != DENJU_OK) {
            ++rejected;
            continue;
        }
        ++labelled;
        for (size_t point = 0; point < count && outputs.size >= 16; ++point)
            expect(labels[point + 1] >= -1 && labels[point + 1] < (int32_t)classes);
    }
    // About a quarter of the calls is valid; a short trial under valgrind may have fewer.
    expect(labelled > trials / 10 && rejected > trials / 5);
    free(probabilities);
    free(features);
}

/// Stores a whole number as a value of this type, at any address.
static void store(unsigned char *at, denju_type type, int big_endian, long number) {
    const float single = (float)number;
    const double twice = (double)number;
    unsigned char bytes[8];
    size_t size = 0;
    switch (type) {
    case DENJU_INT8: case DENJU_UINT8: size = 1; break;
    case DENJU_INT16: case DENJU_UINT16: size = 2; break;
    case DENJU_INT32: case DENJU_UINT32: size = 4; break;
    case DENJU_FLOAT32: memcpy(bytes, &single, size = 4); break;
    case DENJU_FLOAT64: memcpy(bytes, &twice, size = 8); break;
    }
    if (type < DENJU_FLOAT32)
        for (size_t byte = 0; byte < size; ++byte) bytes[byte] = (unsigned char)(number >> (8 * byte));
    for (size_t byte = 0; byte < size; ++byte) at[byte] = bytes[big_endian ? size - 1 - byte : byte];
}

/// Records of every type, scaled and shifted as in LAS, in both byte orders and backwards, are labelled
/// like the plain points.
static void try_encodings(denju_workspace *workspace) {
    enum { COUNT = 500, RECORD = 37 };
    static Point points[COUNT];
    static unsigned char records[COUNT * RECORD];
    int32_t expected[COUNT], labels[COUNT];
    long stored[COUNT][4];
    denju_field fields[4];
    for (size_t point = 0; point < COUNT; ++point) {
        for (int axis = 0; axis < 4; ++axis) stored[point][axis] = (long)random_below(101);
        // Quarters of a metre from -5 m, which are exact in every type.
        points[point] = (Point){.x = (float)stored[point][0] / 4 - 5, .y = (float)stored[point][1] / 4 - 5,
            .z = (float)stored[point][2] / 4 - 5, .intensity = (float)stored[point][3] / 128};
    }
    fields_of(points, fields);
    denju_outputs outputs = {.size = sizeof outputs, .labels = expected};
    expect(denju_label(workspace, fields, 4, COUNT, NULL, &outputs, NULL) == DENJU_OK);
    outputs.labels = labels;
    for (denju_type type = DENJU_INT8; type <= DENJU_FLOAT64; ++type) {
        for (int form = 0; form < 4; ++form) {
            const int big_endian = form & 1, backwards = form >> 1;
            for (int axis = 0; axis < 4; ++axis) {
                // Records have an odd size, so that most numbers are not aligned.
                unsigned char *first = records + 1 + 8 * axis;
                for (size_t point = 0; point < COUNT; ++point) {
                    const size_t place = backwards ? COUNT - 1 - point : point;
                    store(first + place * RECORD, type, big_endian, stored[point][axis]);
                }
                fields[axis].first = backwards ? first + (COUNT - 1) * RECORD : first;
                fields[axis].stride = backwards ? -RECORD : RECORD;
                fields[axis].type = type;
                fields[axis].big_endian = (uint32_t)big_endian;
                fields[axis].scale = axis < 3 ? 0.25 : 1.0 / 128;
                fields[axis].offset = axis < 3 ? -5 : 0;
            }
            expect(denju_label(workspace, fields, 4, COUNT, NULL, &outputs, NULL) == DENJU_OK);
            expect(memcmp(labels, expected, sizeof labels) == 0);
        }
    }
}

int main(int argc, char **argv) {
    expect(argc == 3);
    const size_t trials = (size_t)strtoul(argv[2], NULL, 10);
    size_t count;
    unsigned char *bytes = bytes_of(argv[1], &count);
    denju_model *model;
    denju_workspace *workspace;
    expect(denju_model_read(bytes, count, "memory", &model, NULL) == DENJU_OK);
    expect(denju_workspace_create(model, 1, &workspace, NULL) == DENJU_OK);
    expect(denju_workspace_create(model, 0, &(denju_workspace *){0}, NULL) == DENJU_INVALID_ARGUMENT);
    snprintf(text, sizeof text, "dec%d", 77);

    // What a model tells beyond its ends, and calls without their pointers.
    expect(denju_model_class_name(model, denju_model_class_count(model)) == NULL);
    expect(denju_model_class_number(model, SIZE_MAX) == -1);
    expect(denju_model_field_name(model, denju_model_field_count(model)) == NULL);
    expect(denju_model_tap_name(model, 1000) == NULL && denju_model_tap_width(model, 1000) == 0);
    denju_error error;
    check(denju_model_open(NULL, &model, &error), &error);
    check(denju_model_open("/nowhere/model.safetensors", &(denju_model *){0}, &error), &error);
    check(denju_model_read(NULL, 0, NULL, &model, &error), &error);
    check(denju_label(workspace, NULL, 0, 1, NULL, &(denju_outputs){.size = 48}, &error), &error);
    check(denju_label(workspace, NULL, 0, 1, NULL, NULL, &error), &error);
    check(denju_label(NULL, NULL, 0, 0, NULL, NULL, &error), &error);
    denju_model_close(NULL);
    denju_workspace_destroy(NULL);

    try_encodings(workspace);
    try_scans(model, workspace, trials - trials / 5);
    try_models(bytes, count, trials / 5);
    // A workspace outlives its model.
    denju_model_close(model);
    Point point = {0};
    denju_field fields[4];
    fields_of(&point, fields);
    int32_t label = -7;
    expect(denju_label(workspace, fields, 4, 1, NULL,
        &(denju_outputs){.size = sizeof(denju_outputs), .labels = &label}, NULL) == DENJU_OK);
    expect(label >= 0);
    denju_workspace_destroy(workspace);
    free(bytes);
    return 0;
}
