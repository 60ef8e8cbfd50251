// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// The same hash once more with 256-bit registers, for processors that say
// they have them. Reached only through oldmem_xxh3_frame().
#if defined(__x86_64__)
#define XXH_VECTOR 2  // XXH_AVX2
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), \
                             apply_to = function)
#include "frame.h"

uint64_t oldmem_xxh3_frame_avx2(const void *frame, uint64_t seed) {
  return XXH3_64bits_withSeed(frame, FRAME_SIZE, seed);
}

uint64_t oldmem_load_and_hash_frame_avx2(void *to, const void *frame,
                                         uint64_t seed) {
  return copy_and_hash(to, frame, seed);
}
#pragma clang attribute pop
#endif
