// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_getrandom
#define SYS_getrandom 318
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#define GRND_NONBLOCK_ 1
#define GRND_INSECURE_ 4

static void *mapping(void *bytes, int *error) {
  *error = bytes == MAP_FAILED ? errno : 0;
  return bytes == MAP_FAILED ? NULL : bytes;
}

void *om_map_anonymous(size_t count, int shared, int *error) {
  int flags = MAP_ANONYMOUS | MAP_POPULATE | (shared ? MAP_SHARED : MAP_PRIVATE);
  return mapping(mmap(NULL, count, PROT_READ | PROT_WRITE, flags, -1, 0),
                 error);
}

// Begins where a huge page can, and has some where the kernel has some to give.
void *om_map_huge(size_t count, int *error) {
  const size_t huge = (size_t)2 << 20;
  size_t whole = (count + huge - 1) / huge * huge;
  char *bytes = mmap(NULL, whole + huge, PROT_READ | PROT_WRITE,
                     MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (bytes == MAP_FAILED)
    return mapping(bytes, error);
  char *start = (char *)(((uintptr_t)bytes + huge - 1) & ~(uintptr_t)(huge - 1));
  if (start > bytes)
    munmap(bytes, (size_t)(start - bytes));
  munmap(start + count, (size_t)(bytes + whole + huge - (start + count)));
  madvise(start, count, MADV_HUGEPAGE);
  return mapping(start, error);
}

int om_lock_pages(const void *bytes, size_t count) {
  return mlock(bytes, count) < 0 ? -errno : 0;
}

void *om_reserve(size_t count, int *error) {
  int flags = MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE;
  return mapping(mmap(NULL, count, PROT_NONE, flags, -1, 0), error);
}

// Fails where anything is mapped already.
int om_reserve_at(void *place, size_t count) {
  int flags = MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  void *bytes = mmap(place, count, PROT_NONE, flags, -1, 0);
  return bytes == MAP_FAILED ? -errno : 0;
}

// Gives back what is mapped, but not its place.
int om_vacate(void *place, size_t count) {
  int flags = MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED;
  void *bytes = mmap(place, count, PROT_NONE, flags, -1, 0);
  return bytes == MAP_FAILED ? -errno : 0;
}

int om_map_file_at(void *place, size_t count, int fd, uint64_t offset,
                   int writable) {
  void *bytes = mmap(place, count, PROT_READ | (writable ? PROT_WRITE : 0),
                     MAP_SHARED | MAP_FIXED, fd, (off_t)offset);
  return bytes == MAP_FAILED ? -errno : 0;
}

int om_dont_fork(void *bytes, size_t count) {
  return madvise(bytes, count, MADV_DONTFORK) < 0 ? -errno : 0;
}

void *om_map_file(size_t count, int fd, uint64_t offset, int *error) {
  return mapping(mmap(NULL, count, PROT_READ, MAP_SHARED | MAP_POPULATE, fd,
                      (off_t)offset),
                 error);
}

int om_unmap(void *bytes, size_t count) {
  return munmap(bytes, count) < 0 ? -errno : 0;
}

// Locking takes the whole of a program's first stack, 132 KiB, of which hardly
// more than a tenth is ever used: what lies further down than we go is given
// back. A stack that went there nevertheless would get memory as any does.
static void give_back_stack(void) {
  enum { PAGE = 4096, KEPT = 8 * PAGE, FIRST_STACK = 33 * PAGE };
  char here;
  unsigned char state;
  char *end = (char *)(((uintptr_t)&here & ~(uintptr_t)(PAGE - 1)) - KEPT);
  char *start = end;
  // Another thread's stack is not what the kernel has laid out.
  if (getpid() != gettid())
    return;
  while (end - start < FIRST_STACK - KEPT &&
         mincore(start - PAGE, PAGE, &state) == 0)
    start -= PAGE;
  size_t count = (size_t)(end - start);
  if (count > 0 && munlock(start, count) == 0)
    madvise(start, count, MADV_DONTNEED);
}

int om_lock_memory(int on_fault) {
  int flags = MCL_CURRENT | MCL_FUTURE | (on_fault ? MCL_ONFAULT : 0);
  if (mlockall(flags) < 0)
    return -errno;
  if (!on_fault)
    give_back_stack();
  return 0;
}

uint64_t om_free_memory(uint64_t *swapped) {
  struct sysinfo info;
  if (sysinfo(&info) < 0)
    return 0;
  *swapped = (uint64_t)(info.totalswap - info.freeswap) * info.mem_unit;
  return (uint64_t)info.freeram * info.mem_unit;
}

int om_fork(void) {
  int pid = fork();
  return pid < 0 ? -errno : pid;
}

int om_exec(const char *path, char *const argv[], char *const envp[]) {
  execve(path, argv, envp);
  return -errno;
}

int om_wait(int pid, int *status, int block) {
  int found;
  do
    found = waitpid(pid, status, block ? 0 : WNOHANG);
  while (found < 0 && errno == EINTR);
  return found < 0 ? -errno : found;
}

int om_kill(int pid, int signal) { return kill(pid, signal) < 0 ? -errno : 0; }

int om_getpid(void) { return getpid(); }

int om_setsid(void) { return setsid() < 0 ? -errno : 0; }

int om_unshare_mounts(void) {
  return unshare(CLONE_NEWNS) < 0 ? -errno : 0;
}

int om_ignore_signal(int signal_number) {
  return signal(signal_number, SIG_IGN) == SIG_ERR ? -errno : 0;
}

// By number: musl's own function brings threads along, for SIGEV_THREAD.
int om_continue_by_timer(unsigned milliseconds) {
  struct sigevent event = {
      .sigev_notify = SIGEV_SIGNAL,
      .sigev_signo = SIGCONT,
  };
  struct timespec period = {
      .tv_sec = milliseconds / 1000,
      .tv_nsec = (long)(milliseconds % 1000) * 1000000,
  };
  struct itimerspec setting = {.it_interval = period, .it_value = period};
  int timer;
  if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) < 0 ||
      syscall(SYS_timer_settime, timer, 0, &setting, NULL) < 0)
    return -errno;
  return 0;
}

