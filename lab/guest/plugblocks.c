/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * plugblocks COUNT: adds so many memory blocks, every frame of them, as fast
 * as it can, and says what that took: milliseconds, and of this kernel's
 * memory, KiB and per cent of what the struct pages need. The crashed
 * kernel's memory is lost by it.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <unistd.h>

#include "oldmemdev.h"
#include "telling.h"

static struct oldmem_device device;
static unsigned char bitmap[1 << 20];

static unsigned long meminfo(const char *wanted) {
  char line[128], name[64];
  unsigned long kibibytes, found = 0;
  FILE *file = fopen("/proc/meminfo", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "%63[^:]: %lu", name, &kibibytes) == 2 &&
        !strcmp(name, wanted))
      found = kibibytes;
  if (file)
    fclose(file);
  return found;
}

/* Free memory, and what the processor has taken aside of it: who allocates
 * struct pages in pieces of 2 MiB gets two at a time from the zone. */
static unsigned long free_memory(void) {
  char line[128];
  unsigned long pages, aside = 0;
  FILE *file = fopen("/proc/zoneinfo", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, " count: %lu", &pages) == 1)
      aside += pages;
  if (file)
    fclose(file);
  return meminfo("MemFree") + aside * (frame / 1024);
}

int main(int count, char **words) {
  unsigned long blocks = count == 2 ? strtoul(words[1], NULL, 10) : 0;
  unsigned long online = 0;
  uint64_t list[64], start = 0;
  if (blocks < 1 || blocks > sizeof list / sizeof *list) {
    fputs("usage: plugblocks COUNT, 64 at most\n", stderr);
    return 2;
  }
  open_device(&device);
  memset(bitmap, 0xFF, sizeof bitmap);
  for (unsigned long index = 0; index < blocks; index++) {
    list[index] = next_block(&device, start);
    if (!list[index]) {
      fprintf(stderr, "plugblocks: there are only %lu blocks\n", index);
      return 1;
    }
    start = list[index] + device.info.block_size;
  }
  /* So that what it reads itself is in memory before it counts. */
  free_memory();
  unsigned long total = meminfo("MemTotal"), before = free_memory();
  double began = uptime();
  for (unsigned long index = 0; index < blocks; index++) {
    struct oldmem_block block = {.start = list[index],
                                 .bitmap = (uintptr_t)bitmap,
                                 .bitmap_size =
                                     device.info.block_size / frame / 8};
    if (ioctl(device.file, OLDMEM_ADD_BLOCK, &block)) {
      perror("OLDMEM_ADD_BLOCK");
      return 1;
    }
    online += block.online_frames * (frame / 1024);
  }
  double seconds = uptime() - began;
  unsigned long after = free_memory();
  unsigned long memmap = blocks * device.info.memmap_size / 1024;
  long cost = (long)(before + online - after);
  tell("fact plug-mib %lu", online / 1024);
  tell("fact plug-ms %.0f", seconds * 1000);
  tell("fact plug-cost-kib %ld", cost);
  tell("fact plug-memmap-kib %lu", memmap);
  tell("fact plug-cost-percent %.1f", 100.0 * (double)cost / (double)memmap);
  tell("fact plug-total-kib %lu", meminfo("MemTotal") - total);
  return 0;
}
