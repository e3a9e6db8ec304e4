#include "dj_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { CLASSES = 4 * 48, HEADER = 64, HUGE_FROM = 4 << 20, SMALLEST = 256 };

typedef struct pool pool;

/* Stands in the 64 bytes before every buffer. */
typedef struct header {
    pool *owner;
    struct header *next;
    uint32_t class;
} header;

struct pool {
    pthread_mutex_t lock;
    dj_pool_counts counts; /* by this pool's thread alone */
    header *free[CLASSES];
    pool *next_orphan;
};

static atomic_uint_fast64_t system_allocations, system_bytes, taken;
static pthread_mutex_t orphans_lock = PTHREAD_MUTEX_INITIALIZER;
static pool *orphans;
static pthread_key_t exit_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local pool *mine;

/* A thread that ends leaves its pool to the next thread that begins. */
static void abandon(void *p) {
    pool *left = p;
    mine = NULL;
    pthread_mutex_lock(&orphans_lock);
    left->next_orphan = orphans;
    orphans = left;
    pthread_mutex_unlock(&orphans_lock);
}

static void make_key(void) { pthread_key_create(&exit_key, abandon); }

static pool *my_pool(void) {
    if (mine) return mine;
    pthread_once(&once, make_key);
    pthread_mutex_lock(&orphans_lock);
    pool *p = orphans;
    if (p) orphans = p->next_orphan;
    pthread_mutex_unlock(&orphans_lock);
    if (!p) {
        p = calloc(1, sizeof *p);
        if (!p) abort();
        pthread_mutex_init(&p->lock, NULL);
    }
    pthread_setspecific(exit_key, p);
    return mine = p;
}

/* The class of a size, and the size of a class: 2^k * (1, 1.25, 1.5, 1.75). */
static uint32_t class_of(size_t bytes) {
    if (bytes < SMALLEST) bytes = SMALLEST;
    uint32_t k = 63 - (uint32_t)__builtin_clzll(bytes);
    size_t base = (size_t)1 << k, quarter = base >> 2;
    uint32_t part = (uint32_t)((bytes - base + quarter - 1) / quarter);
    return 4 * k + part;
}

static size_t size_of(uint32_t class) {
    size_t base = (size_t)1 << (class >> 2);
    return base + (class & 3) * (base >> 2);
}

void *dj_buffer_take(size_t bytes) {
    pool *p = my_pool();
    uint32_t class = class_of(bytes);
    if (class >= CLASSES) abort();
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
    p->counts.taken++;
    pthread_mutex_lock(&p->lock);
    header *h = NULL;
    /* A free buffer of up to twice the size will do: better than to ask the system. */
    for (uint32_t c = class; c <= class + 4 && c < CLASSES && !h; c++) {
        h = p->free[c];
        if (h) p->free[c] = h->next;
    }
    pthread_mutex_unlock(&p->lock);
    if (!h) {
        size_t size = size_of(class) + HEADER;
        size = (size + 4095) & ~(size_t)4095;
        if (size <= 65536) {
            h = aligned_alloc(64, size);
            if (!h) abort();
        } else {
            h = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (h == MAP_FAILED) abort();
            if (size >= HUGE_FROM) madvise(h, size, MADV_HUGEPAGE);
        }
        h->owner = p;
        h->class = class;
        atomic_fetch_add_explicit(&system_allocations, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&system_bytes, size, memory_order_relaxed);
        p->counts.system_allocations++;
        p->counts.system_bytes += size;
    }
    return (char *)h + HEADER;
}

void dj_buffer_give(void *buffer) {
    header *h = (header *)((char *)buffer - HEADER);
    pool *p = h->owner;
    pthread_mutex_lock(&p->lock);
    h->next = p->free[h->class];
    p->free[h->class] = h;
    pthread_mutex_unlock(&p->lock);
}

dj_pool_counts dj_buffer_counts(void) {
    return (dj_pool_counts){
        .system_allocations = atomic_load(&system_allocations),
        .system_bytes = atomic_load(&system_bytes),
        .taken = atomic_load(&taken),
    };
}

dj_pool_counts dj_buffer_thread_counts(void) { return my_pool()->counts; }
