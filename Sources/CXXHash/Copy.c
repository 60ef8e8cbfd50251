// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// Copying a frame, where memcpy() does badly: bytes that came by a socket or go
// there lie anywhere, and musl's memcpy, rep movsq, loses a quarter of its
// speed for it. docs/decisions/0071-copying-frames.md has the figures.
#include "CXXHash.h"
#include "frame.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { STEP = 64 };

void oldmem_load_frame(void *to, const void *frame) {
  char *target = to;
  const char *source = frame;
  for (int at = 0; at < FRAME_SIZE; at += STEP) {
    __m128i a = _mm_load_si128((const __m128i *)(source + at));
    __m128i b = _mm_load_si128((const __m128i *)(source + at + 16));
    __m128i c = _mm_load_si128((const __m128i *)(source + at + 32));
    __m128i d = _mm_load_si128((const __m128i *)(source + at + 48));
    _mm_storeu_si128((__m128i *)(target + at), a);
    _mm_storeu_si128((__m128i *)(target + at + 16), b);
    _mm_storeu_si128((__m128i *)(target + at + 32), c);
    _mm_storeu_si128((__m128i *)(target + at + 48), d);
  }
}

// Past the caches: what is stored is not looked at again soon, and a line that
// is overwritten as a whole needs not be fetched first.
void oldmem_store_frame(void *frame, const void *from) {
  char *target = frame;
  const char *source = from;
  for (int at = 0; at < FRAME_SIZE; at += STEP) {
    __m128i a = _mm_loadu_si128((const __m128i *)(source + at));
    __m128i b = _mm_loadu_si128((const __m128i *)(source + at + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(source + at + 32));
    __m128i d = _mm_loadu_si128((const __m128i *)(source + at + 48));
    _mm_stream_si128((__m128i *)(target + at), a);
    _mm_stream_si128((__m128i *)(target + at + 16), b);
    _mm_stream_si128((__m128i *)(target + at + 32), c);
    _mm_stream_si128((__m128i *)(target + at + 48), d);
  }
}

// Stores past the caches may reach memory after those that follow, and the
// store's tables must not speak of bytes that are not there. One fence for all
// copies of a block, since it waits for them.
void oldmem_fence_frames(void) { _mm_sfence(); }
#else
#include <string.h>

void oldmem_load_frame(void *to, const void *frame) {
  memcpy(to, frame, FRAME_SIZE);
}

void oldmem_store_frame(void *frame, const void *from) {
  memcpy(frame, from, FRAME_SIZE);
}

void oldmem_fence_frames(void) {}
#endif
