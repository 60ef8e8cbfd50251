// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <errno.h>
#include <linux/nbd.h>
#include <linux/netlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// The kernel answers before send returns; what takes longer never comes.
int om_netlink_open(void) {
  struct timeval limit = {.tv_sec = 10};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  if (fd < 0)
    return -errno;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int om_socket_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ? -errno
                                                                      : 0;
}

int om_nbd_command(int fd, enum om_nbd_command command, unsigned long value) {
  static const unsigned long numbers[] = {
      [OM_NBD_SOCKET] = NBD_SET_SOCK,
      [OM_NBD_BLOCK_SIZE] = NBD_SET_BLKSIZE,
      [OM_NBD_BLOCKS] = NBD_SET_SIZE_BLOCKS,
      [OM_NBD_FLAGS] = NBD_SET_FLAGS,
      [OM_NBD_TIMEOUT] = NBD_SET_TIMEOUT,
      [OM_NBD_RUN] = NBD_DO_IT,
      [OM_NBD_DISCONNECT] = NBD_DISCONNECT,
      [OM_NBD_CLEAR] = NBD_CLEAR_SOCK,
  };
  return ioctl(fd, numbers[command], value) < 0 ? -errno : 0;
}
