/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * inflight small|huge|writes DISK LIST FLAGS SPARE: panics while DISK, a slow
 * one, is still moving data from or to known frames.
 *
 *     small   three O_DIRECT reads of 1 MiB into pages of 4 KiB
 *     huge    the same into huge pages, of which the reads fill one half
 *     writes  4 MiB of page cache under writeback
 *
 * LIST gets a line for each run of frames, `frame count block name`: the
 * frames exchange data with the disk's 4 KiB blocks from `block` on. FLAGS
 * gets /proc/kpageflags as it is at the end. Before that, huge pages in use
 * take what memory is free, but SPARE MiB: nobody lends those.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stamps.h"

enum { mebibyte = 1 << 20, mebibyte_blocks = mebibyte / block_size };
enum { reads = 3, writes = 4, huge_size = 2 << 20 };
/* linux/kernel-page-flags.h, which musl does not bring. */
enum { flag_writeback = 8, flag_anonymous = 12, flag_huge = 22 };
/* Facts go to the host over what first.sh has opened. */
enum { port = 3 };

static char *memory[writes];
static uint64_t frames[writes][mebibyte_blocks];
static int slow, pagemap, flags;
static atomic_int completed;

static void fail(const char *format, ...) {
  char line[256];
  va_list words;
  va_start(words, format);
  int error = errno;
  vsnprintf(line, sizeof line, format, words);
  va_end(words);
  dprintf(port, "verdict fail inflight: %s: %s\n", line, strerror(error));
  printf("lab: inflight: %s: %s\n", line, strerror(error));
  exit(1);
}

static int opened(const char *path, int mode) {
  int file = open(path, mode | O_CLOEXEC);
  if (file < 0)
    fail("%s", path);
  return file;
}

/* The frame that a page which was touched is in. */
static uint64_t frame_of(const char *page) {
  uint64_t entry = 0;
  off_t at = (off_t)((uintptr_t)page / block_size * sizeof entry);
  if (pread(pagemap, &entry, sizeof entry, at) != sizeof entry)
    fail("/proc/self/pagemap");
  if (!(entry >> 63))
    fail("a page is not there");
  return entry & ((UINT64_C(1) << 55) - 1);
}

static int has_flag(uint64_t frame, int bit) {
  uint64_t word = 0;
  if (pread(flags, &word, sizeof word, (off_t)(frame * sizeof word)) !=
      sizeof word)
    fail("/proc/kpageflags");
  return (int)(word >> bit & 1);
}

/* Takes all free memory but so much, in huge pages that are in use. */
static void leave_free(long spare) {
  char line[128] = "";
  long free_kib = 0;
  FILE *info = fopen("/proc/meminfo", "re");
  while (info && fgets(line, sizeof line, info))
    if (sscanf(line, "MemFree: %ld kB", &free_kib) == 1)
      break;
  if (info)
    fclose(info);
  int knob = opened("/proc/sys/vm/nr_hugepages", O_RDWR);
  dprintf(knob, "%ld\n", (free_kib / 1024 - spare) / 2);
  /* It may have found fewer. */
  ssize_t length = pread(knob, line, sizeof line - 1, 0);
  close(knob);
  line[length > 0 ? length : 0] = 0;
  size_t size = strtoul(line, NULL, 10) * huge_size;
  if (size &&
      mmap(NULL, size, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1,
           0) == MAP_FAILED)
    fail("%s huge pages", line);
}

/* Where a buffer's content lies on the disk. With gaps between, since QEMU
 * makes one request of neighbours. */
static uint64_t block_of(int is_write, int index) {
  return (uint64_t)(index * 2 + !is_write) * mebibyte_blocks;
}

static void *read_mebibyte(void *number) {
  long index = (long)number;
  ssize_t count = pread(slow, memory[index], mebibyte,
                        (off_t)(block_of(0, (int)index) * block_size));
  printf("lab: read %ld is done: %zd\n", index, count);
  completed++;
  return NULL;
}

