// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// XXH3 of one frame, 64 bits, seeded: all that oldmem wants of libxxhash; and
// copying one.
#pragma once

#include <stdint.h>

#define OLDMEM_NO_ALLOCATION __attribute__((swift_attr("@_noAllocation")))

// XXH3_64bits_withSeed() of the 4096 bytes at `frame`, which need no alignment.
// Safe to call from several threads.
OLDMEM_NO_ALLOCATION
uint64_t oldmem_xxh3_frame(const void *frame, uint64_t seed);

// Copies the 4096 bytes at `frame`, a multiple of 16, to anywhere.
OLDMEM_NO_ALLOCATION
void oldmem_load_frame(void *to, const void *frame);

// Copies as oldmem_load_frame() does, and returns what oldmem_xxh3_frame() would
// of the copy: what has changed in the frame meanwhile is not in it.
OLDMEM_NO_ALLOCATION
uint64_t oldmem_load_and_hash_frame(void *to, const void *frame, uint64_t seed);

// Copies 4096 bytes from anywhere to `frame`, a multiple of 16.
OLDMEM_NO_ALLOCATION
void oldmem_store_frame(void *frame, const void *from);

// Has what oldmem_store_frame() copied reach memory before what the caller
// stores next.
OLDMEM_NO_ALLOCATION
void oldmem_fence_frames(void);
