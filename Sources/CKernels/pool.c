#include "dj_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

/*
 * Two-level segregated fit (Masmano et al., TLSF, 2004): free blocks lie in lists by size, eight a
 * power of two; a block is taken from the first list whose every block is large enough, the rest
 * becomes free again, and a block that becomes free joins its free neighbours. Small buffers are
 * never joined: they are many, alike and soon reused, so each size keeps its own stack.
 */
enum {
    HEADER = 64,
    SMALLEST = 256,
    SMALL = 32 << 10, /* up to here: stacks by size, cut from slabs */
    SLAB = 256 << 10,
    GRAIN = 4096, /* larger blocks are whole pages */
    REGION = 64 << 20,
    HUGE_PAGE = 2 << 20,
    PER_POWER = 8,
    LISTS = 44 * PER_POWER,
    STACKS = 4 * 16,
};

typedef struct pool pool;

/* The header in the 64 bytes before every buffer and at the beginning of every free block. */
typedef struct block {
    pool *owner;
    size_t size;          /* in bytes, this header included */
    struct block *before; /* the neighbour that ends where this begins; NULL at a region's start */
    struct block *next, *previous; /* in the list of free blocks */
    uint32_t stack;                /* of a small buffer */
    bool free, last, small;
} block;

_Static_assert(sizeof(block) <= HEADER, "a header fits before a buffer");

