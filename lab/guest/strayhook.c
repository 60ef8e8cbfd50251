/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * strayhook STEP PID: a step hook that writes to lent frames for as long as
 * the machine runs, as a device that nobody has stopped would.
 *
 * /oldmem/frames lists the frames that are lent; /oldmem/hook.conf says which
 * of them are written to, counted in the list's order, from which step on:
 *
 *     STEP FIRST COUNT
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { frames_at_most = 16384 };
static unsigned char *frames[frames_at_most];
static int frame_count;

static void say(const char *text) {
  int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  if (write(log, text, strlen(text)) < 0)
    return;
  close(log);
}

/* Maps `count` of the lent frames, from the `first` on. */
static void map(int memory, unsigned long first, unsigned long count) {
  FILE *list = fopen("/oldmem/frames", "re");
  unsigned long start, length, passed = 0;
  /* The third word of a line says what the frames were. */
  while (list && fscanf(list, "%lu %lu %*s", &start, &length) == 2) {
    for (unsigned long index = 0; index < length; index++, passed++) {
      if (passed < first || passed >= first + count ||
          frame_count == frames_at_most)
        continue;
      void *frame = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                         memory, (off_t)((start + index) * 4096));
      if (frame != MAP_FAILED)
        frames[frame_count++] = frame;
    }
  }
  if (list)
    fclose(list);
}

static void write_for_ever(void) {
  /* PID 1 waits until nobody has its pipes open any more. */
  for (int number = 3; number < 1024; number++)
    close(number);
  int file = open("/proc/self/oom_score_adj", O_WRONLY);
  if (write(file, "-1000", 5) < 0)
    say("lab: strayhook may be killed\n");
  close(file);
  mlockall(MCL_CURRENT);
  for (uint64_t round = 1;; round++) {
    for (int index = 0; index < frame_count; index++)
      memcpy(frames[index] + 1000, &round, sizeof round);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  }
}

int main(int count, char **words) {
  if (count < 3)
    return 0;
  int memory = open("/dev/mem", O_RDWR | O_CLOEXEC);
  FILE *settings = fopen("/oldmem/hook.conf", "re");
  char step[32], text[80];
  unsigned long first, wanted;
  while (settings &&
         fscanf(settings, "%31s %lu %lu", step, &first, &wanted) == 3)
    if (!strcmp(step, words[1]))
      map(memory, first, wanted);
  if (!frame_count)
    return 0;
  snprintf(text, sizeof text, "lab: fact stray-frames %d\n", frame_count);
  say(text);
  if (fork() == 0)
    write_for_ever();
  return 0;
}
