/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * overwrite LIST COPIES SHELVES RATE [BURST]: writes to lent frames as broken
 * hardware would, RATE times a second: a bit, a frame, a run of 2 to 8 frames
 * in turn, anywhere in one of SHELVES, such as 0 or 01. With BURST, each time
 * so many frames side by side instead.
 *
 * LIST has a line `first count` for each run, in the order of slots: each of
 * COPIES shelves is as many frames, one shelf's after the other's, and no run
 * is in two. LIST may be a disk.
 *
 * It begins at SIGUSR1, stops at SIGUSR2, and at SIGTERM tells what it did and
 * how much of that is there still.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "stamps.h"
#include "telling.h"

enum { runs_at_most = 8192, slots_at_most = 1 << 19, longest = 8 };

static struct run {
  uint64_t first;
  uint32_t slot, count;
} runs[runs_at_most];
static int run_count;
static uint32_t slot_count, shelf_size, burst_length;
static unsigned char *memory;
/* One bit for each slot that was overwritten whole. */
static uint8_t overwritten[slots_at_most / 8];
static const char *shelves;
static uint64_t random_word, hits, bits, frames;

static void fail(const char *what) {
  tell("fact overwrite-failed %s: %s", what, strerror(errno));
  exit(1);
}

static void read_list(const char *path) {
  static char text[1 << 18];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, text, sizeof text - 1) < 0)
    fail(path);
  close(file);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    unsigned long first, count;
    if (sscanf(line, "%lu %lu", &first, &count) != 2)
      break;
    if (run_count == runs_at_most || slot_count + count > slots_at_most)
      fail("too many frames");
    runs[run_count++] = (struct run){first, slot_count, (uint32_t)count};
    slot_count += (uint32_t)count;
  }
}

/* All of them side by side, so that slot n is at n x 4096. */
static void map(void) {
  memory = mmap(NULL, (size_t)slot_count * block_size, PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  int device = open("/dev/mem", O_RDWR | O_CLOEXEC);
  if (memory == MAP_FAILED || device < 0)
    fail("/dev/mem");
  for (int index = 0; index < run_count; index++) {
    struct run run = runs[index];
    if (mmap(memory + (size_t)run.slot * block_size,
             (size_t)run.count * block_size, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, device,
             (off_t)(run.first * block_size)) == MAP_FAILED)
      fail("mmap");
  }
  close(device);
}

static uint32_t below(uint32_t limit) {
  random_word ^= random_word << 13;
  random_word ^= random_word >> 7;
  random_word ^= random_word << 17;
  return (uint32_t)((random_word >> 32) * limit >> 32);
}

/* A slot of a shelf that is attacked, and how many follow it in its run. */
static uint32_t any_slot(uint32_t *following) {
  uint32_t shelf = (uint32_t)(shelves[below(strlen(shelves))] - '0');
  uint32_t slot = shelf * shelf_size + below(shelf_size);
  int low = 0, high = run_count;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (runs[middle].slot <= slot)
      low = middle;
    else
      high = middle;
  }
  *following = runs[low].slot + runs[low].count - slot - 1;
  return slot;
}

static void overwrite(uint32_t slot, uint32_t count) {
  for (uint32_t index = slot; index < slot + count; index++) {
    stamp((uint64_t *)(memory + (size_t)index * block_size), overwriting,
          index);
    overwritten[index / 8] |= 1 << index % 8;
    frames++;
  }
}

/* So many frames side by side; where no run is as long, the longest found. */
static void burst(uint32_t count) {
  uint32_t best = 0, length = 0;
  for (int tries = 0; tries < 1000 && length < count; tries++) {
    uint32_t following, slot = any_slot(&following);
    if (following + 1 <= length)
      continue;
    best = slot;
    length = following + 1;
  }
  overwrite(best, length < count ? length : count);
}

static void hit(void) {
  if (burst_length) {
    hits++;
    burst(burst_length);
    return;
  }
  uint32_t following, slot = any_slot(&following);
  switch (hits++ % 3) {
  case 0:
    memory[(size_t)slot * block_size + below(block_size)] ^= 1 << below(8);
    bits++;
    break;
  case 1:
    overwrite(slot, 1);
    break;
  default: {
    uint32_t count = 2 + below(longest - 1);
    overwrite(slot, count <= following ? count : following + 1);
  }
  }
}

/* Overwritten frames that nobody has written to since. */
static uint32_t left(void) {
  uint32_t count = 0;
  for (uint32_t slot = 0; slot < slot_count; slot++)
    if (overwritten[slot / 8] & 1 << slot % 8)
      count += (uint32_t)is_stamped(
          (uint64_t *)(memory + (size_t)slot * block_size), overwriting, slot);
  return count;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Writes RATE times a second until SIGUSR2 comes, waiting for it meanwhile. */
static void attack(double rate, const sigset_t *signals) {
  double start = seconds();
  struct timespec pause = {0, 10000000};
  for (;;) {
    if (sigtimedwait(signals, NULL, &pause) == SIGUSR2)
      break;
    while ((double)hits < (seconds() - start) * rate)
      hit();
  }
  tell("fact attack-seconds %.1f", seconds() - start);
}

int main(int count, char **words) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  uint32_t copies = count > 2 ? (uint32_t)atoi(words[2]) : 0;
  if (count < 5 || copies < 1 || copies > 4 || !words[3][0]) {
    fputs("usage: overwrite LIST COPIES SHELVES RATE [BURST]\n", stderr);
    return 2;
  }
  shelves = words[3];
  for (const char *shelf = shelves; *shelf; shelf++)
    if (*shelf < '0' || (uint32_t)(*shelf - '0') >= copies)
      fail("no such shelf");
  burst_length = count > 5 ? (uint32_t)atoi(words[5]) : 0;
  read_list(words[1]);
  shelf_size = slot_count / copies;
  if (!shelf_size || slot_count % copies)
    fail("the shelves are not equal");
  map();
  if (mlockall(MCL_CURRENT))
    fail("mlockall");
  if (getrandom(&random_word, sizeof random_word, GRND_NONBLOCK) < 0 ||
      !random_word)
    random_word = (uint64_t)(seconds() * 1e9) | 1;
  tell("fact attack-seed %llu", (unsigned long long)random_word);
  tell("fact slots-per-shelf %u", shelf_size);
  int number;
  while ((number = sigwaitinfo(&signals, NULL)) != SIGTERM) {
    if (number != SIGUSR1)
      continue;
    attack(atof(words[4]), &signals);
  }
  tell("fact hits %llu", (unsigned long long)hits);
  tell("fact flipped-bits %llu", (unsigned long long)bits);
  tell("fact overwritten-frames %llu", (unsigned long long)frames);
  tell("fact overwritten-left %u", left());
  return 0;
}
