/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * movepages PID: has the kernel move each page of a process that can be moved
 * to the other node, and back, as compaction does within a node.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count != 2) {
    fputs("usage: movepages PID\n", stderr);
    return 2;
  }
  int pid = atoi(words[1]);
  for (int target = 1; target >= 0; target--) {
    unsigned long from = 3UL & ~(1UL << target), to = 1UL << target;
    /* It counts what could not be moved, which is no failure here. */
    if (syscall(SYS_migrate_pages, pid, 8 * sizeof from, &from, &to) < 0) {
      perror("migrate_pages");
      return 1;
    }
  }
  return 0;
}
