/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * vmcorewrite opens          how /proc/vmcore and /dev/mem open
 * vmcorewrite pace ROUNDS    writes through both mappings, in turn
 * vmcorewrite frames         which frames can be mapped writable, and what is
 *                            behind those mappings
 *
 * The kernel's own selftest has what must be refused otherwise; this is what
 * takes a second way to old memory, or a look at the page tables. What `pace`
 * writes to is not written back.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "telling.h"

enum { page = 4096, part = 1 << 20, span = 64 << 20, block = 2 << 20 };

static Elf64_Phdr loads[256];
static int count;

static void fail(const char *what) {
  tell("verdict fail %s: %s", what, strerror(errno));
  exit(1);
}

/* Opens the vmcore and reads its PT_LOADs. */
static int open_vmcore(int flags) {
  int vmcore = open("/proc/vmcore", flags | O_CLOEXEC);
  Elf64_Ehdr head;
  if (vmcore < 0 || pread(vmcore, &head, sizeof head, 0) != sizeof head)
    fail("/proc/vmcore");
  for (int i = 0; i < head.e_phnum && count < 256; i++) {
    Elf64_Phdr *load = &loads[count];
    off_t place = (off_t)(head.e_phoff + (size_t)i * sizeof *load);
    if (pread(vmcore, load, sizeof *load, place) != sizeof *load)
      fail("program headers");
    count += load->p_type == PT_LOAD;
  }
  return vmcore;
}

static void tell_open(const char *fact, const char *path, int flags) {
  int file = open(path, flags | O_CLOEXEC);
  tell("fact %s %s", fact, file < 0 ? strerror(errno) : "opens");
  if (file >= 0)
    close(file);
}

static int by_size(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

/* A MiB of blocks as a store writes them, from a buffer, one after another;
 * seconds. */
static double write_some(char *place, const char *source) {
  double start = uptime();
  for (size_t at = 0; at < part; at += page)
    memcpy(place + at, source + at, page);
  return uptime() - start;
}

/* The same MiBs through one mapping and through the other, in turn, so that
 * what disturbs the machine disturbs both; each is verified through the mapping
 * that it was not written through. */
static void write_all(char *const place[2], char *source, double seconds[2]) {
  static int turn;
  seconds[0] = seconds[1] = 0;
  for (size_t at = 0; at < span; at += part) {
    for (int way = 0; way < 2; way++) {
      int which = (way + turn) & 1;
      memset(source, turn * 2 + way + 7, part);
      seconds[which] += write_some(place[which] + at, source);
      if (memcmp(place[!which] + at, source, part))
        fail("the other mapping shows something else");
    }
    turn++;
  }
}

static void tell_pace(const char *way, double *pace, int rounds) {
  qsort(pace, (size_t)rounds, sizeof *pace, by_size);
  tell("fact pace-%s-mib-s %.0f", way, pace[rounds / 2]);
  tell("fact pace-%s-spread %.0f-%.0f", way, pace[0], pace[rounds - 1]);
}

static void compare(int rounds) {
  static double pace[2][99], ratio[99];
  static char words[part];
  if (rounds < 1 || rounds > 99)
    fail("rounds");
  int vmcore = open_vmcore(O_RDWR);
  int memory = open("/dev/mem", O_RDWR | O_CLOEXEC);
  if (memory < 0)
    fail("/dev/mem");
  const Elf64_Phdr *largest = loads;
  for (int i = 1; i < count; i++)
    if (loads[i].p_memsz > largest->p_memsz)
      largest = &loads[i];
  if (largest->p_memsz < 4 * (uint64_t)span)
    fail("no PT_LOAD of that size");
  uint64_t skip = largest->p_memsz / 2 / block * block;
  off_t physical = (off_t)((largest->p_paddr + skip) / page * page);
  off_t offset = (off_t)(largest->p_offset - largest->p_paddr) + physical;
  int both = PROT_READ | PROT_WRITE;
  char *const place[2] = {
      mmap(NULL, span, both, MAP_SHARED, vmcore, offset),
      mmap(NULL, span, both, MAP_SHARED, memory, physical),
  };
  if (place[0] == MAP_FAILED || place[1] == MAP_FAILED)
    fail("mmap");

  double seconds[2];
  /* The first one is to warm up. */
  write_all(place, words, seconds);
  for (int round = 0; round < rounds; round++) {
    write_all(place, words, seconds);
    for (int which = 0; which < 2; which++)
      pace[which][round] = (span >> 20) / seconds[which];
    ratio[round] = seconds[1] / seconds[0];
  }
  tell_pace("vmcore", pace[0], rounds);
  tell_pace("mem", pace[1], rounds);
  qsort(ratio, (size_t)rounds, sizeof *ratio, by_size);
  tell("fact pace-ratio %.3f", ratio[rounds / 2]);
  tell("fact pace-ratio-spread %.3f-%.3f", ratio[0], ratio[rounds - 1]);

  for (int round = 0; round < rounds; round++) {
    double start = uptime();
    for (size_t at = 0; at < span; at += part)
      if (pwrite(vmcore, words, part, offset + (off_t)at) != part)
        fail("pwrite");
    pace[0][round] = (span >> 20) / (uptime() - start);
  }
  tell_pace("pwrite", pace[0], rounds);
}

/* What /proc/iomem names, and whether it is this kernel's RAM. */
static struct {
  uint64_t start, end;
  int is_ram;
} named[512];
static int names;

static void read_names(void) {
  FILE *file = fopen("/proc/iomem", "r");
  char line[256];
  unsigned long long start, end;
  while (file && fgets(line, sizeof line, file) && names < 512)
    if (sscanf(line, "%llx-%llx", &start, &end) == 2 && end) {
      named[names].start = start;
      named[names].end = end;
      named[names++].is_ram = !!strstr(line, "System RAM");
    }
  if (!names)
    fail("/proc/iomem");
}

static int is_named(uint64_t physical, int ram_only) {
  for (int i = 0; i < names; i++)
    if (physical <= named[i].end && physical + page > named[i].start &&
        (named[i].is_ram || !ram_only))
      return 1;
  return 0;
}

static long frames_mapped, frames_busy, frames_not_ram, frames_wrong;

/* Stores a word to each page, and looks for it where /dev/mem has the frame. */
static void prove(volatile uint64_t *place, int memory, uint64_t physical,
                  size_t size) {
  const volatile uint64_t *other =
      mmap(NULL, size, PROT_READ, MAP_SHARED, memory, (off_t)physical);
  if (other == MAP_FAILED)
    fail("mmap of /dev/mem");
  for (size_t at = 0; at < size; at += page) {
    size_t word = at / sizeof *place;
    uint64_t before = other[word];
    int same = place[word] == before;
    place[word] = ~before;
    same = same && other[word] == ~before;
    place[word] = before;
    frames_wrong += !same || is_named(physical + at, 1);
  }
  munmap((void *)other, size);
}

/* Maps a part of a PT_LOAD, in halves when it is refused. */
static void look_at(int vmcore, int memory, off_t offset, uint64_t physical,
                    size_t size) {
  void *place =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vmcore, offset);
  if (place != MAP_FAILED) {
    prove(place, memory, physical, size);
    frames_mapped += (long)(size / page);
    munmap(place, size);
  } else if (size > page) {
    size_t half = size / 2 / page * page;
    look_at(vmcore, memory, offset, physical, half);
    look_at(vmcore, memory, offset + (off_t)half, physical + half,
            size - half);
  } else if (errno == EIO) {
    frames_not_ram++;
  } else if (errno == EPERM) {
    frames_busy++;
    frames_wrong += !is_named(physical, 0);
  } else {
    fail("mmap");
  }
}

