// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <errno.h>
#include <string.h>

// A command's payload in an entry of 128 bytes: from byte 48 to the end.
enum { COMMAND_OFFSET = 48, ENTRY_SIZE = 128 };

int om_ring_open(struct io_uring *ring, unsigned entries) {
  struct io_uring_params parameters = {.flags = IORING_SETUP_SQE128};
  return io_uring_queue_init_params(entries, ring, &parameters);
}

void om_ring_close(struct io_uring *ring) { io_uring_queue_exit(ring); }

int om_ring_limit_workers(struct io_uring *ring, unsigned workers) {
  unsigned limits[] = {workers, workers};
  return io_uring_register_iowq_max_workers(ring, limits);
}

int om_ring_pin(struct io_uring *ring, void *bytes, size_t count) {
  struct iovec buffer = {.iov_base = bytes, .iov_len = count};
  return io_uring_register_buffers(ring, &buffer, 1);
}

int om_ring_command(struct io_uring *ring, int fd, uint32_t operation,
                    uint64_t user_data, uint64_t first, uint64_t second,
                    uint64_t third, uint64_t fourth) {
  const uint64_t payload[] = {first, second, third, fourth};
  struct io_uring_sqe *entry = io_uring_get_sqe(ring);
  if (!entry)
    return -EBUSY;
  memset(entry, 0, ENTRY_SIZE);
  entry->opcode = IORING_OP_URING_CMD;
  entry->fd = fd;
  // cmd_op shares the first half of off; liburing 2.3 has no name for it.
  memcpy(&entry->off, &operation, sizeof operation);
  entry->user_data = user_data;
  memcpy((char *)entry + COMMAND_OFFSET, payload, sizeof payload);
  return 0;
}

int om_ring_wait(struct io_uring *ring, unsigned milliseconds) {
  struct io_uring_cqe *completion;
  struct __kernel_timespec limit = {
      .tv_sec = milliseconds / 1000,
      .tv_nsec = (long long)(milliseconds % 1000) * 1000000,
  };
  int submitted =
      io_uring_submit_and_wait_timeout(ring, &completion, 1, &limit, NULL);
  switch (submitted) {
  case -ETIME:
  case -EINTR:
    return 0;
  case -EAGAIN: // No memory for a request now; what is queued stays queued.
  case -EBUSY:
    om_sleep_milliseconds(1);
    return 0;
  default:
    return submitted;
  }
}

int om_ring_submit(struct io_uring *ring) {
  return io_uring_sq_ready(ring) == 0 ? 0 : io_uring_submit(ring);
}

int om_ring_ready(const struct io_uring *ring) {
  return io_uring_cq_ready(ring) > 0;
}

int om_ring_next(struct io_uring *ring, uint64_t *user_data, int32_t *result) {
  struct io_uring_cqe *completion;
  if (io_uring_peek_cqe(ring, &completion) != 0)
    return 0;
  *user_data = completion->user_data;
  *result = completion->res;
  io_uring_cqe_seen(ring, completion);
  return 1;
}
