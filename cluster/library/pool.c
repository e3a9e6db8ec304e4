// The memory of libdenju: blocks that are reused and never returned, so that labelling scans of a size
// seen before allocates nothing.
//
// cluster/library/build renames the library's calls of malloc and its relatives to those below, the
// Swift runtime's included. The program's own calls are not affected.
//
// Blocks come from one reserved range of addresses, whose pages the system provides on first use. A
// block belongs to a size class: multiples of 16 bytes up to 256, then eight classes for each doubling,
// hence at most an eighth is unused. Free blocks of a class form a stack without locks, which also
// makes the pool usable after fork(). What does not fit into the range comes from the system.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { UNIT = 16, SMALL_CLASSES = 16, CLASSES = SMALL_CLASSES + 8 * 28, NO_CLASS = CLASSES };

// 2^32 units: a block's place fits in 32 bits, beside a counter that makes heads of a stack distinct.
static const size_t range_bytes = (size_t)UNIT << 32;

/// What precedes every block that the caller has.
typedef struct {
    _Atomic uint32_t next;
    uint32_t class;
    /// The bytes from the header to the address that the caller has; more than the header's own where
    /// the caller asked for an alignment.
    uint64_t distance;
} Header;

_Static_assert(sizeof(Header) == UNIT, "A header is one unit.");

static _Atomic(char *) range;
static _Atomic uint64_t used_units = 1;
static _Atomic uint64_t free_blocks[CLASSES];

/// The reserved range; NULL where the system provides none.
static char *reserved(void) {
    char *found = atomic_load_explicit(&range, memory_order_acquire);
    if (found != NULL) return found == MAP_FAILED ? NULL : found;
    char *made = mmap(
        NULL, range_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (atomic_compare_exchange_strong(&range, &found, made)) found = made;
    else if (made != MAP_FAILED) munmap(made, range_bytes);
    return found == MAP_FAILED ? NULL : found;
}

static int is_ours(const void *address) {
    const char *begin = atomic_load_explicit(&range, memory_order_relaxed);
    if (begin == NULL || begin == MAP_FAILED) return 0;
    return (size_t)((const char *)address - begin) < range_bytes;
}

/// The class of the smallest blocks of at least this size, and their size.
static uint32_t class_of(size_t bytes, size_t *size) {
    if (bytes <= UNIT * SMALL_CLASSES) {
        const size_t units = bytes == 0 ? 1 : (bytes + UNIT - 1) / UNIT;
        *size = units * UNIT;
        return (uint32_t)units - 1;
    }
    // Sizes between 2^k and 2^(k+1) are divided into eighths.
    const unsigned exponent = 63 - (unsigned)__builtin_clzll(bytes - 1);
    const size_t step = (size_t)1 << (exponent - 3);
    const size_t eighth = (bytes - ((size_t)1 << exponent) + step - 1) / step;
    *size = ((size_t)1 << exponent) + eighth * step;
    const uint32_t class = SMALL_CLASSES + 8 * (exponent - 8) + (uint32_t)eighth - 1;
    return class < CLASSES ? class : NO_CLASS;
}

/// The size of the blocks of a class.
static size_t size_of(uint32_t class) {
    if (class < SMALL_CLASSES) return UNIT * (class + 1);
    const unsigned exponent = 8 + (class - SMALL_CLASSES) / 8;
    return ((size_t)1 << exponent) + ((class - SMALL_CLASSES) % 8 + 1) * ((size_t)1 << (exponent - 3));
}

static Header *at(char *begin, uint32_t place) { return (Header *)(begin + (size_t)UNIT * place); }

/// A block without an owner; NULL if the range has no room.
static Header *taken(size_t bytes) {
    char *begin = reserved();
    size_t size;
    const uint32_t class = class_of(bytes, &size);
    if (begin == NULL || class == NO_CLASS) return NULL;
    uint64_t head = atomic_load_explicit(&free_blocks[class], memory_order_acquire);
    while ((uint32_t)head != 0) {
        // Another thread may take the block meanwhile: its memory stays readable, and the counter then
        // makes the exchange fail.
        Header *block = at(begin, (uint32_t)head);
        const uint32_t next = atomic_load_explicit(&block->next, memory_order_relaxed);
        const uint64_t rest = (((head >> 32) + 1) << 32) | next;
        if (atomic_compare_exchange_weak_explicit(
                &free_blocks[class], &head, rest, memory_order_acquire, memory_order_acquire))
            return block;
    }
    const uint64_t units = 1 + size / UNIT;
    const uint64_t place = atomic_fetch_add_explicit(&used_units, units, memory_order_relaxed);
    if (place + units > (uint64_t)1 << 32) {
        atomic_fetch_sub_explicit(&used_units, units, memory_order_relaxed);
        return NULL;
    }
    Header *block = at(begin, (uint32_t)place);
    block->class = class;
    return block;
}

static Header *header_of(void *address) {
    // Every block has a header directly before its address; that of an aligned one leads to the first.
    Header *near = (Header *)((char *)address - UNIT);
    return (Header *)((char *)address - near->distance);
}

void *denju_pool_malloc(size_t bytes) {
    Header *block = taken(bytes);
    if (block == NULL) return malloc(bytes);
    block->distance = UNIT;
    return (char *)block + UNIT;
}

void denju_pool_free(void *address) {
    if (address == NULL) return;
    if (!is_ours(address)) {
        free(address);
        return;
    }
    Header *block = header_of(address);
    const uint32_t place =
        (uint32_t)((size_t)((char *)block - atomic_load_explicit(&range, memory_order_relaxed)) / UNIT);
    _Atomic uint64_t *stack = &free_blocks[block->class];
    uint64_t head = atomic_load_explicit(stack, memory_order_relaxed);
    uint64_t pushed;
    do {
        atomic_store_explicit(&block->next, (uint32_t)head, memory_order_relaxed);
        pushed = (((head >> 32) + 1) << 32) | place;
    } while (!atomic_compare_exchange_weak_explicit(
        stack, &head, pushed, memory_order_release, memory_order_relaxed));
}

size_t denju_pool_malloc_usable_size(void *address) {
    if (address == NULL) return 0;
    if (!is_ours(address)) return malloc_usable_size(address);
    Header *block = header_of(address);
    return size_of(block->class) - (size_t)((char *)address - (char *)block - UNIT);
}

void *denju_pool_calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    void *address = denju_pool_malloc(bytes);
    return address == NULL ? NULL : memset(address, 0, bytes);
}

