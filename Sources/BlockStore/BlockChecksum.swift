// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// XXH3, 64 bits, of a block's content, its number, its generation and the
/// run's seed.
///
/// The number makes a block in another's place a mismatch, the run's random
/// seed what an earlier run left in the same frames, and the generation what
/// an earlier write of the same run left, even where the tables were put back
/// as well.
enum BlockChecksum {
  /// The seed for a block's hash.
  static func seed(
    run: UInt64,
    block: BlockNumber,
    generation: UInt32
  ) -> UInt64 {
    let place = UInt64(generation) << 32 | UInt64(block.value)
    return SplitMix64.mixed(run ^ place)
  }

  /// Whether all of the block's 4096 bytes are zero.
  static func isZero(_ bytes: RawSpan) -> Bool {
    precondition(bytes.byteCount == Frame.size)
    var offset = 0
    while offset < Frame.size {
      var bits: UInt64 = 0
      for word in 0..<8 {
        // SAFETY: offset is a multiple of 64 below the 4096 bytes, so the
        // eight words from there on are inside.
        bits |= unsafe bytes.unsafeLoadUnaligned(
          fromUncheckedByteOffset: offset &+ word &* 8,
          as: UInt64.self
        )
      }
      guard bits == 0 else { return false }
      offset &+= 64
    }
    return true
  }
}
