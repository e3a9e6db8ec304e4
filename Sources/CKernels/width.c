#include "dj_clones.h"

#include <stdatomic.h>

static atomic_int width = -1;

static int widest(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return 4;
    if (__builtin_cpu_supports("x86-64-v3")) return 3;
#endif
    return 0;
}

int dj_width(void) {
    int w = atomic_load_explicit(&width, memory_order_relaxed);
    if (w >= 0) return w;
    w = widest();
    atomic_store_explicit(&width, w, memory_order_relaxed);
    return w;
}

int dj_set_width(int wanted) {
    int most = widest();
    int w = wanted >= 4 ? 4 : wanted == 3 ? 3 : 0;
    if (w > most) w = most;
    atomic_store_explicit(&width, w, memory_order_relaxed);
    return w;
}
