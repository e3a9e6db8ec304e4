#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * Reusable buffers. Each thread owns a pool; a buffer returns to its own pool, whichever thread
 * releases it. A pool cuts buffers from regions of 64 MB and joins free neighbours again, so that it
 * allocates from the system only when more is in use at once than ever before; nothing returns to
 * the system while the process runs. Buffers are aligned to 64 bytes and not
 * cleared.
 */
void *dj_buffer_take(size_t bytes);
void dj_buffer_give(void *buffer);

/*
 * The calling thread's pool, for a thread that continues its work. The second thread takes the pool
 * with dj_pool_become before it takes any buffer; the first one takes no more buffers and gives the
 * pool up with dj_pool_forget before it ends.
 */
void *dj_pool_mine(void);
void dj_pool_become(void *pool);
void dj_pool_forget(void);

typedef struct {
    uint64_t system_allocations; /* regions allocated by the system since the process began */
    uint64_t system_bytes;       /* their bytes */
    uint64_t taken;              /* buffers taken, reused ones included */
} dj_pool_counts;

dj_pool_counts dj_buffer_counts(void);

/* The counts of the calling thread's pool (and of those ended threads whose pool it took over). */
dj_pool_counts dj_buffer_thread_counts(void);
