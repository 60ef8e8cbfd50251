// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define OR_ERRNO(call)                                                         \
  ({                                                                           \
    __typeof__(call) result = (call);                                          \
    result < 0 ? (__typeof__(call))-errno : result;                            \
  })

// A signal that we ignore may still interrupt; no caller wants to know.
#define RETRY(call)                                                            \
  ({                                                                           \
    __typeof__(call) again;                                                    \
    do                                                                         \
      again = OR_ERRNO(call);                                                  \
    while (again == -EINTR);                                                   \
    again;                                                                     \
  })

int om_open(const char *path, int flags, unsigned mode) {
  return RETRY(open(path, flags | O_CLOEXEC, mode));
}

int om_open_in(int folder, const char *name, int flags) {
  return RETRY(openat(folder, name, flags | O_CLOEXEC));
}

int om_unlink_in(int folder, const char *name) {
  return OR_ERRNO(unlinkat(folder, name, 0));
}

int om_close(int fd) { return OR_ERRNO(close(fd)); }

long om_read(int fd, void *bytes, size_t count) {
  return RETRY(read(fd, bytes, count));
}

long om_pread(int fd, void *bytes, size_t count, uint64_t offset) {
  return RETRY(pread(fd, bytes, count, (off_t)offset));
}

long om_write(int fd, const void *bytes, size_t count) {
  return RETRY(write(fd, bytes, count));
}

long om_pwrite(int fd, const void *bytes, size_t count, uint64_t offset) {
  return RETRY(pwrite(fd, bytes, count, (off_t)offset));
}

int64_t om_file_size(int fd) {
  struct stat info;
  if (fstat(fd, &info) < 0)
    return -errno;
  return info.st_size;
}

int om_claim(int fd) { return OR_ERRNO(flock(fd, LOCK_EX | LOCK_NB)); }

int om_is_named(int fd, const char *path) {
  struct stat open, named;
  if (fstat(fd, &open) < 0 || stat(path, &named) < 0)
    return -errno;
  return open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

int om_device_size(int fd, uint64_t *bytes) {
  return OR_ERRNO(ioctl(fd, BLKGETSIZE64, bytes));
}

int om_zero_device(int fd, uint64_t start, uint64_t bytes) {
  uint64_t range[2] = {start, bytes};
  return OR_ERRNO(ioctl(fd, BLKZEROOUT, range));
}

const int om_direct = O_DIRECT;

int om_control(int fd, unsigned command, void *structure) {
  return OR_ERRNO(ioctl(fd, command, structure));
}

static int partition(int fd, int operation, struct blkpg_partition *what) {
  struct blkpg_ioctl_arg argument = {
      .op = operation,
      .datalen = sizeof *what,
      .data = what,
  };
  return OR_ERRNO(ioctl(fd, BLKPG, &argument));
}

int om_add_partition(int fd, int number, uint64_t start, uint64_t length) {
  struct blkpg_partition what = {
      .start = (long long)start,
      .length = (long long)length,
      .pno = number,
  };
  return partition(fd, BLKPG_ADD_PARTITION, &what);
}

int om_delete_partition(int fd, int number) {
  struct blkpg_partition what = {.pno = number};
  return partition(fd, BLKPG_DEL_PARTITION, &what);
}

int om_synchronize(int fd) { return OR_ERRNO(fsync(fd)); }

long om_getdents(int fd, void *bytes, size_t count) {
  return OR_ERRNO(syscall(SYS_getdents64, fd, bytes, count));
}

int om_poll_in(int fd, int milliseconds) {
  struct pollfd one = {.fd = fd, .events = POLLIN};
  return RETRY(poll(&one, 1, milliseconds));
}

// A bit for each file that is readable or at its end; a number below zero is
// no file.
int om_poll_any(const int *files, int count, int milliseconds) {
  struct pollfd all[4];
  int found = 0;
  if (count > 4)
    return -EINVAL;
  for (int index = 0; index < count; index++)
    all[index] = (struct pollfd){.fd = files[index], .events = POLLIN};
  if (poll(all, (nfds_t)count, milliseconds) < 0)
    return errno == EINTR ? 0 : -errno;
  for (int index = 0; index < count; index++)
    if (all[index].revents)
      found |= 1 << index;
  return found;
}

int om_pipe(int ends[2]) { return OR_ERRNO(pipe2(ends, O_CLOEXEC)); }

int om_duplicate(int fd) { return OR_ERRNO(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

int om_pass(int fd, int number) {
  if (fd == number) // dup2 would leave the close-on-exec flag on.
    return OR_ERRNO(fcntl(fd, F_SETFD, 0));
  return OR_ERRNO(dup2(fd, number));
}

int om_kind_of(const char *path) {
  struct stat info;
  if (lstat(path, &info) < 0)
    return errno == ENOENT || errno == ENOTDIR ? OM_NONE : -errno;
  if (S_ISREG(info.st_mode))
    return OM_FILE;
  return S_ISDIR(info.st_mode) ? OM_DIRECTORY : OM_OTHER;
}

int om_same_device(const char *a, const char *b) {
  struct stat first, second;
  if (lstat(a, &first) < 0 || lstat(b, &second) < 0)
    return -errno;
  return first.st_dev == second.st_dev;
}

int om_same_file(const char *a, const char *b) {
  struct stat first, second;
  if (lstat(a, &first) < 0 || lstat(b, &second) < 0)
    return -errno;
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// So that it is read from where it lies.
void om_forget(int file) { posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); }

uint64_t om_free_bytes(int file) {
  struct statvfs room;
  return fstatvfs(file, &room) < 0 ? 0 : room.f_bavail * room.f_frsize;
}

int om_read_link(const char *link, char *name, size_t room) {
  return (int)OR_ERRNO(readlink(link, name, room));
}

int om_mkdir(const char *path, unsigned mode) {
  return OR_ERRNO(mkdir(path, mode));
}

int om_unlink(const char *path) { return OR_ERRNO(unlink(path)); }

int om_rmdir(const char *path) { return OR_ERRNO(rmdir(path)); }

int om_symlink(const char *target, const char *path) {
  return OR_ERRNO(symlink(target, path));
}

int om_rename(const char *old, const char *path) {
  return OR_ERRNO(rename(old, path));
}

int om_link(const char *existing, const char *path) {
  return OR_ERRNO(link(existing, path));
}

int om_mknod(const char *path, unsigned mode, unsigned major, unsigned minor) {
  return OR_ERRNO(mknod(path, mode, makedev(major, minor)));
}

int om_own(const char *path, unsigned uid, unsigned gid) {
  return OR_ERRNO(lchown(path, uid, gid));
}

int om_chmod(const char *path, unsigned mode) {
  return OR_ERRNO(chmod(path, mode));
}

int om_set_times(const char *path, int64_t seconds) {
  struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
  return OR_ERRNO(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

int om_chdir(const char *path) { return OR_ERRNO(chdir(path)); }

int om_chroot(const char *path) { return OR_ERRNO(chroot(path)); }

int om_mount(const char *source, const char *target, const char *type,
             const char *data) {
  return OR_ERRNO(mount(source, target, type, 0, data));
}

int om_move_mount(const char *source, const char *target) {
  return OR_ERRNO(mount(source, target, NULL, MS_MOVE, NULL));
}

int om_make_private(const char *target) {
  return OR_ERRNO(mount(NULL, target, NULL, MS_PRIVATE | MS_REC, NULL));
}

int om_unmount(const char *target) {
  return OR_ERRNO(umount2(target, MNT_DETACH));
}
