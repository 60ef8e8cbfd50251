/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * slayer kill|freeze NAME SECONDS [ONCE]: kills with SIGKILL, or freezes for
 * good, the process that calls itself NAME, every so many seconds, or once.
 *
 * Each deed is a line in the kernel's log, so that the log's own time stamps
 * tell how long it takes until somebody serves again. At the end, SIGTERM, it
 * says how many there were, and how little memory was free at one of them: the
 * log takes ten lines in five seconds from it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int kernel_log = -1;

static void say(const char *format, ...) {
  char line[256];
  va_list words;
  va_start(words, format);
  int length = vsnprintf(line, sizeof line, format, words);
  va_end(words);
  if (length > (int)sizeof line - 1)
    length = sizeof line - 1;
  if (write(kernel_log, line, (size_t)length) < 0)
    errno = 0;
}

/* What a small file says, without stdio's buffers. */
static int text_of(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t count = file < 0 ? -1 : read(file, text, size - 1);
  close(file);
  text[count > 0 ? count : 0] = 0;
  return count > 0;
}

/* Whether nobody has waited for its end yet: it has its name still. */
static int is_dead(const char *process) {
  char path[300], text[256];
  snprintf(path, sizeof path, "/proc/%s/stat", process);
  const char *after =
      text_of(path, text, sizeof text) ? strrchr(text, ')') : NULL;
  return !after || after[1] == 0 || after[2] == 'Z';
}

static pid_t find(const char *name) {
  char path[300], text[64];
  pid_t found = 0;
  DIR *processes = opendir("/proc");
  struct dirent *process;
  while (processes && !found && (process = readdir(processes))) {
    if (!isdigit((unsigned char)process->d_name[0]))
      continue;
    snprintf(path, sizeof path, "/proc/%s/comm", process->d_name);
    if (!text_of(path, text, sizeof text))
      continue;
    text[strcspn(text, "\n")] = 0;
    if (!strcmp(text, name) && !is_dead(process->d_name))
      found = (pid_t)atoi(process->d_name);
  }
  if (processes)
    closedir(processes);
  return found;
}

static unsigned long field(const char *text, const char *name) {
  const char *place = strstr(text, name);
  return place ? strtoul(place + strlen(name), NULL, 10) : 0;
}

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0)
    say("lab: %s: %s\n", path, strerror(errno));
  close(file);
}

/* In a control group of its own: unlike SIGSTOP, nothing continues it. */
static void freeze(pid_t process) {
  char number[32];
  mkdir("/frozen", 0755);
  mount("cgroup2", "/frozen", "cgroup2", 0, NULL);
  mkdir("/frozen/group", 0755);
  snprintf(number, sizeof number, "%d", process);
  put("/frozen/group/cgroup.procs", number);
  put("/frozen/group/cgroup.freeze", "1");
}

static volatile sig_atomic_t over;

static void stop(int number) {
  (void)number;
  over = 1;
}

int main(int count, char **words) {
  if (count < 4) {
    fputs("usage: slayer kill|freeze NAME SECONDS [ONCE]\n", stderr);
    return 2;
  }
  kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  /* Before all others, as fate is; but it sleeps nearly always. */
  struct sched_param urgent = {.sched_priority = 2};
  sched_setscheduler(0, SCHED_FIFO, &urgent);
  put("/proc/self/oom_score_adj", "-1000");
  mlockall(MCL_CURRENT | MCL_FUTURE);
  unsigned long deeds = 0, least_free = ~0ul, least_swap = ~0ul;
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  struct timespec rest = {.tv_sec = atoi(words[3])};
  do {
    char text[4096];
    nanosleep(&rest, NULL);
    if (over)
      break;
    pid_t process = find(words[2]);
    if (!process) {
      say("lab: there is no %s\n", words[2]);
      continue;
    }
    text_of("/proc/meminfo", text, sizeof text);
    unsigned long free_now = field(text, "MemFree:");
    unsigned long swap_now = field(text, "SwapFree:");
    least_free = free_now < least_free ? free_now : least_free;
    least_swap = swap_now < least_swap ? swap_now : least_swap;
    say("lab: %s of %s %d with %lu KiB free, %lu of swap\n", words[1],
        words[2], process, free_now, swap_now);
    if (!strcmp(words[1], "freeze"))
      freeze(process);
    else
      kill(process, SIGKILL);
    deeds++;
  } while (!over && count < 5);
  while (!over)
    pause();
  say("lab: fact deeds %lu\n", deeds);
  say("lab: fact least-free-kib %lu\n", least_free);
  say("lab: fact least-swap-kib %lu\n", least_swap);
  return 0;
}
