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
 *                             the processes whose names begin with @
 *     STEP write PATH TEXT    write a text to a file
 *     STEP save PATH DISK     copy a file to a disk
 *     STEP memory             say how much is available
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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Its own sysfs, in its own mount namespace: oldmemd's is not its business. */
static const char sysfs[] = "/oldmem/lab/sys";
static const char folder[] = "/oldmem/lab";

static void say(const char *format, ...) {
  char line[512];
  va_list words;
  va_start(words, format);
  int length = vsnprintf(line, sizeof line - 1, format, words);
  va_end(words);
  if (length < 0)
    return;
  if (length > (int)sizeof line - 2)
    length = sizeof line - 2;
  line[length++] = '\n';
  int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  if (log < 0)
    log = dup(2);
  if (write(log, line, (size_t)length) < 0)
    errno = 0;
  close(log);
}

/* The first line of a file, without its end; empty when there is none. */
static void first_line(const char *path, char *line, size_t size) {
  line[0] = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return;
  ssize_t count = read(file, line, size - 1);
  line[count > 0 ? count : 0] = 0;
  line[strcspn(line, "\n")] = 0;
  close(file);
}

static int by_name(const struct dirent **one, const struct dirent **other) {
  return strcmp((*one)->d_name, (*other)->d_name);
}

static void load(void) {
  struct dirent **list;
  int count = scandir(folder, &list, NULL, by_name);
  for (int index = 0; index < count; index++) {
    const char *name = list[index]->d_name;
    size_t length = strlen(name);
    if (length < 4 || strcmp(name + length - 3, ".ko"))
      continue;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || (syscall(SYS_finit_module, file, "", 0) && errno != EEXIST))
      say("lab: %s: %s", path, strerror(errno));
    close(file);
  }
}

/* Makes a node for the device that `attribute` of a folder of `class` calls
 * `wanted`; retries, since devices appear when they like. */
static int node(const char *class, const char *attribute, const char *wanted,
                mode_t type, char *path, size_t size) {
  for (int tries = 0; tries < 50; tries++) {
    char parent[256];
    snprintf(parent, sizeof parent, "%s/%s", sysfs, class);
    DIR *devices = opendir(parent);
    struct dirent *device;
    while (devices && (device = readdir(devices))) {
      char file[1024], text[128];
      snprintf(file, sizeof file, "%s/%s/%s", parent, device->d_name,
               attribute);
      first_line(file, text, sizeof text);
      if (strcmp(text, wanted))
        continue;
      snprintf(file, sizeof file, "%s/%s/dev", parent, device->d_name);
      first_line(file, text, sizeof text);
      unsigned major_number, minor_number;
      if (sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
        continue;
      snprintf(path, size, "%s/node-%s", folder, wanted);
      unlink(path);
      closedir(devices);
      return mknod(path, type | 0600, makedev(major_number, minor_number));
    }
    if (devices)
      closedir(devices);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  }
  say("lab: there is no %s named %s", class, wanted);
  return -1;
}

static int disk(const char *name, char *path, size_t size) {
  return node("block", "serial", name, S_IFBLK, path, size);
}

static void hash(const char *name) {
  char path[256];
  if (disk(name, path, sizeof path))
    return;
  pid_t child = fork();
  if (child == 0) {
    execl("/oldmem/lab/hashframes", "hashframes", path, NULL);
    _exit(127);
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) < 0 || status)
    say("lab: hashframes %s: status %d", path, status);
}

static void copy(const char *source, const char *name) {
  char path[256];
  if (disk(name, path, sizeof path))
    return;
  int from = open(source, O_RDONLY | O_CLOEXEC);
  if (from < 0)
    say("lab: %s: %s", source, strerror(errno));
  int to = open(path, O_WRONLY | O_CLOEXEC);
  static char buffer[1 << 18];
  unsigned long total = 0;
  ssize_t count;
  while ((count = read(from, buffer, sizeof buffer)) > 0) {
    if (write(to, buffer, (size_t)count) != count) {
      say("lab: %s: %s", path, strerror(errno));
      break;
    }
    total += (unsigned long)count;
    /* Little memory: what is written must not stay. */
    if (total % (1 << 22) == 0) {
      fdatasync(to);
      posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
    }
  }
  fsync(to);
  posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
  close(to);
  close(from);
  say("lab: fact %s-bytes %lu", name, total);
}

static void snapshot(const char *name) {
  char path[256], answer[64];
  if (node("class/virtio-ports", "name", "org.oldmem.lab", S_IFCHR, path,
           sizeof path))
    return;
  int port = open(path, O_RDWR | O_CLOEXEC);
  if (port < 0) {
    say("lab: %s: %s", path, strerror(errno));
    return;
  }
  dprintf(port, "snapshot %s\n", name);
  ssize_t count = read(port, answer, sizeof answer - 1);
  answer[count > 0 ? count : 0] = 0;
  answer[strcspn(answer, "\n")] = 0;
  say("lab: fact snapshot-%s %s", name, answer);
  close(port);
}

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

static void send_signal(const char *name, const char *whom, pid_t child) {
  int number = number_of(name);
  if (!number) {
    say("lab: there is no signal %s", name);
    return;
  }
  if (!whom || strcmp(whom, "@")) {
    int failed = kill(child, number);
    say("lab: SIG%s to %d: %s", name, child, failed ? strerror(errno) : "sent");
    return;
  }
  DIR *processes = opendir("/proc");
  struct dirent *process;
  while (processes && (process = readdir(processes))) {
    char path[300], line[64];
    if (!isdigit((unsigned char)process->d_name[0]))
      continue;
    snprintf(path, sizeof path, "/proc/%s/cmdline", process->d_name);
    first_line(path, line, sizeof line);
    if (line[0] != '@')
      continue;
    kill((pid_t)atoi(process->d_name), number);
    say("lab: SIG%s to %s, %s: sent", name, process->d_name, line);
  }
  if (processes)
    closedir(processes);
}

static void put(const char *path, const char *text) {
  char own[512];
  if (!strncmp(path, "/sys/", 5)) {
    snprintf(own, sizeof own, "%s/%s", sysfs, path + 5);
    path = own;
  }
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0)
    say("lab: %s: %s", path, strerror(errno));
  close(file);
}

static void memory(const char *step) {
  FILE *file = fopen("/proc/meminfo", "re");
  char line[128];
  unsigned long available;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "MemAvailable: %lu", &available) == 1)
      say("lab: fact available-at-%s-kib %lu", step, available);
  if (file)
    fclose(file);
  file = fopen("/proc/uptime", "re");
  double seconds;
  if (file && fscanf(file, "%lf", &seconds) == 1)
    say("lab: fact uptime-at-%s %.2f", step, seconds);
  if (file)
    fclose(file);
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
  else if (!strcmp(action, "write") && second)
    put(first, second);
  else if (!strcmp(action, "memory"))
    memory(word[0]);
  else
    say("lab: stephook knows no %s", action);
}

int main(int count, char **words) {
  if (count < 3)
    return 0;
  unshare(CLONE_NEWNS);
  mkdir(folder, 0755);
  mkdir(sysfs, 0755);
  mount("sysfs", sysfs, "sysfs", 0, NULL);
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
