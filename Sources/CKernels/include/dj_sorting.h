#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * The order that sorts the keys: keys[order[0]] <= keys[order[1]] <= …, equal keys in their
 * given order. A radix sort over the bits in which the keys differ; n < 2^31.
 */
void dj_argsort(const uint64_t *keys, size_t n, int32_t *order);
