// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors
//
// Debian's header-only libxxhash, to be included after XXH_VECTOR is set.
#pragma once

#define XXH_INLINE_ALL
// At -Os the header would stop inlining its own inner loop: half the speed.
#define XXH_NO_INLINE_HINTS 0
#include <xxhash.h>

enum { FRAME_SIZE = 4096 };

uint64_t oldmem_xxh3_frame_avx2(const void *frame, uint64_t seed);