static void make_buffers(int huge) {
  for (int index = 0; index < reads; index++) {
    size_t room = huge_size * 2;
    char *area = mmap(NULL, room, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
      fail("mmap");
    uintptr_t start = ((uintptr_t)area + huge_size - 1) & ~(huge_size - 1UL);
    memory[index] = (char *)start;
    if (madvise(memory[index], huge_size,
                huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
      fail("madvise");
    for (int page = 0; page < mebibyte_blocks; page++)
      stamp((uint64_t *)(memory[index] + page * block_size), in_buffer,
            block_of(0, index) + (uint64_t)page);
    if (huge && !has_flag(frame_of(memory[index]), flag_huge))
      fail("buffer %d is in no huge page", index);
  }
}

static void start_reads(const char *disk) {
  slow = opened(disk, O_RDONLY | O_DIRECT);
  /* QEMU lets one request through before it holds back those that follow. */
  char *first = aligned_alloc(block_size, mebibyte);
  if (!first || pread(slow, first, mebibyte, 0) != mebibyte)
    fail("%s", disk);
  if (!is_stamped((uint64_t *)first, on_disk, 0))
    fail("%s has other content than it should", disk);
  for (long index = 0; index < reads; index++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_mebibyte, (void *)index))
      fail("pthread_create");
  }
  sleep(1);
  for (int index = 0; index < reads; index++)
    for (int page = 0; page < mebibyte_blocks; page++)
      frames[index][page] = frame_of(memory[index] + page * block_size);
}

static void start_writes(const char *disk) {
  slow = opened(disk, O_RDWR);
  char *content = malloc(mebibyte);
  if (!content)
    fail("malloc");
  for (int index = 0; index < writes; index++) {
    for (int page = 0; page < mebibyte_blocks; page++)
      stamp((uint64_t *)(content + page * block_size), being_written,
            block_of(1, index) + (uint64_t)page);
    off_t at = (off_t)(block_of(1, index) * block_size);
    if (pwrite(slow, content, mebibyte, at) != mebibyte)
      fail("%s", disk);
  }
  if (sync_file_range(slow, 0, 0, SYNC_FILE_RANGE_WRITE))
    fail("sync_file_range");
  /* What the first request wrote is done with by then. */
  sleep(1);
  for (int index = 0; index < writes; index++) {
    char *pages = mmap(NULL, mebibyte, PROT_READ, MAP_SHARED, slow,
                       (off_t)(block_of(1, index) * block_size));
    if (pages == MAP_FAILED)
      fail("mmap of %s", disk);
    for (int page = 0; page < mebibyte_blocks; page++) {
      const volatile char *at = pages + page * block_size;
      (void)*at;
      frames[index][page] = frame_of((const char *)at);
    }
    /* Mapped pages are other pages than those of a mere write. */
    munmap(pages, mebibyte);
  }
  /* A frame that is written is none that is under way. */
  for (int index = 0; index < writes; index++)
    for (int page = 0; page < mebibyte_blocks; page++)
      if (!has_flag(frames[index][page], flag_writeback))
        frames[index][page] = 0;
}

static long under_way(int is_write) {
  long count = 0;
  for (int index = 0; index < writes; index++)
    for (int page = 0; page < mebibyte_blocks; page++) {
      uint64_t frame = frames[index][page];
      int expected = is_write ? flag_writeback : flag_anonymous;
      count += frame && has_flag(frame, expected);
    }
  return count;
}

static void put_all(int file, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    ssize_t wrote = write(file, at, count);
    if (wrote <= 0)
      fail("write");
    at += wrote;
    count -= (size_t)wrote;
  }
}

static void write_list(const char *path, const char *name, int is_write) {
  int list = opened(path, O_WRONLY);
  for (int index = 0; index < writes; index++)
    for (int page = 0; page < mebibyte_blocks;) {
      uint64_t frame = frames[index][page];
      int count = 1;
      while (page + count < mebibyte_blocks &&
             frames[index][page + count] == frame + (uint64_t)count)
        count++;
      char line[96];
      uint64_t block = block_of(is_write, index) + (uint64_t)page;
      int length = snprintf(line, sizeof line, "%lu %d %lu %s-%d\n",
                            (unsigned long)frame, count, (unsigned long)block,
                            name, index);
      if (frame)
        put_all(list, line, (size_t)length);
      page += frame ? count : 1;
    }
  fsync(list);
  close(list);
}

static void write_flags(const char *path) {
  static char content[1 << 16];
  int out = opened(path, O_WRONLY);
  int all = opened("/proc/kpageflags", O_RDONLY);
  ssize_t count;
  while ((count = read(all, content, sizeof content)) > 0)
    put_all(out, content, (size_t)count);
  fsync(out);
  close(out);
  close(all);
}

int main(int count, char **words) {
  if (count != 6) {
    fputs("usage: inflight small|huge|writes DISK LIST FLAGS SPARE\n", stderr);
    return 2;
  }
  setbuf(stdout, NULL);
  pagemap = opened("/proc/self/pagemap", O_RDONLY);
  flags = opened("/proc/kpageflags", O_RDONLY);
  int is_write = !strcmp(words[1], "writes");
  int is_huge = !strcmp(words[1], "huge");
  if (!is_write)
    make_buffers(is_huge);
  leave_free(atol(words[5]));
  if (is_write)
    start_writes(words[2]);
  else
    start_reads(words[2]);
  write_list(words[3], words[1], is_write);
  write_flags(words[4]);
  int trigger = opened("/proc/sysrq-trigger", O_WRONLY);
  char seconds[32] = "";
  int uptime = opened("/proc/uptime", O_RDONLY);
  if (read(uptime, seconds, sizeof seconds - 1) > 0)
    seconds[strcspn(seconds, " ")] = 0;
  dprintf(port, "fact first-kernel-seconds %s\n", seconds);
  dprintf(port, "fact reads-completed %d\n", atomic_load(&completed));
  dprintf(port, "fact frames-under-way %ld\n", under_way(is_write));
  if (write(trigger, "c", 1) != 1)
    fail("sysrq-trigger");
  return 1;
}
