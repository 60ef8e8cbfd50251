// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST_EVENTS = 32 };

static int failed(int fd) {
  int error = errno;
  if (fd >= 0)
    close(fd);
  return -error;
}

// What tells one socket's file from another with the same name.
static uint64_t identity_of(const char *path) {
  struct stat info;
  if (lstat(path, &info) < 0 || !S_ISSOCK(info.st_mode))
    return 0;
  return (uint64_t)info.st_ino ^ (uint64_t)info.st_dev << 48;
}

// A socket's file that nobody listens at any more is in the way of the next
// one who wants the name. Anything else by that name is not ours to remove.
static int is_stale(const char *path, const struct sockaddr_un *address) {
  if (!identity_of(path))
    return 0;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return 0;
  int refused =
      connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 &&
      errno == ECONNREFUSED;
  close(fd);
  return refused;
}

// The file is its owner's alone from the first moment on.
int om_listen_unix(const char *path, int backlog, uint64_t *identity) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path)
    return -ENAMETOOLONG;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -errno;
  mode_t mask = umask(0177);
  int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
  if (bound < 0 && errno == EADDRINUSE) {
    if (is_stale(path, &address) && unlink(path) == 0)
      bound = bind(fd, (struct sockaddr *)&address, sizeof address);
    else
      errno = EADDRINUSE;
  }
  umask(mask);
  if (bound < 0 || listen(fd, backlog) < 0)
    return failed(fd);
  *identity = identity_of(path);
  return fd;
}

// Somebody else may have taken the name meanwhile.
void om_unlisten_unix(const char *path, uint64_t identity) {
  if (identity && identity_of(path) == identity)
    unlink(path);
}

union place {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
};

// `address` is a number, of IPv4 or IPv6: names are nobody's to look up here.
static socklen_t place_of(union place *place, const char *address,
                          unsigned port) {
  memset(place, 0, sizeof *place);
  if (inet_pton(AF_INET, address, &place->four.sin_addr) == 1) {
    place->four.sin_family = AF_INET;
    place->four.sin_port = htons((uint16_t)port);
    return sizeof place->four;
  }
  if (inet_pton(AF_INET6, address, &place->six.sin6_addr) == 1) {
    place->six.sin6_family = AF_INET6;
    place->six.sin6_port = htons((uint16_t)port);
    return sizeof place->six;
  }
  return 0;
}

int om_listen_tcp(const char *address, unsigned port, int backlog) {
  union place place;
  const int yes = 1;
  socklen_t length = place_of(&place, address, port);
  if (!length)
    return -EINVAL;
  int fd = socket(place.any.sa_family,
                  SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
      bind(fd, &place.any, length) < 0 || listen(fd, backlog) < 0)
    return failed(fd);
  return fd;
}

// Connecting, and each write, is given up after so many seconds.
static int knock(const struct sockaddr *address, socklen_t length,
                 int seconds) {
  struct timeval limit = {.tv_sec = seconds};
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
      connect(fd, address, length) < 0)
    return failed(fd);
  return fd;
}

int om_connect_unix(const char *path, int seconds) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path)
    return -ENAMETOOLONG;
  strcpy(address.sun_path, path);
  return knock((struct sockaddr *)&address, sizeof address, seconds);
}

int om_connect_tcp(const char *address, unsigned port, int seconds) {
  union place place;
  socklen_t length = place_of(&place, address, port);
  return length ? knock(&place.any, length, seconds) : -EINVAL;
}

// What a unix socket does not know it refuses, and needs not.
int om_accept_stream(int fd, int send_buffer) {
  static const int yes = 1, idle = 60, interval = 10, probes = 6;
  int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (peer < 0)
    return -errno;
  if (setsockopt(peer, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer,
                 sizeof send_buffer) < 0)
    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  if (setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0) {
    // A peer whose machine has gone says no farewell.
    setsockopt(peer, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    setsockopt(peer, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(peer, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(peer, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  }
  return peer;
}

// What the kernel has no memory for now it may have a millisecond later; a
// connection that ends for it costs more memory than it gives back.
long om_send_stream(int fd, const void *bytes, size_t count) {
  static const struct timespec pause = {.tv_nsec = 1000000};
  for (int patience = 1000;;) {
    long sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0)
      return sent;
    if (errno == EINTR)
      continue;
    if ((errno != ENOBUFS && errno != ENOMEM) || --patience == 0)
      return -errno;
    nanosleep(&pause, NULL);
  }
}

long om_receive_stream(int fd, void *bytes, size_t count) {
  long got;
  do
    got = recv(fd, bytes, count, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

int om_epoll_open(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int om_epoll_add(int epoll, int fd, uint32_t tag) {
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = tag};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void om_epoll_remove(int epoll, int fd) {
  epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
}

int om_epoll_watch(int epoll, int fd, uint32_t tag, uint32_t events) {
  struct epoll_event event = {.events = events, .data.u32 = tag};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

int om_epoll_wait(int epoll, uint32_t *tags, int count, int milliseconds) {
  struct epoll_event events[MOST_EVENTS];
  if (count > MOST_EVENTS)
    count = MOST_EVENTS;
  int found = epoll_wait(epoll, events, count, milliseconds);
  if (found < 0)
    return errno == EINTR ? 0 : -errno;
  for (int index = 0; index < found; index++)
    tags[index] = events[index].data.u32;
  return found;
}
