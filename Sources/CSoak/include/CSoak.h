// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// What Swift cannot call by itself: fork, and ptrace with its variable
// arguments. All give -1 when they fail.

#ifndef CSOAK_H
#define CSOAK_H

#include <stddef.h>

/// Zero bytes that a forked child shares with its parent; NULL for none.
void *soak_map(size_t count);
void soak_unmap(void *bytes, size_t count);

/// 0 in the child, which dies with its parent; its process id in the parent.
int soak_fork(void);
/// Ends the child at once. Not declared as what it is, for Swift would take
/// what the parent does for unreachable.
void soak_exit(int status);
/// Kills the child and waits for its end.
int soak_kill(int pid);
/// Waits; gives -1 while the child stands still at a signal, else its exit
/// status, or 256 and the signal that ended it.
int soak_wait(int pid);

/// In the child: lets the parent go on with it step by step from here.
int soak_trace_me(void);
/// Lets the child run one instruction; gives what soak_wait gives.
int soak_step(int pid);

#endif
