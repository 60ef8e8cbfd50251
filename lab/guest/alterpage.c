/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * alterpage RECORD PID: changes one byte of the first page that a process holds
 * by RECORD, and gives the page a checksum that fits, as only root can.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "heldpage.h"

/* Whether the page at `place` was the one. */
static int alter(int memory, off_t place, const struct record *record) {
  unsigned char page[PAGE];
  uint32_t shape[2];
  if (pread(memory, page, PAGE, place) != PAGE || memcmp(page, "OLDMEMHP", 8))
    return 0;
  memcpy(shape, page + 16, sizeof shape);
  if (memcmp(page + 8, &record->id, 8) || shape[0] != 0 || shape[1] > ROOM)
    return 0;
  page[HEAD + 100] ^= 1;
  seal(page, shape[1], record->key);
  return pwrite(memory, page, PAGE, place) == PAGE;
}

int main(int count, char **words) {
  struct record record;
  char name[64], line[512];
  if (count != 3) {
    fputs("usage: alterpage RECORD PID\n", stderr);
    return 2;
  }
  int file = open(words[1], O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, &record, sizeof record) != sizeof record) {
    perror(words[1]);
    return 1;
  }
  snprintf(name, sizeof name, "/proc/%s/maps", words[2]);
  FILE *maps = fopen(name, "r");
  snprintf(name, sizeof name, "/proc/%s/mem", words[2]);
  int memory = open(name, O_RDWR | O_CLOEXEC);
  if (!maps || memory < 0) {
    perror(name);
    return 1;
  }
  while (fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx rw", &start, &end) != 2)
      continue;
    for (unsigned long place = start; place < end; place += PAGE)
      if (alter(memory, (off_t)place, &record))
        return 0;
  }
  fputs("alterpage: no such page\n", stderr);
  return 1;
}
