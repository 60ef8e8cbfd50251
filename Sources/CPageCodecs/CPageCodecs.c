// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

#include "CPageCodecs.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct page_codec {
  int32_t kind;
  union {
    z_stream zlib;
    ZSTD_CCtx *zstd;
  };
};

// A page has no more to look back at than itself: a window of 4 KiB.
page_codec *page_codec_new(int32_t kind, int32_t level) {
  page_codec *codec = calloc(1, sizeof *codec);
  if (codec == NULL) return NULL;
  codec->kind = kind;
  switch (kind) {
    case PAGE_ZLIB:
      if (deflateInit2(&codec->zlib, level, Z_DEFLATED, 12, 8,
                       Z_DEFAULT_STRATEGY) == Z_OK)
        return codec;
      break;
    case PAGE_ZSTD:
      codec->zstd = ZSTD_createCCtx();
      if (codec->zstd == NULL) break;
      if (!ZSTD_isError(ZSTD_CCtx_setParameter(
              codec->zstd, ZSTD_c_compressionLevel, level)))
        return codec;
      ZSTD_freeCCtx(codec->zstd);
      break;
  }
  free(codec);
  return NULL;
}

void page_codec_free(page_codec *codec) {
  if (codec->kind == PAGE_ZLIB)
    deflateEnd(&codec->zlib);
  else
    ZSTD_freeCCtx(codec->zstd);
  free(codec);
}

size_t page_codec_pack(page_codec *codec, const uint8_t *page, uint8_t *packed,
                       size_t room) {
  if (codec->kind == PAGE_ZSTD) {
    size_t count = ZSTD_compress2(codec->zstd, packed, room, page, PAGE_SIZE);
    return ZSTD_isError(count) ? 0 : count;
  }
  z_stream *stream = &codec->zlib;
  if (deflateReset(stream) != Z_OK) return 0;
  stream->next_in = (uint8_t *)page;
  stream->avail_in = PAGE_SIZE;
  stream->next_out = packed;
  stream->avail_out = (uInt)room;
  if (deflate(stream, Z_FINISH) != Z_STREAM_END) return 0;
  return room - stream->avail_out;
}

// Most pages that are not zero are not so early.
int page_is_zero(const uint8_t *page) {
  uint64_t first;
  memcpy(&first, page, sizeof first);
  return first == 0 && memcmp(page, page + 8, PAGE_SIZE - 8) == 0;
}
