// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// Debian's header-only libxxhash, to be included after XXH_VECTOR is set.
#pragma once

#define XXH_INLINE_ALL
// At -Os the header would stop inlining its own inner loop: half the speed.
#define XXH_NO_INLINE_HINTS 0
#include <string.h>
#include <xxhash.h>

enum { FRAME_SIZE = 4096 };

// No load of the frame is moved to here or repeated from here on: it may have
// changed, and what is hashed must be what was copied.
#define COPIED() __asm__ volatile("" ::: "memory")

// XXH3_64bits_withSeed() of a frame, out of the library's own pieces, each
// stripe being copied first and hashed where it was copied to. Memory is
// waited for once instead of twice: a quarter faster than one after the other.
static inline __attribute__((always_inline)) uint64_t
copy_and_hash(void *to, const void *frame, uint64_t seed) {
  enum { RATE = XXH_SECRET_CONSUME_RATE, SECRET = XXH_SECRET_DEFAULT_SIZE };
  enum { STRIPE = XXH_STRIPE_LEN, STRIPES = (SECRET - STRIPE) / RATE };
  enum { LAST = FRAME_SIZE - STRIPE, AHEAD = 512 };
  XXH_ALIGN(64) unsigned char secret[SECRET];
  XXH_ALIGN(64) xxh_u64 sums[] = XXH3_INIT_ACC;
  unsigned char *target = to;
  const unsigned char *source = frame;
  XXH3_initCustomSecret(secret, seed);
  for (int at = 0, stripe = 0; at < LAST; at += STRIPE) {
    __builtin_prefetch(source + at + AHEAD);
    memcpy(target + at, source + at, STRIPE);
    COPIED();
    XXH3_accumulate_512(sums, target + at, secret + stripe * RATE);
    if (++stripe == STRIPES) {
      XXH3_scrambleAcc(sums, secret + SECRET - STRIPE);
      stripe = 0;
    }
  }
  memcpy(target + LAST, source + LAST, STRIPE);
  COPIED();
  XXH3_accumulate_512(sums, target + LAST,
                      secret + SECRET - STRIPE - XXH_SECRET_LASTACC_START);
  return XXH3_mergeAccs(sums, secret + XXH_SECRET_MERGEACCS_START,
                        FRAME_SIZE * XXH_PRIME64_1);
}

uint64_t oldmem_xxh3_frame_avx2(const void *frame, uint64_t seed);
uint64_t oldmem_load_and_hash_frame_avx2(void *to, const void *frame,
                                         uint64_t seed);
