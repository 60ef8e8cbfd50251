/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * Blocks of 4096 bytes that say what they are and where they belong, so that
 * whoever finds one in the wrong place knows where it came from:
 *
 *     word i of block b, 8 bytes, little-endian:
 *     bits 48-63: what it is | bits 16-47: b | bits 0-15: i
 *
 * The host makes and reads them too: Sources/Lab/Stamp.swift.
 */
#ifndef STAMPS_H
#define STAMPS_H
#include <stdint.h>

enum { block_size = 4096, block_words = block_size / 8 };

/* Two letters each: what the disk holds at first, what a buffer holds before
 * the disk's content arrives, what is being written to the disk, what a frame
 * is overwritten with by lab/guest/overwrite.c. */
enum stamp {
  on_disk = 0x4453,
  in_buffer = 0x4246,
  being_written = 0x5752,
  overwriting = 0x4F57
};

static inline uint64_t stamp_word(enum stamp kind, uint64_t block,
                                  unsigned index) {
  return (uint64_t)kind << 48 | block << 16 | index;
}

static inline void stamp(uint64_t *words, enum stamp kind, uint64_t block) {
  for (unsigned index = 0; index < block_words; index++)
    words[index] = stamp_word(kind, block, index);
}

/* Whether all of a block is the stamp. */
static inline int is_stamped(const uint64_t *words, enum stamp kind,
                             uint64_t block) {
  for (unsigned index = 0; index < block_words; index++)
    if (words[index] != stamp_word(kind, block, index))
      return 0;
  return 1;
}
#endif
