/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The oldmem authors
 *
 * How programs of the guest tell the host of facts and verdicts: over the
 * port that functions.sh has opened, and once more for who reads the console.
 */
#ifndef TELLING_H
#define TELLING_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { port = 3 };

__attribute__((format(printf, 1, 2))) static void tell(const char *format,
                                                       ...) {
  char line[256];
  va_list words;
  va_start(words, format);
  int length = vsnprintf(line, sizeof line - 1, format, words);
  va_end(words);
  if (length > (int)sizeof line - 2)
    length = sizeof line - 2;
  line[length++] = '\n';
  if (write(port, line, (size_t)length) < 0)
    errno = 0;
  dprintf(1, "lab: %.*s", length, line);
}

static inline double uptime(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
