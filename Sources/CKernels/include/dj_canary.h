#pragma once
#include "dj_clones.h"

/*
 * One hash for each kernel file, of what its functions compute for fixed inputs of shapes around the
 * lanes and tiles of every width. Processors with the same hashes compute the same bits. The hash
 * is 0 where the processor lacks the instructions of a file without which nothing else depends on it
 * (bfloat, sha256).
 */
size_t dj_canary_count(void);
const char *dj_canary_name(size_t file);
uint64_t dj_canary(size_t file);
