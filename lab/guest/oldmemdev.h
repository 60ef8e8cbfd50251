/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * What programs of the guest share that call /dev/oldmem: the device, what it
 * allows, and this kernel's own memory.
 */
#ifndef OLDMEMDEV_H
#define OLDMEMDEV_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../../kernel/module/oldmem.h"

enum { frame = 4096, most_ranges = 256 };

struct oldmem_device {
  int file;
  struct oldmem_info info;
  struct oldmem_ranges ranges;
  struct oldmem_range list[most_ranges];
};

/* Reads what is allowed now. */
static inline void read_ranges(struct oldmem_device *device) {
  memset(&device->ranges, 0, sizeof device->ranges);
  device->ranges.ranges = (uintptr_t)device->list;
  device->ranges.room = most_ranges;
  if (ioctl(device->file, OLDMEM_RANGES, &device->ranges)) {
    perror("OLDMEM_RANGES");
    exit(1);
  }
  if (device->ranges.count > most_ranges)
    device->ranges.count = most_ranges;
}

static inline void open_device(struct oldmem_device *device) {
  device->file = open("/dev/oldmem", O_RDWR | O_CLOEXEC);
  if (device->file < 0 || ioctl(device->file, OLDMEM_INFO, &device->info)) {
    perror("/dev/oldmem");
    exit(1);
  }
  read_ranges(device);
}

/* Whether the block that starts there may be added. */
static inline int is_allowed(const struct oldmem_device *device,
                             uint64_t start) {
  for (unsigned index = 0; index < device->ranges.count; index++) {
    const struct oldmem_range *range = &device->list[index];
    if (start >= range->start && start - range->start < range->size &&
        device->info.block_size <= range->size - (start - range->start))
      return 1;
  }
  return 0;
}

/* The next block that may be added, from `start` on; 0 when there is none. */
static inline uint64_t next_block(const struct oldmem_device *device,
                                  uint64_t start) {
  for (; start < UINT64_C(1) << 40; start += device->info.block_size)
    if (is_allowed(device, start))
      return start;
  return 0;
}

/* This kernel's own RAM above the first MiB: an address inside of it. */
static inline uint64_t own_memory(void) {
  char line[256];
  uint64_t start, end, found = 0;
  FILE *file = fopen("/proc/iomem", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "%lx-%lx : System RAM", &start, &end) == 2 &&
        strstr(line, ": System RAM\n") && start >= 1 << 20 && !found)
      found = (start + (2 << 20)) / frame * frame;
  if (file)
    fclose(file);
  return found;
}

#endif
