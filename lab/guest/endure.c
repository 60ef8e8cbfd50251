/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * endure MIB SECONDS ATTACKER [falsify]: holds MIB mebibytes in swap while
 * ATTACKER, a child (lab/guest/overwrite.c), writes to lent frames.
 *
 * It fills them, has the attack begun, and then reads all of them twice, gives
 * them new words, and so on, until SECONDS have passed; the attack is stopped,
 * all are read once more, and where there is a /dev/ublkb0, that block by block,
 * and oldmemd is asked what it has counted. A page that is lost is a SIGBUS: it is counted and given new words. A wrong word is what must
 * not be, and the verdict. With `falsify` one word is made wrong on purpose.
 *
 * Its own memory stays where it is, so that it can tell of what is lost: in
 * swap, its own might be. For the same reason it is PID 1, with the verdict
 * and the end of the machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hogpages.h"
#include "telling.h"

static uint64_t *memory;
static size_t pages;
static unsigned generation;
static unsigned long wrong, lost, verified;
/* Children that are waited for, and what they ended with. */
static volatile pid_t attacker, asker;
static volatile int attacker_status = -1, asker_status = -1;

static void finish(int passed, const char *why) {
  tell("verdict %s %s", passed ? "pass" : "fail", why);
  sync();
  nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
  reboot(RB_POWER_OFF);
  exit(1);
}

static void fail(const char *what) {
  char line[128];
  snprintf(line, sizeof line, "endure: %s: %s", what, strerror(errno));
  finish(0, line);
}

/* PID 1's duty: a server that was killed would otherwise keep its name. */
static void reap(int number) {
  (void)number;
  int status, before = errno;
  pid_t child;
  while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
    if (child == attacker)
      attacker_status = status;
    if (child == asker)
      asker_status = status;
  }
  errno = before;
}

/* Until a child has ended; half a minute at most. */
static int ended(const volatile int *status) {
  for (int tries = 0; tries < 300 && *status == -1; tries++)
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  return *status;
}

static void fill(void) {
  generation++;
  for (size_t page = 0; page < pages; page++)
    lost += (unsigned long)hog_write(memory, page, generation);
}

static void verify(void) {
  for (size_t page = 0; page < pages; page++) {
    int differ = hog_verify(memory, page, generation);
    if (differ >= 0) {
      wrong += (unsigned long)differ;
      verified++;
      continue;
    }
    lost++;
    madvise(memory + page * block_words, block_size, MADV_DONTNEED);
    hog_write(memory, page, generation);
  }
}

/* A count of /proc/vmstat. */
static unsigned long vmstat(const char *name) {
  static char text[1 << 14];
  int file = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length > 0 ? length : 0] = 0;
  char *line = strstr(text, name);
  return line ? strtoul(line + strlen(name), NULL, 10) : 0;
}

/* Reads the device itself: how many blocks it refuses; 0 where it is not a
 * device of oldmemd's. */
static int read_device(void) {
  int device = open("/dev/ublkb0", O_RDONLY | O_DIRECT | O_CLOEXEC);
  if (device < 0)
    return 0;
  static _Alignas(block_size) uint64_t words[block_words];
  unsigned long refused = 0, foreign = 0;
  for (off_t at = 0;; at += block_size) {
    ssize_t count = pread(device, words, block_size, at);
    if (count == 0)
      break;
    if (count < 0 && errno != EIO)
      fail("/dev/ublkb0");
    refused += count < 0;
    /* What overwrote a frame, or a part of that. */
    for (unsigned index = 0; count > 0 && index < block_words; index++)
      if (words[index] >> 48 == overwriting &&
          (words[index] >> 16 & 0xFFFFFFFF) < 1 << 24 &&
          (words[index] & 0xFFFF) == index) {
        foreign++;
        break;
      }
  }
  close(device);
  tell("fact blocks-refused %lu", refused);
  tell("fact blocks-foreign %lu", foreign);
  wrong += foreign;
  return 1;
}

/* What oldmemd counts, as `NAME NUMBER` in Prometheus's text. */
static void ask(void) {
  static char text[1 << 15];
  int ends[2];
  /* What is told is a second old at most. */
  nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
  sigset_t children, before;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  /* It may end before we know its number. */
  sigprocmask(SIG_BLOCK, &children, &before);
  asker = pipe(ends) ? -1 : fork();
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (asker == 0) {
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    execl("/oldmem/oldmemd", "oldmemd", "status", "--prometheus", NULL);
    _exit(127);
  }
  close(ends[1]);
  size_t length = 0;
  ssize_t count;
  while (length < sizeof text - 1 &&
         (count = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
    length += (size_t)count;
  if (ended(&asker_status))
    fail("oldmemd status");
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
    if (!strncmp(line, "oldmem_", 7))
      tell("fact %s", line);
}

int main(int count, char **words) {
  if (count < 4) {
    fputs("usage: endure MIB SECONDS ATTACKER [falsify]\n", stderr);
    return 2;
  }
  size_t size = (size_t)atol(words[1]) << 20;
  double limit = atof(words[2]);
  attacker = (pid_t)atoi(words[3]);
  struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};
  sigaction(SIGCHLD, &action, NULL);
  if (mlockall(MCL_CURRENT))
    fail("mlockall");
  memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    fail("mmap");
  pages = size / block_size;
  fill();
  if (count > 4 && !strcmp(words[4], "falsify"))
    memory[pages / 2 * block_words + 7] ^= 1;
  tell("fact filled-seconds %.1f", uptime());
  if (kill(attacker, SIGUSR1))
    fail("the attacker");
  double end = uptime() + limit;
  unsigned rounds = 0;
  while (uptime() < end) {
    if (rounds++ % 3 == 2)
      fill();
    else
      verify();
  }
  kill(attacker, SIGUSR2);
  tell("fact hog-rounds %u", rounds);
  tell("fact hog-pages-lost-meanwhile %lu", lost);
  verify();
  tell("fact hog-pages %zu", pages);
  tell("fact hog-pages-verified %lu", verified);
  tell("fact hog-pages-lost %lu", lost);
  tell("fact hog-wrong-words %lu", wrong);
  tell("fact pages-out %lu", vmstat("\npswpout "));
  tell("fact pages-in %lu", vmstat("\npswpin "));
  if (read_device())
    ask();
  if (kill(attacker, SIGTERM) || ended(&attacker_status))
    fail("the attacker");
  tell("fact end-seconds %.1f", uptime());
  finish(wrong == 0, wrong == 0 ? "no wrong word" : "wrong words");
  return 0;
}
