/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * stephook STEP PID: what oldmemd runs at each step of its set-up, while it
 * waits. /oldmem/hook.conf says what is to be done, a line each:
 *
 *     STEP load               load the modules of /oldmem/lab
 *     STEP hash DISK          hash all frames of /proc/vmcore to a disk
 *     STEP copy DISK          copy /proc/vmcore to a disk
 *     STEP snapshot NAME      ask the host for a copy of memory, and wait
 *     STEP signal NAME [@]    send ILL, KILL, STOP or TERM to PID, or to
 *                             the server, or for @ROLE to oldmemd-ROLE
 *     STEP freeze [@]         freeze the same, for good: unlike STOP, nothing
 *                             continues it, though SIGKILL ends it
 *     STEP write PATH TEXT    write a text to a file
 *     STEP replace PATH OTHER make PATH a link to another file
 *     STEP stray FILE         change a frame that FILE, the list of those
 *                             lent, does not have, as a stray write would
 *     STEP save PATH DISK     copy a file to a disk
 *     STEP memory             say what memory is used for, by the kernel and
 *                             by each process of oldmemd
 *
 * It exits with 0 whatever happens: what it fails to do shows in the trial.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hookmachine.h"

static int number_of(const char *name) {
  static const struct {
    const char *name;
    int number;
  } signals[] = {
      {"ILL", SIGILL}, {"KILL", SIGKILL}, {"STOP", SIGSTOP}, {"TERM", SIGTERM}};
  for (size_t index = 0; index < sizeof signals / sizeof *signals; index++)
    if (!strcmp(name, signals[index].name))
      return signals[index].number;
  return 0;
}

static void put(const char *path, const char *text) {
  char own[512];
  if (!strncmp(path, "/sys/", 5)) {
    mount_sysfs();
    snprintf(own, sizeof own, "%s/%s", sysfs, path + 5);
    path = own;
  }
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0)
    say("lab: %s: %s", path, strerror(errno));
  close(file);
}

/* The process of oldmemd's that calls itself `name`; 0 when there is none. */
static pid_t named(const char *name) {
  pid_t found = 0;
  DIR *processes = opendir("/proc");
  struct dirent *process;
  while (processes && (process = readdir(processes))) {
    char path[300], line[64];
    if (!isdigit((unsigned char)process->d_name[0]))
      continue;
    snprintf(path, sizeof path, "/proc/%s/comm", process->d_name);
    first_line(path, line, sizeof line);
    if (!strcmp(line, name))
      found = (pid_t)atoi(process->d_name);
  }
  if (processes)
    closedir(processes);
  return found;
}

/* The process that is meant: the server, for @, oldmemd-ROLE, for @ROLE, or
 * else the child; 0 when there is none. */
static pid_t meant(const char *whom, pid_t child) {
  char name[64];
  if (!whom || whom[0] != '@')
    return child;
  snprintf(name, sizeof name, "oldmemd-%s", whom[1] ? whom + 1 : "server");
  pid_t process = named(name);
  if (!process)
    say("lab: there is no %s", name);
  return process;
}

static void send_signal(const char *name, const char *whom, pid_t child) {
  int number = number_of(name);
  pid_t process = meant(whom, child);
  if (!number || process <= 0)
    say("lab: no signal %s for %d", name, process);
  else
    say("lab: SIG%s to %d: %s", name, process,
        kill(process, number) ? strerror(errno) : "sent");
}

/* In a control group of its own. */
static void freeze(const char *whom, pid_t child) {
  static const char groups[] = "/oldmem/lab/groups";
  static const char group[] = "/oldmem/lab/groups/frozen";
  char path[256], text[32];
  mkdir(folder, 0755);
  mkdir(groups, 0755);
  mount("cgroup2", groups, "cgroup2", 0, NULL);
  mkdir(group, 0755);
  snprintf(path, sizeof path, "%s/cgroup.procs", group);
  snprintf(text, sizeof text, "%d", meant(whom, child));
  put(path, text);
  snprintf(path, sizeof path, "%s/cgroup.freeze", group);
  put(path, "1");
  say("lab: %s is frozen", text);
}

/* Says as facts those fields of a file of /proc that a list, ended by NULL,
 * names. */
