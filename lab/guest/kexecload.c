/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * kexecload KERNEL INITRD COMMANDLINE: loads what runs after a panic, as
 * `kexec -s -p` does, without the libraries that kexec-tools needs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/kexec.h, which musl does not bring. */
enum { KEXEC_FILE_ON_CRASH = 2 };

int main(int count, char **words) {
  if (count != 4) {
    fputs("usage: kexecload KERNEL INITRD COMMANDLINE\n", stderr);
    return 2;
  }
  int kernel = open(words[1], O_RDONLY | O_CLOEXEC);
  if (kernel < 0) {
    perror(words[1]);
    return 1;
  }
  int initrd = open(words[2], O_RDONLY | O_CLOEXEC);
  if (initrd < 0) {
    perror(words[2]);
    return 1;
  }
  if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(words[3]) + 1,
              words[3], KEXEC_FILE_ON_CRASH)) {
    perror("kexec_file_load");
    return 1;
  }
  return 0;
}
