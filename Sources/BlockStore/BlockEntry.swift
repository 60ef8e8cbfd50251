// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// All that the tables know of a block: what its content hashes to, and where
/// its copies are.
struct BlockEntry: Equatable {
  var checksum: UInt64
  var words: InlineArray<4, SlotWord>

  /// The entry of a block that holds nothing and reads as zeroes.
  static let absent = BlockEntry(
    checksum: 0,
    words: InlineArray(repeating: .absent)
  )

  static func == (a: Self, b: Self) -> Bool {
    for copy in 0..<4 where a.words[copy] != b.words[copy] { return false }
    return a.checksum == b.checksum
  }

  /// How many copies there are.
  var copies: Int {
    var count = 0
    for copy in 0..<4 where words[copy].isHeld { count &+= 1 }
    return count
  }

  /// Whether any frame holds the block.
  var isHeld: Bool { copies > 0 }

  /// Which write of the block the copies are of, modulo 4.
  var generation: UInt32 {
    for copy in 0..<4 where words[copy].isHeld {
      return words[copy].generation
    }
    return 0
  }

  /// 32 bits that tell whether the entry is the one that was stored for this
  /// block; zero for an absent block and for no other.
  ///
  /// A block's content is judged by its checksum. The seal judges the
  /// checksum and the slots: without it, a damaged entry would make good
  /// copies look bad, and a wiped one a block of zeroes.
  func seal(of block: BlockNumber, run: UInt64) -> UInt32 {
    guard isHeld || checksum != 0 else { return 0 }
    var mixed = SplitMix64.mixed(run &+ UInt64(block.value) ^ checksum)
    for pair in 0..<2 {
      let low = UInt64(words[pair &* 2].bits)
      let high = UInt64(words[pair &* 2 &+ 1].bits)
      mixed = SplitMix64.mixed(mixed ^ (low | high << 32))
    }
    return max(1, UInt32(truncatingIfNeeded: mixed >> 32))
  }
}