static void fields(const char *path, const char *prefix,
                   const char *const *names) {
  FILE *file = fopen(path, "re");
  char line[256], name[64];
  unsigned long kibibytes;
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "%63[^:]: %lu kB", name, &kibibytes) != 2)
      continue;
    for (const char *const *wanted = names; *wanted; wanted++)
      if (!strcmp(name, *wanted))
        say("lab: fact %s.%s %lu", prefix, name, kibibytes);
  }
  if (file)
    fclose(file);
}

static void memory(const char *step) {
  static const char *const kernel[] = {
      "MemTotal",   "MemFree",     "MemAvailable", "AnonPages", "Shmem",
      "Slab",       "SReclaimable", "SUnreclaim",  "Cached",    "Unevictable",
      "KernelStack", "PageTables", "Percpu",       "VmallocUsed", NULL};
  static const char *const own[] = {"VmRSS",  "VmHWM",  "RssAnon", "RssFile",
                                    "RssShmem", "VmPTE", "VmLck",  NULL};
  char prefix[64], path[300], line[64];
  snprintf(prefix, sizeof prefix, "%s", step);
  fields("/proc/meminfo", prefix, kernel);
  snprintf(prefix, sizeof prefix, "%s.pid1", step);
  fields("/proc/1/status", prefix, own);
  static const char *const roles[] = {"server", "spare", "reserve", "status"};
  for (int index = 0; index < 4; index++) {
    snprintf(line, sizeof line, "oldmemd-%s", roles[index]);
    pid_t process = named(line);
    if (!process)
      continue;
    snprintf(prefix, sizeof prefix, "%s.%s", step, roles[index]);
    snprintf(path, sizeof path, "/proc/%d/status", process);
    fields(path, prefix, own);
  }
}

/* The frame before the first run that is lent: whoever miscounts by one hits
 * it. */
static void stray(const char *path) {
  FILE *list = fopen(path, "re");
  unsigned long first, count, frame = 0;
  while (list && fscanf(list, "%lu %lu %*s", &first, &count) == 2)
    if (!frame || first - 1 < frame)
      frame = first - 1;
  if (list)
    fclose(list);
  int memory = open("/dev/mem", O_RDWR | O_CLOEXEC);
  unsigned char *bytes =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
           (off_t)(frame * 4096));
  if (!frame || bytes == MAP_FAILED) {
    say("lab: stray %s: %s", path, strerror(errno));
    return;
  }
  bytes[100] ^= 1;
  say("lab: fact stray-frame %lu", frame);
  munmap(bytes, 4096);
  close(memory);
}

static void act(char **word, int count, pid_t child) {
  const char *action = word[1];
  const char *first = count > 2 ? word[2] : NULL;
  const char *second = count > 3 ? word[3] : NULL;
  if (!strcmp(action, "load"))
    load();
  else if (!strcmp(action, "hash") && first)
    hash(first);
  else if (!strcmp(action, "copy") && first)
    copy("/proc/vmcore", first);
  else if (!strcmp(action, "save") && second)
    copy(first, second);
  else if (!strcmp(action, "snapshot") && first)
    snapshot(first);
  else if (!strcmp(action, "signal") && first)
    send_signal(first, second, child);
  else if (!strcmp(action, "freeze"))
    freeze(first, child);
  else if (!strcmp(action, "write") && second)
    put(first, second);
  else if (!strcmp(action, "stray") && first)
    stray(first);
  else if (!strcmp(action, "replace") && second) {
    if (unlink(first) || symlink(second, first))
      say("lab: replace %s: %s", first, strerror(errno));
  } else if (!strcmp(action, "memory"))
    memory(word[0]);
  else
    say("lab: stephook knows no %s", action);
}

int main(int count, char **words) {
  if (count < 3)
    return 0;
  unshare(CLONE_NEWNS);
  FILE *settings = fopen("/oldmem/hook.conf", "re");
  char line[512];
  while (settings && fgets(line, sizeof line, settings)) {
    char *word[4];
    int found = 0;
    for (char *at = strtok(line, " \n"); at && found < 4;
         at = strtok(NULL, " \n"))
      word[found++] = at;
    if (found < 2 || strcmp(word[0], words[1]))
      continue;
    act(word, found, (pid_t)atoi(words[2]));
  }
  return 0;
}
