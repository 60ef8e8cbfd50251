/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * holdpipes FILE: pipes and sockets that are full and that nobody reads. It
 * says how many bytes are in each, one line a kind, then `held`:
 *
 *     bytes-pipe N           written, in pages of the pipe's own
 *     bytes-vmsplice N       pages of this process; `vmsplice PID START
 *                            LENGTH` says which
 *     bytes-splice N         pages of FILE's page cache
 *     bytes-unix N           a stream of local sockets
 *     bytes-tcp N            a connection over the loopback device
 *     bytes-sendfile N       likewise, with pages of FILE's page cache
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { mebibyte = 1 << 20 };
static char *memory;
static int file;

static void check(int good, const char *what) {
  if (good)
    return;
  printf("missing %s: %s\n", what, strerror(errno));
  exit(0);
}

static void say(const char *kind, int reader) {
  int waiting = 0;
  check(ioctl(reader, FIONREAD, &waiting) == 0, "FIONREAD");
  printf("bytes-%s %d\n", kind, waiting);
}

static void make_pipe(int ends[2]) {
  check(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
  check(fcntl(ends[1], F_SETPIPE_SZ, mebibyte) >= 0, "F_SETPIPE_SZ");
}

/* Until it would have to wait. */
static void write_all(int writer) {
  while (write(writer, memory, 65536) > 0)
    continue;
}

static void hold_pipe(void) {
  int ends[2];
  make_pipe(ends);
  write_all(ends[1]);
  say("pipe", ends[0]);
}

static void hold_vmsplice(void) {
  int ends[2];
  make_pipe(ends);
  struct iovec part = {memory, mebibyte};
  ssize_t moved = vmsplice(ends[1], &part, 1, SPLICE_F_GIFT);
  check(moved > 0, "vmsplice");
  printf("vmsplice %d %lx %zx\n", (int)getpid(), (unsigned long)memory,
         (size_t)moved);
  say("vmsplice", ends[0]);
}

static void hold_splice(void) {
  int ends[2];
  make_pipe(ends);
  off_t at = 0;
  while (splice(file, &at, ends[1], NULL, mebibyte, SPLICE_F_NONBLOCK) > 0)
    continue;
  say("splice", ends[0]);
}

static void hold_unix(void) {
  int ends[2];
  check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0,
        "socketpair");
  write_all(ends[1]);
  say("unix", ends[0]);
}

static void connect_loopback(int ends[2]) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
  check(listen(listener, 1) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(connect(ends[1], (struct sockaddr *)&address, size) == 0, "connect");
  ends[0] = accept(listener, NULL, NULL);
  check(ends[0] >= 0, "accept");
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
}

static void hold_tcp(void) {
  int ends[2];
  connect_loopback(ends);
  write_all(ends[1]);
  usleep(200000);
  say("tcp", ends[0]);
}

static void hold_sendfile(void) {
  int ends[2];
  connect_loopback(ends);
  off_t at = 0;
  while (sendfile(ends[1], file, &at, mebibyte) > 0)
    continue;
  usleep(200000);
  say("sendfile", ends[0]);
}

int main(int count, char **words) {
  if (count != 2) {
    fputs("usage: holdpipes FILE\n", stderr);
    return 2;
  }
  file = open(words[1], O_RDONLY | O_CLOEXEC);
  check(file >= 0, words[1]);
  memory = mmap(NULL, mebibyte, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(memory != MAP_FAILED, "mmap");
  uint32_t word = 0x9E3779B9;
  for (size_t index = 0; index < mebibyte / sizeof word; index++) {
    word = word * 1664525 + 1013904223;
    memcpy(memory + index * sizeof word, &word, sizeof word);
  }
  hold_pipe();
  hold_splice();
  hold_unix();
  hold_tcp();
  hold_sendfile();
  hold_vmsplice();
  puts("held");
  fflush(stdout);
  for (;;)
    pause();
}
