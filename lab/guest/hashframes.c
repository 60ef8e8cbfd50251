/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * hashframes OUT [CORE [map]]: reads every frame of every PT_LOAD of CORE, which is
 * /proc/vmcore if not given, and writes, for each, 16 bytes to OUT: frame
 * number and FNV-1a of its words, both little-endian; a last record of ones
 * ends the list, since OUT may be a disk. It keeps nothing in memory but one
 * buffer. The host runs it too, on the core that QEMU writes. With `map` it
 * maps frames, as makedumpfile does, instead of reading them.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { frame = 4096, frames = 32 };
static unsigned char content[frame * frames];
static uint64_t records[8192];
static size_t filled;
static int out;

static void put(uint64_t number, uint64_t hash) {
  records[filled++] = number;
  records[filled++] = hash;
}

static void flush(void) {
  const char *at = (const char *)records;
  size_t left = filled * sizeof *records;
  while (left > 0) {
    ssize_t wrote = write(out, at, left);
    if (wrote <= 0) {
      perror("hashframes: write");
      exit(1);
    }
    at += wrote;
    left -= (size_t)wrote;
  }
  filled = 0;
}

static uint64_t hash(const unsigned char *bytes) {
  uint64_t sum = 0xCBF29CE484222325;
  for (size_t index = 0; index < frame; index += 8) {
    uint64_t word;
    memcpy(&word, bytes + index, 8);
    sum = (sum ^ word) * 0x100000001B3;
    sum ^= sum >> 29;
  }
  return sum;
}

/* Frames of the core, by read() or by mmap(). A mapping that would begin in a
 * block of memory that was added, and end outside of it, is refused (EAGAIN),
 * so those are mapped frame by frame. */
static ssize_t get(int core, size_t want, off_t at, int by_map) {
  if (!by_map)
    return pread(core, content, want, at);
  void *map = mmap(NULL, want, PROT_READ, MAP_PRIVATE, core, at);
  if (map == MAP_FAILED && want > frame)
    return get(core, frame, at, by_map);
  if (map == MAP_FAILED)
    return -1;
  memcpy(content, map, want);
  munmap(map, want);
  return (ssize_t)want;
}

int main(int count, char **words) {
  int by_map = count == 4 && !strcmp(words[3], "map");
  if (count != 2 && count != 3 && !by_map) {
    fputs("usage: hashframes OUT [CORE [map]]\n", stderr);
    return 2;
  }
  const char *path = count > 2 ? words[2] : "/proc/vmcore";
  int core = open(path, O_RDONLY | O_CLOEXEC);
  if (core < 0) {
    perror(path);
    return 1;
  }
  out = open(words[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (out < 0) {
    perror(words[1]);
    return 1;
  }
  Elf64_Ehdr header;
  if (pread(core, &header, sizeof header, 0) != sizeof header ||
      memcmp(header.e_ident, ELFMAG, SELFMAG)) {
    fprintf(stderr, "hashframes: %s is no ELF core\n", path);
    return 1;
  }
  unsigned long total = 0, unread = 0;
  for (unsigned index = 0; index < header.e_phnum; index++) {
    Elf64_Phdr segment;
    if (pread(core, &segment, sizeof segment,
              (off_t)(header.e_phoff + index * sizeof segment)) !=
        sizeof segment)
      return 1;
    if (segment.p_type != PT_LOAD)
      continue;
    /* The kernel's own image is there a second time by virtual address. */
    if (segment.p_vaddr >= 0xFFFFFFFF80000000)
      continue;
    for (uint64_t at = 0; at + frame <= segment.p_filesz;) {
      uint64_t want = segment.p_filesz - at;
      if (want > sizeof content)
        want = sizeof content;
      ssize_t got =
          get(core, want, (off_t)(segment.p_offset + at), by_map);
      if (got < frame) {
        unread++;
        at += frame;
        continue;
      }
      for (ssize_t part = 0; part + frame <= got; part += frame) {
        put((segment.p_paddr + at + (uint64_t)part) / frame,
            hash(content + part));
        total++;
        if (filled == sizeof records / sizeof *records)
          flush();
      }
      at += (uint64_t)(got / frame * frame);
    }
  }
  if (filled == sizeof records / sizeof *records)
    flush();
  put(UINT64_MAX, UINT64_MAX);
  flush();
  fsync(out);
  printf("hashframes: %lu frames, %lu unreadable\n", total, unread);
  return 0;
}
