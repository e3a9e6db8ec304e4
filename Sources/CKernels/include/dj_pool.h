#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * Buffers that are reused. Each thread owns a pool; a buffer returns to the pool it came from,
 * whichever thread gives it back. A pool cuts its buffers from regions of 64 MB and joins free
 * neighbours again, so that it asks the system only when more is in use at once than ever before;
 * nothing returns to the system while the process runs. Buffers are aligned to 64 bytes and not
 * cleared.
 */
void *dj_buffer_take(size_t bytes);
void dj_buffer_give(void *buffer);

/*
 * The calling thread's pool, for a thread that is to go on in its stead; that one takes it with
 * dj_pool_become, before it has taken any buffer, and the first one, which takes none any more, lets
 * go of it with dj_pool_forget before it ends.
 */
void *dj_pool_mine(void);
void dj_pool_become(void *pool);
void dj_pool_forget(void);

typedef struct {
    uint64_t system_allocations; /* regions asked of the system since the process began */
    uint64_t system_bytes;       /* their bytes */
    uint64_t taken;              /* buffers handed out, reused ones included */
} dj_pool_counts;

dj_pool_counts dj_buffer_counts(void);

/* The counts of the calling thread's pool (and of those ended threads whose pool it took over). */
dj_pool_counts dj_buffer_thread_counts(void);
