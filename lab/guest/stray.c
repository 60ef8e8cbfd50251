/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * stray LIST SECONDS MIB [end]: in the capture kernel, sees what inflight.c
 * has left behind arrive in old frames, and what it does to data meanwhile.
 *
 * LIST, a disk, has the frames. A child reads them again and again, for
 * SECONDS at most, until each buffer has been seen to hold the disk's
 * content. MIB mebibytes are filled before, and verified page by page after
 * that; then /dev/ublkb0 is read block by block. Facts go to the host, and
 * with `end` a verdict, and the power off.
 *
 * Its own memory stays where it is, so that it can tell of pages that are
 * lost: swapped out, one of its own might be among them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hogpages.h"
#include "oldframes.h"
#include "stamps.h"
#include "telling.h"

enum { frames_at_most = 4096, buffers_at_most = 8 };
/* MADV_PAGEOUT of asm-generic/mman-common.h, which musl does not bring. */
enum { page_out = 21 };

static struct frame {
  uint64_t number, block;
  int buffer, landed;
} frames[frames_at_most];
static int frame_count;

static struct buffer {
  char name[32];
  int frames, landed;
} buffers[buffers_at_most];
static int buffer_count;

static int at_end;

static void finish(int passed, const char *why) {
  if (!at_end)
    exit(!passed);
  tell("verdict %s %s", passed ? "pass" : "fail", why);
  sync();
  nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
  reboot(RB_POWER_OFF);
  exit(1);
}

static void fail(const char *what) {
  char line[128];
  snprintf(line, sizeof line, "stray: %s: %s", what, strerror(errno));
  dprintf(1, "lab: %s\n", line);
  finish(0, line);
}

static int buffer_named(const char *name) {
  for (int index = 0; index < buffer_count; index++)
    if (!strcmp(buffers[index].name, name))
      return index;
  if (buffer_count == buffers_at_most)
    fail("too many buffers");
  strcpy(buffers[buffer_count].name, name);
  return buffer_count++;
}

static void read_list(const char *path) {
  static char text[1 << 18];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, text, sizeof text - 1) < 0)
    fail(path);
  close(file);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    unsigned long first, count, block;
    char name[32];
    if (sscanf(line, "%lu %lu %lu %31s", &first, &count, &block, name) != 4)
      break;
    int buffer = buffer_named(name);
    for (unsigned long index = 0; index < count; index++) {
      if (frame_count == frames_at_most)
        fail("too many frames");
      frames[frame_count++] = (struct frame){
          .number = first + index, .block = block + index, .buffer = buffer};
      buffers[buffer].frames++;
    }
  }
}

/* Looks at each frame once; says how many have not landed yet. */
static int look(const struct old_frames *old) {
  static uint64_t words[block_words];
  int left = 0;
  for (int index = 0; index < frame_count; index++) {
    struct frame *frame = &frames[index];
    struct buffer *buffer = &buffers[frame->buffer];
    if (frame->landed)
      continue;
    if (read_old_frame(old, frame->number, words) &&
        is_stamped(words, on_disk, frame->block)) {
      frame->landed = 1;
      if (buffer->landed++ == 0)
        tell("fact landed-%s-seconds %.1f", buffer->name, uptime());
    }
    left += !frame->landed;
  }
  return left;
}

/* Until something of every buffer has landed, and what is on its way with
 * it; frames that are in use meanwhile may lose it again at once. */
static void watch(int seconds) {
  struct old_frames old;
  if (open_old_frames(&old))
    fail("/proc/vmcore");
  double end = uptime() + seconds, settled = 0;
  while (uptime() < end) {
    int left = look(&old), silent = 0;
    for (int index = 0; index < buffer_count; index++)
      silent += buffers[index].landed == 0;
    if (left == 0 || (settled > 0 && uptime() > settled + 5))
      break;
    if (silent == 0 && settled == 0)
      settled = uptime();
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
  }
  int landed = 0;
  for (int index = 0; index < buffer_count; index++) {
    tell("fact landed-%s-frames %d", buffers[index].name,
         buffers[index].landed);
    landed += buffers[index].landed;
  }
  tell("fact landed-frames %d", landed);
}

/* Each MiB is sent to swap as soon as it is full, so that swap fills up. */
static void fill(uint64_t *memory, size_t pages) {
  for (size_t page = 0; page < pages; page++) {
    hog_write(memory, page, 0);
    if (page % 256 == 255)
      madvise(memory + (page - 255) * block_words, 256 * block_size,
              page_out);
  }
}

/* Wrong words; pages that cannot be had back are told, and are no wrong
 * words: that is what an error is for. */
static unsigned long verify(const volatile uint64_t *memory, size_t pages) {
  unsigned long wrong = 0, lost = 0;
  for (size_t page = 0; page < pages; page++) {
    int differ = hog_verify(memory, page, 0);
    if (differ < 0)
      lost++;
    else
      wrong += (unsigned long)differ;
  }
  tell("fact hog-pages %zu", pages);
  tell("fact hog-pages-lost %lu", lost);
  tell("fact hog-wrong-words %lu", wrong);
  return wrong;
}

/* Reads the device itself: blocks that it refuses, and blocks that it hands
 * out though a disk has written them. */
static unsigned long read_device(void) {
  int device = open("/dev/ublkb0", O_RDONLY | O_DIRECT | O_CLOEXEC);
  if (device < 0)
    return 0;
  static _Alignas(block_size) uint64_t words[block_words];
  unsigned long read_blocks = 0, refused = 0, foreign = 0;
  for (off_t at = 0;; at += block_size) {
    ssize_t count = pread(device, words, block_size, at);
    if (count == 0)
      break;
    if (count < 0 && errno != EIO)
      fail("/dev/ublkb0");
    read_blocks++;
    refused += count < 0;
    foreign += count > 0 && words[0] >> 48 == on_disk &&
               is_stamped(words, on_disk, words[0] >> 16 & 0xFFFFFFFF);
  }
  close(device);
  tell("fact blocks-read %lu", read_blocks);
  tell("fact blocks-refused %lu", refused);
  tell("fact blocks-foreign %lu", foreign);
  return foreign;
}

int main(int count, char **words) {
  if (count < 4) {
    fputs("usage: stray LIST SECONDS MIB [end]\n", stderr);
    return 2;
  }
  at_end = count > 4 && !strcmp(words[4], "end");
  read_list(words[1]);
  pid_t watcher = fork();
  if (watcher == 0) {
    at_end = 0;
    mlockall(MCL_CURRENT);
    watch(atoi(words[2]));
    _exit(0);
  }
  if (watcher < 0 || mlockall(MCL_CURRENT))
    fail("mlockall");
  size_t size = (size_t)atol(words[3]) << 20;
  uint64_t *memory = NULL;
  if (size) {
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
      fail("mmap");
    fill(memory, size / block_size);
    tell("fact filled-seconds %.1f", uptime());
  }
  int status = 1;
  if (waitpid(watcher, &status, 0) < 0 || status)
    fail("the watch");
  unsigned long wrong = 0;
  if (size)
    wrong = verify(memory, size / block_size);
  wrong += read_device();
  tell("fact end-seconds %.1f", uptime());
  finish(wrong == 0, wrong == 0 ? "no wrong word" : "wrong words");
  return 0;
}