static void frames(void) {
  int vmcore = open_vmcore(O_RDWR);
  int memory = open("/dev/mem", O_RDONLY | O_CLOEXEC);
  if (memory < 0)
    fail("/dev/mem");
  read_names();
  for (int i = 0; i < count; i++) {
    uint64_t start = loads[i].p_paddr / page * page;
    uint64_t end = (loads[i].p_paddr + loads[i].p_memsz + page - 1) / page;
    off_t shift = (off_t)(loads[i].p_offset - loads[i].p_paddr);
    for (uint64_t at = start; at < end * page; at += block) {
      uint64_t size = end * page - at;
      look_at(vmcore, memory, (off_t)at + shift, at,
              size < block ? size : block);
    }
  }
  tell("fact frames-mapped %ld", frames_mapped);
  tell("fact frames-busy %ld", frames_busy);
  tell("fact frames-not-ram %ld", frames_not_ram);
  tell("fact frames-wrong %ld", frames_wrong);

  /* Memory that was never written to is the zero page. */
  char *zero = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int written = 0;
  for (int i = 0; i < page; i++)
    written += !!zero[i];
  tell("fact zero-page-written %d", written);
}

int main(int argc, char **words) {
  if (argc == 2 && !strcmp(words[1], "opens")) {
    tell_open("vmcore-to-write", "/proc/vmcore", O_RDWR);
    tell_open("vmcore-to-read", "/proc/vmcore", O_RDONLY);
    tell_open("mem-to-write", "/dev/mem", O_RDWR);
  } else if (argc == 3 && !strcmp(words[1], "pace")) {
    compare(atoi(words[2]));
  } else if (argc == 2 && !strcmp(words[1], "frames")) {
    frames();
  } else {
    fputs("usage: vmcorewrite opens | pace ROUNDS | frames\n", stderr);
    return 2;
  }
  return 0;
}
