// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#include "CSeal.h"

#include <bearssl/bearssl_block.h>
#include <string.h>

#ifndef __GLIBC__
#include <stdlib.h>

// Debian builds the library with _FORTIFY_SOURCE, and musl has no such function.
// It is what glibc's does. docs/decisions/0092-the-cipher-of-what-is-sent.md
void *__memcpy_chk(void *to, const void *from, size_t count, size_t room);
void *__memcpy_chk(void *to, const void *from, size_t count, size_t room) {
  if (count > room)
    abort();
  return memcpy(to, from, count);
}
#endif

// Encrypts or decrypts, and makes the tag of what is encrypted.
static void run(const uint8_t key[32], uint64_t number, const uint8_t *head,
                size_t head_count, uint8_t *bytes, size_t count,
                uint8_t tag[16], int encrypts) {
  uint8_t nonce[12] = {0};
  for (int index = 0; index < 8; index++)
    nonce[4 + index] = (uint8_t)(number >> (8 * index));
  // Every x86-64 has SSE2.
  br_poly1305_ctmul_run(key, nonce, bytes, count, head, head_count, tag,
                        br_chacha20_sse2_run, encrypts);
}

void seal_close(const uint8_t key[32], uint64_t number, const uint8_t *head,
                size_t head_count, uint8_t *bytes, size_t count,
                uint8_t tag[16]) {
  run(key, number, head, head_count, bytes, count, tag, 1);
}

int seal_open(const uint8_t key[32], uint64_t number, const uint8_t *head,
              size_t head_count, uint8_t *bytes, size_t count,
              const uint8_t tag[16]) {
  uint8_t found[16], differs = 0;
  run(key, number, head, head_count, bytes, count, found, 0);
  // In the same time whatever differs.
  for (int index = 0; index < 16; index++)
    differs |= found[index] ^ tag[index];
  if (differs != 0)
    memset(bytes, 0, count);
  return differs == 0;
}
