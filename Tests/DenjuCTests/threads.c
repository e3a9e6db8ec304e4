// Uses one model in several threads at once: equal labels, cancelled calls, a workspace that is busy.
//
//   threads MODEL SCAN.bin ROUNDS
#include "scan.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4 };

static denju_model *model;
static denju_field fields[4];
static size_t count;
static int32_t *expected;
static int rounds;
static denju_workspace *shared, *cancelled;
static atomic_int busy, done, stops, ends;

/// Labels with a workspace of its own and compares.
static void *label_alone(void *unused) {
    (void)unused;
    denju_workspace *workspace;
    expect(denju_workspace_create(model, 1, &workspace, NULL) == DENJU_OK);
    int32_t *labels = malloc(count * sizeof *labels);
    for (int round = 0; round < rounds; ++round) {
        const denju_outputs outputs = {.size = sizeof outputs, .labels = labels};
        expect(denju_label(workspace, fields, 4, count, NULL, &outputs, NULL) == DENJU_OK);
        expect(memcmp(labels, expected, count * sizeof *labels) == 0);
    }
    free(labels);
    denju_workspace_destroy(workspace);
    return NULL;
}

/// Labels with a workspace that other threads use as well.
static void *label_together(void *unused) {
    (void)unused;
    int32_t *labels = malloc(count * sizeof *labels);
    for (int round = 0; round < rounds; ++round) {
        const denju_outputs outputs = {.size = sizeof outputs, .labels = labels};
        const denju_status status = denju_label(shared, fields, 4, count, NULL, &outputs, NULL);
        expect(status == DENJU_OK || status == DENJU_BUSY);
        if (status == DENJU_BUSY) ++busy;
        else expect(memcmp(labels, expected, count * sizeof *labels) == 0);
    }
    free(labels);
    return NULL;
}

/// Labels until it was cancelled once and has ended once.
static void *label_cancelled(void *unused) {
    (void)unused;
    int32_t *labels = malloc(count * sizeof *labels);
    while (stops == 0 || ends < rounds) {
        const denju_outputs outputs = {.size = sizeof outputs, .labels = labels};
        denju_error error;
        const denju_status status = denju_label(cancelled, fields, 4, count, NULL, &outputs, &error);
        expect(status == DENJU_OK || status == DENJU_CANCELLED);
        if (status == DENJU_OK) {
            expect(memcmp(labels, expected, count * sizeof *labels) == 0);
            ++ends;
        } else {
            expect(strstr(error.message, "cancelled") != NULL);
            ++stops;
        }
    }
    done = 1;
    free(labels);
    return NULL;
}

int main(int argc, char **argv) {
    expect(argc == 4);
    size_t bytes;
    Point *points = (Point *)bytes_of(argv[2], &bytes);
    count = bytes / sizeof(Point);
    rounds = atoi(argv[3]);
    fields_of(points, fields);
    expect(denju_model_open(argv[1], &model, NULL) == DENJU_OK);
    expect(denju_workspace_create(model, 2, &shared, NULL) == DENJU_OK);
    expect(denju_workspace_create(model, 1, &cancelled, NULL) == DENJU_OK);
    expected = malloc(count * sizeof *expected);
    const denju_outputs outputs = {.size = sizeof outputs, .labels = expected};
    expect(denju_label(shared, fields, 4, count, NULL, &outputs, NULL) == DENJU_OK);

    pthread_t threads[2 * THREADS + 1];
    for (int thread = 0; thread < THREADS; ++thread) {
        expect(pthread_create(&threads[thread], NULL, label_alone, NULL) == 0);
        expect(pthread_create(&threads[THREADS + thread], NULL, label_together, NULL) == 0);
    }
    expect(pthread_create(&threads[2 * THREADS], NULL, label_cancelled, NULL) == 0);
    // Only while it labels does a request end a call; later it must not disturb the next one.
    while (stops == 0) denju_workspace_cancel(cancelled);
    for (int thread = 0; thread <= 2 * THREADS; ++thread) pthread_join(threads[thread], NULL);
    expect(done && stops > 0 && ends >= rounds);
    printf("%d busy, %d cancelled\n", busy, stops);
    denju_workspace_destroy(shared);
    denju_workspace_destroy(cancelled);
    denju_model_close(model);
    free(expected);
    free(points);
    return 0;
}
