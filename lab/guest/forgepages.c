/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * forgepages RECORD: plants pages that look like those that are held by RECORD
 * but for what is in them, 256 MiB of them, as an ordinary user who does not
 * know the key with which checksums are made; says "forged" and stays. They lie
 * on the last node, where a search begins.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "heldpage.h"

/* linux/mempolicy.h, which musl does not bring. */
enum { MPOL_BIND_ = 2 };
enum { NOBODY = 65534 };

int main(int count, char **words) {
  struct record record;
  if (count != 2) {
    fputs("usage: forgepages RECORD\n", stderr);
    return 2;
  }
  int file = open(words[1], O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, &record, sizeof record) != sizeof record) {
    perror(words[1]);
    return 1;
  }
  uint64_t pages = record.bytes / ROOM + 1;
  unsigned long nodes = 1UL << 1;
  if (syscall(SYS_set_mempolicy, MPOL_BIND_, &nodes, 8 * sizeof nodes) < 0) {
    perror("set_mempolicy");
    return 1;
  }
  if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0) {
    perror("setuid");
    return 1;
  }
  size_t room = (size_t)256 << 20;
  unsigned char *bytes = mmap(NULL, room, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  for (uint64_t number = 0; number < room / PAGE; number++) {
    unsigned char *page = bytes + number * PAGE;
    uint32_t shape[2] = {(uint32_t)(number % pages), ROOM};
    memcpy(page, "OLDMEMHP", 8);
    memcpy(page + 8, &record.id, 8);
    memcpy(page + 16, shape, 8);
    memset(page + HEAD, 0x5a, ROOM);
    seal(page, ROOM, ~record.key);
  }
  puts("forged");
  fflush(stdout);
  for (;;)
    pause();
}
