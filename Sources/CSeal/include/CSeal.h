// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// BearSSL's ChaCha20-Poly1305 (RFC 8439) behind two functions. Imported by the
// module RescueStream and by nothing else.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Encrypts `count` bytes in place and makes the tag of them and of `head`. The
// nonce is four zeroes and `number`, little-endian: no number may come twice
// with a key.
void seal_close(const uint8_t key[32], uint64_t number, const uint8_t *head,
                size_t head_count, uint8_t *bytes, size_t count,
                uint8_t tag[16]);

// Decrypts `count` bytes in place. 0 and zeroes in their place where they, the
// head, the number or the key are not those that the tag was made of.
int seal_open(const uint8_t key[32], uint64_t number, const uint8_t *head,
              size_t head_count, uint8_t *bytes, size_t count,
              const uint8_t tag[16]);
