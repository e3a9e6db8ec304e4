/* denju.h: labels point clouds with a network trained by Denju.
 *
 *     denju_error error;
 *     denju_model *model;
 *     denju_workspace *workspace;
 *     if (denju_model_open("student.safetensors", &model, &error)
 *         || denju_workspace_create(model, 4, &workspace, &error))
 *         fail(error.message);
 *     const denju_field fields[] = {
 *         {.name = "x", .first = &points[0].x, .stride = sizeof points[0], .type = DENJU_FLOAT32},
 *         ...
 *     };
 *     denju_outputs outputs = {.size = sizeof outputs, .labels = labels};
 *     if (denju_label(workspace, fields, 4, count, NULL, &outputs, &error))
 *         fail(error.message);
 *
 * Threads: a model may be used by any number of threads; a workspace by one at a time, except for
 * denju_workspace_cancel. The results do not depend on threads, processors or other workspaces.
 *
 * Memory: the library keeps the memory that labelling needs, so that a call that needs no more than
 * earlier ones allocates none. Strings and pointers that the library returns live as long as their
 * model. Buffers of the caller are neither kept nor changed, apart from the outputs.
 *
 * Errors: a call that fails returns a status other than DENJU_OK and writes one sentence to `error`,
 * which may be NULL. Outputs are then unspecified. Pointers to models and workspaces must be valid.
 *
 * ABI: the functions and structures of this version stay as they are. Structures that may grow begin
 * with their size, and fields beyond the size that a caller states count as 0.
 */
#ifndef DENJU_H
#define DENJU_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; libdenju.so.1 has this one and later ones that are compatible. */
#define DENJU_ABI_VERSION 1

/* The outcome of a call. */
typedef enum denju_status {
    DENJU_OK = 0,
    /* An argument is invalid: a field is missing, a number is not finite, an option is out of range. */
    DENJU_INVALID_ARGUMENT = 1,
    /* The model cannot be read or used. */
    DENJU_INVALID_MODEL = 2,
    /* denju_workspace_cancel ended the call. */
    DENJU_CANCELLED = 3,
    /* Another thread is using the workspace. */
    DENJU_BUSY = 4
} denju_status;

/* The reason why a call failed: one sentence, which ends with a zero byte. */
typedef struct denju_error {
    char message[512];
} denju_error;

/* The version of the interface that the library implements: DENJU_ABI_VERSION of its header. */
uint32_t denju_abi_version(void);

/* The version of the library, as "0.1.0". */
const char *denju_version(void);

/* -- Models --------------------------------------------------------------------------------------- */

/* A network with its weights, classes and input fields; immutable. */
typedef struct denju_model denju_model;

/* Reads a model that `denju export` has written. The caller closes *model. */
denju_status denju_model_open(const char *path, denju_model **model, denju_error *error);

/* Reads a model from memory, which the library does not need afterwards.
 *
 * `name` stands for the model in messages; NULL for "model". */
denju_status denju_model_read(
    const void *bytes, size_t count, const char *name, denju_model **model, denju_error *error);

/* Closes a model; NULL is allowed. Its workspaces stay usable until they are destroyed. */
void denju_model_close(denju_model *model);

/* The side of a voxel in metres. Points of one voxel have the same label. */
float denju_model_grid(const denju_model *model);

/* The number of classes. Labels are from 0 to one less. */
size_t denju_model_class_count(const denju_model *model);

/* The name of a class; NULL if there is no such class. */
const char *denju_model_class_name(const denju_model *model, size_t label);

/* The number of a class in files of the training data; -1 if there is no such class. */
int64_t denju_model_class_number(const denju_model *model, size_t label);

/* The number of fields that the model reads: x, y, z and its channels. */
size_t denju_model_field_count(const denju_model *model);

/* The name of a field, such as "x", "intensity" or "colour[0]"; NULL if there is no such field. */
const char *denju_model_field_name(const denju_model *model, size_t field);

/* The number of places in the network whose features can be returned. */
size_t denju_model_tap_count(const denju_model *model);

/* The name of a tap, such as "dec0", in the order of computation; NULL if there is no such tap. */
const char *denju_model_tap_name(const denju_model *model, size_t tap);

