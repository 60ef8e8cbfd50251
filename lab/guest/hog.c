/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * hog MIB [hold] [soft] [timed]: fills MIB mebibytes with words that no
 * compressor and no zero-page detection can shrink, reads them back, and says
 * how many differ. With `hold` it keeps the memory, without reading it, until
 * it is killed. With `soft` only every fourth word is such, the others count
 * in steps of eight. With `timed` it says how long both took.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t next(uint64_t word) {
  word ^= word << 13;
  word ^= word >> 7;
  return word ^ word << 17;
}

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int has(int count, char **words, const char *word) {
  for (int index = 2; index < count; index++)
    if (!strcmp(words[index], word))
      return 1;
  return 0;
}

int main(int count, char **words) {
  unsigned long mebibytes = count > 1 ? strtoul(words[1], NULL, 10) : 0;
  if (mebibytes == 0 || mebibytes > 1 << 20) {
    fputs("usage: hog MIB [hold] [soft] [timed]\n", stderr);
    return 2;
  }
  size_t length = mebibytes << 20;
  uint64_t *memory = mmap(NULL, length, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  const uint64_t seed = 0x9E3779B97F4A7C15;
  const size_t softness = has(count, words, "soft") ? 3 : 0;
  long start = milliseconds();
  uint64_t word = seed;
  for (size_t index = 0; index < length / sizeof word; index++)
    memory[index] = index & softness ? index & ~(size_t)7
                                     : (word = next(word));
  if (has(count, words, "hold")) {
    puts("held");
    fflush(stdout);
    for (;;)
      pause();
  }
  unsigned long wrong = 0;
  long middle = milliseconds();
  word = seed;
  for (size_t index = 0; index < length / sizeof word; index++)
    wrong += memory[index] != (index & softness ? index & ~(size_t)7
                                                : (word = next(word)));
  if (has(count, words, "timed"))
    printf("%ld %ld\n", middle - start, milliseconds() - middle);
  printf("hog: %lu MiB verified, %lu wrong words\n", mebibytes, wrong);
  return wrong != 0;
}
