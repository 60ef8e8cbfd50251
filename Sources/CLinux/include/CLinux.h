// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// The C of Linux that Swift cannot import by itself: variadic calls, macros
// with casts, errno. Imported by the module Linux and by nothing else.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
