// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#include "CCodecs.h"

#include <bzlib.h>
#include <limits.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

// A block of a legacy LZ4 frame unpacks to this at most.
#define LZ4_BLOCK (8u << 20)
#define LZ4_MAGIC 0x184c2102u

struct codec {
  int32_t kind;
  union {
    z_stream gzip;
    ZSTD_DStream *zstd;
    lzma_stream lzma;  // also the encoder's
    bz_stream bzip2;
    struct {
      char *block;
      size_t count;
      size_t given;
      int started;
    } lz4;
  };
};

codec *codec_decoder(int32_t kind) {
  codec *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->kind = kind;
  int good = 0;
  switch (kind) {
    case CODEC_GZIP:
      good = inflateInit2(&made->gzip, 15 + 16) == Z_OK;
      break;
    case CODEC_ZSTD:
      good = (made->zstd = ZSTD_createDStream()) != NULL;
      break;
    case CODEC_XZ:
      good = lzma_stream_decoder(&made->lzma, UINT64_MAX, 0) == LZMA_OK;
      break;
    case CODEC_LZMA:
      good = lzma_alone_decoder(&made->lzma, UINT64_MAX) == LZMA_OK;
      break;
    case CODEC_BZIP2:
      good = BZ2_bzDecompressInit(&made->bzip2, 0, 0) == BZ_OK;
      break;
    case CODEC_LZ4:
      good = (made->lz4.block = malloc(LZ4_BLOCK)) != NULL;
      break;
  }
  if (good) return made;
  free(made);
  return NULL;
}

codec *codec_encoder(uint32_t dictionary) {
  codec *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->kind = CODEC_LZMA;
  lzma_options_lzma options;
  if (!lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT)) {
    options.dict_size = dictionary;
    if (lzma_alone_encoder(&made->lzma, &options) == LZMA_OK) return made;
  }
  free(made);
  return NULL;
}

void codec_free(codec *codec) {
  switch (codec->kind) {
    case CODEC_GZIP: inflateEnd(&codec->gzip); break;
    case CODEC_ZSTD: ZSTD_freeDStream(codec->zstd); break;
    case CODEC_XZ:
    case CODEC_LZMA: lzma_end(&codec->lzma); break;
    case CODEC_BZIP2: BZ2_bzDecompressEnd(&codec->bzip2); break;
    case CODEC_LZ4: free(codec->lz4.block); break;
  }
  free(codec);
}

static uint32_t le32(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
         (uint32_t)bytes[3] << 24;
}

// Blocks follow the magic, each after its size in four bytes. The frame has no
// end mark: it ends with the file, with zeros, or with what is no block.
static codec_step lz4_run(codec *codec, const uint8_t *input, size_t count,
                          uint8_t *output, size_t room) {
  codec_step step = {0, 0, CODEC_MORE};
  if (!codec->lz4.started) {
    if (count < 4 || le32(input) != LZ4_MAGIC) {
      step.result = CODEC_CORRUPT;
      return step;
    }
    codec->lz4.started = 1;
    step.taken = 4;
  }
  if (codec->lz4.given == codec->lz4.count) {
    size_t left = count - step.taken;
    const uint8_t *next = input + step.taken;
    uint32_t size = left >= 4 ? le32(next) : 0;
    if (size == 0 || size == LZ4_MAGIC) {
      step.result = CODEC_END;
      return step;
    }
    if (size > (uint32_t)LZ4_compressBound(LZ4_BLOCK) || size > left - 4) {
      step.result = CODEC_CORRUPT;
      return step;
    }
    int got = LZ4_decompress_safe((const char *)next + 4, codec->lz4.block,
                                  (int)size, LZ4_BLOCK);
    if (got <= 0) {
      step.result = CODEC_CORRUPT;
      return step;
    }
    step.taken += 4 + size;
    codec->lz4.count = (size_t)got;
    codec->lz4.given = 0;
  }
  size_t pending = codec->lz4.count - codec->lz4.given;
  step.given = pending < room ? pending : room;
  memcpy(output, codec->lz4.block + codec->lz4.given, step.given);
  codec->lz4.given += step.given;
  return step;
}

codec_step codec_run(codec *codec, const uint8_t *input, size_t input_count,
                     uint8_t *output, size_t output_count, int last) {
  codec_step step = {0, 0, CODEC_CORRUPT};
  // zlib and bzip2 count in 32 bits.
  unsigned in32 = input_count < INT_MAX ? (unsigned)input_count : INT_MAX;
  unsigned out32 = output_count < INT_MAX ? (unsigned)output_count : INT_MAX;
  int result;
  switch (codec->kind) {
    case CODEC_GZIP:
      codec->gzip.next_in = (Bytef *)input;
      codec->gzip.avail_in = in32;
      codec->gzip.next_out = output;
      codec->gzip.avail_out = out32;
      result = inflate(&codec->gzip, Z_NO_FLUSH);
      step.taken = in32 - codec->gzip.avail_in;
      step.given = out32 - codec->gzip.avail_out;
      if (result == Z_STREAM_END) step.result = CODEC_END;
      if (result == Z_OK || result == Z_BUF_ERROR) step.result = CODEC_MORE;
      break;
    case CODEC_ZSTD: {
      ZSTD_inBuffer from = {input, input_count, 0};
      ZSTD_outBuffer to = {output, output_count, 0};
      size_t hint = ZSTD_decompressStream(codec->zstd, &to, &from);
      step.taken = from.pos;
      step.given = to.pos;
      if (!ZSTD_isError(hint)) step.result = hint ? CODEC_MORE : CODEC_END;
      break;
    }
    case CODEC_XZ:
    case CODEC_LZMA:
      codec->lzma.next_in = input;
      codec->lzma.avail_in = input_count;
      codec->lzma.next_out = output;
      codec->lzma.avail_out = output_count;
      result = lzma_code(&codec->lzma, last ? LZMA_FINISH : LZMA_RUN);
      step.taken = input_count - codec->lzma.avail_in;
      step.given = output_count - codec->lzma.avail_out;
      if (result == LZMA_STREAM_END) step.result = CODEC_END;
      if (result == LZMA_OK || result == LZMA_BUF_ERROR) {
        step.result = CODEC_MORE;
      }
      break;
    case CODEC_BZIP2:
      codec->bzip2.next_in = (char *)input;
      codec->bzip2.avail_in = in32;
      codec->bzip2.next_out = (char *)output;
      codec->bzip2.avail_out = out32;
      result = BZ2_bzDecompress(&codec->bzip2);
      step.taken = in32 - codec->bzip2.avail_in;
      step.given = out32 - codec->bzip2.avail_out;
      if (result == BZ_STREAM_END) step.result = CODEC_END;
      if (result == BZ_OK) step.result = CODEC_MORE;
      break;
    case CODEC_LZ4:
      step = lz4_run(codec, input, input_count, output, output_count);
      break;
  }
  return step;
}