struct pool {
    pthread_mutex_t lock;
    dj_pool_counts counts; /* by this pool's thread alone */
    uint64_t filled[(LISTS + 63) / 64]; /* which lists hold a block */
    block *lists[LISTS];
    block *stacks[STACKS];
    char *slab; /* where the next small buffer is cut */
    size_t slab_left;
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

static size_t rounded_up(size_t bytes, size_t grain) { return (bytes + grain - 1) / grain * grain; }

static int power_of(size_t bytes) { return 63 - __builtin_clzll(bytes); }

/* The list a free block of this size lies in: sizes of a list differ by less than an eighth. */
static uint32_t list_of(size_t size) {
    int k = power_of(size);
    return (uint32_t)(PER_POWER * k + (int)((size >> (k - 3)) & 7));
}

/* The first list whose every block holds at least this many bytes. */
static uint32_t first_list_for(size_t size) {
    uint32_t list = list_of(size);
    return (size & (((size_t)1 << (power_of(size) - 3)) - 1)) ? list + 1 : list;
}

static block *after(block *b) { return b->last ? NULL : (block *)((char *)b + b->size); }

static void add_free(pool *p, block *b) {
    uint32_t list = list_of(b->size);
    b->free = true;
    b->previous = NULL;
    b->next = p->lists[list];
    if (b->next) b->next->previous = b;
    p->lists[list] = b;
    p->filled[list / 64] |= (uint64_t)1 << (list % 64);
}

static void remove_free(pool *p, block *b) {
    uint32_t list = list_of(b->size);
    b->free = false;
    if (b->next) b->next->previous = b->previous;
    if (b->previous) {
        b->previous->next = b->next;
    } else {
        p->lists[list] = b->next;
        if (!b->next) p->filled[list / 64] &= ~((uint64_t)1 << (list % 64));
    }
}

/* The first free block of at least this size, still in its list; NULL if there is none. */
static block *free_block(pool *p, size_t size) {
    uint32_t first = first_list_for(size);
    /* The list below may hold one that is just large enough: the closest fit there is. */
    for (block *b = p->lists[list_of(size)]; b && list_of(size) < first; b = b->next)
        if (b->size >= size) return b;
    for (uint32_t word = first / 64; word < sizeof p->filled / sizeof *p->filled; word++) {
        uint64_t lists = p->filled[word];
        if (word == first / 64) lists &= ~(uint64_t)0 << (first % 64);
        if (lists) return p->lists[64 * word + (uint32_t)__builtin_ctzll(lists)];
    }
    return NULL;
}

/* A new region from the system, as one free block. */
static block *new_region(pool *p, size_t size) {
    size_t bytes = rounded_up(size < REGION ? REGION : size, HUGE_PAGE);
    /* Mapped with room to begin at a huge page's border; the ends are given back. */
    char *wide = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (wide == MAP_FAILED) abort();
    char *region = (char *)rounded_up((size_t)wide, HUGE_PAGE);
    if (region > wide) munmap(wide, (size_t)(region - wide));
    munmap(region + bytes, (size_t)(wide + HUGE_PAGE - region));
    madvise(region, bytes, MADV_HUGEPAGE);
    atomic_fetch_add_explicit(&system_allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&system_bytes, bytes, memory_order_relaxed);
    p->counts.system_allocations++;
    p->counts.system_bytes += bytes;
    block *b = (block *)region;
    *b = (block){.owner = p, .size = bytes, .last = true};
    add_free(p, b);
    return b;
}

/* A block of whole pages, header included. */
static block *take_block(pool *p, size_t size) {
    size = rounded_up(size, GRAIN);
    block *b = free_block(p, size);
    if (!b) b = new_region(p, size);
    remove_free(p, b);
    if (b->size > size) {
        block *rest = (block *)((char *)b + size);
        *rest = (block){.owner = p, .size = b->size - size, .before = b, .last = b->last};
        b->size = size;
        b->last = false;
        block *beyond = after(rest);
        if (beyond) beyond->before = rest;
        add_free(p, rest);
    }
    return b;
}

/* Joins `b` with the block after it. */
static void join(block *b, block *beyond) {
    b->size += beyond->size;
    b->last = beyond->last;
    block *next = after(b);
    if (next) next->before = b;
}

static void give_block(pool *p, block *b) {
    block *beyond = after(b), *before = b->before;
    if (beyond && beyond->free) {
        remove_free(p, beyond);
        join(b, beyond);
    }
    if (before && before->free) {
        remove_free(p, before);
        join(before, b);
        b = before;
    }
    add_free(p, b);
}

/* The stack of a small size, and the size of a stack: 2^k * (1, 1.25, 1.5, 1.75). */
static uint32_t stack_of(size_t bytes) {
    if (bytes < SMALLEST) bytes = SMALLEST;
    uint32_t k = (uint32_t)power_of(bytes);
    size_t base = (size_t)1 << k, quarter = base >> 2;
    return 4 * k + (uint32_t)((bytes - base + quarter - 1) / quarter);
}

static size_t size_of(uint32_t stack) {
    size_t base = (size_t)1 << (stack >> 2);
    return base + (stack & 3) * (base >> 2);
}

static block *take_small(pool *p, uint32_t stack) {
    block *b = p->stacks[stack];
    if (b) {
        p->stacks[stack] = b->next;
        return b;
    }
    size_t size = rounded_up(size_of(stack) + HEADER, HEADER);
    if (p->slab_left < size) {
        p->slab = (char *)take_block(p, SLAB) + HEADER;
        p->slab_left = SLAB - HEADER;
    }
    b = (block *)p->slab;
    p->slab += size;
    p->slab_left -= size;
    *b = (block){.owner = p, .size = size, .small = true, .stack = stack};
    return b;
}

void *dj_buffer_take(size_t bytes) {
    pool *p = my_pool();
    if (bytes > (size_t)1 << 42) abort();
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
    p->counts.taken++;
    pthread_mutex_lock(&p->lock);
    block *b = bytes <= SMALL ? take_small(p, stack_of(bytes)) : take_block(p, bytes + HEADER);
    pthread_mutex_unlock(&p->lock);
    return (char *)b + HEADER;
}

void dj_buffer_give(void *buffer) {
    block *b = (block *)((char *)buffer - HEADER);
    pool *p = b->owner;
    pthread_mutex_lock(&p->lock);
    if (b->small) {
        b->next = p->stacks[b->stack];
        p->stacks[b->stack] = b;
    } else {
        give_block(p, b);
    }
    pthread_mutex_unlock(&p->lock);
}

void *dj_pool_mine(void) { return my_pool(); }

void dj_pool_become(void *p) {
    pthread_once(&once, make_key);
    pthread_setspecific(exit_key, p);
    mine = p;
}

void dj_pool_forget(void) {
    if (!mine) return;
    pthread_setspecific(exit_key, NULL);
    mine = NULL;
}

dj_pool_counts dj_buffer_counts(void) {
    return (dj_pool_counts){
        .system_allocations = atomic_load(&system_allocations),
        .system_bytes = atomic_load(&system_bytes),
        .taken = atomic_load(&taken),
    };
}

dj_pool_counts dj_buffer_thread_counts(void) { return my_pool()->counts; }
