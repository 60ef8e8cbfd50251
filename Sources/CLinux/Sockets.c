// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif

// A name that begins with a NUL is an abstract one: it is in no file system.
static socklen_t abstract(struct sockaddr_un *address, const char *name) {
  size_t count = strlen(name);
  if (count > sizeof address->sun_path - 1)
    count = sizeof address->sun_path - 1;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + 1, name, count);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + count);
}

static int failed(int fd) {
  int error = errno;
  if (fd >= 0)
    close(fd);
  return -error;
}

int om_listen(const char *name, int backlog) {
  struct sockaddr_un address;
  socklen_t length = abstract(&address, name);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 ||
      listen(fd, backlog) < 0)
    return failed(fd);
  return fd;
}

int om_connect(const char *name, unsigned milliseconds) {
  struct sockaddr_un address;
  socklen_t length = abstract(&address, name);
  struct timeval limit = {
      .tv_sec = milliseconds / 1000,
      .tv_usec = (long)(milliseconds % 1000) * 1000,
  };
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
      connect(fd, (struct sockaddr *)&address, length) < 0)
    return failed(fd);
  return fd;
}

int om_notify(const char *text) {
  const char *name = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (name == NULL)
    return 0;
  size_t length = strlen(name);
  if (length == 0 || length >= sizeof address.sun_path)
    return -EINVAL;
  memcpy(address.sun_path, name, length);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL,
                        (struct sockaddr *)&address, size);
  int result = sent < 0 ? -errno : 0;
  close(fd);
  return result;
}

int om_accept(int fd) {
  int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return peer < 0 ? -errno : peer;
}

int om_peer(int fd, int *pid, unsigned *uid) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
    return -errno;
  *pid = peer.pid;
  *uid = peer.uid;
  return 0;
}

long om_send(int fd, const void *bytes, size_t count) {
  long sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}

long om_receive(int fd, void *bytes, size_t count) {
  long got;
  do
    got = recv(fd, bytes, count, 0);
  while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

unsigned om_user(void) { return geteuid(); }

int om_enter_mounts(int fd) {
  return setns(fd, CLONE_NEWNS) < 0 ? -errno : 0;
}

void om_take_defaults(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < 32; number++)
    signal(number, SIG_DFL);
  // Refused to whoever may not set it, and then it is not set.
  prctl(PR_SET_IO_FLUSHER, 0, 0, 0, 0);
}