/* The number of features at a tap; 0 if there is no such tap. */
size_t denju_model_tap_width(const denju_model *model, size_t tap);

/* -- Workspaces ----------------------------------------------------------------------------------- */

/* The threads with which one scan at a time is labelled. */
typedef struct denju_workspace denju_workspace;

/* Creates a workspace of 1 to 1024 threads. The caller destroys *workspace. */
denju_status denju_workspace_create(
    const denju_model *model, size_t threads, denju_workspace **workspace, denju_error *error);

/* Destroys a workspace that no thread is using; NULL is allowed. */
void denju_workspace_destroy(denju_workspace *workspace);

/* Ends the labelling in progress, if any: denju_label returns DENJU_CANCELLED after at most the time
 * of one block of the network. May be called by any thread, and from a signal handler. */
void denju_workspace_cancel(denju_workspace *workspace);

/* -- Labelling ------------------------------------------------------------------------------------ */

/* The type of a field's numbers; the values are those of ROS' PointField. */
typedef enum denju_type {
    DENJU_INT8 = 1,
    DENJU_UINT8 = 2,
    DENJU_INT16 = 3,
    DENJU_UINT16 = 4,
    DENJU_INT32 = 5,
    DENJU_UINT32 = 6,
    DENJU_FLOAT32 = 7,
    DENJU_FLOAT64 = 8
} denju_type;

/* One number of every point, in a buffer of the caller.
 *
 * The value is `stored * scale + offset`, so that LAS records can be read as they are; KITTI arrays
 * and PointCloud2 messages have scale 1. Positions are metres. Channels are in the unit of the
 * training data; where the model knows the number of full intensity or colour (such as 255), values
 * are in that unit and greater ones are clamped. */
typedef struct denju_field {
    /* The name: one of denju_model_field_name. Fields that the model does not read are ignored. */
    const char *name;
    /* The number of the first point; it need not be aligned. */
    const void *first;
    /* The bytes from one point to the next, also negative; 0 for numbers side by side. */
    ptrdiff_t stride;
    /* A denju_type. */
    uint32_t type;
    /* 1 if the bytes of a number are in big-endian order, else 0. */
    uint32_t big_endian;
    /* The factor; 0 counts as 1. */
    double scale;
    /* The number that is added after scaling. */
    double offset;
} denju_field;

/* Options; a structure of zeros has the defaults. */
typedef struct denju_options {
    /* sizeof(denju_options). */
    size_t size;
    /* The poses in which the scan is labelled, 1 to 8, whose probabilities are averaged; 0 counts
     * as 1. */
    uint32_t views;
    /* 1: points whose coordinates are not finite get the label -1, and zeros in other outputs, as
     * in PointCloud2 messages that are not dense. 0: they are errors. */
    uint32_t skip_invalid;
    /* The most voxels of a tile (larger scans are divided), at least 1000; 0 for 500000. */
    size_t tile_voxels;
    /* Metres of context around a tile; 0 for 40 voxels. */
    float tile_margin;
    /* 1: positions are relative to each tile, for scans far larger than the training scans. */
    uint32_t recentre_tiles;
} denju_options;

/* The outputs; NULL for those that are not needed. */
typedef struct denju_outputs {
    /* sizeof(denju_outputs). */
    size_t size;
    /* The class of each point; -1 for points that were skipped. */
    int32_t *labels;
    /* The probability of each point's class. It is not calibrated. */
    float *confidence;
    /* Probabilities, points x classes. */
    float *probabilities;
    /* The tap whose features are returned, such as "dec0". The scan must have one view and fit into
     * one tile. */
    const char *tap;
    /* Features, points x denju_model_tap_width. A point has those of its voxel at the tap's
     * stage. */
    float *features;
} denju_outputs;

/* Labels a scan of `points` points.
 *
 * The time grows linearly with the number of voxels. No points are no error. `options` may be
 * NULL. */
denju_status denju_label(
    denju_workspace *workspace, const denju_field *fields, size_t field_count, size_t points,
    const denju_options *options, const denju_outputs *outputs, denju_error *error);

#ifdef __cplusplus
}
#endif
#endif
