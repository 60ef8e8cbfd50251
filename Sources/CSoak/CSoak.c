// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#define _GNU_SOURCE
#include "CSoak.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

void *soak_map(size_t count) {
  void *bytes = mmap(NULL, count, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return bytes == MAP_FAILED ? NULL : bytes;
}

void soak_unmap(void *bytes, size_t count) { munmap(bytes, count); }

int soak_fork(void) {
  int pid = fork();
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

void soak_exit(int status) { _exit(status); }

int soak_wait(int pid) {
  int status;
  if (waitpid(pid, &status, 0) != pid) return 512;
  if (WIFSTOPPED(status)) return WSTOPSIG(status) == SIGTRAP ||
      WSTOPSIG(status) == SIGSTOP ? -1 : 256 + WSTOPSIG(status);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int soak_kill(int pid) {
  kill(pid, SIGKILL);
  return soak_wait(pid);
}

int soak_trace_me(void) {
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) return -1;
  return raise(SIGSTOP);
}

int soak_step(int pid) {
  if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0) return 512;
  return soak_wait(pid);
}