static volatile sig_atomic_t end_requested;

static void request_end(int signal_number) {
  (void)signal_number;
  end_requested = 1;
}

// Without SA_RESTART: a wait that is under way shall end. Whoever started us
// may have had the signals blocked.
int om_listen_for_end(void) {
  struct sigaction action = {.sa_handler = request_end};
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGINT);
  if (sigaction(SIGTERM, &action, NULL) < 0 ||
      sigaction(SIGINT, &action, NULL) < 0 ||
      sigprocmask(SIG_UNBLOCK, &both, NULL) < 0)
    return -errno;
  return 0;
}

int om_end_requested(void) { return end_requested; }

int om_pidfd_open(int pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : fd;
}

int om_set_name(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0) < 0 ? -errno : 0;
}

// By the system calls: musl's sched_setscheduler only says that it cannot.
int om_set_urgency(int priority) {
  struct sched_param parameters = {.sched_priority = priority};
  long result = syscall(SYS_sched_setscheduler, 0,
                        priority ? SCHED_FIFO : SCHED_OTHER, &parameters);
  return result < 0 ? -errno : 0;
}

int om_set_io_flusher(int flushes) {
  return prctl(PR_SET_IO_FLUSHER, flushes, 0, 0, 0) < 0 ? -errno : 0;
}

char **om_environment(void) { return environ; }

void om_exit(int status) { _exit(status); }

int om_load_module(int fd, const char *parameters) {
  return syscall(SYS_finit_module, fd, parameters, 0) < 0 ? -errno : 0;
}

int om_swapon(const char *path, int flags) {
  return swapon(path, flags) < 0 ? -errno : 0;
}

int om_swapoff(const char *path) { return swapoff(path) < 0 ? -errno : 0; }

int om_reboot(void) { return reboot(RB_AUTOBOOT) < 0 ? -errno : 0; }

// Never blocks: early in boot the pool may not be ready, and a boot that
// waits for entropy may wait for ever.
int om_random(void *bytes, size_t count) {
  long got = syscall(SYS_getrandom, bytes, count, GRND_NONBLOCK_);
  return got == (long)count ? 0 : got < 0 ? -errno : -EAGAIN;
}

// Never blocks either. Where the kernel has no randomness yet it gives what it
// has (v5.6); the clocks make that another one each time.
int om_draw(void *bytes, size_t count) {
  struct timespec clocks[2];
  uint8_t *to = bytes, from[sizeof clocks];
  long got = om_random(bytes, count) == 0 ? (long)count
             : syscall(SYS_getrandom, bytes, count, GRND_INSECURE_);
  if (got != (long)count)
    return got < 0 ? -errno : -EAGAIN;
  clock_gettime(CLOCK_REALTIME, &clocks[0]);
  clock_gettime(CLOCK_MONOTONIC, &clocks[1]);
  memcpy(from, clocks, sizeof from);
  for (size_t index = 0; index < count && index < sizeof from; index++)
    to[index] ^= from[index];
  return 0;
}

uint64_t om_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t om_seconds(void) { return (uint64_t)time(NULL); }

void om_sleep_milliseconds(unsigned milliseconds) {
  struct timespec rest = {
      .tv_sec = milliseconds / 1000,
      .tv_nsec = (long)(milliseconds % 1000) * 1000000,
  };
  while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
    ;
}

#ifndef __GLIBC__
// The Swift runtime seeds its hashes with it, and musl 1.2.3 has none. Where
// the kernel has no randomness yet, zeroes do: oldmem hashes nothing that an
// attacker chose.
void arc4random_buf(void *bytes, size_t count) {
  if (om_random(bytes, count) != 0)
    memset(bytes, 0, count);
}
#endif
