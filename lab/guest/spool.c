/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * spool MIB: prints MIB mebibytes of words that nothing can compress, as a
 * tool would that has to spool them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
  unsigned long mebibytes = count > 1 ? strtoul(words[1], NULL, 10) : 0;
  if (mebibytes == 0 || mebibytes > 1 << 20) {
    fputs("usage: spool MIB\n", stderr);
    return 2;
  }
  static uint64_t block[8192];
  uint64_t word = 0xD1B54A32D192ED03;
  for (unsigned long left = mebibytes << 4; left > 0; left--) {
    for (size_t index = 0; index < sizeof block / sizeof *block; index++) {
      word ^= word << 13;
      word ^= word >> 7;
      word ^= word << 17;
      block[index] = word;
    }
    if (fwrite(block, sizeof block, 1, stdout) != 1) {
      perror("spool");
      return 1;
    }
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
