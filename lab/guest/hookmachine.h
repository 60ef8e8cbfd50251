/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * What stephook needs of the machine before any stage two is there: modules,
 * disks found by their names, and a word with the host.
 */
#ifndef HOOKMACHINE_H
#define HOOKMACHINE_H
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

#endif
