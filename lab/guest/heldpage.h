/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * A held page, as Sources/BootImage/HeldPage.swift draws it.
 */
#pragma once

#define XXH_INLINE_ALL
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

enum { PAGE = 4096, HEAD = 32, ROOM = PAGE - HEAD };

/* What stands at the head of a record: Sources/BootImage/HeldRecord.swift. */
struct record {
  uint64_t magic, shape, bytes, sizes, id, key;
};

/* Gives a page of `count` bytes of content the checksum that goes with a key. */
static inline void seal(unsigned char *page, uint32_t count, uint64_t key) {
  XXH64_state_t state;
  XXH64_reset(&state, 0);
  XXH64_update(&state, &key, sizeof key);
  XXH64_update(&state, page, 24);
  XXH64_update(&state, page + HEAD, count);
  uint64_t sum = XXH64_digest(&state);
  memcpy(page + 24, &sum, sizeof sum);
}
