/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * holdpages KIND MIB [FILE]: has memory of a kind, says where, and keeps it.
 *
 *     KIND PID START LENGTH      an address range of this process, in hex,
 *                                that must consist of pages of that kind
 *     held                       all of it is there
 *     missing WHY                this kernel has no such pages
 *
 * pageflags.c judges whether what lies there is of the kind.
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
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* linux/io_uring.h and newer system calls, which musl does not bring. */
enum { IORING_REGISTER_BUFFERS = 0 };
enum { memfd_secret = 447 };
enum { page = 4096, huge = 2 << 20 };

static const char *file;

static void missing(const char *what) {
  printf("missing %s: %s\n", what, strerror(errno));
  exit(0);
}

static void say(const char *kind, const void *start, size_t length) {
  printf("%s %d %lx %zx\n", kind, (int)getpid(), (unsigned long)start, length);
}

/* Words that no compressor, no zero-page detection and no merging shrinks. */
static void fill(void *start, size_t length) {
  static uint64_t word;
  uint64_t *words = start;
  if (!word)
    word = 0x9E3779B97F4A7C15 * (uint64_t)getpid();
  for (size_t index = 0; index < length / sizeof word; index++) {
    word ^= word << 13;
    word ^= word >> 7;
    word ^= word << 17;
    words[index] = word;
  }
}

static void look(const void *start, size_t length) {
  const volatile char *bytes = start;
  for (size_t at = 0; at < length; at += page)
    (void)bytes[at];
}

