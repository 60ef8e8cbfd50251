// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

/// Numbers that look random, the same ones for the same seed.
struct Draws {
  private var state: UInt64

  init(seed: UInt64) { state = SplitMix64.mixed(seed) }

  mutating func next() -> UInt64 {
    state &+= SplitMix64.step
    return SplitMix64.mixed(state)
  }
}
