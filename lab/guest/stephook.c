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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* Mounted when it is needed: it costs memory that may be being measured. */
static void mount_sysfs(void) {
  static int done;
  if (done++)
    return;
  mkdir(folder, 0755);
  mkdir(sysfs, 0755);
  mount("sysfs", sysfs, "sysfs", 0, NULL);
}

/* The first line of a file, without its end; empty when there is none. */
static void first_line(const char *path, char *line, size_t size) {
  line[0] = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return;
  ssize_t count = read(file, line, size - 1);
  line[count > 0 ? count : 0] = 0;
  size_t length = strcspn(line, "\n");
  /* NVMe fills serial numbers up with blanks. */
  while (length > 0 && line[length - 1] == ' ')
    length--;
  line[length] = 0;
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
  mount_sysfs();
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
      /* A disk on NVMe has its serial number one folder further. */
      if (!text[0]) {
        snprintf(file, sizeof file, "%s/%s/device/%s", parent,
                 device->d_name, attribute);
        first_line(file, text, sizeof text);
      }
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
