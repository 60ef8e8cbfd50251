/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * Memory whose every word is known beforehand, and of which pages may be
 * lost: a page that cannot be read back from swap is a SIGBUS, and whoever
 * holds it goes on with the next one.
 *
 * Words are those of hog.c, begun anew on each page and in each generation,
 * so that a page in another's place and an earlier content are wrong words.
 */
#ifndef HOGPAGES_H
#define HOGPAGES_H
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "stamps.h"

static uint64_t hog_next(uint64_t word) {
  word ^= word << 13;
  word ^= word >> 7;
  return word ^ word << 17;
}

static uint64_t hog_seed(size_t page, unsigned generation) {
  return (page + 1 + ((uint64_t)generation << 32)) *
         UINT64_C(0x9E3779B97F4A7C15);
}

static sigjmp_buf hog_lost_page;

static void hog_on_bus_error(int number) {
  (void)number;
  siglongjmp(hog_lost_page, 1);
}

/* Gives the page its words; 1 when it was lost meanwhile. */
static inline int hog_write(uint64_t *memory, size_t page,
                            unsigned generation) {
  uint64_t *words = memory + page * block_words;
  static volatile int lost;
  lost = 0;
  signal(SIGBUS, hog_on_bus_error);
  if (sigsetjmp(hog_lost_page, 1)) {
    /* Its place in swap is given up with it: a second loss is another's. */
    lost = 1;
    madvise(words, block_size, MADV_DONTNEED);
  }
  uint64_t word = hog_seed(page, generation);
  for (unsigned index = 0; index < block_words; index++)
    words[index] = word = hog_next(word);
  return lost;
}

/* How many words of the page are wrong; -1 when it is lost. */
static inline int hog_verify(const volatile uint64_t *memory, size_t page,
                             unsigned generation) {
  const volatile uint64_t *words = memory + page * block_words;
  signal(SIGBUS, hog_on_bus_error);
  if (sigsetjmp(hog_lost_page, 1))
    return -1;
  uint64_t word = hog_seed(page, generation);
  int wrong = 0;
  for (unsigned index = 0; index < block_words; index++) {
    word = hog_next(word);
    wrong += words[index] != word;
  }
  return wrong;
}
#endif