void *denju_pool_realloc(void *address, size_t bytes) {
    if (address == NULL) return denju_pool_malloc(bytes);
    if (!is_ours(address)) return realloc(address, bytes);
    const size_t room = denju_pool_malloc_usable_size(address);
    if (bytes <= room) return address;
    void *moved = denju_pool_malloc(bytes);
    if (moved == NULL) return NULL;
    memcpy(moved, address, room);
    denju_pool_free(address);
    return moved;
}

void *denju_pool_aligned_alloc(size_t alignment, size_t bytes) {
    if (alignment <= UNIT) return denju_pool_malloc(bytes);
    Header *block = bytes > SIZE_MAX - alignment ? NULL : taken(bytes + alignment);
    if (block == NULL) return aligned_alloc(alignment, bytes);
    const uintptr_t first = (uintptr_t)block + UNIT;
    char *address = (char *)((first + alignment - 1) / alignment * alignment);
    ((Header *)(address - UNIT))->distance = (uint64_t)(address - (char *)block);
    return address;
}

int denju_pool_posix_memalign(void **address, size_t alignment, size_t bytes) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    *address = denju_pool_aligned_alloc(alignment, bytes);
    return *address == NULL ? ENOMEM : 0;
}

/// Foundation's writing of files, which the library never does, refers to mktemp, of which linkers warn.
char *denju_pool_mktemp(char *template) {
    (void)template;
    errno = ENOSYS;
    return NULL;
}

char *denju_pool_strdup(const char *text) {
    const size_t bytes = strlen(text) + 1;
    char *copy = denju_pool_malloc(bytes);
    return copy == NULL ? NULL : memcpy(copy, text, bytes);
}
