// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// Debian's compression libraries behind one interface, for the host: the
// decoders of all that a kernel accepts as an initramfs, and the encoder of
// stage two. Imported by the module ImagePacker and by nothing else.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct codec codec;

enum {
  CODEC_GZIP = 0,
  CODEC_ZSTD = 1,
  CODEC_XZ = 2,
  CODEC_LZMA = 3,
  CODEC_BZIP2 = 4,
  CODEC_LZ4 = 5,  // the "legacy" frame, the only one that the kernel knows
};

enum {
  CODEC_MORE = 0,     // Feed more, or make room.
  CODEC_END = 1,      // The stream has ended; what follows is not its own.
  CODEC_CORRUPT = 2,  // Damaged, or not of this kind.
};

// What one call took from the input and gave to the output, in bytes.
typedef struct {
  size_t taken;
  size_t given;
  int32_t result;
} codec_step;

// NULL where memory is lacking or the kind is unknown.
codec *codec_decoder(int32_t kind);
// The encoder of one .lzma stream that looks back at most `dictionary` bytes.
codec *codec_encoder(uint32_t dictionary);
void codec_free(codec *codec);

// All input that there is must be given; what was not taken is given again.
// `last` ends an encoder's stream and means nothing to a decoder.
codec_step codec_run(codec *codec, const uint8_t *input, size_t input_count,
                     uint8_t *output, size_t output_count, int last);
