/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * The crashed kernel's frames, read one by one through /proc/vmcore.
 */
#ifndef OLDFRAMES_H
#define OLDFRAMES_H
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct old_frames {
  int core;
  unsigned count;
  Elf64_Phdr segments[128];
};

/* 0, or -1 when there is no core that can be understood. */
static inline int open_old_frames(struct old_frames *old) {
  Elf64_Ehdr header;
  old->core = open("/proc/vmcore", O_RDONLY | O_CLOEXEC);
  old->count = 0;
  if (old->core < 0 ||
      pread(old->core, &header, sizeof header, 0) != sizeof header ||
      memcmp(header.e_ident, ELFMAG, SELFMAG))
    return -1;
  for (unsigned index = 0; index < header.e_phnum && old->count < 128;
       index++) {
    Elf64_Phdr *segment = &old->segments[old->count];
    off_t at = (off_t)(header.e_phoff + index * sizeof *segment);
    if (pread(old->core, segment, sizeof *segment, at) != sizeof *segment)
      return -1;
    /* The kernel's own image is there a second time by virtual address. */
    if (segment->p_type == PT_LOAD && segment->p_vaddr < 0xFFFFFFFF80000000)
      old->count++;
  }
  return 0;
}

/* The frame's place in the file; 0 where the file does not have it. */
static inline off_t place_of_frame(const struct old_frames *old,
                                   uint64_t frame) {
  for (unsigned index = 0; index < old->count; index++) {
    const Elf64_Phdr *segment = &old->segments[index];
    uint64_t at = frame * 4096 - segment->p_paddr;
    if (frame * 4096 >= segment->p_paddr && at + 4096 <= segment->p_filesz)
      return (off_t)(segment->p_offset + at);
  }
  return 0;
}

/* Whether all 4096 bytes of the frame could be read. */
static inline int read_old_frame(const struct old_frames *old, uint64_t frame,
                                 void *bytes) {
  off_t place = place_of_frame(old, frame);
  return place && pread(old->core, bytes, 4096, place) == 4096;
}

/* The frame, mapped; NULL where that cannot be. */
static inline const void *map_old_frame(const struct old_frames *old,
                                        uint64_t frame) {
  off_t place = place_of_frame(old, frame);
  void *bytes = MAP_FAILED;
  if (place)
    bytes = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, old->core, place);
  return bytes == MAP_FAILED ? NULL : bytes;
}
#endif
