// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// The C of stage two: liblzma's decoder for .lzma streams, XXH64 and libmd's
// SHA-256, behind functions that Swift can call without their macros. Imported by the module
// BootImage and by nothing else.
#pragma once

#include <stddef.h>
#include <stdint.h>

// A decoder that lives on the heap, with its dictionary.
typedef struct stage_decoder stage_decoder;

enum {
  STAGE_MORE = 0,       // Feed more, or make room.
  STAGE_END = 1,        // The stream's end marker was decoded.
  STAGE_CORRUPT = 2,    // Not a .lzma stream, or a damaged one.
  STAGE_NO_MEMORY = 3,  // No memory for the dictionary, or above the limit.
};

// What one call took from the input and gave to the output, in bytes.
typedef struct {
  size_t taken;
  size_t given;
  int32_t result;
} stage_step;

// NULL where memory is lacking. The decoder never holds more than `limit`
// bytes; a stream that asks for more is refused with STAGE_NO_MEMORY.
stage_decoder *stage_decoder_new(uint64_t limit);
void stage_decoder_free(stage_decoder *decoder);
stage_step stage_decoder_run(stage_decoder *decoder, const uint8_t *input,
                             size_t input_count, uint8_t *output,
                             size_t output_count);

// XXH64 with seed 0, in pieces.
typedef struct {
  uint64_t words[11];
} stage_hash;

stage_hash stage_hash_start(void);
void stage_hash_update(stage_hash *hash, const void *bytes, size_t count);
uint64_t stage_hash_finish(const stage_hash *hash);

// SHA-256.
void stage_digest(const uint8_t *bytes, size_t count, uint8_t digest[32]);
