// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// The hash with what every processor of the architecture has, and the choice.
#include "CXXHash.h"
#include "frame.h"

#if defined(__x86_64__)
#include <cpuid.h>

// Whether the processor has AVX2 and the kernel saves its registers (XCR0).
// Asked of the processor directly: __builtin_cpu_supports() needs libgcc.
static int has_avx2(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
    return 0;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 6) != 6)
    return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2);
}

static int uses_avx2(void) {
  // 0: not asked yet, 1: no, 2: yes. Whoever asks gets the same answer, so
  // a race of two threads is harmless.
  static int answer;
  int avx2 = __atomic_load_n(&answer, __ATOMIC_RELAXED);
  if (avx2 == 0) {
    avx2 = 1 + has_avx2();
    __atomic_store_n(&answer, avx2, __ATOMIC_RELAXED);
  }
  return avx2 == 2;
}

uint64_t oldmem_xxh3_frame(const void *frame, uint64_t seed) {
  if (uses_avx2())
    return oldmem_xxh3_frame_avx2(frame, seed);
  return XXH3_64bits_withSeed(frame, FRAME_SIZE, seed);
}

uint64_t oldmem_load_and_hash_frame(void *to, const void *frame,
                                    uint64_t seed) {
  if (uses_avx2())
    return oldmem_load_and_hash_frame_avx2(to, frame, seed);
  return copy_and_hash(to, frame, seed);
}
#else
uint64_t oldmem_xxh3_frame(const void *frame, uint64_t seed) {
  return XXH3_64bits_withSeed(frame, FRAME_SIZE, seed);
}

uint64_t oldmem_load_and_hash_frame(void *to, const void *frame,
                                    uint64_t seed) {
  return copy_and_hash(to, frame, seed);
}
#endif