/* A mapping that starts at a multiple of two mebibytes. */
static void *map(size_t length, int flags, int descriptor) {
  char *area = mmap(NULL, length + huge, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (area == MAP_FAILED)
    missing("mmap");
  area += -(uintptr_t)area % huge;
  void *start = mmap(area, length, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
                     descriptor, 0);
  if (start == MAP_FAILED)
    missing("mmap");
  return start;
}

static void *anonymous(size_t length, int advice) {
  void *start = map(length, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (madvise(start, length, advice))
    missing("madvise");
  return start;
}

static void *small(size_t length) {
  void *start = anonymous(length, MADV_NOHUGEPAGE);
  fill(start, length);
  return start;
}

static void hold_anon(size_t length) { say("anon", small(length), length); }

static void hold_thp(size_t length) {
  void *start = anonymous(length, MADV_HUGEPAGE);
  fill(start, length);
  say("thp", start, length);
}

/* Every huge page loses its second half, which stays in it nevertheless. */
static void hold_thp_half(size_t length) {
  char *start = anonymous(length, MADV_HUGEPAGE);
  fill(start, length);
  for (size_t at = 0; at < length; at += huge) {
    munmap(start + at + huge / 2, huge / 2);
    say("thp-half", start + at, huge / 2);
  }
}

/* Mappings too small for huge pages, but large enough for folios. */
static void hold_mthp(size_t length) {
  char *area = anonymous(2 * length, MADV_HUGEPAGE);
  for (size_t at = 0; at < 2 * length; at += huge) {
    munmap(area + at + huge / 2, huge / 2);
    fill(area + at, huge / 2);
    say("mthp", area + at, huge / 2);
  }
}

static void hold_mlock(size_t length) {
  void *start = small(length);
  if (mlock(start, length))
    missing("mlock");
  say("mlock", start, length);
}

static void hold_lazyfree(size_t length) {
  void *start = small(length);
  if (madvise(start, length, MADV_FREE))
    missing("MADV_FREE");
  say("lazyfree", start, length);
}

/* Four processes share all of it but an eighth that each child wrote to. */
static void hold_fork(size_t length) {
  char *start = small(length);
  for (int child = 0; child < 3; child++) {
    if (fork())
      continue;
    fill(start, length / 8);
    for (;;)
      pause();
  }
  sleep(1);
  say("fork", start + length / 8, length - length / 8);
}

static void hold_ksm(size_t length) {
  char *start = anonymous(length, MADV_NOHUGEPAGE);
  for (size_t at = 0; at < length; at += page)
    memset(start + at, 0x5A, page);
  if (madvise(start, length, MADV_MERGEABLE))
    missing("MADV_MERGEABLE");
  say("ksm", start, length);
}

static void hold_hugetlb(size_t length) {
  void *start = map(length, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
  fill(start, length);
  say("hugetlb", start, length);
}

static void hold_shmem(size_t length) {
  void *start = map(length, MAP_SHARED | MAP_ANONYMOUS, -1);
  fill(start, length);
  say("shmem", start, length);
}

static int open_file(size_t length) {
  int descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0 || ftruncate(descriptor, (off_t)length))
    missing(file);
  return descriptor;
}

static void hold_shmem_thp(size_t length) {
  void *start = map(length, MAP_SHARED, open_file(length));
  fill(start, length);
  say("shmem-thp", start, length);
}

/* Half of it read, half of it written to. */
static void hold_mapped(size_t length, int flags, const char *clean,
                        const char *written) {
  char *start = map(length, flags, open(file, O_RDWR | O_CLOEXEC));
  look(start, length / 2);
  say(clean, start, length / 2);
  fill(start + length / 2, length / 2);
  say(written, start + length / 2, length / 2);
}

static void hold_private(size_t length) {
  hold_mapped(length, MAP_PRIVATE, "private-clean", "private-written");
}

static void hold_shared(size_t length) {
  hold_mapped(length, MAP_SHARED, "shared-clean", "shared-dirty");
}

/* Out to the swap device; half of it is read again and stays there too. */
static void hold_swapcache(size_t length) {
  char *start = small(length);
  if (madvise(start, length, MADV_PAGEOUT))
    missing("MADV_PAGEOUT");
  look(start, length / 2);
  say("swapcache", start, length / 2);
}

static void hold_shmem_swapped(size_t length) {
  void *start = map(length, MAP_SHARED | MAP_ANONYMOUS, -1);
  fill(start, length);
  if (madvise(start, length, MADV_PAGEOUT))
    missing("MADV_PAGEOUT");
}

static void survive(int number) { (void)number; }

/* The page is taken away, and the process told so by SIGBUS. */
static void hold_hwpoison(size_t length) {
  signal(SIGBUS, survive);
  char *start = small(length);
  if (madvise(start, page, MADV_HWPOISON))
    missing("MADV_HWPOISON");
}

static void hold_secret(size_t length) {
  int descriptor = (int)syscall(memfd_secret, O_CLOEXEC);
  if (descriptor < 0 || ftruncate(descriptor, (off_t)length))
    missing("memfd_secret");
  void *start = map(length, MAP_SHARED, descriptor);
  fill(start, length);
  say("secret", start, length);
}

/* Buffers registered with a ring stay pinned, with no request under way. */
static void hold_pinned(size_t length) {
  static char parameters[120];
  int ring = (int)syscall(SYS_io_uring_setup, 4, parameters);
  if (ring < 0)
    missing("io_uring_setup");
  struct iovec buffers[] = {{.iov_len = length / 2}, {.iov_len = length / 2}};
  buffers[0].iov_base = small(length / 2);
  buffers[1].iov_base = anonymous(length / 2, MADV_HUGEPAGE);
  fill(buffers[1].iov_base, length / 2);
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, buffers, 2))
    missing("IORING_REGISTER_BUFFERS");
  say("pinned", buffers[0].iov_base, length / 2);
  say("pinned-thp", buffers[1].iov_base, length / 2);
}

static const struct {
  const char *name;
  void (*hold)(size_t length);
} kinds[] = {
    {"anon", hold_anon},
    {"thp", hold_thp},
    {"thp-half", hold_thp_half},
    {"mthp", hold_mthp},
    {"mlock", hold_mlock},
    {"lazyfree", hold_lazyfree},
    {"fork", hold_fork},
    {"ksm", hold_ksm},
    {"hugetlb", hold_hugetlb},
    {"shmem", hold_shmem},
    {"shmem-thp", hold_shmem_thp},
    {"private", hold_private},
    {"shared", hold_shared},
    {"swapcache", hold_swapcache},
    {"shmem-swapped", hold_shmem_swapped},
    {"hwpoison", hold_hwpoison},
    {"secret", hold_secret},
    {"pinned", hold_pinned},
};

int main(int count, char **words) {
  size_t length = count > 2 ? strtoul(words[2], NULL, 10) << 20 : 0;
  file = count > 3 ? words[3] : "";
  for (size_t index = 0; length && index < sizeof kinds / sizeof *kinds;
       index++) {
    if (strcmp(words[1], kinds[index].name))
      continue;
    kinds[index].hold(length);
    puts("held");
    fflush(stdout);
    for (;;)
      pause();
  }
  fputs("usage: holdpages KIND MIB [FILE]\n", stderr);
  return 2;
}
