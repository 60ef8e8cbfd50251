// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#include "CStageTwo.h"

#include <lzma.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#define XXH_NO_XXH3
#include <xxhash.h>

struct stage_decoder {
  lzma_stream stream;
};

stage_decoder *stage_decoder_new(uint64_t limit) {
  stage_decoder *decoder = malloc(sizeof *decoder);
  if (decoder == NULL) return NULL;
  lzma_stream empty = LZMA_STREAM_INIT;
  decoder->stream = empty;
  // The "alone" decoder is the smallest of liblzma's: no block headers, no
  // filter table, no SHA-256. docs/decisions/0030-stage-two-codec.md
  if (lzma_alone_decoder(&decoder->stream, limit) != LZMA_OK) {
    free(decoder);
    return NULL;
  }
  return decoder;
}

void stage_decoder_free(stage_decoder *decoder) {
  lzma_end(&decoder->stream);
  free(decoder);
}

stage_step stage_decoder_run(stage_decoder *decoder, const uint8_t *input,
                             size_t input_count, uint8_t *output,
                             size_t output_count) {
  lzma_stream *stream = &decoder->stream;
  stream->next_in = input;
  stream->avail_in = input_count;
  stream->next_out = output;
  stream->avail_out = output_count;
  lzma_ret result = lzma_code(stream, LZMA_RUN);
  stage_step step = {
      .taken = input_count - stream->avail_in,
      .given = output_count - stream->avail_out,
  };
  switch (result) {
    case LZMA_OK:
    case LZMA_BUF_ERROR:  // Neither input nor room: the caller sees 0 and 0.
      step.result = STAGE_MORE;
      break;
    case LZMA_STREAM_END:
      step.result = STAGE_END;
      break;
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
      step.result = STAGE_NO_MEMORY;
      break;
    default:
      step.result = STAGE_CORRUPT;
  }
  return step;
}

_Static_assert(sizeof(stage_hash) == sizeof(XXH64_state_t), "XXH64 state");

stage_hash stage_hash_start(void) {
  XXH64_state_t state;
  stage_hash hash;
  memset(&state, 0, sizeof state);
  XXH64_reset(&state, 0);
  memcpy(&hash, &state, sizeof hash);
  return hash;
}

void stage_hash_update(stage_hash *hash, const void *bytes, size_t count) {
  XXH64_update((XXH64_state_t *)hash, bytes, count);
}

uint64_t stage_hash_finish(const stage_hash *hash) {
  return XXH64_digest((const XXH64_state_t *)hash);
}

void stage_digest(const uint8_t *bytes, size_t count, uint8_t digest[32]) {
  SHA2_CTX state;
  SHA256Init(&state);
  SHA256Update(&state, bytes, count);
  SHA256Final(digest, &state);
}
