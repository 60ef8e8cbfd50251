/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * holdrequests DISK: asks a slow disk for more than it can give, past the
 * page cache, so that it reads and writes this process's memory for minutes.
 * It says where, as holdpages.c does:
 *
 *     direct-small PID START LENGTH      being read into, single pages
 *     direct-thp PID START LENGTH        being read into, huge pages
 *     direct-write PID START LENGTH      being written from, single pages
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/aio_abi.h, which musl does not bring. */
enum { IOCB_CMD_PREAD = 0, IOCB_CMD_PWRITE = 1 };
struct request {
  uint64_t data;
  uint32_t key, flags;
  uint16_t opcode;
  int16_t priority;
  uint32_t file;
  uint64_t buffer, length;
  int64_t offset;
  uint64_t reserved;
  uint32_t more_flags, event_file;
};
_Static_assert(sizeof(struct request) == 64, "struct iocb");

enum { huge = 2 << 20 };
static unsigned long context;
static int disk;
static int64_t place = 32 << 20;

static void check(int good, const char *what) {
  if (good)
    return;
  printf("missing %s: %s\n", what, strerror(errno));
  exit(0);
}

static char *memory(int advice) {
  char *area = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(area != MAP_FAILED, "mmap");
  area += -(uintptr_t)area % huge;
  check(madvise(area, huge, advice) == 0, "madvise");
  memset(area, 0xA5, huge);
  return area;
}

static void submit(const char *kind, int opcode, char *start, size_t length) {
  static struct request requests[64];
  static unsigned used;
  struct request *request = &requests[used++];
  request->opcode = (uint16_t)opcode;
  request->file = (uint32_t)disk;
  request->buffer = (uintptr_t)start;
  request->length = length;
  request->offset = place;
  place += (int64_t)length;
  check(syscall(SYS_io_submit, context, 1, &request) == 1, "io_submit");
  printf("%s %d %lx %zx\n", kind, (int)getpid(), (unsigned long)start, length);
}

int main(int count, char **words) {
  if (count != 2) {
    fputs("usage: holdrequests DISK\n", stderr);
    return 2;
  }
  disk = open(words[1], O_RDWR | O_DIRECT | O_CLOEXEC);
  check(disk >= 0, words[1]);
  check(syscall(SYS_io_setup, 64, &context) == 0, "io_setup");
  char *small = memory(MADV_NOHUGEPAGE);
  char *large = memory(MADV_HUGEPAGE);
  /* The first one of each direction finds the disk idle and is over at once:
   * it is none of those that are told, but all of them wait for it. */
  enum { part = 64 << 10 };
  static char first[8 * part] __attribute__((aligned(4096)));
  check(pread(disk, first, sizeof first, 0) == sizeof first, "pread");
  check(pwrite(disk, first, sizeof first, 0) == sizeof first, "pwrite");
  for (int index = 0; index < 8; index++) {
    submit("direct-small", IOCB_CMD_PREAD, small + 2 * index * part, part);
    submit("direct-write", IOCB_CMD_PWRITE, small + (2 * index + 1) * part,
           part);
  }
  for (size_t at = 0; at < huge; at += huge / 4)
    submit("direct-thp", IOCB_CMD_PREAD, large + at, 2 * part);
  puts("held");
  fflush(stdout);
  for (;;)
    pause();
}
