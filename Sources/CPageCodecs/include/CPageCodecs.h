// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// Pages compressed one by one, for dumps, with Debian's libraries. Imported by
// the module DumpWriter and by nothing else.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PAGE_SIZE = 4096 };

typedef struct page_codec page_codec;

enum {
  PAGE_ZLIB = 0,
  PAGE_ZSTD = 1,
};

// NULL where memory is lacking or the kind is unknown.
page_codec *page_codec_new(int32_t kind, int32_t level);
void page_codec_free(page_codec *codec);

// Compresses a page into `room` bytes; 0 where they are not enough.
size_t page_codec_pack(page_codec *codec, const uint8_t *page, uint8_t *packed,
                       size_t room);

int page_is_zero(const uint8_t *page);
