#include "dj_clones.h"

#include <stdatomic.h>

static atomic_int width = -1;
static _Thread_local int thread_width = -1;

static int widest(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return 4;
    if (__builtin_cpu_supports("x86-64-v3")) return 3;
#endif
    return 0;
}

int dj_width(void) {
    if (thread_width >= 0) return thread_width;
    int w = atomic_load_explicit(&width, memory_order_relaxed);
    if (w >= 0) return w;
    w = widest();
    atomic_store_explicit(&width, w, memory_order_relaxed);
    return w;
}

static int at_most(int wanted) {
    int most = widest();
    int w = wanted >= 4 ? 4 : wanted == 3 ? 3 : 0;
    return w > most ? most : w;
}

int dj_set_width(int wanted) {
    int w = at_most(wanted);
    atomic_store_explicit(&width, w, memory_order_relaxed);
    return w;
}

int dj_set_thread_width(int wanted) {
    thread_width = wanted < 0 ? -1 : at_most(wanted);
    return dj_width();
}
