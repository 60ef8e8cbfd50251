/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * modulefuzz CALLS SEED: so many calls of /dev/oldmem with arguments that are
 * random, or right but for one thing. Whatever the answers are, the kernel must
 * not complain, and whoever is allowed to must not hang. It says how many of
 * them succeeded, for a fuzzer that gets nowhere finds nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oldmemdev.h"
#include "telling.h"

static struct oldmem_device device;
enum { room = 64 * frame };
/* Nothing is mapped behind it, so that a read of too much hurts nobody. */
static unsigned char *bytes;
static unsigned char bitmap[1 << 20];
static uint64_t state;

static uint64_t draw(void) {
  state += 0x9E3779B97F4A7C15;
  uint64_t word = state;
  word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9;
  word = (word ^ word >> 27) * 0x94D049BB133111EB;
  return word ^ word >> 31;
}

static uint64_t below(uint64_t limit) { return draw() % limit; }

/* A number as callers get them wrong. */
static uint64_t number(void) {
  switch (below(6)) {
  case 0: return below(16);
  case 1: return UINT64_C(1) << below(64);
  case 2: return -(UINT64_C(1) << below(64));
  case 3: return below(UINT64_C(1) << 36) / frame * frame;
  case 4: return device.info.block_size / frame / 8;
  default: return draw();
  }
}

/* An address in physical memory, often near an end of what is allowed. */
static uint64_t address(void) {
  const struct oldmem_range *range =
      &device.list[below(device.ranges.count ? device.ranges.count : 1)];
  switch (below(6)) {
  case 0: return number();
  case 1: return range->start + below(range->size | 1);
  case 2: return range->start + below(3 * frame) - frame;
  case 3: return range->start + range->size - below(3 * frame) + frame;
  case 4: return (range->start + below(range->size | 1)) / frame * frame;
  default:
    return (range->start + below(range->size | 1)) / device.info.block_size *
           device.info.block_size;
  }
}

static uintptr_t pointer(void *good) {
  switch (below(6)) {
  case 0: return 0;
  case 1: return number();
  case 2: return UINT64_C(0xFFFF888000000000) + below(1 << 30);
  case 3: return (uintptr_t)good + below(9);
  default: return (uintptr_t)good;
  }
}

static long call_ioctl(void) {
  const unsigned long commands[] = {OLDMEM_INFO, OLDMEM_RANGES,
                                    OLDMEM_ADD_BLOCK};
  struct oldmem_block block = {0};
  struct oldmem_ranges ranges = {0};
  struct oldmem_range list[16];
  unsigned long command = below(8) ? commands[below(3)] : draw();
  void *argument = bytes;
  if (command == OLDMEM_ADD_BLOCK) {
    argument = &block;
    block.start = address();
    block.bitmap = below(4) ? (uintptr_t)bitmap : pointer(bitmap);
    block.bitmap_size =
        below(8) ? device.info.block_size / frame / 8 : number();
    if (!below(8))
      block.reserved[below(3)] = number();
    /* Few frames, many, or any pattern; all of a block only now and then. */
    for (unsigned index = 0; index < 4096; index += 8) {
      uint64_t word = below(3) ? draw() : 0;
      memcpy(bitmap + index, &word, 8);
    }
  } else if (command == OLDMEM_RANGES) {
    argument = &ranges;
    ranges.ranges = pointer(list);
    ranges.room = (uint32_t)below(17);
    if (!below(8)) {
      ranges.ranges = number();
      ranges.room = (uint32_t)draw();
    }
  }
  return ioctl(device.file, command,
               below(8) ? (uintptr_t)argument : pointer(argument));
}

static long call_map(void) {
  static void *places[16];
  static size_t sizes[16];
  const unsigned index = (unsigned)below(16);
  if (places[index]) {
    /* In part, which splits the mapping, or all of it. */
    munmap(places[index], below(2) ? frame : sizes[index]);
    munmap(places[index], sizes[index]);
    places[index] = NULL;
    return 0;
  }
  const size_t size = below(64) ? (1 + below(32)) * frame : number();
  const int protection = (int)below(8);
  void *place = mmap(NULL, size, protection,
                     below(8) ? MAP_SHARED : MAP_PRIVATE, device.file,
                     (off_t)(address() / frame * frame));
  if (place == MAP_FAILED)
    return -1;
  if (size > room) {
    munmap(place, size);
    return 0;
  }
  if ((protection & PROT_READ) && (protection & PROT_WRITE))
    memset(place, (int)draw(), size);
  places[index] = place;
  sizes[index] = size;
  return 0;
}

static long call(void) {
  const uint64_t size = below(32) ? below(2 * frame) : below(room);
  switch (below(5)) {
  case 0: return pread(device.file, bytes, size, (off_t)address());
  case 1: return pwrite(device.file, bytes, size, (off_t)address());
  case 2: return call_map();
  case 3:
    if (!below(64))
      return pread(device.file, (void *)pointer(bytes), number(),
                   (off_t)address());
    if (lseek(device.file, (off_t)address(), (int)below(5)) < 0)
      return -1;
    return below(2) ? read(device.file, bytes, size)
                    : write(device.file, bytes, size);
  default: return call_ioctl();
  }
}

int main(int count, char **words) {
  if (count != 3) {
    fputs("usage: modulefuzz CALLS SEED\n", stderr);
    return 2;
  }
  unsigned long calls = strtoul(words[1], NULL, 10), good = 0;
  state = strtoul(words[2], NULL, 10);
  open_device(&device);
  bytes = mmap(NULL, room + frame, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED || mprotect(bytes + room, frame, PROT_NONE)) {
    perror("mmap");
    return 1;
  }
  for (unsigned long index = 0; index < calls; index++) {
    good += call() >= 0;
    if (index % 1024 == 0)
      read_ranges(&device);
  }
  if (ioctl(device.file, OLDMEM_INFO, &device.info)) {
    perror("OLDMEM_INFO");
    return 1;
  }
  tell("fact fuzz-calls %lu", calls);
  tell("fact fuzz-good %lu", good);
  tell("fact fuzz-blocks %u", device.info.blocks);
  return 0;
}
