// Labels scans from a pipe as they come, with bounded latency: a scan that waits while a newer one
// arrives is dropped and counted, so that a result is never older than two labellings.
//
//   sensor | stream MODEL [THREADS] > labels
//
// Input, little-endian: for each scan the number of its points (uint32), then x, y, z, intensity
// (Float32) of each. Output: for each labelled scan its place in the input (uint32, from 0), the number
// of its points (uint32) and their labels (int32). The last line on standard error is the count.
#include <denju.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POINT_BYTES = 16, MOST_POINTS = 4000000 };

typedef struct {
    uint32_t place, points;
    unsigned char *bytes;
    double arrival;
} Scan;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Scan waiting;
static int has_waiting, at_end;
static uint32_t received, dropped;

static void fail(const char *message) {
    fprintf(stderr, "stream: %s\n", message);
    exit(2);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Reads scans and leaves the newest one waiting.
static void *receive(void *unused) {
    (void)unused;
    unsigned char header[4];
    while (fread(header, 1, 4, stdin) == 4) {
        const uint32_t points = (uint32_t)header[0] | (uint32_t)header[1] << 8
            | (uint32_t)header[2] << 16 | (uint32_t)header[3] << 24;
        if (points > MOST_POINTS) fail("a scan has more than 4,000,000 points: is this a stream of scans?");
        Scan scan = {.points = points, .bytes = malloc((size_t)points * POINT_BYTES + 1)};
        if (scan.bytes == NULL) fail("there is no memory for a scan");
        if (fread(scan.bytes, POINT_BYTES, points, stdin) != points) {
            fprintf(stderr, "stream: the last scan is incomplete and is left out\n");
            free(scan.bytes);
            break;
        }
        scan.arrival = now();
        pthread_mutex_lock(&mutex);
        scan.place = received++;
        if (has_waiting) {
            free(waiting.bytes);
            ++dropped;
        }
        waiting = scan;
        has_waiting = 1;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&mutex);
    }
    pthread_mutex_lock(&mutex);
    at_end = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

/// Waits for a scan; 0 at the end of the stream.
static int take(Scan *scan) {
    pthread_mutex_lock(&mutex);
    while (!has_waiting && !at_end) pthread_cond_wait(&changed, &mutex);
    const int taken = has_waiting;
    if (taken) *scan = waiting;
    has_waiting = 0;
    pthread_mutex_unlock(&mutex);
    return taken;
}

int main(int argc, char **argv) {
    if (argc < 2) fail("usage: stream MODEL [THREADS] < scans > labels");
    const size_t threads = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 1;
    denju_error error;
    denju_model *model;
    denju_workspace *workspace;
    if (denju_model_open(argv[1], &model, &error)) fail(error.message);
    if (denju_workspace_create(model, threads, &workspace, &error)) fail(error.message);

    pthread_t receiver;
    if (pthread_create(&receiver, NULL, receive, NULL) != 0) fail("no thread can be started");
    Scan scan;
    int32_t *labels = NULL;
    uint32_t room = 0, labelled = 0, unusable = 0;
    double longest = 0;
    const denju_options options = {.size = sizeof options, .skip_invalid = 1};
    while (take(&scan)) {
        if (labels == NULL || scan.points > room) {
            free(labels);
            room = scan.points;
            labels = malloc((size_t)room * sizeof *labels + 1);
            if (labels == NULL) fail("there is no memory for labels");
        }
        denju_field fields[4];
        static const char *const names[] = {"x", "y", "z", "intensity"};
        for (int field = 0; field < 4; ++field)
            fields[field] = (denju_field){.name = names[field], .first = scan.bytes + 4 * field,
                .stride = POINT_BYTES, .type = DENJU_FLOAT32};
        const denju_outputs outputs = {.size = sizeof outputs, .labels = labels};
        if (denju_label(workspace, fields, 4, scan.points, &options, &outputs, &error)) {
            fprintf(stderr, "stream: scan %u: %s\n", scan.place, error.message);
            ++unusable;
        } else {
            const uint32_t header[] = {scan.place, scan.points};
            if (fwrite(header, sizeof header, 1, stdout) != 1
                || fwrite(labels, sizeof *labels, scan.points, stdout) != scan.points
                || fflush(stdout) != 0)
                fail(strerror(errno));
            ++labelled;
            const double latency = now() - scan.arrival;
            if (latency > longest) longest = latency;
        }
        free(scan.bytes);
    }
    pthread_join(receiver, NULL);
    fprintf(stderr, "stream: %u scans, %u labelled, %u dropped, %u unusable, latency at most %.0f ms\n",
        received, labelled, dropped, unusable, 1e3 * longest);
    free(labels);
    denju_workspace_destroy(workspace);
    denju_model_close(model);
    return 0;
}
